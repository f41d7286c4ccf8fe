"""Texture synthesis: more of what a sample shows, of any size, seamless if wanted.

Gatys, Ecker & Bethge, Texture Synthesis Using Convolutional Neural Networks, NIPS 2015: noise is
optimised until a network's statistics are the sample's. Different from the paper: the noise
has the sample's colours, it goes from coarse to fine, losses are relative, the default compares
means and covariances (`--loss gram` is theirs), and activations are compared with those some way
off, so that bricks stay in rows. A picture may be mended or carried on, by patches of itself
(Wexler et al. 2007), maps made in register with the colours, and a plan of labels filled in
(texture by numbers).

Example: artgen texture pebbles.jpg --size 1024x768 --tileable
"""

from artgen.techniques.texture.technique import Texture

__all__ = ["Texture"]

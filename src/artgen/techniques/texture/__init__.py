"""Texture synthesis: more of a sample's texture, at any size, tileable if wanted.

Gatys, Ecker & Bethge, Texture Synthesis Using Convolutional Neural Networks, NIPS 2015: noise is
optimised until a network's statistics are the sample's. Different from the paper: the noise
has the sample's colours, it goes from coarse to fine, losses are relative, the default compares
means and covariances (`--loss gram` is the paper's), and activations are compared with those at
some distance, so that bricks stay in rows. A hole in a picture can be filled, or a picture be
extended, with patches of itself (Wexler et al. 2007), maps can be made in register with the
colours, and a plan of labels be filled in (texture by numbers).

Example: artgen texture pebbles.jpg --size 1024x768 --tileable
"""

from artgen.techniques.texture.technique import Texture

__all__ = ["Texture"]

"""Style transfer: paint a photo in the style of one or more paintings.

Gatys, Ecker & Bethge, Image Style Transfer Using Convolutional Neural Networks, CVPR 2016: the
pixels are optimised until they have, in a network's features, the photo's content and the
painting's statistics. Different from the paper: it starts from the photo and goes from coarse to
fine, losses are relative to their targets, the style loss compares means and covariances
(`--style-loss gram` is the paper's), and beside it each position is pulled to its nearest neighbour
in the painting (Kolkin et al., Neural Neighbor Style Transfer, 2022).

Example: artgen style photo.jpg starry --strength 70
"""

from artgen.techniques.style.technique import Style

__all__ = ["Style"]

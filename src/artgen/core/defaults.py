"""Defaults that several rooms share, each written once."""

from __future__ import annotations

__all__ = [
    "COHERENCE",
    "CONTENT_WEIGHT",
    "EXPOSURE_LIMIT",
    "IMAGENET_MEAN",
    "IMAGENET_STD",
    "MAX_PIXELS",
    "MOST_CELL",
    "MOST_SIDE",
    "QUALITY",
    "SMOOTH",
    "STRENGTH",
]

MAX_PIXELS = 500_000_000  # of an input picture, which is 6 GB as float32 RGB
MOST_SIDE = 2**16  # px, of a picture that is made: about what JPEG can hold
MOST_CELL = 4096  # px, of a picture on a sheet
IMAGENET_MEAN = (0.485, 0.456, 0.406)  # of RGB in [0, 1], subtracted by a network
IMAGENET_STD = (0.229, 0.224, 0.225)  # divided by
EXPOSURE_LIMIT = 30.0  # stops up or down, more than any picture spans
CONTENT_WEIGHT = 0.066  # against a style weight of 1, at 512 px: chosen by looking at pictures
COHERENCE = 50.0  # of a style transfer's neighbours, from each for itself (0) to whole pieces (100)
STRENGTH = 50.0  # of a style transfer, from the photo (0) to the painting (100)
SMOOTH = 4.0  # weight of its total variation
QUALITY = 95  # of JPEG, WebP and AVIF: the highest that Pillow's documentation advises for JPEG

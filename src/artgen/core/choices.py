"""Choices that settings have in common with the code that carries them out, each written once."""

from __future__ import annotations

__all__ = ["BACKGROUNDS", "MOMENT_LOSSES", "OPTIMISERS", "POOLINGS"]

BACKGROUNDS = ("dark", "light")  # of a sheet
MOMENT_LOSSES = ("moments", "gram", "adain")  # statistics of the style that are compared
OPTIMISERS = ("lbfgs", "adam")  # of the pixels
POOLINGS = ("max", "average", "l2")  # of a network's pooling layers

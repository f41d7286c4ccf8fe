"""Choices that settings have in common with the code that carries them out, each written once."""

from __future__ import annotations

__all__ = ["BACKGROUNDS", "MATCHES", "MOMENT_LOSSES", "OBJECTIVES", "OPTIMISERS", "POOLINGS"]

BACKGROUNDS = ("dark", "light")  # of a sheet
MATCHES = ("best", "mean")  # of a guide's features, with which a dream's are compared
MOMENT_LOSSES = ("moments", "gram", "adain")  # statistics of the style that are compared
OBJECTIVES = ("l2", "mean", "neuron")  # what of a layer's activations is maximised
OPTIMISERS = ("lbfgs", "adam")  # of the pixels
POOLINGS = ("max", "average", "l2")  # of a network's pooling layers

"""A term: how much a picture belongs to a class."""

from __future__ import annotations

from torch import Tensor

from artgen.losses.term import Tensors, Term
from artgen.networks.classifier import Classifier
from artgen.networks.heads import binned, parted
from artgen.networks.regions import Features, Region
from artgen.ops.numerics import wide

__all__ = ["class_term"]


def class_term(classifier: Classifier, index: int, weight: float = 1.0) -> Term:
    """How much a picture belongs to a class, as a loss that falls with it.

    The class's score before the softmax, and before a ReLU behind the last weights (Simonyan,
    Vedaldi & Zisserman 2014: a softmax is raised as well by making all other classes less likely).
    Heads average over positions before they decide, so in pieces it is the same.
    """
    layer = classifier.last
    before, count, after = parted(classifier.head)
    dtype = next(classifier.head.parameters()).dtype

    def statistics(features: Features, region: Region) -> dict[str, Tensor]:
        window = region[layer]
        here = wide(before(window.crop(features[layer])))
        return {layer: binned(here, window.place, window.total, count)}

    def loss(sums: Tensors) -> Tensor:
        return -wide(after(sums[layer].to(dtype)))[0, index]

    return Term("class", (layer,), statistics, loss, weight)

"""A term that maximises the score of a class."""

from __future__ import annotations

from torch import Tensor

from artgen.losses.term import Tensors, Term
from artgen.networks.classifier import Classifier
from artgen.networks.heads import applied, binned, parted
from artgen.networks.regions import Features, Region
from artgen.ops.numerics import wide

__all__ = ["class_term"]


def class_term(classifier: Classifier, index: int, weight: float = 1.0) -> Term:
    """The score of a class: a loss that falls as it grows.

    Before the softmax, and before a ReLU behind the last weights (Simonyan, Vedaldi & Zisserman
    2014: a softmax also grows as all other classes get less likely). Heads average over positions
    before their last layers, so in tiles it is the same.

    Args:
        classifier: the network and its head.
        index: of the class.
        weight: factor of the loss.
    """
    layer = classifier.last
    before, count, after = parted(classifier.head)
    dtype = next(classifier.head.parameters()).dtype

    def statistics(features: Features, region: Region) -> dict[str, Tensor]:
        window = region[layer]
        here = wide(applied(before, window.crop(features[layer])))
        return {layer: binned(here, window.place, window.total, count)}

    def loss(sums: Tensors) -> Tensor:
        return -wide(applied(after, sums[layer].to(dtype)))[:, index].mean()

    return Term("class", (layer,), statistics, loss, weight)

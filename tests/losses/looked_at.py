"""Pictures, the smallest network, and what a term says of them."""

from __future__ import annotations

from functools import cache

from pictures import smooth
from torch import Tensor

from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole
from artgen.networks.zoo import all_networks

__all__ = ["LAYERS", "extractor", "pictures", "value"]

LAYERS = {"relu1_1": 1.0, "conv2_2": 2.0, "pool3": 0.5, "image": 1.0}


@cache
def extractor() -> FeatureExtractor:
    return FeatureExtractor(all_networks().get("tiny")).double()


@cache
def pictures() -> tuple[Tensor, Tensor, Tensor]:
    photo, painting, canvas = (smooth(49, 67, seed=n).double() for n in range(3))
    return photo, painting.square(), canvas.sqrt()


def value(term: Term, picture: Tensor) -> float:
    features = extractor()(picture, term.layers)
    return term.loss(term.statistics(features, whole(features))).item()

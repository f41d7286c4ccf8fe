"""Regions: which positions count, and the whole picture is one."""

from __future__ import annotations

from functools import cache

from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole

from .untrained import picture, random_weights


@cache
def extractor(name: str = "tiny", padding: str = "replicate", pooling: str = "max"):
    return FeatureExtractor(random_weights(name), padding=padding, pooling=pooling)


def test_the_whole_picture_is_one_region() -> None:
    region = whole(extractor()(picture(), ["relu3_1"]))
    assert region["relu3_1"].total == (16, 12)
    assert region["relu3_1"].positions == 192
    assert region["image"].inner == region["image"].place == (slice(0, 67), slice(0, 49))

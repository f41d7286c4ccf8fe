"""The cache: as many results as are needed, each of the pictures and settings it was made for."""

from __future__ import annotations

import torch
from pictures import smooth

from artgen.losses.cache import KEPT, Cache
from artgen.networks.extractor import FeatureExtractor


def test_a_result_is_of_its_pictures_and_settings(tiny: FeatureExtractor) -> None:
    cache: Cache[int] = Cache()
    one, other = smooth(9, 12, seed=1), smooth(9, 12, seed=2)
    assert cache.get(tiny, [one], "a", lambda: 1) == 1
    assert cache.get(tiny, [one.clone()], "a", lambda: 2) == 1
    assert cache.get(tiny, [other], "a", lambda: 3) == 3
    assert cache.get(tiny, [one], "b", lambda: 4) == 4
    assert cache.get(tiny, [one, other], "a", lambda: 5) == 5
    assert cache.get(tiny, [one.reshape(1, 3, 12, 9)], "a", lambda: 6) == 6


def test_the_oldest_result_is_dropped(tiny: FeatureExtractor) -> None:
    cache: Cache[int] = Cache()
    pictures = [torch.full((1, 3, 4, 4), number / 100) for number in range(KEPT + 1)]
    for number, picture in enumerate(pictures):
        cache.get(tiny, [picture], "", lambda number=number: number)
    assert len(cache) == KEPT
    assert cache.get(tiny, [pictures[1]], "", lambda: -1) == 1
    assert cache.get(tiny, [pictures[0]], "", lambda: -1) == -1

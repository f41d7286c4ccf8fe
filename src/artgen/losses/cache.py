"""Results for style pictures, kept from one picture of a batch to the next."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from torch import Tensor

from artgen.networks.extractor import FeatureExtractor

__all__ = ["KEPT", "Cache"]

KEPT = 8  # results: the scales of two batches
Found = TypeVar("Found")


class Cache(Generic[Found]):
    """The last KEPT results of each extractor, by pictures and settings."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[FeatureExtractor, dict[Hashable, Found]] = WeakKeyDictionary()

    def get(
        self,
        extractor: FeatureExtractor,
        pictures: Sequence[Tensor],
        settings: Hashable,
        make: Callable[[], Found],
    ) -> Found:
        """The result for pictures, or a new one.

        Args:
            extractor: the network that the result is of.
            pictures: (1, 3, h, w) each.
            settings: whatever else it depends on.
            make: makes it.
        """
        kept = self._kept.setdefault(extractor, {})
        how = (extractor.dtype, extractor.mean.device)
        key = (_fingerprint(pictures), settings, how)
        found = kept.pop(key) if key in kept else make()
        kept[key] = found  # now the youngest
        while len(kept) > KEPT:
            kept.pop(next(iter(kept)))
        return found

    def __len__(self) -> int:
        return sum(map(len, self._kept.values()))


def _fingerprint(pictures: Sequence[Tensor]) -> str:
    """A hash of pictures' shapes and values."""
    found = hashlib.sha256()
    for picture in pictures:
        found.update(repr((picture.shape, picture.dtype)).encode())
        found.update(picture.detach().cpu().contiguous().numpy().tobytes())
    return found.hexdigest()

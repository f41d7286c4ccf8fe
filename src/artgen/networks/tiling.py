"""Tiles of a picture, each with a halo wide enough that its interior is exact.

The interiors of the tiles cover the picture without overlap and begin at multiples of the deepest
layer's stride. Around an interior lies a halo as wide as that layer's receptive field reaches; it
is cut where the picture ends (there the network's own padding applies) and wraps round where the
padding is circular. So every position of every layer belongs to exactly one tile, and has there the
value it has in the whole.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from artgen.errors import UsageError
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Region, Window

__all__ = ["Extent", "Span", "Tile", "cut", "extent", "spans", "tiles"]


@dataclass(frozen=True)
class Span:
    """A tile along one axis, in pixels of the whole picture.

    Where the picture wraps round, `begin` may be negative and `end` beyond the whole.

    Attributes:
        start, stop: of its interior.
        begin, end: of the tile with its halo.
        whole: length of the picture.
    """

    start: int
    stop: int
    begin: int
    end: int
    whole: int

    def inside(self, stride: int, length: int) -> tuple[slice, slice]:
        """Which positions of a layer count: where they lie in the tile, and where in the whole.

        Args:
            stride: pixels from one position of the layer to the next.
            length: positions of the whole layer along this axis.
        """
        start = min(self.start // stride, length)
        stop = length if self.stop == self.whole else min(self.stop // stride, length)
        before = self.begin // stride
        return slice(start - before, stop - before), slice(start, stop)

    @property
    def wraps(self) -> bool:
        """Whether the tile reaches over the edge, to the other side of the picture."""
        return self.begin < 0 or self.end > self.whole


@dataclass(frozen=True)
class Tile:
    """A tile of a picture, and which positions of each layer count in it."""

    rows: Span
    columns: Span
    region: Region

    def cut(self, picture: Tensor) -> Tensor:
        """This tile (1, C, h, w), halo included, of a picture (1, C, H, W)."""
        piece = picture
        for axis, span in ((2, self.rows), (3, self.columns)):
            piece = _along(piece, axis, span.begin, span.end)
        return piece

    def add(self, piece: Tensor, picture: Tensor) -> None:
        """Adds this tile (1, C, h, w), halo included, to a picture (1, C, H, W), in place."""
        if not self.rows.wraps and not self.columns.wraps:
            self.cut(picture).add_(piece)
            return
        rows, columns = (
            torch.arange(span.begin, span.end, device=picture.device) % span.whole
            for span in (self.rows, self.columns)
        )
        strip = piece.new_zeros((*picture.shape[:2], self.rows.whole, piece.shape[-1]))
        picture.index_add_(3, columns, strip.index_add_(2, rows, piece))


def cut(picture: Tensor, like: Tensor, window: Window) -> Tensor:
    """The part of a picture that lies where a tile of another one of its size does.

    Args:
        picture: (1, C, H, W).
        like: the tile (1, K, h, w), halo included; its shape says how large.
        window: the tile's window of the layer `"image"`, which says where.

    Returns:
        (1, C, h, w).
    """
    piece = picture
    for axis, inner, place in zip((2, 3), window.inner, window.place, strict=True):
        begin = place.start - inner.start
        piece = _along(piece, axis, begin, begin + like.shape[axis])
    return piece


def _along(picture: Tensor, axis: int, begin: int, end: int) -> Tensor:
    """Rows or columns from `begin` to `end`, wrapped round where they lie beyond the edge."""
    length = picture.shape[axis]
    if begin >= 0 and end <= length:
        return picture.narrow(axis, begin, end - begin)
    places = torch.arange(begin, end, device=picture.device) % length
    return picture.index_select(axis, places)


def tiles(
    extractor: FeatureExtractor,
    size: tuple[int, int],
    reaches: Mapping[str, int] | Collection[str],
    side: int | None,
) -> list[Tile]:
    """The tiles of a picture.

    Args:
        extractor: the feature network.
        size: (H, W) of the picture, in pixels.
        reaches: wanted layers -> positions that are read beyond those that count; names alone
            stand for 0.
        side: about how long the side of an interior may be, in pixels; None for one piece.

    Raises:
        UsageError: if a picture that wraps round is no multiple of the stride.
    """
    strides, halo = _strides_and_halo(extractor, reaches)
    wanted, stride = list(strides), max(strides.values())
    wraps = extractor.padding == "circular"
    cut = [spans(length, side, stride, halo, wraps) for length in size]
    lengths = {name: [extractor.length(name, length) for length in size] for name in wanted}
    found = []
    for rows, columns in product(*cut):
        region = {}
        for name in wanted:
            down, across = (
                span.inside(strides[name], length)
                for span, length in zip((rows, columns), lengths[name], strict=True)
            )
            region[name] = Window(
                (down[0], across[0]), (down[1], across[1]), (lengths[name][0], lengths[name][1])
            )
        found.append(Tile(rows, columns, region))
    return found


def _strides_and_halo(
    extractor: FeatureExtractor, reaches: Mapping[str, int] | Collection[str]
) -> tuple[dict[str, int], int]:
    """The stride of each layer, the picture included, and the widest halo, both in pixels."""
    wanted = reaches if isinstance(reaches, Mapping) else dict.fromkeys(reaches, 0)
    wanted = {"image": 0, **wanted}
    strides = {name: extractor.stride(name) for name in wanted}
    return strides, max(extractor.radius(one) + wanted[one] * strides[one] for one in wanted)


@dataclass(frozen=True)
class Extent:
    """How much a picture's tiles are, halos included, without the tiles themselves.

    Attributes:
        count: how many tiles there are.
        largest: pixels of the largest one.
        pixels: of all of them.
    """

    count: int
    largest: int
    pixels: int


def extent(
    extractor: FeatureExtractor,
    size: tuple[int, int],
    reaches: Mapping[str, int] | Collection[str],
    side: int | None,
) -> Extent:
    """What `tiles` would return, as numbers: computed in no time for a picture of any size.

    Raises:
        UsageError: as `tiles`.
    """
    strides, halo = _strides_and_halo(extractor, reaches)
    wraps = extractor.padding == "circular"
    rows, columns = (_axis(length, side, max(strides.values()), halo, wraps) for length in size)
    return Extent(*(down * across for down, across in zip(rows, columns, strict=True)))


def _axis(
    length: int, side: int | None, stride: int, halo: int, wraps: bool
) -> tuple[int, int, int]:
    """The number of spans along an axis, the longest one, and the sum of their lengths."""
    step, halo = _step(length, side, stride, halo, wraps)
    count = -(-length // step)
    if wraps and count > 1:
        return count, min(step, length) + 2 * halo, length + 2 * halo * count
    # Span i goes from max(i * step - halo, 0) to min((i + 1) * step + halo, length): the first
    # `cut` of them begin at the border, all from `free` on end at the other one.
    cut = min(halo // step + 1, count)
    free = min(max((length - halo) // step, 0), count)
    begins = step * (count * (count - 1) - cut * (cut - 1)) // 2 - halo * (count - cut)
    ends = step * free * (free + 1) // 2 + halo * free + length * (count - free)
    longest = max(
        min((one + 1) * step + halo, length) - max(one * step - halo, 0)
        for one in (cut - 1, min(cut, count - 1), max(free - 1, 0), min(free, count - 1))
    )
    return count, longest, ends - begins


def _step(length: int, side: int | None, stride: int, halo: int, wraps: bool) -> tuple[int, int]:
    """From one span to the next, and the halo at multiples of the stride, both in pixels.

    Raises:
        UsageError: for a length that wraps round and is no multiple of the stride.
    """
    if side is None or length <= max(side, stride):
        return length, 0
    if wraps and length % stride:
        raise UsageError(
            f"{length} px cannot be tiled and wrap round: it is no multiple of {stride}.",
            f"Take {length // stride * stride or stride} px, or the picture in one piece.",
        )
    count = -(-length // max(side // stride * stride, stride))
    return -(-length // (count * stride)) * stride, -(-halo // stride) * stride


def spans(length: int, side: int | None, stride: int, halo: int, wraps: bool) -> list[Span]:
    """Interiors of about equal length, at multiples of `stride`, no longer than `side`."""
    even, halo = _step(length, side, stride, halo, wraps)
    found = []
    for start in range(0, length, even):
        stop = min(start + even, length)
        begin, end = start - halo, stop + halo
        if not wraps:
            begin, end = max(begin, 0), min(end, length)
        found.append(Span(start, stop, begin, end, length))
    return found

"""Any picture as a style, in one pass: slim's features, their moments matched, then the decoder.

slim has no normalisation layers, so that the moments of a picture of any size are sums over its
tiles, all taken in one pass before the one that paints: exact, at a third more work. A copy of half
the size would be cheaper, but a layer sees other forms in it, and pictures differed by 4.5 / 255.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.fast.any_style import LEVELS, READ, Decoder, described, evenly
from artgen.fast.gaussian_transport import AffineMap, transport_map
from artgen.fast.multi_style import padded, photo_share
from artgen.fast.shared import EXTRACTOR, SHOWN, STRIDE
from artgen.losses import functional
from artgen.losses.style import Moments, style_moments
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features
from artgen.networks.tiling import Span, spans, tiles
from artgen.ops.numerics import exact
from artgen.ops.resize import fit, resample

__all__ = ["EXTRACTOR", "StyleStatistics", "paint", "style_statistics"]

Painting = Mapping[str, Moments]
PIECE = 1024  # px, side of the tiles in which they are taken


@dataclass(frozen=True)
class StyleStatistics:
    """The style of a picture, or of a mixture of several: its moments, and the decoder's code."""

    moments: Painting
    mix: Tensor
    strength: float


@torch.no_grad()
def style_statistics(
    extractor: FeatureExtractor,
    decoder: Decoder,
    pictures: Sequence[Tensor],
    weights: Sequence[float] = (1.0,),
    *,
    strength: float = 1.0,
    side: int = SHOWN,
) -> StyleStatistics:
    """The moments and the code of style pictures, as the decoder needs them.

    Args:
        extractor: slim.
        decoder: trained with it.
        pictures: (1, 3, H, W) each, of any size.
        weights: of the pictures; only their ratios matter.
        strength: from the photo (0) to the style (1).
        side: the long side at which the style pictures are used, in pixels.
    """
    least = max(extractor.smallest(layer) for layer in READ)
    shown = []
    for picture in pictures:
        height, width = fit((picture.shape[-2], picture.shape[-1]), side)
        size = max(height, least), max(width, least)
        shown.append(resample(picture.to(extractor.mean.device), size).clamp(0, 1))
    found = style_moments(extractor, shown, weights, ("image", *READ), PIECE)
    return StyleStatistics(found, decoder.mix(described(found), strength), strength)


@torch.no_grad()
def paint(
    extractor: FeatureExtractor,
    decoder: Decoder,
    picture: Tensor,
    style_statistics: StyleStatistics,
    tile: int | None = None,
) -> Iterator[tuple[int, int, Tensor]]:
    """Yield the number of the tile just painted, how many there are, and the picture (N, 3, H, W).

    The picture's colours are final only with the last tile.

    Args:
        extractor, decoder: slim, and the decoder trained with it.
        picture: (N, 3, H, W) in [0, 1], N pictures, each of which is painted on its own.
        style_statistics: of the style, from the function of that name.
        tile: side of a tile's interior in pixels, about; None for one piece.
    """
    if len(picture) > 1:
        each = (paint(extractor, decoder, one[None], style_statistics, tile) for one in picture)
        for steps in zip(*each, strict=True):
            yield steps[0][0], steps[0][1], torch.cat([painted for _, _, painted in steps])
        return
    height, width = picture.shape[-2:]
    picture = padded(picture)
    cut = _pieces(extractor, decoder, picture, tile)
    whole = extractor(picture, LEVELS) if len(cut) == 1 else None
    light = _summed(extractor, picture, tile) if whole is None else _each(whole)
    ways = _ways(light, style_statistics)
    colours = _MomentSums()
    painted = torch.empty_like(picture)
    for count, (rows, columns) in enumerate(cut, 1):
        here = picture[..., rows.begin : rows.end, columns.begin : columns.end]
        seen = whole or extractor(here, LEVELS)
        carried = {level: ways[level](seen[level]) for level in LEVELS}
        piece = decoder(
            evenly(seen["image"], light["image"].mean, light["image"].gram),
            carried,
            style_statistics.mix,
            (rows.begin, columns.begin),
        )
        (down, below), (along, beside) = (one.inside(1, one.whole) for one in (rows, columns))
        painted[..., below, beside] = piece[..., down, along]
        colours.add(piece[..., down, along], rows.whole * columns.whole)
        if count < len(cut):
            yield count, len(cut), painted[..., :height, :width].clamp(0, 1)
    # The network's colours are close to the style's; this makes them exact.
    last = _ways({"image": colours}, style_statistics)["image"]
    share = photo_share(painted.new_tensor(1 - style_statistics.strength))
    for rows, columns in cut:
        place = (..., slice(rows.start, rows.stop), slice(columns.start, columns.stop))
        painted[place] = torch.lerp(last(painted[place]).clamp(0, 1), picture[place], share)
    yield len(cut), len(cut), painted[..., :height, :width]


def _pieces(
    extractor: FeatureExtractor, decoder: Decoder, picture: Tensor, tile: int | None
) -> list[tuple[Span, Span]]:
    """The tiles (rows, columns), with a halo as wide as the receptive field."""
    halo = decoder.reach + extractor.radius(LEVELS[-1])
    rows, columns = (spans(length, tile, STRIDE, halo, False) for length in picture.shape[-2:])
    return [(down, across) for down in rows for across in columns]


class _MomentSums:
    """Means of a layer's features and of their products, summed over tiles in float64."""

    def __init__(self) -> None:
        self.mean = self.gram = torch.zeros(())

    def add(self, part: Tensor, positions: int) -> None:
        """Add a part (1, C, h, w) of a layer that has this number of positions in all."""
        total, products = functional.moments(part)
        self.mean = exact(total) / positions + self.mean
        self.gram = exact(products) / positions + self.gram


def _summed(
    extractor: FeatureExtractor, picture: Tensor, tile: int | None
) -> Mapping[str, _MomentSums]:
    """The moments of every level of a picture (1, 3, H, W), taken in tiles."""
    found = {level: _MomentSums() for level in LEVELS}
    for piece in tiles(extractor, (picture.shape[-2], picture.shape[-1]), LEVELS, tile):
        seen = extractor(piece.cut(picture), LEVELS)
        for level, total in found.items():
            window = piece.region[level]
            total.add(window.crop(seen[level]), window.positions)
    return found


def _each(seen: Features) -> Mapping[str, _MomentSums]:
    """The same, from the features of a picture in one piece."""
    found = {level: _MomentSums() for level in LEVELS}
    for level, total in found.items():
        total.add(seen[level], seen[level].shape[-2] * seen[level].shape[-1])
    return found


def _ways(
    light: Mapping[str, _MomentSums], style_statistics: StyleStatistics
) -> dict[str, AffineMap]:
    """The map of each level, interpolated by the strength."""
    ways = {}
    for level, here in light.items():
        target = style_statistics.moments[level]
        way = transport_map(here.mean, here.gram, target.mean, target.root)
        ways[level] = way.partly(style_statistics.strength)
    return ways

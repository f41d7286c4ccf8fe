"""Spatial guides: soft masks of a picture, as weights of the positions of each layer.

Gatys et al. 2017, Controlling Perceptual Factors in Neural Style Transfer, section 4. Different
from there: a guide weighs a position's statistics by the mask itself and not by its square, so that
regions with soft edges share the positions between them and leave none out.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Window
from artgen.ops.reductions import full_mean, full_sum

__all__ = ["Guide", "parted"]

LEAST = 1e-6  # least positions of a region, for a layer whose border leaves it out


def parted(masks: Sequence[Tensor], protected: Tensor | None) -> list[Tensor]:
    """Masks that add up to 1 where nothing is protected: that of the rest, then `masks`.

    Where masks add up to more than 1 they are divided by their sum.

    Args:
        masks: (1, 1, H, W) in [0, 1].
        protected: (1, 1, H, W) in [0, 1], what belongs to no region; None for nothing.

    Returns:
        One mask (1, 1, H, W) more than `masks`.
    """
    together = torch.stack(list(masks)).sum(0)
    parts = [1 - together.clamp(max=1), *(mask / together.clamp(min=1) for mask in masks)]
    return parts if protected is None else [part * (1 - protected) for part in parts]


class Guide:
    """Weight of each position of each layer in a region.

    It is the mean of the mask over the pixels of the position's cell.

    Args:
        extractor: the feature network.
        mask: (1, 1, H, W) in [0, 1], of the size of the picture.
        layers: those that will be needed.
        strict: whether maps are eroded by one position, because positions at a mask's edge see what
            lies beyond it. A map of which that would leave nothing is not eroded.

    Attributes:
        share: of the picture that is in the region.
        maps: layer -> its weights (1, 1, h, w).
        positions: layer -> sum of its weights, in positions.
    """

    @torch.no_grad()
    def __init__(
        self,
        extractor: FeatureExtractor,
        mask: Tensor,
        layers: Sequence[str],
        *,
        strict: bool = False,
    ) -> None:
        self.share = float(full_mean(mask))
        self.maps: dict[str, Tensor] = {}
        for layer in layers:
            stride = extractor.stride(layer)
            height, width = (extractor.length(layer, length) for length in mask.shape[-2:])
            cells = F.avg_pool2d(mask, stride, ceil_mode=True, count_include_pad=False)
            cells = cells[..., :height, :width]
            inside = -F.max_pool2d(-cells, 3, 1, 1) if strict else cells
            self.maps[layer] = inside if float(full_sum(inside)) else cells
        self.positions = {x: max(float(full_sum(one)), LEAST) for x, one in self.maps.items()}

    def at(self, layer: str, window: Window) -> Tensor:
        """The weights (1, 1, h, w) at a window's positions that count."""
        return self.maps[layer][(..., *window.place)]

    def around(self, layer: str, window: Window, shape: tuple[int, int]) -> Tensor:
        """The weights (h, w) of a whole tile, halo included, of features of that shape (h, w)."""
        found = self.maps[layer][0, 0]
        axes = zip(window.inner, window.place, window.total, shape, strict=True)
        for axis, (inner, place, total, length) in enumerate(axes):
            places = torch.arange(length, device=found.device) + place.start - inner.start
            found = found.index_select(axis, places % total)
        return found

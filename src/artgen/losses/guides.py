"""Where a style counts: soft masks of a picture, and how much each position of a layer is in them.

Gatys et al. 2017, Controlling Perceptual Factors in Neural Style Transfer, section 4. Different
from there: a guide weighs a position's statistics by the mask itself and not by its square, so that
regions whose edges are soft share what lies between them and leave nothing out.
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

LEAST = 1e-6  # of a position, that a region may have on a layer whose border leaves it out


def parted(masks: Sequence[Tensor], protected: Tensor | None) -> list[Tensor]:
    """Masks that add up to 1 where nothing is protected: the rest, and then each of `masks`.

    Where masks overlap they share the place.

    Args:
        masks: (1, 1, H, W) in [0, 1].
        protected: (1, 1, H, W); what belongs to no region at all.
    """
    together = torch.stack(list(masks)).sum(0)
    parts = [1 - together.clamp(max=1), *(mask / together.clamp(min=1) for mask in masks)]
    return parts if protected is None else [part * (1 - protected) for part in parts]


class Guide:
    """How much each position of each layer belongs to a region.

    A position stands for the pixels of its own cell, and belongs to the region as far as they do.

    Args:
        extractor: the network that looks.
        mask: (1, 1, H, W) in [0, 1], of the size of the picture that it looks at.
        layers: those that will be asked for.
        strict: whether a position counts only as far as its neighbours do: what lies beyond a
            mask's edge is seen from there, and may have to have no say. Where that leaves nothing
            of a layer, it counts as it is.

    Attributes:
        share: how much of the picture is in the region.
        positions: layer -> sum over its positions of how far they are in it.
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
        """The map (1, 1, h, w) at the positions that count."""
        return self.maps[layer][(..., *window.place)]

    def around(self, layer: str, window: Window, shape: tuple[int, int]) -> Tensor:
        """The map (h, w) of a whole tile whose features have that shape, its halo included."""
        found = self.maps[layer][0, 0]
        axes = zip(window.inner, window.place, window.total, shape, strict=True)
        for axis, (inner, place, total, length) in enumerate(axes):
            places = torch.arange(length, device=found.device) + place.start - inner.start
            found = found.index_select(axis, places % total)
        return found

"""The style pictures of each part of a photo, at their sizes, mask by mask.

Masks with statistics of their own are those of Gatys et al. 2017, Controlling Perceptual Factors in
Neural Style Transfer, section 4; losses/guides.py says where it differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.errors import UsageError
from artgen.losses.guides import parted
from artgen.ops import color
from artgen.ops.resize import resample
from artgen.techniques.common.masks import FAINT
from artgen.techniques.common.painting import Painting

__all__ = ["Zones"]


@dataclass(frozen=True)
class Zones:
    """The zones of a picture, each with style pictures of its own.

    Attributes:
        paintings: the style pictures of the rest, outside all masks, and then of each mask.
        masks: (1, 1, h, w) each, of any size: they are stretched over the picture.
        protected: (1, 1, h, w), where the photo is kept; None for nowhere.

    Raises:
        UsageError: if everything is protected.
    """

    paintings: Sequence[Sequence[Painting]]
    masks: Sequence[Tensor] = ()
    protected: Tensor | None = None

    def __post_init__(self) -> None:
        if self.protected is not None and float(self.protected.min()) > 1 - FAINT:
            raise UsageError(
                "The whole picture is protected: nothing is left to paint.",
                "Paint black in the mask of --protect what is to be painted.",
            )

    def parts(self, size: tuple[int, int]) -> list[Tensor | None]:
        """The mask (1, 1, H, W) of each zone, for a picture of a size (H, W); None: everywhere."""
        masks = [resample(mask, size).clamp(0, 1) for mask in self.masks]
        protected = self.protected
        if protected is None and not masks:
            return [None]
        if protected is not None:
            protected = resample(protected, size).clamp(0, 1)
        blank = torch.zeros((1, 1, *size), device=self.paintings[0][0].picture.device)
        parts: list[Tensor | None] = [*parted(masks or [blank], protected)]
        return parts if masks else parts[:1]

    def recoloured(self, photo: Tensor, strength: float) -> Tensor:
        """The photo (1, 3, H, W) with the style pictures' colours, and nothing else of them.

        Args:
            photo: (1, 3, H, W) in [0, 1].
            strength: from the photo's own colours (0) to the style pictures' (1).
        """
        made, size = torch.zeros_like(photo), (photo.shape[-2], photo.shape[-1])
        for paintings, mask in zip(self.paintings, self.parts(size), strict=True):
            whole = sum(one.share for one in paintings)
            for one in paintings:
                colours = color.matched(photo, one.picture) * (one.share / whole)
                made += colours if mask is None else colours * mask
        moved = photo.lerp(made, strength).clamp(0, 1)
        return self.kept(moved, photo)

    def kept(self, picture: Tensor, photo: Tensor) -> Tensor:
        """The picture (1, 3, H, W), with the photo (1, 3, H, W) where that is protected."""
        if self.protected is None:
            return picture
        size = (photo.shape[-2], photo.shape[-1])
        return picture.lerp(photo, resample(self.protected, size).clamp(0, 1))

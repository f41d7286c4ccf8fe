"""What a picture is painted like, and where: style pictures at their sizes, mask by mask.

Zones with statistics of their own are those of Gatys et al. 2017, Controlling Perceptual Factors in
Neural Style Transfer, section 4; guides.py says where it differs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen import images
from artgen.errors import UsageError
from artgen.losses import style
from artgen.losses.evaluate import Term
from artgen.losses.guides import Guide, parted
from artgen.losses.sliced_wasserstein import sliced
from artgen.networks.extractor import FeatureExtractor
from artgen.ops import color
from artgen.optim.canvas import resample
from artgen.techniques.style.layers import Layers

__all__ = ["STYLE_LOSSES", "Painting", "Zones", "checked_mask", "stretched"]

STYLE_LOSSES = (*style.STYLE_LOSSES, "sliced")

FAINT = 2 / 255  # no more than this of black, or of white, is none: JPEG's own noise
STRETCHED = 1.03  # other proportions than this need a word: scanners and croppers round
SPECK = 1e-4  # share of a picture below which a zone has too little of it to have statistics


@dataclass(frozen=True)
class Painting:
    """A style picture, and how it is looked at.

    Attributes:
        picture: (1, 3, H, W).
        share: its weight among those of its zone.
        scale: size of its strokes, relative to those it has beside a photo as long as itself.
        turn: degrees by which it is turned, against the clock.
    """

    picture: Tensor
    share: float = 1.0
    scale: float = 1.0
    turn: float = 0.0

    def at(self, side: int, least: int) -> Tensor:
        """As it is looked at beside a photo of `side` px, with at least `least` px a side."""
        turned = _turned(self.picture, self.turn)
        longest = max(round(side * self.scale), least)
        height, width = images.fit((turned.shape[-2], turned.shape[-1]), longest)
        return resample(turned, (max(height, least), max(width, least))).clamp(0, 1)


@dataclass(frozen=True)
class Zones:
    """The parts of a picture, each with paintings of its own.

    Attributes:
        paintings: of the rest, where no mask is, and then of each mask.
        masks: (1, 1, h, w) each, of any size: they are stretched over the picture.
        protected: (1, 1, h, w), where the photo stays as it is; None for nowhere.

    Raises:
        UsageError: where everything is protected.
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

    def terms(
        self,
        extractor: FeatureExtractor,
        layers: Layers,
        kind: str,
        weight: float,
        size: tuple[int, int],
        tile: int | None,
    ) -> list[Term]:
        """A style term for each zone, on a picture of a size (H, W).

        A zone pulls as strongly as it is large, so that every place is painted alike.
        """
        found, names = [], tuple(layers.style)
        for index, (paintings, mask) in enumerate(
            zip(self.paintings, self._parts(size), strict=True)
        ):
            guide = None if mask is None else Guide(extractor, mask, names)
            if guide is not None and guide.share < SPECK:
                continue
            resized = [one.at(max(size), layers.least) for one in paintings]
            shares = [one.share for one in paintings]
            pull = weight * (1.0 if guide is None else guide.share)
            name = f"style {index}" if index else "style"
            if kind == "sliced":
                turns = torch.Generator().manual_seed(max(size))  # others at each scale
                found.append(
                    sliced(extractor, resized, shares, layers.style, pull, turns, name, guide)
                )
                continue
            targets = style.style_moments(extractor, resized, shares, names, tile)
            found.append(style.style(targets, layers.style, kind, pull, name, guide))
        return found

    def recoloured(self, photo: Tensor, strength: float) -> Tensor:
        """The photo with the paintings' colours and nothing else of them.

        Args:
            photo: (1, 3, H, W) in [0, 1].
            strength: from the photo's own colours (0) to the paintings' (1).
        """
        made, size = torch.zeros_like(photo), (photo.shape[-2], photo.shape[-1])
        for paintings, mask in zip(self.paintings, self._parts(size), strict=True):
            whole = sum(one.share for one in paintings)
            for one in paintings:
                colours = color.matched(photo, one.picture) * (one.share / whole)
                made += colours if mask is None else colours * mask
        moved = photo.lerp(made, strength).clamp(0, 1)
        return self.kept(moved, photo)

    def kept(self, picture: Tensor, photo: Tensor) -> Tensor:
        """The picture, with the photo, of its size, where that is protected."""
        if self.protected is None:
            return picture
        size = (photo.shape[-2], photo.shape[-1])
        return picture.lerp(photo, resample(self.protected, size).clamp(0, 1))

    def _parts(self, size: tuple[int, int]) -> list[Tensor | None]:
        """Where each zone is, (1, 1, H, W); None for everywhere."""
        masks = [resample(mask, size).clamp(0, 1) for mask in self.masks]
        protected = self.protected
        if protected is None and not masks:
            return [None]
        if protected is not None:
            protected = resample(protected, size).clamp(0, 1)
        blank = torch.zeros((1, 1, *size), device=self.paintings[0][0].picture.device)
        parts: list[Tensor | None] = [*parted(masks or [blank], protected)]
        return parts if masks else parts[:1]


def checked_mask(picture: Tensor, name: str, flag: str) -> Tensor:
    """A mask's greys (1, 1, H, W), from the picture (1, 3, H, W) that it came as.

    Raises:
        UsageError: where it is black everywhere.
    """
    mask = color.luma(picture).clamp(0, 1)
    if float(mask.max()) < FAINT:
        raise UsageError(
            f"The mask {name!r} of {flag} is empty: it is black everywhere.",
            "Paint white what it is to cover.",
        )
    return mask


def stretched(mask: Tensor, name: str, photo: Tensor) -> str:
    """What to say of a mask (1, C, h, w) with other proportions than the photo; else nothing."""
    (high, wide), (height, width) = mask.shape[-2:], photo.shape[-2:]
    ratio = wide * height / (high * width)
    if max(ratio, 1 / ratio) <= STRETCHED:
        return ""
    return (
        f"The mask {name!r} has other proportions ({wide} x {high} px) than the photo "
        f"({width} x {height}), and is stretched over it."
    )


def _turned(picture: Tensor, degrees: float) -> Tensor:
    """A picture turned against the clock; what lies beyond its edges is mirrored."""
    quarters, rest = divmod(degrees, 90)
    picture = torch.rot90(picture, int(quarters), (2, 3))
    if not rest:
        return picture
    angle = torch.deg2rad(torch.tensor(rest))
    height, width = picture.shape[-2:]
    cos, sin = float(angle.cos()), float(angle.sin())
    # In units of half the picture's sides, as affine_grid counts.
    turn = torch.tensor([[cos, -sin * height / width, 0.0], [sin * width / height, cos, 0.0]])
    grid = F.affine_grid(turn[None].to(picture), list(picture.shape), align_corners=False)
    return F.grid_sample(
        picture, grid, mode="bicubic", padding_mode="reflection", align_corners=False
    ).clamp(0, 1)

"""Small pictures as they come: crops, reduced by any filter, blurred, noisy, saved as JPEG, or not.

The order and the ranges are those of real pictures that somebody wants larger, after Wang et al.,
Real-ESRGAN, ICCVW 2021, but milder, in one round; two crops in five are reduced and nothing else.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter, ImageOps
from torch import Tensor

__all__ = ["TIMES", "Pairs"]

TIMES = 4
SPARE = 8  # px of the small crop that are cut off, so that a JPEG's blocks begin anywhere
CLEAN, BLURRED, NOISY, SAVED = 0.4, 0.4, 0.4, 0.6  # shares: clean of all, the others of the rest
FILTERS = (
    *[Image.Resampling.LANCZOS] * 2,
    *[Image.Resampling.BICUBIC] * 2,
    Image.Resampling.BOX,
    Image.Resampling.BILINEAR,
)
PAINTING = 4.0  # how much more often than a photo one is drawn


class Pairs:
    """Batches of small crops, worn, and of the large ones that they come from.

    Args:
        files: pictures to cut from, of 256 px or so; paintings/ are those in a folder of that name.
        side: of a small crop, in px.
    """

    def __init__(self, files: Sequence[Path], side: int) -> None:
        self.pictures = [Image.open(file).convert("RGB") for file in files]
        odds = (PAINTING if file.parent.name == "paintings" else 1.0 for file in files)
        self.odds = list(odds)
        self.side = side

    def draw(self, seed: int, batch: int) -> tuple[Tensor, Tensor]:
        """A batch of this number: (B, 3, side, side) and (B, 3, 4 side, 4 side), in [0, 1]."""
        dice = random.Random(seed)
        pairs = [self._pair(dice) for _ in range(batch)]
        small, large = (torch.stack(ones) for ones in zip(*pairs, strict=True))
        return small, large

    def _pair(self, dice: random.Random) -> tuple[Tensor, Tensor]:
        (picture,) = dice.choices(self.pictures, self.odds)
        side = (self.side + SPARE) * TIMES
        scale = math.exp(dice.uniform(math.log(0.6), 0))
        cut = min(round(side / scale), *picture.size)
        left, top = (dice.randint(0, length - cut) for length in picture.size)
        large = picture.resize(
            (side, side), Image.Resampling.LANCZOS, (left, top, left + cut, top + cut)
        )
        large = ImageOps.mirror(large) if dice.random() < 0.5 else large
        small = worn(large, dice)
        down, along = dice.randint(0, SPARE), dice.randint(0, SPARE)
        return (
            _tensor(small)[:, down : down + self.side, along : along + self.side],
            _tensor(large)[
                :,
                TIMES * down : TIMES * (down + self.side),
                TIMES * along : TIMES * (along + self.side),
            ],
        )


def worn(large: Image.Image, dice: random.Random) -> Image.Image:
    """A picture reduced four times, and worn as real ones are."""
    clean = dice.random() < CLEAN
    if not clean and dice.random() < BLURRED:
        large = large.filter(ImageFilter.GaussianBlur(TIMES * dice.uniform(0.1, 0.8)))
    size = (large.width // TIMES, large.height // TIMES)
    small = large.resize(size, dice.choice(FILTERS))
    if clean:
        return small
    if dice.random() < NOISY:
        small = _noisy(small, dice)
    if dice.random() < SAVED:
        kept = BytesIO()
        small.save(kept, "JPEG", quality=dice.randint(40, 95))
        small = Image.open(kept).convert("RGB")
    return small


def _noisy(small: Image.Image, dice: random.Random) -> Image.Image:
    """With noise of up to 5 % of white, in colours or grey."""
    maker = np.random.default_rng(dice.randrange(2**32))
    channels = 1 if dice.random() < 0.4 else 3
    noise = maker.standard_normal((small.height, small.width, channels)) * dice.uniform(1, 13)
    return Image.fromarray((np.asarray(small) + noise).clip(0, 255).astype(np.uint8))


def _tensor(picture: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).float() / 255

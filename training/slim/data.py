"""Training and held-out pictures of slim, and the random crops it learns from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from torchvision.transforms.functional import gaussian_blur, pil_to_tensor, to_pil_image

__all__ = ["Crops", "Split", "split"]

EVERY_PHOTO, EVERY_PAINTING = 20, 10
ALIKE = 0.95  # correlation of 16 x 16 thumbnails above which two pictures are the same one


@dataclass(frozen=True)
class Split:
    """Files to learn from, and files never learned from."""

    train: tuple[Path, ...]
    held_out: tuple[Path, ...]


def _thumbnail(path: Path) -> Tensor:
    picture = Image.open(path).convert("L").resize((16, 16), Image.Resampling.BOX)
    flat = pil_to_tensor(picture).float().flatten()
    return F.normalize(flat - flat.mean(), dim=0)


def split(train: Path, data: Path, *others: str) -> Split:
    """Holds out every 20th photo and 10th painting of `train`, and all of `data`'s own pictures.

    `train` holds photos/ and paintings/ of train.tar; `data` the pictures to try things on. Some of
    the latter are in train.tar too under another name: whatever looks like a held-out picture is
    not trained on. `others` are further folders of `data` to hold out.
    """
    photos = sorted((train / "photos").glob("*.jpg"))
    paintings = sorted((train / "paintings").glob("*.jpg"))
    held = photos[::EVERY_PHOTO] + paintings[::EVERY_PAINTING]
    for folder in ("photos", "paintings", *others):
        held += sorted((data / folder).glob("*.jpg"))
    known = torch.stack([_thumbnail(path) for path in held])
    rest = [path for path in photos + paintings if path not in set(held)]
    fresh = [path for path in rest if float((known @ _thumbnail(path)).max()) < ALIKE]
    return Split(tuple(fresh), tuple(held))


class Crops:
    """Batches of random crops: any scale, flipped, in other colours, mixed, cut, blurred, noisy.

    What a stylising run looks at is neither photo nor painting, so many a crop is something in
    between. A painting is drawn as often as four photos would be, one of `more` as often as ten:
    slim has to look at paint.
    """

    def __init__(
        self, files: tuple[Path, ...], side: int, batch: int, seed: int, more: tuple[Path, ...] = ()
    ) -> None:
        self.pictures = [pil_to_tensor(Image.open(f).convert("RGB")) for f in (*files, *more)]
        odds = [4.0 if f.parent.name == "paintings" else 1.0 for f in files]
        self.odds = torch.tensor(odds + [10.0] * len(more))
        self.side, self.batch = side, batch
        self.random = torch.Generator().manual_seed(seed)

    def _uniform(self, low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=self.random))

    def _chance(self, odds: float) -> bool:
        return self._uniform(0, 1) < odds

    def _crop(self) -> Tensor:
        """One square of `side` from any picture, as floats in [0, 1], (3, side, side)."""
        pick = int(torch.multinomial(self.odds, 1, generator=self.random))
        picture = self.pictures[pick]
        scale = math.exp(self._uniform(math.log(0.5), math.log(2.0)))
        cut = min(round(self.side / scale), *picture.shape[1:])
        top = int(self._uniform(0, picture.shape[1] - cut + 1 - 1e-6))
        left = int(self._uniform(0, picture.shape[2] - cut + 1 - 1e-6))
        piece = picture[None, :, top : top + cut, left : left + cut].float() / 255
        size = (self.side, self.side)
        piece = F.interpolate(piece, size, mode="bilinear", antialias=True, align_corners=False)
        if self._chance(0.5):
            piece = piece.flip(-1)
        if self._chance(0.1):
            piece = piece.flip(-2)
        return piece[0].clamp(0, 1)

    def _mixed(self, piece: Tensor) -> Tensor:
        """Now and then with another crop: in its colours, blended with it, a part cut from it."""
        kind = self._uniform(0, 1)
        if kind > 0.4:
            return piece
        other = self._crop()
        if kind < 0.15:  # the other's mean and deviation of each channel
            mean, std = (f(piece, (1, 2), keepdim=True) for f in (torch.mean, torch.std))
            shift, gain = (f(other, (1, 2), keepdim=True) for f in (torch.mean, torch.std))
            return (piece - mean) / (std + 0.02) * gain + shift
        if kind < 0.3:
            return piece.lerp(other, self._uniform(0.15, 0.85))
        height, width = (round(self.side * self._uniform(0.25, 0.75)) for _ in range(2))
        top = int(self._uniform(0, self.side - height))
        left = int(self._uniform(0, self.side - width))
        piece = piece.clone()
        piece[:, top : top + height, left : left + width] = other[:, :height, :width]
        return piece

    def _colour(self, piece: Tensor) -> Tensor:
        """Contrast, brightness, saturation, a tint; some with other channels, or negative."""
        gain = torch.empty(3, 1, 1).uniform_(0.85, 1.15, generator=self.random)
        shift = torch.empty(3, 1, 1).uniform_(-0.06, 0.06, generator=self.random)
        if self._chance(0.1):
            piece = piece[torch.randperm(3, generator=self.random)]
        if self._chance(0.03):
            piece = 1 - piece
        grey = piece.mean(0, keepdim=True)
        piece = grey + (piece - grey) * self._uniform(0.3, 1.8)
        piece = (piece - 0.5) * self._uniform(0.7, 1.4) + 0.5 + self._uniform(-0.1, 0.1)
        return (piece * gain + shift).clamp(0, 1)

    def _worn(self, piece: Tensor) -> Tensor:
        """Blurred, saved as JPEG, or with the grain of a half-made picture."""
        if self._chance(0.15):
            piece = gaussian_blur(piece, [9, 9], [self._uniform(0.4, 2.0)])
        if self._chance(0.15):
            kept = BytesIO()
            to_pil_image(piece).save(kept, "JPEG", quality=int(self._uniform(20, 90)))
            piece = pil_to_tensor(Image.open(kept)).float() / 255
        if self._chance(0.2):
            piece = piece + self.noise(piece) * self._uniform(0.02, 0.2)
        return piece.clamp(0, 1)

    def noise(self, like: Tensor) -> Tensor:
        """Noise of unit deviation and of a random grain, in colours or grey, (3, H, W)."""
        noise = torch.randn(like.shape, generator=self.random)
        grain = self._uniform(-1.5, 3.0)
        if grain > 0.3:
            noise = gaussian_blur(noise, [13, 13], [grain])
        if self._chance(0.2):
            noise = noise.mean(0, keepdim=True).expand_as(like)
        return noise / noise.std()

    def __next__(self) -> Tensor:
        """The next batch, (B, 3, side, side) in [0, 1]."""
        pieces = [self._mixed(self._crop()) for _ in range(self.batch)]
        return torch.stack([self._worn(self._colour(piece)) for piece in pieces])

"""Training and held-out pictures of slim, and the random crops it learns from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor

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
    """Batches of random crops: any scale, flipped, colours shifted, now and then mixed or noisy.

    A painting is drawn as often as four photos would be: slim has to look at paint.
    """

    def __init__(self, files: tuple[Path, ...], side: int, batch: int, seed: int) -> None:
        self.pictures = [pil_to_tensor(Image.open(f).convert("RGB")) for f in files]
        self.odds = torch.tensor([4.0 if f.parent.name == "paintings" else 1.0 for f in files])
        self.side, self.batch = side, batch
        self.random = torch.Generator().manual_seed(seed)

    def _uniform(self, low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=self.random))

    def _crop(self, picture: Tensor) -> Tensor:
        """One square of `side` from a picture (3, H, W) of bytes, as floats in [0, 1]."""
        scale = math.exp(self._uniform(math.log(0.5), math.log(1.7)))
        cut = min(round(self.side / scale), *picture.shape[1:])
        top = int(self._uniform(0, picture.shape[1] - cut + 1 - 1e-6))
        left = int(self._uniform(0, picture.shape[2] - cut + 1 - 1e-6))
        piece = picture[None, :, top : top + cut, left : left + cut].float() / 255
        size = (self.side, self.side)
        piece = F.interpolate(piece, size, mode="bilinear", antialias=True, align_corners=False)
        if self._uniform(0, 1) < 0.5:
            piece = piece.flip(-1)
        if self._uniform(0, 1) < 0.1:
            piece = piece.flip(-2)
        return piece[0]

    def _colour(self, piece: Tensor) -> Tensor:
        """Contrast, brightness, saturation, a tint; some get the grain of a half-made picture."""
        gain = torch.empty(3, 1, 1).uniform_(0.85, 1.15, generator=self.random)
        shift = torch.empty(3, 1, 1).uniform_(-0.06, 0.06, generator=self.random)
        grey = piece.mean(0, keepdim=True)
        piece = grey + (piece - grey) * self._uniform(0.4, 1.6)
        piece = (piece - 0.5) * self._uniform(0.7, 1.4) + 0.5 + self._uniform(-0.1, 0.1)
        piece = piece * gain + shift
        if self._uniform(0, 1) < 0.15:
            noise = torch.randn(piece.shape, generator=self.random)
            piece = piece + noise * self._uniform(0.02, 0.15)
        return piece.clamp(0, 1)

    def __next__(self) -> Tensor:
        """The next batch, (B, 3, side, side) in [0, 1]."""
        picks = torch.multinomial(self.odds, self.batch, replacement=True, generator=self.random)
        return torch.stack([self._colour(self._crop(self.pictures[i])) for i in picks.tolist()])

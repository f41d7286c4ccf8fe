"""A judge of class plates that has not made them: VGG-16's convolutions, with a linear head.

The head is fitted by ridge regression on photos: from VGG-16's last features, averaged over
positions, to what SqueezeNet says of the same photos, for no labels are at hand. What VGG-16 sees
is its own; what things are called it has from SqueezeNet, so it can judge only classes that are
among the photos. How often it is right on photos that it was not fitted on is what can be asked of
plates.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from artgen import images
from artgen.networks.classifier import Classifier
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.resize import resample
from artgen.runtime import Runtime

__all__ = ["Judge", "fitted"]

LAYER, SIDE = "relu5_3", 144  # what is pooled, and of squares of which side in pixels
RIDGE = 0.3  # of the mean variance, added to each
EVERY = 5  # every so many-th photo is not fitted on


@dataclass(frozen=True)
class Judge:
    """VGG-16 with its head, and what it is worth.

    Attributes:
        extractor: VGG-16's convolutions.
        center, spread: (1, 2C), mean and deviation of the pooled features.
        head: (2C + 1, classes), weights and at last the bias.
        right: how many photos that it was not fitted on have what SqueezeNet says first among its
            first five.
        tried: of how many.
        classes: those that SqueezeNet is sure of in a photo, surest first.
    """

    extractor: FeatureExtractor
    center: Tensor
    spread: Tensor
    head: Tensor
    right: int
    tried: int
    classes: tuple[int, ...]

    def __call__(self, pictures: Tensor) -> Tensor:
        """Classes (N, classes), best first, of pictures (N, 3, H, W)."""
        rows = (pooled(self.extractor, pictures) - self.center) / self.spread
        return _scores(rows, self.head).argsort(1, descending=True)


@torch.no_grad()
def pooled(extractor: FeatureExtractor, pictures: Tensor) -> Tensor:
    """Means and maxima (N, 2C) over positions of pictures (N, 3, H, W), seen at SIDE."""
    seen = extractor(resample(pictures, (SIDE, SIDE)).clamp(0, 1), [LAYER])[LAYER].float()
    return torch.cat([seen.mean((2, 3)), seen.amax((2, 3))], 1)


def fitted(photos: list[Path], runtime: Runtime, kept_in: Path | None = None) -> Judge:
    """Fits the head on photos of any size, of which the middle square is seen.

    What both networks say of them is kept in a file, if one is named, and read from it.
    """
    extractor = runtime.extractor("vgg16")
    if kept_in is None or not kept_in.exists():
        said = _said(photos, extractor, runtime.classifier("squeezenet"))
        if kept_in is not None:
            save_file(said, kept_in)
    else:
        said = load_file(kept_in)
    seen, wanted = said["seen"], said["wanted"]
    sure = torch.softmax(wanted, 1).amax(1).tolist()
    kept = torch.arange(len(seen)) % EVERY > 0
    center, spread = seen[kept].mean(0, keepdim=True), seen[kept].std(0, keepdim=True) + 1e-6
    seen = (seen - center) / spread
    head = _ridge(seen[kept], wanted[kept])
    best = _scores(seen[~kept], head).topk(5, 1).indices
    first = wanted[~kept].argmax(1, keepdim=True)
    order = sorted(range(len(sure)), key=lambda n: -sure[n])
    found = dict.fromkeys(int(wanted[n].argmax()) for n in order if kept[n])
    right = int((best == first).any(1).sum())
    return Judge(extractor, center, spread, head, right, len(first), tuple(found))


@torch.no_grad()
def _said(
    photos: list[Path], extractor: FeatureExtractor, classifier: Classifier
) -> dict[str, Tensor]:
    """What VGG-16 sees in photos, and what SqueezeNet says of them."""
    seen, wanted = [], []
    for path in photos:
        picture = _square(images.load(path).picture[:, :3])
        seen.append(pooled(extractor, picture))
        wanted.append(classifier(resample(picture, (224, 224)).clamp(0, 1)))
    return {"seen": torch.cat(seen), "wanted": torch.cat(wanted)}


def _ridge(rows: Tensor, wanted: Tensor) -> Tensor:
    ones = F.pad(rows.double(), (0, 1), value=1.0)
    square = ones.T @ ones
    square.diagonal()[:-1] += RIDGE * len(rows)
    found: Tensor = torch.linalg.solve(square, ones.T @ wanted.double()).float()
    return found


def _scores(rows: Tensor, head: Tensor) -> Tensor:
    return rows @ head[:-1] + head[-1]


def _square(picture: Tensor) -> Tensor:
    side = min(picture.shape[-2:])
    top, left = ((length - side) // 2 for length in picture.shape[-2:])
    return picture[..., top : top + side, left : left + side]

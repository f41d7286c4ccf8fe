"""How painted a picture is, position by position, as VGG-16 sees it: strokes, cover, shape, edge.

- *strokes*: the mean cosine distance of the picture's relu3_3 positions to their nearest in the
  painting, each set less its own mean, over the photo's: 1 is the photo untouched, 0 the painting.
- *cover*: the other way round, of the painting's positions to their nearest in the picture.
- *shape*: the correlation of relu4_3's self-similarity on a grid of 16 x 16 with the photo's.
- *edge*: the mean saturation of the outer 6 px minus that of the ring 6 to 18 px in.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from teachers import Vgg16
from torch import Tensor

from artgen.ops.resize import fit, resize

__all__ = ["Strokes", "StrokesJudge", "edge", "nearest_distance", "self_similarity"]

MARKS, SHAPES = "vgg16/relu3_3", "vgg16/relu4_3"
OUTER, INNER = 6, 18  # px from the border
GRID = 16
CHUNK = 2048


@dataclass(frozen=True)
class Strokes:
    """Of one picture: see above."""

    strokes: float
    cover: float
    shape: float
    edge: float


def _rows(features: Tensor) -> Tensor:
    """(1, C, H, W) as (H*W, C)."""
    return features[0].flatten(1).T


def nearest_distance(rows: Tensor, table: Tensor) -> float:
    """Mean cosine distance of rows (N, C) and their nearest in a table (M, C), less their means."""
    rows, table = (F.normalize(x - x.mean(0), dim=1) for x in (rows, table))
    found = [(part @ table.T).amax(1) for part in torch.split(rows, CHUNK)]
    return float(1 - torch.cat(found).mean())


def self_similarity(features: Tensor) -> Tensor:
    """Cosines (256, 256) of the centred features (1, C, H, W) of a 16 x 16 grid."""
    rows = _rows(F.adaptive_avg_pool2d(features, GRID))
    rows = F.normalize(rows - rows.mean(0), dim=1)
    return rows @ rows.T


def correlation(one: Tensor, other: Tensor) -> float:
    """Pearson's, of two tensors of one shape."""
    return float(torch.corrcoef(torch.stack([one.flatten(), other.flatten()]))[0, 1])


def edge(picture: Tensor) -> float:
    """Mean saturation of the outer 6 px minus that of the ring 6 to 18 px in; (1, 3, H, W)."""
    saturation = (picture.amax(1) - picture.amin(1))[0]
    height, width = saturation.shape
    down, across = torch.arange(height)[:, None], torch.arange(width)[None]
    near = torch.minimum(
        torch.minimum(down, height - 1 - down), torch.minimum(across, width - 1 - across)
    )
    ring = saturation[(near >= OUTER) & (near < INNER)]
    return float(saturation[near < OUTER].mean() - ring.mean())


class StrokesJudge:
    """Scores pictures against a photo and a painting, all seen at the picture's size."""

    def __init__(self, weights: Path) -> None:
        self.network = Vgg16(weights / "vgg16.safetensors").requires_grad_(False).eval()
        self.network.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def look(self, picture: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """relu3_3 and relu4_3 of a picture (1, 3, h, w) at a size (H, W)."""
        fast = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
        with torch.autocast("cpu", torch.bfloat16, enabled=fast):
            found = self.network(resize(picture, size))
        return found[MARKS].float(), found[SHAPES].float()

    def score(self, picture: Tensor, photo: Tensor, painting: Tensor) -> Strokes:
        """One picture's score; all (1, 3, H, W), in any size."""
        size = (picture.shape[-2], picture.shape[-1])
        style_size = fit((painting.shape[-2], painting.shape[-1]), max(size))
        (made, formed), (before, shape) = (self.look(x, size) for x in (picture, photo))
        wanted, _ = self.look(painting, style_size)
        made, before, wanted = map(_rows, (made, before, wanted))
        return Strokes(
            nearest_distance(made, wanted) / nearest_distance(before, wanted),
            nearest_distance(wanted, made) / nearest_distance(wanted, before),
            correlation(self_similarity(formed), self_similarity(shape)),
            edge(picture),
        )

"""Losses for strokes and shape: relaxed transport of positions, and self-similarity.

Both are of Kolkin, Salavon & Shakhnarovich, Style Transfer by Relaxed Optimal Transport and
Self-Similarity, CVPR 2019; different from the paper, cosines are taken after the painting's mean is
taken off, and the crop is compared with a fixed sample of the painting's positions.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.losses.functional import as_rows
from artgen.losses.term import Term
from artgen.networks.regions import Features

__all__ = ["MARKS", "SHAPE", "Samples", "sampled", "shape_term", "stroke_term"]

MARKS = ("relu2_1", "relu3_1", "relu3_3", "relu4_1")  # the layers whose positions are compared
SHAPE = "relu4_2"
POSITIONS = 640  # of a layer of a painting, which stand for all of them

Samples = Mapping[str, Tensor]
"""Layer -> positions of a painting (N, C), in bfloat16."""


def sampled(features: Features, dice: torch.Generator) -> Samples:
    """Positions of each layer of MARKS, drawn by chance."""
    found = {}
    for layer in MARKS:
        rows = as_rows(features[layer])
        pick = torch.randperm(len(rows), generator=dice)[:POSITIONS]
        found[layer] = rows[pick].bfloat16()
    return found


def _apart(rows: Tensor, table: Tensor) -> Tensor:
    """Relaxed transport of rows (N, C) to a table (M, C): the larger of both mean minima (0-d).

    The gradient is that of the pairs which are nearest; the matrix of all pairs has none, whose
    backward pass took half the time of a training step.
    """
    mean = table.mean(0)
    rows, table = (F.normalize(one - mean, dim=1) for one in (rows, table))
    with torch.no_grad():
        # Maxima of rows, with their places: a sixth of the time of `argmax` of columns.
        forth, back = (a @ b.T for a, b in ((rows, table), (table, rows)))
        forth, back = forth.max(1).indices, back.max(1).indices
    pairs = ((rows, table[forth]), (rows[back], table))
    return 1 - torch.minimum(*((one * other).sum(1).mean() for one, other in pairs))


def stroke_term(samples: Samples, weight: float) -> Term:
    """How far a crop's positions are from a painting's, mean over MARKS."""
    tables = {layer: rows.float() for layer, rows in samples.items()}

    def statistics(features: Features, region: object) -> Mapping[str, Tensor]:
        return {
            layer: _apart(as_rows(features[layer]).float(), table)
            for layer, table in tables.items()
        }

    def loss(sums: Mapping[str, Tensor]) -> Tensor:
        return torch.stack(list(sums.values())).mean()

    return Term("strokes", MARKS, statistics, loss, weight, whole=True)


def _alike(features: Tensor) -> Tensor:
    """Cosine distances (N, N) of a layer's positions, each column's sum N."""
    rows = as_rows(features).float()
    rows = F.normalize(rows - rows.mean(0), dim=1)
    apart = 1 - rows @ rows.T
    return apart / apart.mean(0).clamp(min=1e-3)


def shape_term(photo: Tensor, weight: float) -> Term:
    """Mean difference of self-similarities, from a photo's features (1, C, h, w) of SHAPE."""
    with torch.no_grad():
        wanted = _alike(photo)

    def statistics(features: Features, region: object) -> Mapping[str, Tensor]:
        return {"shape": (_alike(features[SHAPE]) - wanted).abs().mean()}

    return Term("shape", (SHAPE,), statistics, lambda sums: sums["shape"], weight, whole=True)

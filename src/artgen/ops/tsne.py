"""t-SNE: vectors laid out in the plane so that similar ones lie together, and cells of a grid."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from artgen.core.optional import require
from artgen.ops.numerics import TINY

__all__ = ["LEAST", "in_grid", "laid_out"]

LEAST = 4  # fewest vectors for a meaningful layout
PERPLEXITY = 30.0  # effective number of neighbours, where there are enough


def laid_out(vectors: Tensor, seed: int) -> Tensor:
    """Positions (N, 2) in [0, 1] for vectors (N, D), N at least LEAST.

    van der Maaten & Hinton, Visualizing Data using t-SNE, 2008; by scikit-learn.

    Raises:
        UsageError: if scikit-learn is not installed.
    """
    require("sklearn", "see", "A map")
    from sklearn.manifold import TSNE

    count = len(vectors)
    made = TSNE(
        init="pca", perplexity=min(PERPLEXITY, (count - 1) / 3), random_state=seed
    ).fit_transform(vectors.cpu().double().numpy())
    places = torch.from_numpy(np.asarray(made)).float()
    least, most = places.amin(0), places.amax(0)
    return (places - least) / (most - least).clamp(min=TINY)


def in_grid(places: Tensor, rows: int, columns: int) -> list[int]:
    """A cell of its own in a grid, row by row, for each position (N, 2) of x and y in [0, 1].

    The sum of squared distances between positions and cells is least (Jonker & Volgenant 1987, by
    SciPy).
    """
    from scipy.optimize import linear_sum_assignment

    down, across = torch.meshgrid(
        torch.linspace(0, 1, rows), torch.linspace(0, 1, columns), indexing="ij"
    )
    cells = torch.stack([across.flatten(), down.flatten()], 1)
    cost = (places[:, None] - cells[None]).square().sum(2)
    _, found = linear_sum_assignment(cost.double().numpy())
    return [int(cell) for cell in found]

"""The neighbours' loss: each position has its nearest in the paintings, and is pulled there."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
import torch.nn.functional as F
from pictures import smooth
from torch import Tensor

from artgen.losses import neighbours as module
from artgen.losses.evaluate import evaluate
from artgen.losses.guides import Guide
from artgen.losses.neighbour_table import Neighbours
from artgen.losses.neighbours import neighbours_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole

from .looked_at import extractor, pictures, value

LAYERS = {"relu1_1": 1.0, "relu3_1": 1.0, "relu4_2": 2.0}
SIZE = (49, 67)
GRID = (12, 16)  # positions of a picture of this size


def term(
    photo: Tensor, *paintings: Tensor, shares: tuple[float, ...] = (), guide: Guide | None = None
) -> Term:
    found = Neighbours.of(extractor(), paintings, shares or (1.0,) * len(paintings), LAYERS)
    queries = found.queries(extractor(), photo)
    size = (photo.shape[-2], photo.shape[-1])
    return neighbours_term(extractor(), found, queries, size, 1.0, guide=guide)


def test_a_painting_is_its_own_neighbour() -> None:
    _, painting, canvas = pictures()
    own = term(painting, painting)
    assert value(own, painting) == pytest.approx(0, abs=1e-7)
    assert value(own, canvas) > 1e-3


def test_the_loss_is_the_mean_distance_of_cosines() -> None:
    photo, painting, canvas = pictures()
    found = Neighbours.of(extractor(), [painting], [1.0], LAYERS)
    chosen = found.chosen(found.queries(extractor(), photo), GRID).flatten()

    def rows(picture: Tensor) -> Tensor:
        features = extractor()(picture, LAYERS)
        parts = found.columns.parts(features, whole(features))
        return torch.cat([x * s for x, s in zip(parts, found.scales, strict=True)], 1)

    leaf = canvas.clone().requires_grad_()
    expected = (1 - F.cosine_similarity(rows(leaf), rows(painting)[chosen])).mean()
    (pulled,) = torch.autograd.grad(expected, leaf)
    _, loss, gradient = evaluate(canvas, extractor(), [term(photo, painting)])
    torch.testing.assert_close(loss, expected.detach(), atol=1e-7, rtol=0)
    torch.testing.assert_close(gradient, pulled, atol=1e-9, rtol=1e-4)


def test_a_few_positions_at_a_time_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, painting, canvas = pictures()
    pull = term(photo, painting)
    _, loss, gradient = evaluate(canvas, extractor(), [pull])
    monkeypatch.setattr(module, "AT_ONCE", 40)  # two lines of cells
    _, other, pieces = evaluate(canvas, extractor(), [pull])
    assert loss.equal(other)
    assert gradient.equal(pieces)


def test_a_coarse_layer_is_kept_once_for_all_its_positions() -> None:
    photo, painting, canvas = pictures()
    pull, kept = term(photo, painting), list[Tensor]()
    features = extractor()(canvas.clone().requires_grad_(), pull.layers)

    def keep(tensor: Tensor) -> Tensor:
        kept.append(tensor)
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        pull.statistics(features, whole(features))
    channels = features["relu4_2"].shape[1]
    cells = features["relu4_2"][0, 0].numel()
    rows = {len(one) for one in kept if one.dim() == 2 and one.shape[1] == channels}
    assert cells in rows


@pytest.mark.parametrize("padding", ["replicate", "circular"])
def test_tiles_add_up(padding: str, tiny: FeatureExtractor) -> None:
    eye = FeatureExtractor(tiny.spec, padding=padding).double()
    photo, painting, canvas = (smooth(96, 128, seed=n).double() for n in range(3))
    losses = []
    for tile in (None, 40):
        found = Neighbours.of(extractor(), [painting], [1.0], LAYERS, tile)
        queries = found.queries(eye, photo, tile)
        pull = neighbours_term(eye, found, queries, (96, 128), 1.0)
        losses.append(evaluate(canvas, eye, [pull], tile)[1:])
    (one, gradient), (other, tiled) = losses
    torch.testing.assert_close(one, other)
    torch.testing.assert_close(gradient, tiled, atol=1e-10, rtol=1e-6)


def test_descending_leads_to_the_neighbours(tiny: FeatureExtractor) -> None:
    photo, painting, _ = pictures()
    pull, picture, values = term(photo, painting), photo.clone(), []
    for _ in range(20):
        _, loss, gradient = evaluate(picture, extractor(), [pull])
        values.append(float(loss))
        picture = picture - 0.003 * gradient / gradient.abs().mean()
    assert all(later < before for before, later in pairwise(values[:5]))
    assert min(values) < 0.8 * values[0]


def test_a_guide_leaves_the_rest_alone() -> None:
    photo, painting, canvas = pictures()
    mask = torch.zeros((1, 1, *SIZE), dtype=torch.float64)
    mask[..., :32] = 1
    pull = term(photo, painting, guide=Guide(extractor(), mask, tuple(LAYERS)))
    _, _, gradient = evaluate(canvas, extractor(), [pull])
    assert gradient[..., :24].abs().mean() > 1e-8
    far = 32 + extractor().radius("relu4_2")
    assert far >= SIZE[1] or gradient[..., far:].abs().max() == 0


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_painting_of_one_colour_gives_numbers(value: float) -> None:
    photo, _, _ = pictures()
    flat = torch.full((1, 3, 40, 40), value, dtype=torch.float64)
    _, loss, gradient = evaluate(photo, extractor(), [term(photo, flat)])
    assert loss.isfinite()
    assert gradient.isfinite().all()

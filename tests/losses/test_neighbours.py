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
from artgen.losses.neighbours import Neighbours, nearest, neighbours_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole

from .looked_at import extractor, pictures, value

LAYERS = {"relu1_1": 1.0, "relu3_1": 1.0, "relu4_2": 2.0}
SIZE = (49, 67)


def term(
    photo: Tensor, *paintings: Tensor, shares: tuple[float, ...] = (), guide: Guide | None = None
) -> Term:
    found = Neighbours.of(extractor(), paintings, shares or (1.0,) * len(paintings), LAYERS)
    queries = found.queries(extractor(), photo)
    size = (photo.shape[-2], photo.shape[-1])
    return neighbours_term(extractor(), found, queries, size, 1.0, guide=guide)


def test_the_nearest_has_the_largest_product_and_bonus() -> None:
    generator = torch.Generator().manual_seed(1)
    queries = torch.randn((3000, 5), generator=generator)
    keys = torch.randn((70, 5), generator=generator)
    none = torch.zeros(70)
    assert nearest(queries, keys, none).equal((queries @ keys.T).argmax(1))
    bonus = torch.zeros(70)
    bonus[7] = 100
    assert set(nearest(queries, keys, bonus).tolist()) == {7}


def test_a_painting_is_its_own_neighbour() -> None:
    _, painting, canvas = pictures()
    own = term(painting, painting)
    assert value(own, painting) == pytest.approx(0, abs=1e-7)
    assert value(own, canvas) > 1e-3


def test_neighbours_are_those_of_all_channels() -> None:
    """The principal components leave next to nothing out; layers have their shares of energy."""
    photo, painting, _ = pictures()
    found = Neighbours.of(extractor(), [painting], [1.0], LAYERS)
    (queries, energies), (keys, shares) = (scaled(found, one) for one in (photo, painting))
    assert shares == pytest.approx([0.25, 0.25, 0.5], rel=1e-6)
    assert energies != pytest.approx([0.25, 0.25, 0.5], rel=1e-3)
    chosen = found.chosen(found.queries(extractor(), photo))
    best = (queries @ keys.T)[torch.arange(len(queries)), chosen]
    torch.testing.assert_close(best, (queries @ keys.T).amax(1), atol=1e-6, rtol=0)


def scaled(found: Neighbours, picture: Tensor) -> tuple[Tensor, list[float]]:
    """Centred hypercolumns of unit length, and each layer's mean square."""
    features = extractor()(picture, LAYERS)
    parts = found.columns.parts(features, whole(features))
    parts = [part * scale for part, scale in zip(parts, found.scales, strict=True)]
    rows = torch.cat(parts, 1)
    energies = [float(part.square().sum(1).mean()) for part in parts]
    return F.normalize(rows - rows.mean(0), dim=1), energies


def test_the_loss_is_the_mean_distance_of_cosines() -> None:
    photo, painting, canvas = pictures()
    found = Neighbours.of(extractor(), [painting], [1.0], LAYERS)
    chosen = found.chosen(found.queries(extractor(), photo))

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


def test_weights_tilt_the_choice() -> None:
    photo, painting, canvas = pictures()
    shares = []
    for weight in (0.0, 0.2, 1.0, 5.0, 1e6):
        found = Neighbours.of(extractor(), [painting, canvas], [weight, 1.0], LAYERS)
        chosen = found.chosen(found.queries(extractor(), photo))
        first = len(found.keys) // 2 if weight else 0
        shares.append(float((chosen < first).double().mean()))
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)
    assert 0 < shares[2] < 1


def test_a_guide_leaves_the_rest_alone() -> None:
    photo, painting, canvas = pictures()
    mask = torch.zeros((1, 1, *SIZE), dtype=torch.float64)
    mask[..., :32] = 1
    pull = term(photo, painting, guide=Guide(extractor(), mask, tuple(LAYERS)))
    _, _, gradient = evaluate(canvas, extractor(), [pull])
    assert gradient[..., :24].abs().mean() > 1e-8
    far = 32 + extractor().radius("relu4_2")
    assert far >= SIZE[1] or gradient[..., far:].abs().max() == 0


def test_many_positions_are_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    _, painting, canvas = pictures()
    monkeypatch.setattr(module, "MOST", 100)
    found = Neighbours.of(extractor(), [painting * 0.99, canvas], [1.0, 1.0], LAYERS)
    assert len(found.keys) == 96
    assert {len(aim) for aim in found.aims} == {96}


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_painting_of_one_colour_gives_numbers(value: float) -> None:
    photo, _, _ = pictures()
    flat = torch.full((1, 3, 40, 40), value, dtype=torch.float64)
    _, loss, gradient = evaluate(photo, extractor(), [term(photo, flat)])
    assert loss.isfinite()
    assert gradient.isfinite().all()

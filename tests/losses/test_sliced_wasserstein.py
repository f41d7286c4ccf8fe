"""The sliced loss: by hand in one dimension, zero for the same features, and only in one piece."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor
from torch.autograd import gradcheck

from artgen.errors import UsageError
from artgen.losses.evaluate import evaluate
from artgen.losses.guides import Guide
from artgen.losses.sliced_wasserstein import quantiles, ranked_distance, sliced_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.optim.plan import Work, make_plan
from artgen.optim.pyramid import Scale

LAYERS = {"relu1_1": 2.0, "relu2_1": 1.0}
EVEN = torch.full((4,), 0.25)


def term(extractor: FeatureExtractor, *pictures: Tensor, guide: Guide | None = None) -> Term:
    shares = [1.0] * len(pictures)
    turns = torch.Generator().manual_seed(1)
    return sliced_term(extractor, pictures, shares, LAYERS, 1.0, turns, guide=guide)


def loss(extractor: FeatureExtractor, picture: Tensor, pull: Term) -> float:
    return float(evaluate(picture, extractor, [pull])[1])


def test_quantiles_by_hand() -> None:
    values = torch.tensor([[3.0, 1.0, 2.0, 4.0]])
    assert quantiles(values, EVEN, 4).tolist() == [[1, 2, 3, 4]]
    assert quantiles(values, EVEN, 2).tolist() == [[1, 3]]
    heavy = torch.tensor([0.7, 0.1, 0.1, 0.1])  # the 3 is most of it
    assert quantiles(values, heavy, 4).tolist() == [[2, 3, 3, 3]]


def test_distances_by_hand() -> None:
    values = torch.tensor([[3.0, 1.0, 2.0, 4.0]])
    table = quantiles(values, EVEN, 4)
    assert ranked_distance(values.flip(1), table).item() == 0
    assert ranked_distance(values + 2, table).item() == pytest.approx(4)
    both = torch.cat([values, values]), torch.cat([table, table])
    assert ranked_distance(both[0] + 2, both[1]).item() == pytest.approx(8)  # two directions
    counted = ranked_distance(
        torch.tensor([[1.0, 2.0, 3.0, 4.0, 9.0]]), table, torch.tensor([1.0, 1, 1, 1, 0])
    )
    assert counted.item() == pytest.approx(0)


def test_its_gradient() -> None:
    values = torch.randn(2, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    table = quantiles(values.square(), torch.full((7,), 1 / 7), 5)
    assert gradcheck(lambda x: ranked_distance(x, table), (values.requires_grad_(),))


def test_a_picture_is_no_way_from_itself_and_far_from_another(
    tiny: FeatureExtractor, photo: Tensor, painting: Tensor
) -> None:
    assert loss(tiny, painting, term(tiny, painting)) < 1e-3
    assert loss(tiny, photo, term(tiny, painting)) > 0.05
    flipped = loss(tiny, photo, term(tiny, photo, photo.flip(3)))  # both have the same values
    assert flipped < 0.1 * loss(tiny, photo, term(tiny, painting))


def test_only_what_the_guide_covers_counts(tiny: FeatureExtractor, painting: Tensor) -> None:
    left = torch.zeros(1, 1, 60, 64)
    left[..., :32] = 1
    guide = Guide(tiny, left, tuple(LAYERS))
    half = smooth(60, 64, seed=3)
    pull = term(tiny, half[..., :32], guide=guide)
    right, wrong = half.clone(), half.flip(3)
    assert loss(tiny, right, pull) < 0.2 * loss(tiny, wrong, pull)


def test_tiles_are_refused_and_a_plan_has_none(
    tiny: FeatureExtractor, photo: Tensor, painting: Tensor
) -> None:
    with pytest.raises(UsageError, match="needs the picture in one piece"):
        evaluate(photo, tiny, [term(tiny, painting)], tile=16)
    work = Work(tiny, tuple(LAYERS), "lbfgs", [Scale((900, 900), 50)], whole=True)
    assert make_plan(work).tile is None

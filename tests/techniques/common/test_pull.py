"""The terms of a style transfer: which there are, and how they share the picture."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.losses.evaluate import evaluate
from artgen.networks.extractor import FeatureExtractor
from artgen.optim.pyramid import Scale
from artgen.techniques.common.layers import Layers
from artgen.techniques.common.options import LOSSES
from artgen.techniques.common.painting import Painting
from artgen.techniques.common.pull import NEIGHBOURS, Pull
from artgen.techniques.common.regions import Zones

SIZE = (49, 67)


def pulling(tiny: FeatureExtractor, photo: Tensor, zones: Zones, losses: str) -> Pull:
    kinds = losses.split("+")
    layers = Layers.of(tiny, "", "", 0).used_by(kinds)
    return Pull(tiny, tiny, layers, zones, photo, kinds, 1, 0.0, 50.0, 1.0, 0.066, 4.0, wraps=False)


@pytest.mark.parametrize("losses", LOSSES)
def test_each_loss_is_a_term_of_each_zone(
    losses: str, tiny: FeatureExtractor, photo: Tensor, painting: Tensor
) -> None:
    half = torch.zeros(1, 1, *SIZE)
    half[..., :30] = 1
    zones = Zones([[Painting(painting)], [Painting(photo.flip(3))]], [half])
    terms = pulling(tiny, photo, zones, losses)(Scale(SIZE, 1), None, photo)
    kinds = ["neighbours" if kind == "neighbours" else "style" for kind in losses.split("+")]
    zoned = [f"{kind}{suffix}" for suffix in ("", " 1") for kind in kinds]
    assert [term.name for term in terms] == [*zoned, "content", "tv"]


def test_beside_another_loss_neighbours_count_more(
    tiny: FeatureExtractor, photo: Tensor, painting: Tensor
) -> None:
    zones, found = Zones([[Painting(painting)]]), []
    for losses in ("neighbours", "gram+neighbours"):
        terms = pulling(tiny, photo, zones, losses)(Scale(SIZE, 1), None, photo)
        values, _, _ = evaluate(photo, tiny, terms)
        found.append(float(values["neighbours"]))
    assert found[1] == pytest.approx(NEIGHBOURS * found[0], rel=1e-5)


def test_what_it_begins_with_counts_as_much_as_the_strength(
    tiny: FeatureExtractor, photo: Tensor, painting: Tensor
) -> None:
    """Neighbours are those of the photo at strength 0, of the picture so far at 100."""
    zones, other = Zones([[Painting(painting)]]), photo.flip(2).flip(1)

    def neighbours(strength: float, opening: Tensor, content: Tensor) -> float:
        pull = replace(pulling(tiny, content, zones, "neighbours"), strength=strength)
        terms = [term for term in pull(Scale(SIZE, 1), None, opening) if term.name == "neighbours"]
        return float(evaluate(photo, tiny, terms)[1])

    assert neighbours(1e-6, other, photo) == pytest.approx(neighbours(1e-6, photo, photo), rel=1e-4)
    assert neighbours(100, other, photo) == pytest.approx(neighbours(100, other, other), rel=1e-4)
    assert neighbours(50, other, photo) != pytest.approx(neighbours(50, photo, photo), rel=1e-3)


def test_a_picture_can_be_tried(tiny: FeatureExtractor, photo: Tensor, painting: Tensor) -> None:
    pull = pulling(tiny, photo, Zones([[Painting(painting)]]), "moments+neighbours")
    terms = pull.probe(painting)
    assert [term.name for term in terms] == ["style", "neighbours", "content", "tv"]
    values, _, _ = evaluate(painting, tiny, terms)
    assert all(float(values[name]) < 2e-3 for name in ("style", "neighbours", "content"))


def test_coherent_neighbours_are_farther_away(
    tiny: FeatureExtractor, photo: Tensor, painting: Tensor
) -> None:
    """What they have together costs some of each one's likeness; at 0 each has its nearest."""
    one = pulling(tiny, photo, Zones([[Painting(painting)]]), "neighbours")
    losses = []
    for coherence in (0.0, 50.0, 100.0):
        terms = replace(one, coherence=coherence)(Scale(SIZE, 1), None, photo)
        losses.append(float(evaluate(photo, tiny, terms)[0]["neighbours"]))
    assert losses[0] < losses[1] < losses[2] < 1.5 * losses[0]


def test_turned_copies_are_neighbours_too(tiny: FeatureExtractor) -> None:
    """A picture that is the painting upside down has all its neighbours among two copies."""
    square = smooth(48, 48, seed=3).square()
    zones, losses = Zones([[Painting(square)]]), []
    over = square.rot90(2, (2, 3))
    for copies in (1, 2):
        pull = replace(pulling(tiny, over, zones, "neighbours"), copies=copies)
        terms = pull(Scale((48, 48), 1), None, over)
        losses.append(float(evaluate(over, tiny, terms)[0]["neighbours"]))
    assert losses[1] < 1e-5 < 0.1 * losses[0]

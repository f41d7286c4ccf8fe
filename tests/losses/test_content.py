"""The content loss: nought at the photo, relative to its own variance."""

from __future__ import annotations

import pytest
import torch

from artgen.losses.content import content_term, likeness_term
from artgen.losses.evaluate import evaluate
from artgen.networks.extractor import FeatureExtractor

from .looked_at import LAYERS, extractor, pictures, value


def test_content_is_nought_at_the_photo_and_relative() -> None:
    photo, _, canvas = pictures()
    term = content_term(extractor(), photo, LAYERS, 2.0)
    assert value(term, photo) == 0
    flat = photo.mean((-2, -1), keepdim=True).expand_as(photo)
    pixels = content_term(extractor(), photo, {"image": 7.0}, 1.0)
    assert value(pixels, flat) == pytest.approx(1, rel=1e-5)  # all of the variance is lost
    assert value(term, canvas) > 0.1


def test_content_of_a_flat_photo_is_finite() -> None:
    term = content_term(extractor(), torch.full((1, 3, 49, 67), 0.5).double(), LAYERS, 1.0)
    assert torch.tensor(value(term, pictures()[2])).isfinite()


def test_likeness_is_nought_for_the_photo_itself_and_follows_it(tiny: FeatureExtractor) -> None:
    photo = torch.rand((1, 3, 40, 40), generator=torch.Generator().manual_seed(1))
    moved = [photo]
    term = likeness_term(tiny, lambda: moved[0], "conv2_1", 2.0)
    losses, total, _ = evaluate(photo, tiny, [term])
    assert float(losses["likeness"]) == pytest.approx(0, abs=1e-6)
    moved[0] = photo.flip(3)
    other = evaluate(photo, tiny, [term])[1]
    assert float(other) > 0.1 > float(total)
    assert float(evaluate(photo.flip(3), tiny, [term])[1]) == pytest.approx(0, abs=1e-6)

"""The content loss: nought at the photo, relative to its own variance."""

from __future__ import annotations

import pytest
import torch

from artgen.losses.content import content_term

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

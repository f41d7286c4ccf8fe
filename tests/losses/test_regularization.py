"""Total variation: the mean over pixels, round the edge where a picture wraps."""

from __future__ import annotations

import pytest
import torch

from artgen.losses.regularization import variation_term

from .looked_at import value


def test_variation_is_the_mean_over_pixels() -> None:
    ramp = torch.arange(67).double().div(66).expand(1, 3, 49, 67)
    assert value(variation_term(10.0), ramp) == pytest.approx(3 * 49 * 66 / 66**2 / (49 * 67))

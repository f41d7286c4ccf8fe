"""Which layers a style transfer looks at: chosen, and slanted."""

from __future__ import annotations

import pytest

from artgen.networks.extractor import FeatureExtractor
from artgen.techniques.common.layers import Layers, slant


def test_the_network_chooses_where_nobody_does(tiny: FeatureExtractor) -> None:
    found = Layers.of(tiny, "", "", 0)
    assert found.style == tiny.role("style").layers
    assert found.content == tiny.role("content").layers


def test_no_slant_changes_nothing(tiny: FeatureExtractor) -> None:
    layers = {"relu1_1": 2.0, "relu2_1": 1.0}
    assert slant(tiny, layers, 0) == layers
    assert slant(tiny, {"relu1_1": 2.0}, 1) == {"relu1_1": 2.0}


def test_a_slant_raises_one_end_and_lowers_the_other(tiny: FeatureExtractor) -> None:
    layers = {"relu1_1": 2.0, "relu2_1": 1.0}
    broad, fine = slant(tiny, layers, 1), slant(tiny, layers, -1)
    assert broad == pytest.approx({"relu1_1": 0.25, "relu2_1": 8.0})
    assert fine == pytest.approx({"relu1_1": 16.0, "relu2_1": 0.125})
    assert Layers.of(tiny, "relu1_1=2,relu2_1=1", "", 1).style == pytest.approx(broad)

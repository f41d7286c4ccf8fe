"""Settings of a style transfer: the size that is painted, and that of the print."""

from __future__ import annotations

import pytest
from torch import Tensor

from artgen.errors import UsageError
from artgen.techniques.style.settings import StyleSettings


def test_the_print_is_larger_than_what_is_painted(photo: Tensor) -> None:
    inputs = {"content": [photo]}
    settings = StyleSettings(size=48, print="20mm@254dpi")
    assert settings.painted_size(inputs) == (35, 48)
    assert settings.result_size(inputs) == (146, 200)
    assert settings.dots_per_inch == 254
    assert StyleSettings(size=48).result_size(inputs) == (35, 48)
    with pytest.raises(UsageError, match="--print 40 is a long side of 40 px"):
        StyleSettings(size=48, print="40").result_size(inputs)


def test_a_print_is_checked_before_any_work() -> None:
    with pytest.raises(UsageError, match="--print cannot be 'A3'"):
        StyleSettings(print="A3")
    with pytest.raises(UsageError, match="does not go with --tileable"):
        StyleSettings(print="2000", tileable=True)

"""What all techniques hold to, and what some of them can do besides."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.errors import UsageError
from artgen.runs import films
from artgen.runtime import Runtime
from artgen.techniques import technique
from artgen.techniques.base import HasCells, HasFrameRate, HasSteadiness

from .texture.textures import texture


@pytest.fixture
def sample() -> Tensor:
    return smooth(60, 90, seed=2) * torch.tensor([1.0, 0.6, 0.3]).view(1, 3, 1, 1)


def test_what_a_setting_names_has_to_be_there(runtime: Runtime, sample: Tensor) -> None:
    settings = texture(inpaint="a.png", mask="b.png")
    with pytest.raises(UsageError, match=r"'b.png' for 'mask' was not given"):
        next(settings.run({"sample": [sample], "inpaint": [sample]}, runtime))


def test_what_some_techniques_can_do_besides() -> None:
    style, sheet, film = technique("style")(), technique("explore")(), technique("dream")(zoom=True)
    assert isinstance(sheet, HasCells)
    assert issubclass(technique("explore"), HasCells)
    assert sheet.cell(1, {"content": 1, "style": 2}).technique == "style"
    assert isinstance(film, HasFrameRate)
    assert isinstance(film, HasSteadiness)
    assert films.rate_of(film) == film.fps
    assert films.rate_of(technique("dream")()) is None
    assert films.steadiness(technique("fast_apply")(steady=40.0)) == 0.4
    assert not isinstance(style, HasCells | HasFrameRate | HasSteadiness)
    assert (films.rate_of(style), films.steadiness(style)) == (None, 0)

"""What all techniques hold to: pictures that settings name are given."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.errors import UsageError
from artgen.runtime import Runtime

from .texture.textures import texture


@pytest.fixture
def sample() -> Tensor:
    return smooth(60, 90, seed=2) * torch.tensor([1.0, 0.6, 0.3]).view(1, 3, 1, 1)


def test_what_a_setting_names_has_to_be_there(runtime: Runtime, sample: Tensor) -> None:
    settings = texture(inpaint="a.png", mask="b.png")
    with pytest.raises(UsageError, match=r"'b.png' for 'mask' was not given"):
        next(settings.run({"sample": [sample], "inpaint": [sample]}, runtime))

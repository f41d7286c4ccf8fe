"""The technique itself: what is painted, and the print that is made of it."""

from __future__ import annotations

import pytest
from torch import Tensor

from artgen.core.events import Result, Step
from artgen.errors import UsageError
from artgen.ops.resize import fit
from artgen.runtime import Runtime
from artgen.techniques.style import Style


def test_a_print_is_the_painted_picture_enlarged(
    photo: Tensor, painting: Tensor, runtime: Runtime
) -> None:
    small = {"net": "tiny", "size": 67, "iterations": 2}
    inputs = {"content": [photo], "style": [painting]}
    *plain, painted = Style(**small).run(inputs, runtime)
    *steps, printed = Style(**small, print="200").run(inputs, runtime)
    assert isinstance(painted, Result)
    assert isinstance(printed, Result)
    shape = (photo.shape[-2], photo.shape[-1])
    assert painted.pictures["picture"].shape[-2:] == fit(shape, 67)
    assert printed.pictures["picture"].shape[-2:] == fit(fit(shape, 67), 200)
    more = [one.index for one in steps if isinstance(one, Step)]
    assert more == list(range(1, len(more) + 1))
    assert len(more) > len([one for one in plain if isinstance(one, Step)])


def test_a_print_smaller_than_the_picture_is_refused(
    photo: Tensor, painting: Tensor, runtime: Runtime
) -> None:
    with pytest.raises(UsageError, match="--print 50 is a long side of 50 px"):
        list(Style(size=67, print="50").run({"content": [photo], "style": [painting]}, runtime))

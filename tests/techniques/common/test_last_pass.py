"""The last pass alone: it comes nearer to the painting, and leaves what it begins with."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.core.events import Note, Result, Step
from artgen.errors import UsageError
from artgen.runtime import Runtime
from artgen.techniques.common.last_pass import redrawn


def test_the_loss_falls_at_the_picture_s_size(
    photo: Tensor, painting: Tensor, runtime: Runtime
) -> None:
    before = photo.clone()
    note, *steps, result = redrawn(photo, [painting], "tiny", 5, runtime)
    assert isinstance(note, Note)
    assert isinstance(result, Result)
    losses = [sum(step.losses.values()) for step in steps if isinstance(step, Step)]
    assert len(losses) == 5
    assert losses[-1] < 0.9 * losses[0]
    made = result.pictures["picture"]
    assert made.shape == photo.shape
    assert not made.equal(photo)
    assert photo.equal(before)
    assert (made - photo).abs().mean() < (painting.mean() - photo).abs().mean()


def test_no_step_has_a_state(photo: Tensor, painting: Tensor, runtime: Runtime) -> None:
    """One to go on from would have to tell what the pass began with."""
    steps = [one for one in redrawn(photo, [painting], "tiny", 2, runtime) if isinstance(one, Step)]
    assert [dict(step.state()) for step in steps] == [{}, {}]


def test_too_small_a_picture_is_refused(painting: Tensor, runtime: Runtime) -> None:
    with pytest.raises(UsageError, match="too small"):
        list(redrawn(torch.zeros(1, 3, 2, 2), [painting], "slim", 2, runtime))

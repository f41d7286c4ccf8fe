"""The last pass alone: it comes nearer to the painting, and leaves what it begins with."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.core.events import Note, Result, State, Step
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


def test_it_goes_on_from_a_step_to_the_same_bits(
    photo: Tensor, painting: Tensor, runtime: Runtime
) -> None:
    def events(state: State | None) -> list[Step | Note | Result]:
        return list(redrawn(photo, [painting], "tiny", 5, runtime, state))

    states = []
    for event in redrawn(photo, [painting], "tiny", 5, runtime):
        if isinstance(event, Step):
            states.append({name: value.clone() for name, value in event.state().items()})
    whole, rest = events(None)[-1], events(states[2])
    assert [one.index for one in rest if isinstance(one, Step)] == [4, 5]
    assert isinstance(whole, Result)
    assert isinstance(rest[-1], Result)
    assert rest[-1].pictures["picture"].equal(whole.pictures["picture"])


def test_too_small_a_picture_is_refused(painting: Tensor, runtime: Runtime) -> None:
    with pytest.raises(UsageError, match="too small"):
        list(redrawn(torch.zeros(1, 3, 2, 2), [painting], "slim", 2, runtime))

"""A listener that has no method for an event does nothing, and a control lets a run go on."""

from __future__ import annotations

from artgen.core.events import Result, Step
from artgen.core.listeners import Control


def test_who_does_not_care_is_not_in_the_way() -> None:
    control, step = Control(), Step(1, 2, (3, 4), {}, lambda: None)  # type: ignore[arg-type, return-value]
    control.note("It begins.")
    control.step(step)
    assert not control.leaving(step)
    with control.writing():
        control.keep(step, False)
        control.finish(Result({}))

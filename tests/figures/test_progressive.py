"""Plates: steps numbered through, pictures where they belong, the sheet so far."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from artgen.core.events import Note, Step
from artgen.figures.progressive import PendingCell, drawn
from artgen.figures.sheet import BLANK, Cell


def grey(value: float) -> Tensor:
    return torch.full((1, 3, 4, 6), value)


def run(value: float, count: int) -> Iterator[Step | Note]:
    """Some steps, whose picture has half the size before the last, and a note."""
    yield Note("begun")
    for index in range(1, count + 1):
        picture = grey(value) if index == count else grey(value / 2)[..., :2, :3]
        yield Step(index, count, (4, 6), {}, picture.clone, lambda: {"canvas": torch.ones(1)})


def pending(name: str, value: float, count: int) -> PendingCell:
    return PendingCell(
        name, lambda p: f"{float(p.mean()):.1f}", (4, 6), count, partial(run, value, count)
    )


def row(cells: Sequence[Cell | None]) -> Tensor:
    return torch.cat([cell.picture for cell in cells if cell], 3)


def made() -> tuple[list[Step | Note], list[Cell | None], list[list[float]]]:
    """The events, the cells in the end, and how bright each cell was at each step."""
    places = [Cell("photo", "photo", grey(0.9)), pending("a", 0.2, 2), None, pending("b", 0.6, 3)]
    events, shown, runs = [], [], drawn(places, row, "dark")
    while True:
        try:
            event = next(runs)
        except StopIteration as end:
            cells, provenance = end.value
            assert provenance == events[-1].provenance
            return events, cells, shown
        events.append(event)
        if isinstance(event, Step):
            shown.append([round(float(x), 2) for x in event.picture()[0, 0, 0, ::6]])


def test_steps_are_numbered_through_all_cells() -> None:
    steps = [event for event in made()[0] if isinstance(event, Step)]
    assert [step.index for step in steps] == [1, 2, 3, 4, 5]
    assert {step.total for step in steps} == {5}
    assert not any(step.state() for step in steps)


def test_notes_come_through() -> None:
    assert [event for event in made()[0] if isinstance(event, Note)] == [Note("begun")] * 2


def test_a_step_shows_the_sheet_so_far() -> None:
    blank = BLANK["dark"]
    assert made()[2] == [
        [0.9, 0.1, blank],
        [0.9, 0.2, blank],
        [0.9, 0.2, 0.3],
        [0.9, 0.2, 0.3],
        [0.9, 0.2, 0.6],
    ]


def test_cells_stay_in_their_places() -> None:
    cells = made()[1]
    assert [cell and (cell.name, cell.label) for cell in cells] == [
        ("photo", "photo"),
        ("a", "0.2"),
        None,
        ("b", "0.6"),
    ]

"""Of the progress bar: pictures as cells of a terminal, and when it is shown."""

from __future__ import annotations

import torch

from artgen.cli.progress_bar import ProgressBar, blocks


def test_a_picture_is_drawn_two_pixels_a_cell() -> None:
    picture = torch.zeros(1, 3, 4, 6)
    picture[:, 0, 0] = 1  # a red row above black ones
    drawn = blocks(picture, 6, 2)
    lines = drawn.plain.splitlines()
    assert lines == ["▀" * 6] * 2
    assert {str(span.style) for span in drawn.spans[:6]} == {"rgb(255,0,0) on rgb(0,0,0)"}


def test_it_is_shown_from_its_first_update_on() -> None:
    bar = ProgressBar()
    assert not bar.live.is_started
    bar.update(3, 7, "12 x 8", "style 0.5")
    assert bar.live.is_started
    bar.live.stop()
    task = bar.progress.tasks[0]
    assert (task.completed, task.total, task.description) == (3, 7, "12 x 8")

"""A zoom is as fast at any rate of frames, and closes where it began."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth

from artgen.techniques.dream.zoom import Zoom, calmed


def zoom(**changes: float | bool) -> Zoom:
    return Zoom(
        **{"seconds": 2.0, "rate": 1.5, "rotation": 10.0, "fps": 24, "loops": False} | changes
    )  # type: ignore[arg-type]


def test_a_film_is_as_long_as_it_says() -> None:
    assert [zoom(fps=fps).count for fps in (24, 60)] == [48, 120]
    assert zoom(seconds=0.001).count == 1


def test_a_second_is_a_second_at_any_rate() -> None:
    picture = smooth(60, 80, seed=1)
    for rate in (8, 30):
        fast = zoom(fps=rate)
        frame = picture
        for _ in range(rate):
            frame = fast.moved(frame)
        whole = fast.moved(picture, rate)
        apart, went = (
            float((one - whole)[..., 20:40, 27:53].abs().mean()) for one in (frame, picture)
        )
        assert apart < 0.4 * went  # but for what resampling does, thirty times over
        assert fast.pace * rate == pytest.approx(24)


def test_as_far_is_climbed_in_a_second_at_any_rate() -> None:
    assert 60 * zoom(fps=60).pace == pytest.approx(24 * zoom(fps=24).pace)


def test_a_frame_moved_there_and_back_is_the_frame() -> None:
    picture = smooth(60, 80, seed=1)
    back = zoom().moved(zoom().moved(picture, 5), -5)
    assert (back - picture)[..., 15:45, 20:60].abs().mean() < 0.01


def test_a_loop_ends_where_it_began() -> None:
    first, frame = smooth(40, 50, seed=1), smooth(40, 50, seed=2)
    loop = zoom(loops=True)
    assert loop.closed(frame, 10, first).equal(frame)
    apart = [
        float((loop.moved(loop.closed(frame, n, first)) - first).abs().mean()) for n in (24, 36, 47)
    ]
    assert apart == sorted(apart, reverse=True)
    assert apart[-1] < 0.25 * apart[0]
    assert zoom().closed(frame, 47, first).equal(frame)


def test_one_frame_is_no_loop() -> None:
    first, frame = smooth(9, 9, seed=1), smooth(9, 9, seed=2)
    assert torch.equal(zoom(seconds=0.01, loops=True).closed(frame, 0, first), frame)


def test_contrast_does_not_add_up() -> None:
    first = 0.4 + 0.2 * smooth(40, 50, seed=1)
    wild = (0.5 + 4 * (smooth(40, 50, seed=2) - 0.5)).clamp(0, 1)
    made = calmed(wild, first)
    torch.testing.assert_close(made.mean((2, 3)), first.mean((2, 3)), atol=1e-3, rtol=0)
    torch.testing.assert_close(made.std((2, 3)), first.std((2, 3)), atol=1e-3, rtol=0)
    torch.testing.assert_close(calmed(first, first), first)

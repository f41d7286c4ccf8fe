"""When frames are shown: even rates, and moments where there is none."""

from __future__ import annotations

from fractions import Fraction

import pytest

from artgen.video.timing import FINE, Timing, exact_rate, timing_of


def packets(times: list[int], clock: str = "1/1000", lasting: int = 33) -> str:
    """What ffmpeg prints of packets with these times."""
    lines = [f"0, {at}, {at}, {lasting}, 100, 0xdeadbeef, F=0x0" for at in times]
    return "\n".join([f"#tb 0: {clock}", *lines])


@pytest.mark.parametrize(
    ("told", "exact"),
    [
        (25.0, Fraction(25)),
        (29.97, Fraction(30000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (60.0, Fraction(60)),
        (12.5, Fraction(25, 2)),
        (0.0, Fraction(25)),
        (1000.0, Fraction(25)),
    ],
)
def test_rates_are_what_their_decimals_stand_for(told: float, exact: Fraction) -> None:
    assert exact_rate(told) == exact


def test_times_that_a_coarse_clock_rounds_are_even() -> None:
    ntsc = Fraction(30000, 1001)
    times = [round(i * 1000 / ntsc) for i in range(300)]
    assert timing_of(packets(times), 29.97) == (Timing(ntsc), 300)
    assert timing_of(packets(times), 1000.0) == (Timing(ntsc), 300)  # "1k tbr": no rate


def test_a_film_that_begins_late_shows_its_first_frame_until_then() -> None:
    times = [500 + 40 * i for i in range(10)]
    assert timing_of(packets(times), 25.0) == (Timing(Fraction(25)), 22)


def test_irregular_times_are_moments() -> None:
    timing, count = timing_of(packets([0, 31, 70, 95, 140]), 1000.0)
    assert count == 5
    assert timing.moments == tuple(at * FINE // 1000 for at in (0, 31, 70, 95, 140, 173))
    assert timing.seconds(5) == pytest.approx(0.173)
    assert timing.seconds(6) > timing.seconds(5)  # a frame more than the file told
    assert float(timing.rate) == pytest.approx(4 / 0.14, abs=0.1)


def test_packets_that_are_not_shown_do_not_count() -> None:
    told = packets([-80, -40, 0, 40, 80]).replace("0xdeadbeef, F=0x0", "0x1, F=0x4", 2)
    assert timing_of(told, 25.0) == (Timing(Fraction(25)), 3)


def test_without_times_the_rate_is_what_is_told() -> None:
    told = packets([0, -(2**63), -(2**63)])
    assert timing_of(told, 12.0) == (Timing(Fraction(12)), 3)
    assert timing_of("", 12.0) == (Timing(Fraction(12)), 0)


def test_two_fields_are_a_frame() -> None:
    told = packets([20 * i for i in range(50)])
    assert timing_of(told, 25.0, fields=True) == (Timing(Fraction(25)), 25)
    assert timing_of(told, 25.0) == (Timing(Fraction(50)), 50)
    assert timing_of(told, 50.0, fields=True) == (Timing(Fraction(50)), 50)

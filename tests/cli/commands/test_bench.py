"""`artgen bench` prints figures of this machine."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ..said import Said

Artgen = Callable[..., Said]


def test_it_prints_a_line_for_each_size(artgen: Artgen) -> None:
    words = ("--device", "cpu", "--precision", "float32")
    said = artgen("bench", "--net", "slim", "--size", 64, *words)
    assert said.code == 0
    head, columns, line = said.out.splitlines()
    assert head == "slim on cpu, float32"
    assert "iterations/s" in columns
    size, seconds, rate, macs, held = line.replace(" x ", "x").split()
    assert size == "64x48"
    assert float(rate) == pytest.approx(1 / float(seconds), rel=0.3)
    assert float(macs) > 0
    assert float(held) >= 0


@pytest.mark.parametrize("wrong", [("--net", "tinny"), ("--size", -1)])
def test_what_cannot_be_is_one_sentence(artgen: Artgen, wrong: tuple[str, object]) -> None:
    said = artgen("bench", *wrong)
    assert said.code == 2
    assert "Traceback" not in said.err

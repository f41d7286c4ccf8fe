"""Lists, weights and sizes: read as they are written, or refused in a sentence."""

from __future__ import annotations

import pytest

from artgen.core.parsing import (
    checked_seed,
    dimensions,
    names,
    one_for_each,
    print_size,
    weighted,
)
from artgen.errors import UsageError


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a", {"a": 1}),
        ("a,b", {"a": 1, "b": 1}),
        (" a = 2 , b=.5,c=1e-3,d=0", {"a": 2, "b": 0.5, "c": 0.001, "d": 0}),
        ("z=1,a=1", {"z": 1, "a": 1}),
    ],
)
def test_a_list_with_weights_is_read_in_order(text: str, read: dict[str, float]) -> None:
    assert list(weighted(text, "--x").items()) == list(read.items())


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "''"),
        ("a,", "''"),
        (",a", "''"),
        ("a,,b", "''"),
        ("=1", "'=1'"),
        ("a=1,a=2", "'a=2'"),
        ("a=-1", "'a=-1'"),
        ("a=x", "'a=x'"),
        ("a=", "'a='"),
        ("a=1=2", "'a=1=2'"),
        ("a=nan", "'a=nan'"),
        ("b=1,a=inf", "'a=inf'"),
    ],
)
def test_a_malformed_list_is_refused(text: str, part: str) -> None:
    with pytest.raises(UsageError) as caught:
        weighted(text, "--layers")
    assert caught.value.message == f"--layers has a part that cannot be read: {part}."


def test_weights_that_are_all_zero_are_refused() -> None:
    with pytest.raises(UsageError, match="weights of --layers are all zero"):
        weighted("a=0,b=0.0", "--layers")


@pytest.mark.parametrize(
    ("text", "size"), [("512", (512, 512)), ("1024x768", (768, 1024)), (" 3X2 ", (2, 3))]
)
def test_dimensions_are_width_by_height(text: str, size: tuple[int, int]) -> None:
    assert dimensions(text, "--size") == size


@pytest.mark.parametrize(
    "text", ["", "0", "7x0", "x7", "7x", "1x2x3", "-7", "9999999999", "\uff19"]
)
def test_what_are_no_dimensions_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--size cannot be") as caught:
        dimensions(text, "--size")
    assert "1024x768" in caught.value.hint


def test_names_are_read_in_their_order() -> None:
    assert names(" relu2_1, relu1_1", "--layer") == ("relu2_1", "relu1_1")


@pytest.mark.parametrize("text", ["", "a,", ",a", "a,,b", "a,a"])
def test_names_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--layer cannot be"):
        names(text, "--layer")


def test_one_number_for_all_or_one_for_each() -> None:
    assert one_for_each((2.0,), 3, "--size") == (2.0, 2.0, 2.0)
    assert one_for_each((2.0, 3.0), 2, "--size") == (2.0, 3.0)
    with pytest.raises(UsageError, match="--size takes 1 or 3 numbers here, and has 2"):
        one_for_each((2.0, 3.0), 3, "--size")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("6000", (6000, 0)),
        ("6000px@300dpi", (6000, 300)),
        ("60cm@200dpi", (4724, 200)),
        ("600 mm @ 200 dpi", (4724, 200)),
        ("24in@300dpi", (7200, 300)),
        ("10.5in@72.5dpi", (761, 72.5)),
    ],
)
def test_a_print_is_pixels_or_paper(text: str, found: tuple[int, float]) -> None:
    assert print_size(text, "--print") == found


@pytest.mark.parametrize(
    "text", ["", "large", "60cm", "60cm@", "60cm@0dpi", "60.5", "-60", "6e3", "60cm@200", "٣"]
)
def test_what_is_no_print_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--print cannot be") as caught:
        print_size(text, "--print")
    assert "60cm@200dpi" in caught.value.hint


@pytest.mark.parametrize("text", ["0", "70000", "10mm@1dpi", "999999999in@999999999dpi"])
def test_a_print_has_a_side_that_can_be_made(text: str) -> None:
    with pytest.raises(UsageError, match=r"is a side of \d+ px"):
        print_size(text, "--print")


def test_seeds_from_0_to_the_largest() -> None:
    assert [checked_seed(seed) for seed in (0, 2**63 - 1)] == [0, 2**63 - 1]
    for seed in (-1, 2**63):
        with pytest.raises(UsageError, match=f"seed cannot be {seed}"):
            checked_seed(seed)

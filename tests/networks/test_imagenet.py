"""Names of classes: found as people write them, and guessed at where they are not."""

from __future__ import annotations

import pytest

from artgen.errors import UsageError
from artgen.networks.imagenet import classes, find_class


def test_they_are_imagenets_thousand_in_order() -> None:
    names = classes()
    assert len(names) == len(set(names)) == 1000
    assert [names[n] for n in (0, 31, 96, 483, 999)] == [
        *("tench", "tree frog", "toucan", "castle", "toilet tissue"),
    ]


def test_they_are_torchvisions() -> None:
    meta = pytest.importorskip("torchvision.models._meta")
    assert list(classes()) == meta._IMAGENET_CATEGORIES


@pytest.mark.parametrize("text", ["tree frog", " Tree  Frog", "tree_frog", "31"])
def test_one_is_found_however_it_is_written(text: str) -> None:
    assert find_class(text) == 31


def test_case_tells_a_dog_from_a_jacket() -> None:
    assert [find_class(name) for name in ("Cardigan", "cardigan")] == [264, 474]
    assert all(find_class(name) == number for number, name in enumerate(classes()))


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("tukan", "Did you mean 'toucan'"),
        ("frog", "'tree frog' or 'tailed frog' or 'bullfrog'"),
        ("french loaff", "'French loaf'"),
        ("1000", "`artgen nets classes` lists all 1000"),
        ("", "lists all 1000"),
    ],
)
def test_an_unknown_one_gets_a_guess(text: str, guess: str) -> None:
    with pytest.raises(UsageError, match=f"There is no class '{text}'") as caught:
        find_class(text)
    assert guess in caught.value.hint

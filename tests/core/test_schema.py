"""Settings refuse what makes no sense, in words, before any work begins."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from artgen.core.schema import (
    Field,
    Option,
    fields_of,
    files_in,
    fits,
    renamed,
    unusual,
    validate,
    worded,
)
from artgen.errors import UsageError


@dataclass(frozen=True)
class Cake:
    eggs: Annotated[int, Option("how many", "e", least=1, most=12)] = 3
    oven_heat: Annotated[float, Option("in degrees", least=0.5, most=250)] = 180.0
    layers: Annotated[tuple[float, ...], Option("their heights", least=0)] = ()
    icing: Annotated[str, Option("on top", choices=("lemon", "sugar"))] = "sugar"
    picture: Annotated[str, Option("on it", choices=("none", "star"), file="picture")] = "none"
    sides: Annotated[
        tuple[str, ...],
        Option("what goes where", file="place", paired="fruit", metavar="PLACE=FRUIT"),
    ] = ()
    filling: Annotated[str, Option("inside", file="jam", named=True, mixture=(".png", ".jpg"))] = (
        "plum"
    )
    candles: Annotated[
        tuple[str, ...], Option("what stands where", file="candle", placed=True)
    ] = ()
    vegan: Annotated[bool, Option("or not", least=5)] = False

    def __post_init__(self) -> None:
        validate(self)


def test_fields_come_in_order_with_type_and_default() -> None:
    fields = fields_of(Cake)
    assert [f.name for f in fields] == [
        *("eggs", "oven_heat", "layers", "icing", "picture", "sides", "filling", "candles"),
        "vegan",
    ]
    eggs, heat, layers, *_ = fields
    assert (eggs.type, eggs.default, eggs.option.short) == (int, 3, "e")
    assert (heat.type, heat.option.most) == (float, 250)
    assert (layers.type, layers.default) == (tuple[float, ...], ())


def test_a_field_without_an_option_is_a_programming_error() -> None:
    @dataclass
    class Bare:
        size: int = 1

    with pytest.raises(TypeError, match=r"Bare\.size has no Option"):
        fields_of(Bare)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"eggs": 1},
        {"eggs": 12},
        {"oven_heat": 0.5},
        {"oven_heat": 200},  # an int will do
        {"layers": (0.0, 1, 2.5)},
        {"picture": "/tmp/rose.png"},  # no choice, hence a file
        {"picture": "stat.png"},
        {"picture": "rose"},
        {"vegan": True},  # a truth is no number: the limit does not bind it
    ],
)
def test_what_makes_sense_is_taken(given: dict[str, Any]) -> None:
    cake = Cake(**given)
    assert all(getattr(cake, name) == value for name, value in given.items())


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ({"eggs": 0}, "--eggs is 0.", "It must be at least 1."),
        ({"eggs": 13}, "--eggs is 13.", "It must be at most 12."),
        ({"oven_heat": 0.4999}, "--oven-heat is 0.4999.", "It must be at least 0.5."),
        ({"oven_heat": 250.1}, "--oven-heat is 250.1.", "It must be at most 250."),
        ({"oven_heat": math.nan}, "--oven-heat is nan.", "has to be a finite number."),
        ({"oven_heat": math.inf}, "--oven-heat is inf.", "has to be a finite number."),
        ({"oven_heat": -math.inf}, "--oven-heat is -inf.", "has to be a finite number."),
        ({"layers": (1.0, -1.0)}, "--layers is -1.0.", "It must be at least 0."),
        ({"layers": (1.0, math.nan)}, "--layers is nan.", "has to be a finite number."),
        ({"eggs": 10**400}, "--eggs is 1000", "It must be at most 2147483647."),
        (
            {"picture": "stat"},
            "--picture cannot be 'stat'.",
            "mean 'star'? Known: none, star. Or name a",
        ),
        ({"picture": ""}, "--picture cannot be ''.", "Or name a file."),
        ({"icing": "suger"}, "--icing cannot be 'suger'.", "Did you mean 'sugar'? Known: lemon,"),
        ({"icing": ""}, "--icing cannot be ''.", "Known: lemon, sugar."),
        ({"icing": 3}, "--icing cannot be 3.", "It has to be text."),
        ({"eggs": 2.5}, "--eggs cannot be 2.5.", "It has to be a whole number."),
        ({"eggs": True}, "--eggs cannot be True.", "It has to be a whole number."),
        ({"oven_heat": "hot"}, "--oven-heat cannot be 'hot'.", "It has to be a number."),
        ({"layers": 1.0}, "--layers cannot be 1.0.", "It has to be a list of numbers."),
        ({"layers": ("1",)}, "--layers cannot be ('1',).", "It has to be a list of numbers."),
        ({"vegan": 1}, "--vegan cannot be 1.", "It has to be true or false."),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        Cake(**given)
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("value", "kind", "does"),
    [
        (1, float, True),
        (1.0, int, False),
        (True, float, False),
        ((), tuple[float, ...], True),
        ([1.0], tuple[float, ...], False),
        (None, int | None, True),
        ("a", int | None, False),
        ({"a": 1, "b": "c"}, Mapping[str, int | str], True),
        ({"a": [1]}, Mapping[str, int | str], False),
        ({"a": [1]}, Mapping[str, Any], True),
        ("a", Mapping[str, Any], False),
    ],
)
def test_a_value_fits_its_type(value: object, kind: object, does: bool) -> None:
    assert fits(value, kind) is does


def field(name: str) -> Field:
    return next(field for field in fields_of(Cake) if field.name == name)


def test_files_that_settings_name() -> None:
    assert files_in(field("picture"), "star") == []
    assert files_in(field("picture"), "a.png") == [("picture", "a.png", False)]
    assert files_in(field("icing"), "lemon.png") == []
    assert files_in(field("sides"), ("a=b.png=lime", "c=kiwi")) == [
        ("place", "a=b.png", False),
        ("fruit", "lime", True),
        ("place", "c", False),
        ("fruit", "kiwi", True),
    ]
    assert files_in(field("sides"), "no list") == []
    assert files_in(field("candles"), ("60=a.png", "b.png")) == [
        ("candle", "a.png", False),
        ("candle", "b.png", False),
    ]


@pytest.mark.parametrize(
    ("given", "pictures"),
    [
        ("plum", []),
        ("plum=0.5,fig=2", []),
        ("a.png", ["a.png"]),
        ("A.JPG=0.5", ["A.JPG"]),
        (" x/a.png =0.5, plum", ["x/a.png", "plum"]),
        ("a.gif", []),
    ],
)
def test_a_mixture_names_pictures_as_soon_as_one_name_ends_so(
    given: str, pictures: list[str]
) -> None:
    assert files_in(field("filling"), given) == [("jam", name, True) for name in pictures]


def test_files_get_other_names() -> None:
    assert renamed(field("picture"), "a/b.png", {"picture": ["b.png"]}) == "b.png"
    assert renamed(field("picture"), "star", {"picture": []}) == "star"
    paths = {"place": ["x", "y"], "fruit": ["fig", "plum"]}
    assert renamed(field("sides"), ("a/x=fig.jpg", "a/y=p.jpg"), paths) == ("x=fig", "y=plum")
    placed = renamed(field("candles"), ("60=a/x.png", "b.png"), {"candle": ["x", "y"]})
    assert placed == ("60=x", "y")
    mixed = renamed(field("filling"), "a/x.png=0.5,plum", {"jam": ["y.png", "z.jpg"]})
    assert mixed == "y.png=0.5,z.jpg"
    assert renamed(field("filling"), "plum=2", {}) == "plum=2"


def test_a_value_as_part_of_a_name() -> None:
    assert worded(field("filling"), "plum=0.6,fig=1") == "plum-0-6-fig-1"
    assert worded(field("filling"), "jars/my plum.png=0.6,fig") == "my-plum-0-6-fig"
    assert worded(field("icing"), "lemon") == "lemon"


@pytest.mark.parametrize("given", ["", "a.png", "a.png=", "=lime"])
def test_half_a_pair_is_refused(given: str) -> None:
    with pytest.raises(UsageError, match="--sides has a part that cannot be read") as caught:
        Cake(sides=("a=b", given))
    assert "--sides PLACE=FRUIT" in caught.value.hint


@dataclass(frozen=True)
class Tea:
    strength: Annotated[float, Option("of it", least=0, most=100)] = 50.0
    sugar_weight: Annotated[float, Option("of it", least=0)] = 0.5
    milk_weight: Annotated[float, Option("of it", least=0)] = 0.0


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, []),
        ({"strength": 0.7}, ["--strength 0.7 is next to nothing: it goes from 0 to 100."]),
        ({"strength": 1.5, "sugar_weight": 499.0, "milk_weight": 1e9}, []),
        ({"strength": 0.0}, []),
        ({"sugar_weight": 5e5}, ["--sugar-weight 500000 is 1e+06 times the default, 0.5."]),
    ],
)
def test_values_of_another_scale_are_remarked_upon(given: Any, expected: list[str]) -> None:
    assert list(unusual(Tea(**given))) == expected

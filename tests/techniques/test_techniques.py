"""Every technique there is: settings that explain themselves, runs that end with a result."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from artgen.core.events import Note, Result, Step
from artgen.core.schema import Field, fields_of
from artgen.errors import ArtgenError, UsageError
from artgen.runtime import Runtime
from artgen.techniques import summaries, technique
from artgen.techniques.base import TECHNIQUES, Inputs, Technique

NAMES = list(summaries())
FIELDS = [(name, field) for name in NAMES for field in fields_of(technique(name))]
SMALL = {"net": "tiny", "size": 71, "iterations": 3}  # larger than the pictures
NEEDS: dict[tuple[str, str], dict[str, Any]] = {  # what goes with an option, to be taken at all
    ("texture", "pack"): {"size": "64x32"},
    ("texture", "pack_as"): {"size": "64x32", "pack": "gltf"},
    ("texture", "deep"): {"derive": True},
}


def small(name: str, **changes: Any) -> Technique:
    """A technique that is quick: as far as it has such settings, the test network and few steps."""
    known = {field.name: field for field in fields_of(technique(name))}
    settings = {k: v for k, v in SMALL.items() if k in known}
    if "size" in settings and known["size"].type is str:  # width and height
        settings["size"] = f"{SMALL['size']}x49"
    return technique(name)(**settings | changes)


@pytest.fixture
def pictures(photo: Tensor, painting: Tensor) -> Sequence[Tensor]:
    return photo, painting


def inputs(name: str, pictures: Sequence[Tensor]) -> Inputs:
    return {
        one.name: [*pictures, *pictures] if one.folder else [pictures[n % 2]]
        for n, one in enumerate(technique(name).inputs)
    }


def of(fields: list[tuple[str, Field]]) -> dict[str, Any]:
    return {
        "argvalues": fields,
        "ids": [f"{name}-{field.name}" for name, field in fields],
        "argnames": ("name", "field"),
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_file_registers_one_technique_of_its_name(name: str) -> None:
    kind = technique(name)
    assert name in TECHNIQUES
    assert isinstance(kind, type)
    assert f"{kind.__module__}.".startswith(f"artgen.techniques.{name}.")
    assert dataclasses.is_dataclass(kind)
    assert kind.__dataclass_params__.frozen
    assert 10 < len(summaries()[name]) <= 80


def test_an_unknown_technique_gets_a_guess() -> None:
    with pytest.raises(UsageError, match="no technique called 'stile'") as caught:
        technique("stile")
    assert "Did you mean 'style'?" in caught.value.hint


@pytest.mark.parametrize("name", ["", "__init__", "../style", "style.py", "os"])
def test_nothing_but_a_technique_is_imported(name: str) -> None:
    with pytest.raises(UsageError):
        technique(name)


@pytest.mark.parametrize("name", NAMES)
def test_inputs_explain_themselves(name: str) -> None:
    taken = technique(name).inputs
    assert len({one.name for one in taken}) == len(taken)
    assert all(one.help and one.name.isidentifier() for one in taken)
    assert not any(one.many for one in taken[:-1])  # only the last


@pytest.mark.parametrize(**of(FIELDS))
def test_every_setting_has_help(name: str, field: Field) -> None:
    option = field.option
    assert option.help.strip()
    assert not option.help.endswith(".")
    assert option.group
    assert len(option.short) <= 1


@pytest.mark.parametrize(**of(FIELDS))
def test_every_setting_is_of_a_type_that_the_command_line_and_toml_know(
    name: str, field: Field
) -> None:
    assert field.type in (int, float, str, bool, tuple[float, ...], tuple[str, ...])
    assert field.default is not dataclasses.MISSING


@pytest.mark.parametrize("name", NAMES)
def test_names_and_letters_are_given_once(name: str) -> None:
    fields = fields_of(technique(name))
    letters = [field.option.short for field in fields if field.option.short]
    assert len(set(letters)) == len(letters)
    assert not {field.name for field in fields} & {one.name for one in technique(name).inputs}


@pytest.mark.parametrize(**of([(n, f) for n, f in FIELDS if f.option.choices]))
def test_choices_hold_the_default_and_refuse_the_rest(name: str, field: Field) -> None:
    for choice in field.option.choices:
        small(name, **NEEDS.get((name, field.name), {}) | {field.name: choice})
    assert field.default in field.option.choices
    if not field.option.file:
        with pytest.raises(UsageError, match="Did you mean"):
            small(name, **{field.name: field.option.choices[0] + "s"})


@pytest.mark.parametrize(**of([(n, f) for n, f in FIELDS if f.option.least is not None]))
def test_limits_hold_from_below(name: str, field: Field) -> None:
    least, many = field.option.least, isinstance(field.default, tuple)
    whole = field.type is int
    least = int(least) if whole else least
    small(name, **{field.name: (least,) if many else least})
    for bad in [least - 1] if whole else [least - 0.01, float("nan"), float("inf")]:
        with pytest.raises(UsageError, match=f"--{field.name.replace('_', '-')} is"):
            small(name, **{field.name: (bad,) if many else bad})


@pytest.mark.parametrize(**of([(n, f) for n, f in FIELDS if f.option.most is not None]))
def test_limits_hold_from_above(name: str, field: Field) -> None:
    most, many = field.option.most, isinstance(field.default, tuple)
    most = int(most) if field.type is int else most
    small(name, **{field.name: (most,) if many else most})
    with pytest.raises(UsageError, match=f"--{field.name.replace('_', '-')} is"):
        small(name, **{field.name: (most + 1,) if many else most + 1})


@pytest.mark.parametrize("name", NAMES)
def test_a_run_is_steps_and_one_result(
    name: str, runtime: Runtime, pictures: Sequence[Tensor]
) -> None:
    *events, result = small(name).run(inputs(name, pictures), runtime)
    assert isinstance(result, Result)
    assert all(isinstance(event, Step | Note) for event in events)
    steps = [event for event in events if isinstance(event, Step)]
    assert [step.index for step in steps] == list(range(1, len(steps) + 1))
    assert {step.total for step in steps} <= {len(steps), None}
    expected = {"fast_apply": "painter", "enlarge": "enlarger"}.get(
        name, "tiny"
    )  # which network a recipe will name
    assert {event.provenance.network for event in (*steps, result)} == {expected}
    assert all(event.provenance == result.provenance for event in steps)
    for step in steps:
        assert all(loss.dim() == 0 and not loss.requires_grad for loss in step.losses.values())
        assert all(loss.isfinite() for loss in step.losses.values())
    assert result.pictures
    for picture in result.pictures.values():
        assert picture.dtype == torch.float32
        assert picture.shape[:2] == (1, 3)
        assert picture.min() >= 0
        assert picture.max() <= 1
        assert not picture.requires_grad


@pytest.mark.parametrize("name", NAMES)
def test_a_run_changes_neither_its_inputs_nor_the_callers_world(
    name: str, runtime: Runtime, pictures: Sequence[Tensor]
) -> None:
    given = inputs(name, pictures)
    before = [one.clone() for many in given.values() for one in many]
    random, threads = torch.get_rng_state(), torch.get_num_threads()
    for _ in small(name).run(given, runtime):
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
        assert not torch.is_autocast_enabled("cpu")
    after = [one for many in given.values() for one in many]
    assert all(a.equal(b) for a, b in zip(after, before, strict=True))
    assert torch.get_rng_state().equal(random)
    assert torch.get_num_threads() == threads


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_bits(name: str, pictures: Sequence[Tensor]) -> None:
    results = []
    for _ in range(2):
        *_, result = small(name).run(inputs(name, pictures), Runtime("cpu", "float32", seed=3))
        results.append(result.pictures)
    one, two = results
    assert all(one[key].equal(two[key]) for key in one.keys() | two.keys())


@pytest.mark.parametrize(
    "name", [n for n in NAMES if "net" in {f.name for f in fields_of(technique(n))}]
)
def test_an_unknown_network_is_refused_in_words(
    name: str, runtime: Runtime, pictures: Sequence[Tensor]
) -> None:
    with pytest.raises(ArtgenError, match="no network called 'tinny'"):
        list(small(name, net="tinny").run(inputs(name, pictures), runtime))

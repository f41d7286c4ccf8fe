"""The registry: order, names that are taken, and hints for names that are not there."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from artgen.core.registry import Registry, docstring_of
from artgen.errors import ArtgenError, UsageError, did_you_mean


@pytest.fixture
def fruit() -> Registry[int]:
    registry: Registry[int] = Registry("fruit")
    for number, name in enumerate(("pear", "apple", "plum")):
        registry.add(name, number)
    return registry


def test_things_are_found_and_listed_in_order(fruit: Registry[int]) -> None:
    assert list(fruit) == ["apple", "pear", "plum"]
    assert len(fruit) == 3
    assert fruit.get("plum") == 2
    assert "pear" in fruit
    assert "fig" not in fruit


def test_adding_gives_the_thing_back(fruit: Registry[int]) -> None:
    assert fruit.add("fig", 7) == 7


def test_a_name_is_taken_once(fruit: Registry[int]) -> None:
    with pytest.raises(ValueError, match="fruit 'pear' is registered twice"):
        fruit.add("pear", 9)
    assert fruit.get("pear") == 0


def test_an_unknown_name_gets_a_guess_and_the_list(fruit: Registry[int]) -> None:
    with pytest.raises(UsageError, match="no fruit called 'aple'") as caught:
        fruit.get("aple")
    assert caught.value.hint == "Did you mean 'apple'? Known: apple, pear, plum."
    assert caught.value.__cause__ is None  # the KeyError is no news to the user


def test_nothing_near_means_no_guess() -> None:
    assert did_you_mean("xyz", ["apple"]) == "Known: apple."
    assert did_you_mean("xyz", []) == ""


@pytest.mark.parametrize(
    ("error", "text"),
    [(ArtgenError("It broke.", "Mend it."), "It broke. Mend it."), (UsageError("No."), "No.")],
)
def test_an_error_reads_as_sentences(error: ArtgenError, text: str) -> None:
    assert str(error) == text


def test_the_docstring_of_a_file_is_what_python_reads(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    for text in (
        '"""One line."""\n',
        '"""First.\n\n    Indented\n  less, with a "word".\n"""\n\nx = """no"""\n',
        "x = 1\n",
        "",
    ):
        file.write_text(text, encoding="utf-8")
        assert docstring_of(file) == (ast.get_docstring(ast.parse(text)) or "")


def test_every_command_and_technique_has_a_docstring_that_is_found() -> None:
    import artgen

    source = Path(artgen.__file__).parent
    files = [*(source / "techniques").rglob("*.py"), *(source / "cli" / "commands").glob("*.py")]
    assert len(files) > 30
    for file in files:
        assert docstring_of(file) == ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))

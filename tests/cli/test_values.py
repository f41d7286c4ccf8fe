"""Plain values pass the parser's validators by, and mean the same as through them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest
import typer

from artgen.cli.values import without_validators

TESTS = Path(__file__).parents[1]
DONE: list[dict[str, Any]] = []


def command(
    names: Annotated[list[str], typer.Argument()],
    size: Annotated[int, typer.Option()] = 512,
    share: Annotated[float, typer.Option()] = 0.5,
    out: Annotated[str, typer.Option()] = "",
    more: Annotated[list[str], typer.Option()] = [],  # noqa: B006
    quiet: Annotated[bool, typer.Option("--quiet")] = False,
) -> None:
    """What a technique's command takes."""
    DONE.append(dict(locals()))


def limited(port: Annotated[int, typer.Option(min=1, max=65535)] = 8000) -> None:
    """A value that has limits."""
    DONE.append({"port": port})


def parsed(
    words: list[str],
    *,
    plain: bool,
    told: dict[str, Any] | None = None,
    of: Callable[..., None] = command,
) -> Any:
    """What the command is given, or the name of the error that refuses the words."""
    app = typer.Typer(add_completion=False)
    app.command(context_settings={"default_map": told})(of)
    made = typer.main.get_command(app)
    DONE.clear()
    try:
        (without_validators(made) if plain else made)(words, standalone_mode=False)
    except Exception as error:
        return type(error).__name__, str(error)
    return DONE[0]


@pytest.mark.parametrize(
    "words",
    [
        ["a"],
        ["a", "b", "--size", "64", "--share", "-1.25", "--out", "x", "--quiet"],
        ["a", "--size", "-3", "--share", "2", "--more", "p", "--more", "q"],
        ["a", "--size", "007", "--share", "1e-3"],
        ["a", "--size", "1.0", "--share", ".5"],
        ["a", "--size", "many"],
        ["a", "--share", "half"],
        ["a", "--size", "٣"],
        ["a", "--size", ""],
        ["", "--out", ""],
        [],
    ],
)
def test_a_value_means_what_the_parser_says(words: list[str]) -> None:
    assert parsed(words, plain=True) == parsed(words, plain=False)


@pytest.mark.parametrize("told", [{"size": 64, "share": 1, "more": ["x"]}, {"size": "64"}])
def test_defaults_of_the_user_too(told: dict[str, Any]) -> None:
    found = parsed(["a"], plain=True, told=told)
    assert found == parsed(["a"], plain=False, told=told)
    assert found["size"] == 64


@pytest.mark.parametrize("words", [[], ["--port", "80"], ["--port", "0"], ["--port", "99999999"]])
def test_limits_hold(words: list[str]) -> None:
    found = parsed(words, plain=True, of=limited)
    assert found == parsed(words, plain=False, of=limited)
    assert isinstance(found, dict) == (words in ([], ["--port", "80"]))


def test_plain_values_import_no_validators() -> None:
    words = ["a", "--size", "64", "--share", "0.25", "--out", "x"]
    code = f"import sys; from cli.test_values import parsed; print(parsed({words}, plain=True))"
    code += "; assert 'pydantic' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", cwd=TESTS
    )
    assert done.returncode == 0, done.stderr
    assert "'size': 64" in done.stdout

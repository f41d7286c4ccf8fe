"""TOML from outside: of a bounded length, and of a shape that is parsed in no time."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from artgen.core.files import opened
from artgen.errors import RecipeError

__all__ = ["MOST_DOTS", "MOST_INPUTS", "MOST_TEXT", "loads", "read_text", "table_of"]

MOST_TEXT = 256 << 10  # characters of a recipe or preset; one with 1,000 inputs has about 100,000
MOST_INPUTS = 1000  # pictures that a recipe names
# Dots on one line: the parser keeps every beginning of a dotted key (a.b.c has three), so that one
# of 20,000 parts would take gigabytes. Recipes have no dotted keys.
MOST_DOTS = 50


def loads(text: str) -> dict[str, Any]:
    """The table that a text in TOML describes; ValueError where it is none.

    The parser is imported here: most commands read none.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def read_text(path: Path) -> str:
    """The text of a recipe's file.

    Raises:
        RecipeError: if it is no ordinary file, is too long, or is not UTF-8.
    """
    with opened(path, RecipeError) as file:
        content = file.read(4 * MOST_TEXT + 1)  # bytes: four are the most of a character
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecipeError(f"{path} is no text: it is not UTF-8.") from error


def table_of(text: str) -> dict[str, Any]:
    """The table that a text in TOML describes.

    Raises:
        RecipeError: if it is not TOML, or has more than MOST_TEXT characters or MOST_DOTS dots on a
            line.
    """
    if len(text) > MOST_TEXT:
        raise RecipeError(
            f"This is no recipe: it has more than {MOST_TEXT >> 10} KB of text.",
            "The recipe of one picture has a few.",
        )
    for number, line in enumerate(text.split("\n"), 1):
        if line.count(".") > MOST_DOTS:
            raise RecipeError(
                f"Line {number} has more than {MOST_DOTS} dots.", "Write a list on several lines."
            )
    try:
        return loads(text)
    except (ValueError, RecursionError) as error:  # numbers too long, tables too deep
        raise RecipeError(f"This is no TOML: {error}.") from error

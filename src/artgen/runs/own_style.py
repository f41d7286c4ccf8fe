"""A picture's own style: the one that its recipe names, for `--style own`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from artgen.core.schema import fields_of
from artgen.errors import RecipeError, UsageError
from artgen.runs.gallery import styles
from artgen.runs.recipe_files import find_input, recipe_of
from artgen.techniques.base import Technique

__all__ = ["OWN", "own_style", "with_own_style"]

OWN = "own"


def with_own_style(
    kind: type[Technique], settings: Mapping[str, Any], words: Mapping[str, Sequence[Any]]
) -> dict[str, Any]:
    """Settings, with a style in the place of the word `own`.

    Args:
        kind: the technique.
        settings: some or all of its settings.
        words: input -> what was given for it.

    Raises:
        UsageError: if it does not stand for one picture, or the picture names no style that can be
            found.
    """
    found = dict(settings)
    for field in fields_of(kind):
        if field.option.named and OWN in field.option.choices and found.get(field.name) == OWN:
            frame = next(one.name for one in kind.inputs if one.frame)
            given = list(words.get(frame, ()))
            found[field.name] = _of_one(given, field.flag)
    return found


def _of_one(given: Sequence[Any], flag: str) -> str:
    one = given[0] if len(given) == 1 else None
    if not isinstance(one, str | os.PathLike) or not os.path.isfile(one):
        raise UsageError(
            f"{flag} own is for one picture, whose file says how it was painted.",
            f"Name the style: {flag} starry, for example.",
        )
    return own_style(Path(one), flag)


def own_style(picture: Path, flag: str) -> str:
    """The name or the path of the style that the recipe of a picture names.

    Raises:
        UsageError: if it has no recipe, or names no style, or several, or one that is not here.
    """
    hint = f"Name it: {flag} starry, or {flag} painting.jpg."
    try:
        recipe = recipe_of(picture)
        named = [one for one in recipe.inputs if one.role == "style"]
        trained = recipe.settings.get("style", "")
        if not named and trained in styles():
            return str(trained)
        if len(named) != 1:
            many = f"{len(named)} styles" if named else "no style"
            raise UsageError(f"The recipe of {picture} names {many}.", hint)
        path = find_input(named[0], [picture.parent, Path()])
    except RecipeError as error:
        raise UsageError(f"{flag} own: {error.message}", hint) from error
    return next((name for name, file in styles().items() if file == path), str(path))

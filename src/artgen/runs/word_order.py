"""Photo and style in either order: the photo comes first, where names do not tell otherwise."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from artgen.core.schema import fields_of
from artgen.runs.gallery import styles
from artgen.techniques.base import Technique
from artgen.video import is_film

__all__ = ["STDIN", "in_order", "is_name"]

STDIN = "-"  # a picture that comes through a pipe
SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,5}$")


def is_name(word: object) -> bool:
    """Whether a word is a style's name, or a mixture of names, and no file, pipe or address.

    Whether there is such a style is not checked: networks may have their own.
    """
    if not isinstance(word, str) or word in ("", STDIN) or os.path.lexists(word):
        return False
    mixture = "=" in word or "," in word
    place = "://" in word or "/" in word or os.sep in word or glob.has_magic(word)
    return mixture or not (place or SUFFIX.search(word))


def no_style(word: object) -> bool:
    """Whether a word can be no style: it is stdin, a film, a folder or a glob."""
    if not isinstance(word, str | Path):
        return False
    return word == STDIN or os.path.isdir(word) or is_film(str(word)) or glob.has_magic(str(word))


def in_order(
    kind: type[Technique], settings: Mapping[str, Any], words: Mapping[str, Sequence[Any]]
) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Settings and inputs, with photo and style exchanged if they were given style first.

    Args:
        kind: the technique.
        settings: its settings, of which a positional one may be the style.
        words: input -> its words, in the order in which they were given.
    """
    found, values = {name: list(many) for name, many in words.items()}, dict(settings)
    photo = next((one.name for one in kind.inputs if one.frame or one.name == "content"), None)
    if photo is None or not found.get(photo):
        return values, found
    for field in fields_of(kind):
        if field.option.positional and field.option.named:
            first, last = found[photo][0], values[field.name]
            if (is_name(first) and not is_name(last)) or (no_style(last) and not no_style(first)):
                values[field.name] = first
                found[photo] = [*found[photo][1:], last]
    for one in kind.inputs:
        if one.style and is_name(found[photo][0]) and found[photo][0] in styles():
            files = [word for word in found[one.name] if not is_name(word)]
            if len(files) == 1:
                names = [word for word in found[one.name] if is_name(word)]
                found[one.name], found[photo] = [found[photo][0], *names], files
    return values, found

"""The thousand classes of ImageNet by name, in the order of a network's scores.

The names are torchvision's: the first synonym of each class of ILSVRC 2012, made unique.
"""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache

from artgen.core.files import PACKAGE_DATA
from artgen.errors import UsageError

__all__ = ["SIDE", "classes", "find_class"]

SIDE = 224  # px, of the crops that networks are trained on (Krizhevsky et al. 2012 and all since)
FILE = PACKAGE_DATA / "imagenet.txt"


@cache
def classes() -> tuple[str, ...]:
    """All names, by index."""
    return tuple(FILE.read_text(encoding="utf-8").splitlines())


def find_class(text: str) -> int:
    """The index of a class by its name, in any case, or by its number.

    Raises:
        UsageError: if there is none; the hint has similar names.
    """
    names, wanted = classes(), " ".join(text.lower().replace("_", " ").split())
    lower = [name.lower() for name in names]
    if text in names:  # a Cardigan is a dog
        return names.index(text)
    if wanted in lower:
        return lower.index(wanted)
    if wanted.isdecimal() and wanted.isascii() and int(wanted) < len(names):
        return int(wanted)
    raise UsageError(f"There is no class {text!r}.", _alike(wanted, lower))


def _alike(wanted: str, lower: list[str]) -> str:
    """A hint with similar names, those that share a word first: a frog is no fig."""
    related = [name for name in lower if set(wanted.split()) & set(name.split())]
    related += [name for name in lower if len(wanted) > 2 and wanted in name]
    near = list(dict.fromkeys(related + get_close_matches(wanted, lower, n=3)))[:5]
    names = {name.lower(): name for name in classes()}
    guess = f"Did you mean {' or '.join(repr(names[name]) for name in near)}? " if near else ""
    return f"{guess}`artgen nets classes` lists all {len(lower)}."

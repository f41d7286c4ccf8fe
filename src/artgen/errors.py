"""Public errors, as a tree: every error that artgen raises on purpose is an ArtgenError.

ArtgenError
├── UsageError        the request itself is wrong (a bad option, an unknown name)
├── PictureError      a picture or video that cannot be read or written
├── WeightsError      network weights that are missing, broken or not trusted
├── RecipeError       a recipe that cannot be read or no longer fits
├── DeviceError       a device or precision that this machine does not have
└── OutOfMemory       the work does not fit into this machine's memory
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "UNEXPECTED",
    "ArtgenError",
    "DeviceError",
    "OutOfMemory",
    "PictureError",
    "RecipeError",
    "UsageError",
    "WeightsError",
    "did_you_mean",
    "explained",
    "no_memory",
    "shortened",
]

NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")
# Characters of a quotation in a message, of a word in it (a path may be long), and of a message.
QUOTED, WORD, LONGEST = 200, 1000, 3000
UNEXPECTED = "Something went wrong that should not"


class ArtgenError(Exception):
    """One clear sentence for the user, and a hint at what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = shortened(message)
        self.hint = shortened(hint)

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(ArtgenError):
    """The request itself is wrong: raised before any work begins; the command line exits with 2."""


class PictureError(ArtgenError):
    """A picture (or video) cannot be read, is refused, or cannot be written."""


class WeightsError(ArtgenError):
    """Weights of a network are absent, damaged, of another network, or unsafe to load."""


class RecipeError(ArtgenError):
    """A recipe is malformed, has unknown keys, or its inputs have changed."""


class DeviceError(ArtgenError):
    """This machine does not have the device or the precision asked for."""


class OutOfMemory(ArtgenError):
    """The work does not fit into memory, however small its tiles are."""


def shortened(text: str) -> str:
    """A message without what nobody would read: quotations, words and the whole are cut."""
    for mark in "'\"":
        quotation = rf"(?<!\w){mark}([^{mark}\n]{{{QUOTED}}})[^{mark}\n]+{mark}(?!\w)"
        text = re.sub(quotation, rf"{mark}\1…{mark}", text)
    text = re.sub(rf"(\S{{{WORD}}})\S+(?=\W)", r"\1…", text)  # a path, or text without blanks
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest of the known names, and then all of them."""
    names = list(known)
    near = get_close_matches(name[:QUOTED], names, n=1)
    guess = f"Did you mean {near[0]!r}? " if near else ""
    return f"{guess}Known: {', '.join(names)}." if names else guess.strip()


def no_memory(error: BaseException) -> bool:
    """Whether there was too little memory; torch says so by a RuntimeError."""
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(one in said for one in NO_MEMORY)


def explained(error: BaseException) -> str:
    """Any error as a sentence or two for the user: what is wrong, and what to do."""
    if isinstance(error, ArtgenError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}." if error.filename else f"{error.strerror}."
    if no_memory(error):
        return "There is not enough memory for this. Take a smaller --size."
    return shortened(f"{UNEXPECTED}: {type(error).__name__}: {error}")

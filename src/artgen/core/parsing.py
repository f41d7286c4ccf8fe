"""Lists, weights and sizes, read from the text of an option."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from artgen.core.defaults import MOST_SIDE
from artgen.errors import UsageError

__all__ = [
    "LARGEST",
    "checked_seed",
    "dimensions",
    "equal_unless_given",
    "names",
    "one_for_each",
    "print_size",
    "weighted",
    "weighted_parts",
]

LARGEST = 2**31 - 1  # no setting needs more, and larger numbers overflow later


def weighted_parts(text: str) -> list[tuple[str, str, str]]:
    """Name, equals sign and weight of each part of a list with weights; both last may be empty."""
    parts = (part.partition("=") for part in text.split(","))
    return [(name.strip(), equals, weight.strip()) for name, equals, weight in parts]


def checked_seed(seed: int) -> int:
    """The seed of a run, from 0 to 2^63 - 1.

    Raises:
        UsageError: for any other number.
    """
    if not 0 <= seed < 2**63:
        raise UsageError(f"The seed cannot be {seed}.", "Take one from 0 to 2^63 - 1.")
    return seed


def dimensions(text: str, flag: str) -> tuple[int, int]:
    """Reads `1024x768`, width by height, or one number for a square, as (H, W).

    Raises:
        UsageError: for anything else, and for a side below 1 px or above MOST_SIDE.
    """
    found = re.fullmatch(r"(\d{1,12})(?:[xX](\d{1,12}))?", text.strip(), re.ASCII)
    hint = f"Write it as in {flag} 1024x768, or {flag} 512 for a square."
    if not found:
        raise UsageError(f"{flag} cannot be {text!r}.", hint)
    width, height = int(found[1]), int(found[2] or found[1])
    if not 1 <= min(width, height) <= max(width, height) <= MOST_SIDE:
        raise UsageError(f"{flag} cannot be {text!r}.", f"A side has 1 to {MOST_SIDE} px. {hint}")
    return height, width


def print_size(text: str, flag: str) -> tuple[int, float]:
    """Reads `6000`, `6000@300dpi`, `60cm@200dpi` or `24in@300dpi`: a print's long side.

    Returns:
        Its length in pixels, and dots an inch; 0 of these if none are given.

    Raises:
        UsageError: for anything else, and for a side below 1 px or above MOST_SIDE.
    """
    number = r"(\d{1,9}(?:\.\d{1,6})?)"
    found = re.fullmatch(
        rf"{number} ?(cm|mm|in|px|)(?: ?@ ?{number} ?dpi)?", text.strip(), re.ASCII
    )
    length, unit, dots = found.groups() if found else ("0", "", None)
    inches = {"cm": 1 / 2.54, "mm": 1 / 25.4, "in": 1.0}.get(unit)
    whole = inches is not None or "." not in length
    if not found or not whole or (inches and not dots) or (dots and not float(dots)):
        raise UsageError(
            f"{flag} cannot be {text!r}.",
            f"Write it as in {flag} 6000, {flag} 60cm@200dpi, or {flag} 24in@300dpi.",
        )
    side = round(float(length) * inches * float(dots)) if inches and dots else int(length)
    if not 1 <= side <= MOST_SIDE:
        raise UsageError(
            f"{flag} {text} is a side of {side} px.", f"A side has 1 to {MOST_SIDE} px."
        )
    return side, float(dots or 0)


def equal_unless_given(weights: tuple[float, ...], count: int, what: str) -> tuple[float, ...]:
    """One weight for each of `count` pictures called `what`; equal where none are given.

    Raises:
        UsageError: for another number of weights, or where all are zero.
    """
    weights = weights or (1.0,) * count
    if len(weights) != count:
        raise UsageError(
            f"There are {count} {what}s and {len(weights)} weights.",
            f"Give --{what}-weights one number for each {what}, or none at all.",
        )
    if not sum(weights):
        raise UsageError(f"The {what} weights are all zero.", "Give at least one of them more.")
    return weights


def one_for_each(values: tuple[float, ...], count: int, flag: str) -> tuple[float, ...]:
    """A number for each of `count` things; a single one is for them all.

    Raises:
        UsageError: for another number of numbers.
    """
    if len(values) not in (1, count):
        wanted = f"1 or {count} numbers" if count > 1 else "1 number"
        raise UsageError(
            f"{flag} takes {wanted} here, and has {len(values)}.",
            "Give one for all of them, or one for each.",
        )
    return values * count if len(values) == 1 else values


def names(text: str, flag: str) -> tuple[str, ...]:
    """Reads a list, `relu1_1,relu2_1`.

    Raises:
        UsageError: for an empty name, or one given twice.
    """
    found = tuple(part.strip() for part in text.split(","))
    if not all(found) or len(set(found)) < len(found):
        raise UsageError(
            f"{flag} cannot be {text!r}.", "Write names with commas between them, each once."
        )
    return found


def weighted(text: str, flag: str) -> Mapping[str, float]:
    """Reads a list with weights, `relu1_1=256,relu2_1=64`; a name alone weighs 1.

    Raises:
        UsageError: for an empty name, a weight that is no finite number or is negative, a name
            given twice, or weights that are all zero.
    """
    found: dict[str, float] = {}
    for name, equals, number in weighted_parts(text):
        try:
            weight = float(number) if equals else 1.0
        except ValueError:
            weight = math.nan
        if not name or name in found or not math.isfinite(weight) or weight < 0:
            raise UsageError(
                f"{flag} has a part that cannot be read: {name + equals + number!r}.",
                "Write name=weight,name=weight with each name once and no negative weight.",
            )
        found[name] = weight
    if not any(found.values()):
        raise UsageError(f"The weights of {flag} are all zero.", "Give at least one of them more.")
    return found

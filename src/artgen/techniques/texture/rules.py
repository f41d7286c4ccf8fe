"""Which options of a texture need another one, and which do not go together."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from artgen.errors import UsageError

__all__ = ["refuse_half"]

MATES = {"--inpaint": "--mask", "--guide": "--sample-guide", "--progress": "--sample-progress"}
NEEDS = (
    *MATES.items(),
    *((other, one) for one, other in MATES.items()),
    ("--extend", "--size"),
    ("--progress", "--match patches"),
    ("--direction", "--match patches"),
    ("--pack-as", "--pack"),
    ("--deep", "--derive"),
)
FILLED = ("--inpaint", "--extend")
APART = (FILLED, *product(("--with", "--match patches"), FILLED))


def refuse_half(given: Mapping[str, object]) -> None:
    """Refuse options that need another one, or do not go with it.

    Args:
        given: whether each option is, by its name.

    Raises:
        UsageError: for the first that is refused.
    """
    for one, needed in NEEDS:
        if given[one] and not given[needed]:
            raise UsageError(f"{one} goes with {needed}, which is not given.", "Give both.")
    for one, other in APART:
        if given[one] and given[other]:
            raise UsageError(f"{one} and {other} do not go together.", "Give one of them.")

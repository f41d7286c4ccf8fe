"""Packages that only some commands need: what to do where one is missing."""

from __future__ import annotations

from importlib.util import find_spec

from artgen.errors import UsageError

__all__ = ["require"]


def require(package: str, extra: str, what: str) -> None:
    """Refuses what cannot work without a package.

    Args:
        package: as it is imported.
        extra: the extra of artgen that has it.
        what: what needs it, to begin a sentence with.

    Raises:
        UsageError: if it is not installed; the hint says how to.
    """
    if find_spec(package) is None:
        raise UsageError(
            f"{what} needs the package {package}, which is not installed.",
            f"Install it: pip install 'artgen[{extra}]'.",
        )

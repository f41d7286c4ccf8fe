"""Optional packages: an error with an install hint where one is missing."""

from __future__ import annotations

from importlib.util import find_spec

from artgen.errors import UsageError

__all__ = ["require"]


def require(package: str, extra: str, what: str) -> None:
    """Raises an error where an optional package is missing.

    Args:
        package: its import name.
        extra: the extra of artgen that installs it.
        what: the feature that needs it, as the beginning of a sentence.

    Raises:
        UsageError: if it is not installed; the hint says how to install it.
    """
    if find_spec(package) is None:
        raise UsageError(
            f"{what} needs the package {package}, which is not installed.",
            f"Install it: pip install 'artgen[{extra}]'.",
        )

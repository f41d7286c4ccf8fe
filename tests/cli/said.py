"""What tests of commands share: a quick run, and what a command left behind."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["QUICK", "Said"]

QUICK = ["--net", "tiny", "--size", "48", "--iterations", "4"]


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

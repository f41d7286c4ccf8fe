"""What tests of commands share: a quick run, and what a command left behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["QUICK", "Said", "check", "made"]

QUICK = ["--net", "tiny", "--size", "48", "--iterations", "4"]


@dataclass(frozen=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str


def check(said: Said, code: int, *words: str) -> None:
    assert said.code == code, said.err
    for word in words:
        assert word in said.err
    assert "Traceback" not in said.err
    assert len(said.err.strip().splitlines()) == 1
    assert said.out == ""
    made = {path.name for path in Path().iterdir()} - {"photo.png", "paint.png", "bad.png"}
    assert not made


def made(folder: str) -> set[str]:
    """What lies in a folder, its ledger apart."""
    found = (path for path in Path(folder).rglob("*") if path.is_file())
    return {p.relative_to(folder).as_posix() for p in found if not p.name.startswith(".artgen")}

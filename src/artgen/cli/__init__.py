"""The command line: the only part that knows typer and rich, and the only one that prints."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Runs `artgen` with this process's arguments, and exits."""
    from artgen.cli.app import run

    run()

"""The command line: the only part that knows typer and rich, and the only one that prints."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Runs `artgen` with this process's arguments, and exits."""
    try:
        from artgen.cli.app import run

        run()
    except KeyboardInterrupt:  # while Python was still importing
        sys.exit(130)

"""What artgen says on stderr: plain sentences, never a traceback unless it is asked for."""

from __future__ import annotations

import os
import sys
import traceback

from artgen.errors import ArtgenError

__all__ = ["complain", "say"]


def say(sentence: str) -> None:
    """One line on stderr: what a file's name has of line feeds and colours is shown, not done."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in sentence)
    print(shown, file=sys.stderr, flush=True)


def complain(error: Exception) -> None:
    """An error as one sentence and what to do; `--debug` shows where it came from."""
    if os.environ.get("ARTGEN_DEBUG"):
        traceback.print_exception(error)
    if isinstance(error, ArtgenError):
        say(f"artgen: {error}")
    elif isinstance(error, OSError) and error.strerror:
        say(f"artgen: {error.strerror}: {error.filename or 'stdout cannot be written'}.")
    elif isinstance(error, MemoryError) or "out of memory" in str(error).lower():
        say("artgen: There is not enough memory for this. Take a smaller --size.")
    else:
        kind = type(error).__name__
        say(f"artgen: Something went wrong that should not: {kind}: {error}")
        say("Please report it with what --debug shows.")

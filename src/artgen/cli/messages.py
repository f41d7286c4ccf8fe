"""Messages on stderr: plain sentences, never a traceback unless it is asked for."""

from __future__ import annotations

import os
import sys
import traceback

from artgen.errors import UNEXPECTED, explained

__all__ = ["complain", "say", "say_left"]


def say(sentence: str) -> None:
    """Print one line on stderr; control characters, as in file names, are escaped."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in sentence)
    print(shown, file=sys.stderr, flush=True)


def say_left(index: int) -> None:
    """Say that a training was interrupted at an iteration, and kept."""
    say(f"artgen: Interrupted at iteration {index}; the same command goes on there.")


def complain(error: Exception) -> None:
    """Print an error and what to do about it; with `--debug`, its traceback."""
    if os.environ.get("ARTGEN_DEBUG"):
        traceback.print_exception(error)
    said = explained(error)
    if isinstance(error, OSError) and error.strerror and not error.filename:
        said = f"{error.strerror}: stdout cannot be written."  # all files have names
    say(f"artgen: {said}")
    if explained(error).startswith(UNEXPECTED):
        say("Please report it with what --debug shows.")

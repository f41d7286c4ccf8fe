"""What artgen says on stderr: plain sentences, never a traceback unless it is asked for."""

from __future__ import annotations

import os
import sys
import traceback

from artgen.errors import UNEXPECTED, explained

__all__ = ["complain", "say"]


def say(sentence: str) -> None:
    """One line on stderr: what a file's name has of line feeds and colours is shown, not done."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in sentence)
    print(shown, file=sys.stderr, flush=True)


def complain(error: Exception) -> None:
    """An error as one sentence and what to do; `--debug` shows where it came from."""
    if os.environ.get("ARTGEN_DEBUG"):
        traceback.print_exception(error)
    say(f"artgen: {explained(error)}")
    if explained(error).startswith(UNEXPECTED):
        say("Please report it with what --debug shows.")

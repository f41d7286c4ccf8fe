"""Pictures that arrive through a pipe: `-`, /dev/stdin, and the shell's process substitutions."""

from __future__ import annotations

import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from artgen.errors import PictureError, UsageError

__all__ = ["spooled"]

STDIN = "-"
PIPES = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")  # that a shell has opened already


@contextmanager
def spooled(words: Mapping[str, Sequence[str]]) -> Iterator[dict[str, list[str]]]:
    """The words of each input, with files in place of pipes, which can be read only once.

    The files are removed at the end.

    Raises:
        UsageError: if stdin is a terminal, or named twice.
        PictureError: if nothing comes through a pipe.
    """
    if sum(list(many).count(STDIN) for many in words.values()) > 1:
        raise UsageError(
            "- is given twice, and stdin is one picture.", "Name a file for the other."
        )
    with ExitStack() as stack:
        yield {
            role: [_file(word, stack) if _is_pipe(word) else word for word in many]
            for role, many in words.items()
        }


def _is_pipe(word: str) -> bool:
    if word == STDIN:
        return True
    if not word.startswith(PIPES):
        return False
    try:
        return stat.S_ISFIFO(os.stat(word).st_mode)
    except OSError:
        return False


def _file(word: str, stack: ExitStack) -> str:
    """What comes through a pipe, as a file that ends with its format's extension."""
    from artgen.images.formats import HEAD, sniff

    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="artgen-")))
    path = folder / "stdin"
    with path.open("wb") as copy:
        if word == STDIN:
            shutil.copyfileobj(_stdin(), copy)
        else:
            with open(word, "rb") as pipe:
                shutil.copyfileobj(pipe, copy)
    if not path.stat().st_size:
        raise PictureError(f"Nothing came through {word}.", "Send it the bytes of a picture.")
    with path.open("rb") as file:
        found = sniff(file.read(HEAD))
    return str(path.rename(path.with_suffix(found.suffixes[0]))) if found else str(path)


def _stdin() -> BinaryIO:
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError(
            "- reads a picture from stdin, which is a terminal here.",
            "Send one, as in: artgen … - < picture.png",
        )
    return sys.stdin.buffer

"""ffmpeg, the program that imageio brings along: called, heard, and read from."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from artgen.errors import PictureError

__all__ = ["ffmpeg", "named", "output_of", "streaming"]


def named(path: Path) -> str:
    """A file for ffmpeg, which would take some names for options or protocols."""
    return f"file:{path}"


def _program() -> str:
    """The program.

    Raises:
        PictureError: if it is not there.
    """
    import imageio_ffmpeg

    try:
        found: str | None = shutil.which(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        found = None
    if found is None:
        raise PictureError(
            "Films need ffmpeg, which is not there.", "Install it, or imageio-ffmpeg."
        )
    return found


def output_of(given: list[str]) -> bytes:
    """What ffmpeg writes to stdout; nothing where it fails."""
    with streaming(given) as stream:
        return stream.read()


def ffmpeg(given: list[str], stdin: Iterable[bytes] = (), *, check: bool = True) -> str:
    """What ffmpeg says, to stdout and stderr; it is fed piece by piece.

    Raises:
        OSError: if it fails; the words are its own.
    """
    quiet = ["-v", "error"] if check else []
    command = [_program(), "-y", "-hide_banner", "-nostats", *quiet, *given]
    # In a session of its own, Ctrl-C is for us alone: a chunk that has begun is finished.
    with tempfile.TemporaryFile() as heard:
        with subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=heard,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as running:
            assert running.stdin is not None
            try:
                with suppress(BrokenPipeError):  # it has ended, and said why
                    for piece in stdin:
                        running.stdin.write(piece)
                with suppress(BrokenPipeError):
                    running.stdin.close()
            except BaseException:
                running.kill()
                raise
        heard.seek(0)
        told = heard.read().decode("utf-8", "replace").strip()
    if check and running.returncode:
        raise OSError(told.splitlines()[-1] if told else f"ffmpeg ended: {running.returncode}")
    return told


@contextmanager
def streaming(command: list[str]) -> Iterator[IO[bytes]]:
    """What ffmpeg writes to stdout, as it comes."""
    with subprocess.Popen(
        [_program(), "-v", "error", *command, "-"],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as running:
        try:
            assert running.stdout is not None
            yield running.stdout
        finally:
            running.kill()

"""ffmpeg, the program that imageio installs: its arguments, input and output."""

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
    """A path as an argument for ffmpeg, which would take some names for options or protocols."""
    return f"file:{path}"


def _program() -> str:
    """Path of ffmpeg.

    Raises:
        PictureError: if it is not installed.
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
    """All that ffmpeg writes to stdout; nothing if it fails."""
    with streaming(given) as stream:
        return stream.read()


def ffmpeg(given: list[str], stdin: Iterable[bytes] = (), *, check: bool = True) -> str:
    """Runs ffmpeg and returns its stdout and stderr; it is fed `stdin` piece by piece.

    Raises:
        OSError: if it fails, with its own message.
    """
    quiet = ["-v", "error"] if check else []
    command = [_program(), "-y", "-hide_banner", "-nostats", *quiet, *given]
    # A session of its own gets no Ctrl-C: a chunk that has begun is finished.
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
                with suppress(BrokenPipeError):  # it has ended, with a message
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
    """ffmpeg's stdout as a stream."""
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

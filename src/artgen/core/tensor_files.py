"""Headers of tensor files from outside, checked before anything of the file is loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

from artgen.core.files import opened
from artgen.errors import ArtgenError

__all__ = ["MOST_HEADER", "MOST_TENSORS", "check_pickle", "safetensors_header"]

MOST_TENSORS = 10_000  # in a file; GoogLeNet has 350, a training's state some hundreds
MOST_HEADER = 4 << 20  # bytes; a network's has some thousands, a checkpoint's has a recipe too
LEGACY = 4  # pickles at the beginning of a .pth that is no archive: the fourth has the tensors


def safetensors_header(
    path: Path, kind: type[ArtgenError], what: str = "weights file"
) -> dict[str, Any]:
    """The header of a safetensors file: its metadata, and each tensor's place.

    Raises:
        ArtgenError: of a kind, if it is no ordinary file, has no header that can be read, or one of
            more than MOST_HEADER bytes or MOST_TENSORS tensors.
    """
    damaged = kind(f"{path} is cut, damaged, or no {what} at all.", "Copy it once more.")
    with opened(path, kind) as file:
        length, size = int.from_bytes(file.read(8), "little"), path.stat().st_size
        if not 2 <= length <= size - 8:
            raise damaged
        if length > MOST_HEADER:
            raise _too_much(path, kind)
        text = file.read(length)
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise damaged from error
    if not isinstance(header, dict):
        raise damaged
    if len(header) > MOST_TENSORS:
        raise _too_much(path, kind)
    return header


def check_pickle(path: Path, kind: type[ArtgenError]) -> None:
    """Check that a PyTorch file, an archive or a row of pickles, builds no more than it may.

    Its opcodes are counted up to the first that is damaged, and none is carried out.

    Raises:
        ArtgenError: of a kind, for more than MOST_TENSORS tensors.
    """
    try:
        _check_pickle(path, kind)
    except ArtgenError:
        raise
    except Exception:  # a damaged one fails in any way it likes; loading it will, too
        return


def _check_pickle(path: Path, kind: type[ArtgenError]) -> None:
    import zipfile

    with opened(path, kind) as file:
        if file.read(2) != b"PK":
            file.seek(0)
            for _ in range(LEGACY):
                _count(path, file, kind)
            return
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                if name.endswith("data.pkl"):
                    if archive.getinfo(name).file_size > MOST_HEADER:
                        raise _too_much(path, kind)
                    with archive.open(name) as inside:
                        _count(path, inside, kind)


def _count(path: Path, stream: Any, kind: type[ArtgenError]) -> None:
    """Reads one pickle up to its end."""
    import pickletools

    left = 3 * MOST_TENSORS  # a tensor takes two or three calls
    file: BinaryIO = stream
    for opcode, _, _ in pickletools.genops(file):
        left -= opcode.name in ("REDUCE", "BUILD", "NEWOBJ", "BINPERSID")
        if left < 0:
            raise _too_much(path, kind)


def _too_much(path: Path, kind: type[ArtgenError]) -> ArtgenError:
    return kind(
        f"{path} says that it holds more than {MOST_TENSORS} tensors, or more than "
        f"{MOST_HEADER >> 20} MB of names.",
        "Take the weights of the network alone.",
    )

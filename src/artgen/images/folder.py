"""A folder of pictures, read one at a time: together they may not fit into memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, overload

from artgen.core.defaults import MAX_PIXELS
from artgen.core.files import is_litter
from artgen.errors import PictureError
from artgen.images.formats import suffixes
from artgen.images.reading import load, thumbnail

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["LoadedFolder", "Pictures", "load_folder"]

GLANCE = 32  # px of the thumbnail that tests whether a file can be read


class Pictures(Sequence["Tensor"]):
    """Pictures (1, 3, H, W) in [0, 1], each read when it is accessed."""

    def __init__(self, paths: Sequence[Path], max_pixels: int) -> None:
        self.paths, self.max_pixels = tuple(paths), max_pixels

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[Tensor]:
        return (self[index] for index in range(len(self)))

    @overload
    def __getitem__(self, index: int) -> Tensor: ...
    @overload
    def __getitem__(self, index: slice) -> Pictures: ...
    def __getitem__(self, index: int | slice) -> Tensor | Pictures:
        if isinstance(index, slice):
            return Pictures(self.paths[index], self.max_pixels)
        return load(self.paths[index], max_pixels=self.max_pixels).picture


@dataclass(frozen=True)
class LoadedFolder:
    """A folder's pictures in the order of their paths, and what could not be read.

    Attributes:
        pictures: (1, 3, H, W) in [0, 1], each read when it is accessed.
        path: of the folder.
        sha256: of the pictures' names and bytes, in hex.
        skipped: files with a picture's suffix that cannot be read.
    """

    pictures: Pictures
    path: Path
    sha256: str
    skipped: tuple[Path, ...]
    alpha: None = None
    opacity: None = None
    exif: None = None
    deep: bool = False
    exposure: float = 0.0


def load_folder(path: str | Path, *, max_pixels: int = MAX_PIXELS) -> LoadedFolder:
    """The pictures in a folder and in its subfolders, recognised by their suffixes.

    Raises:
        PictureError: if it is no folder, or has no picture that can be read.
    """
    path = Path(path).resolve()  # `.` has no name
    if not path.is_dir():
        raise PictureError(f"{path.name} is no folder.", "Name a folder of pictures.")
    known = suffixes()
    there = (one for one in path.rglob("*") if one.suffix.lower() in known)
    files = sorted(
        one for one in there if not any(map(is_litter, one.relative_to(path).parts[:-1]))
    )
    readable, skipped, digest = [], [], hashlib.sha256()
    for file in files:
        try:
            thumbnail(file, GLANCE)
            content = file.read_bytes()
        except (PictureError, OSError):
            skipped.append(file)
            continue
        readable.append(file)
        digest.update(file.relative_to(path).as_posix().encode("utf-8", "replace"))
        digest.update(hashlib.sha256(content).digest())
    if not readable:
        raise PictureError(
            f"There is no picture in {path.name} that can be read.",
            f"Known: {' '.join(sorted(known))}.",
        )
    return LoadedFolder(Pictures(readable, max_pixels), path, digest.hexdigest(), tuple(skipped))

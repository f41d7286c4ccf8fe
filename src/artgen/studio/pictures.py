"""Pictures by reference: uploads, styles, examples, results.

A reference is `upload:KEY`, `style:NAME`, `example:NAME` or `made:JOB`. It is looked up, never made
into a path: the file name of an upload is only used as a label.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from artgen import images
from artgen.core.files import part_of, put_whole, write_whole
from artgen.errors import ArtgenError, PictureError
from artgen.images.formats import HEAD, sniff
from artgen.runs.gallery import examples, styles
from artgen.studio.folder import Folder
from artgen.studio.history import History, Upload

__all__ = ["MOST_BYTES", "MOST_PIXELS", "SIDES", "PictureFile", "PictureStore", "label"]

MOST_BYTES = 64 << 20  # of an upload
MOST_PIXELS = 64_000_000
SIDES = (240, 1280)  # px, of the copies that the page shows: thumbnails, and the large view
KEY = 24  # characters of a hash that names a file
LONGEST = 80  # characters of a label


@dataclass(frozen=True)
class PictureFile:
    """A picture: its path, and its label."""

    path: Path
    name: str


def label(name: str, suffix: str) -> str:
    """A user's name for a picture, made safe for recipes: no folder, and this suffix."""
    base = PureWindowsPath(PurePosixPath(name).name).name
    stem = base.rpartition(".")[0] or base
    # In settings an equals sign separates a mask from its style, a comma the parts of a mixture.
    clean = "".join(char if char.isprintable() and char not in '=,"/\\' else "-" for char in stem)
    return (clean.strip(" .")[:LONGEST] or "picture") + suffix


class PictureStore:
    """Finds pictures by reference, and adds uploads."""

    def __init__(self, folder: Folder, history: History) -> None:
        self.folder, self.history = folder, history

    def find(self, reference: str) -> PictureFile:
        """The picture of a reference.

        Raises:
            PictureError: if there is none.
        """
        kind, _, key = reference.partition(":")
        finders: dict[str, Callable[[str], PictureFile | None]] = {
            "upload": self._upload,
            "style": lambda name: _listed(styles().get(name)),
            "example": lambda name: _listed(examples().get(name)),
            "made": self._made,
        }
        found = finders[kind](key) if kind in finders else None
        if found is None or not found.path.is_file():
            raise PictureError("A picture that was asked for is gone.", "Choose it once more.")
        return found

    def new(self) -> Path:
        """A path to receive an upload at."""
        return part_of(self.folder.uploads / "upload")

    def take(self, part: Path, name: str) -> Upload:
        """Add an upload received at a path of `new`, if it is a picture.

        Args:
            part: the file, which is moved or removed.
            name: its owner's name for it.

        Raises:
            PictureError: if it is not a picture, is damaged, or has too many pixels.
        """
        try:
            upload, small = self._judged(part, name)
            kept = self._place(upload)
            if not kept.exists():
                put_whole(kept, part)
        finally:
            part.unlink(missing_ok=True)
        write_whole(self._copy(f"upload:{upload.id}", kept, SIDES[-1]), small)
        self.history.add_upload(upload)
        return upload

    def keep(self, reference: str) -> str:
        """A permanent reference: a result is copied, since its job may be deleted."""
        if not reference.startswith("made:"):
            return reference
        source, part = self.find(reference), self.new()
        shutil.copyfile(source.path, part)
        return f"upload:{self.take(part, source.name).id}"

    def copy(self, reference: str, side: int) -> Path:
        """A reduced JPEG of a picture, made once.

        Args:
            reference: of the picture.
            side: one of SIDES, the longest side at most, in pixels.
        """
        source = self.find(reference)
        small = self._copy(reference, source.path, side)
        if not small.exists():
            picture = images.thumbnail(source.path, side, max_pixels=MOST_PIXELS)
            write_whole(small, images.encode(picture, small, quality=85))
        return small

    def forget_copies(self, reference: str) -> None:
        """Remove the reduced copies of a picture, not the picture itself."""
        with suppress(PictureError):
            path = self.find(reference).path
            for side in SIDES:
                self._copy(reference, path, side).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the uploads that no job of the history uses."""
        asked = [[one.pictures, one.settings] for one in self.history.entries()]
        used = set(re.findall(r"upload:([0-9a-f]+)", json.dumps(asked)))
        for upload in self.history.uploads():
            if upload.id not in used:
                self.forget_copies(f"upload:{upload.id}")
                self.history.remove_upload(upload.id)
        kept = {self._place(upload) for upload in self.history.uploads()}
        for path in self.folder.uploads.iterdir():
            if path not in kept:
                path.unlink()

    def _judged(self, part: Path, name: str) -> tuple[Upload, bytes]:
        """The facts about an upload, and a reduced copy: proof that it can be decoded."""
        content = part.read_bytes()
        found, key = sniff(content[:HEAD]), hashlib.sha256(content).hexdigest()[:KEY]
        called = label(name, found.suffixes[0] if found else "")
        try:
            height, width = images.size_of(part)
            if height * width > MOST_PIXELS:
                raise PictureError(
                    f"{called} has {width} x {height} px.",
                    f"Make it smaller first: {MOST_PIXELS // 10**6} megapixels are the most.",
                )
            picture = images.thumbnail(part, SIDES[-1], max_pixels=MOST_PIXELS)
        except ArtgenError as error:
            said = error.message.replace(str(part), called)
            raise PictureError(said, error.hint) from error
        assert found is not None  # otherwise it could not have been read
        # The same file under two names is kept once, with the name of each upload.
        key += hashlib.sha256(called.encode()).hexdigest()[:8]
        upload = Upload(key, called, found.suffixes[0], width, height)
        return upload, images.encode(picture, Path("copy.jpg"), quality=85)

    def _upload(self, key: str) -> PictureFile | None:
        upload = self.history.upload(key)
        return PictureFile(self._place(upload), upload.name) if upload else None

    def _made(self, key: str) -> PictureFile | None:
        if not re.fullmatch("[0-9]{1,12}", key):
            return None
        entry = self.history.entry(int(key))
        if entry is None or not entry.files:
            return None
        return PictureFile(self.folder.made(entry.id) / "0.png", f"{entry.stem}.png")

    def _place(self, upload: Upload) -> Path:
        return self.folder.uploads / f"{upload.id[:KEY]}{upload.suffix}"

    def _copy(self, reference: str, path: Path, side: int) -> Path:
        """The path of a reduced copy; a file that has changed has another one."""
        stamp = f"{reference} {path.stat().st_mtime_ns}"
        return self.folder.shown / f"{hashlib.sha256(stamp.encode()).hexdigest()[:KEY]}-{side}.jpg"


def _listed(path: Path | None) -> PictureFile | None:
    return PictureFile(path, path.name) if path else None

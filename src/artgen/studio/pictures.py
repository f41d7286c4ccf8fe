"""Pictures by reference: uploads, frames of uploaded films, styles, examples, results.

A reference is `upload:KEY`, `frame:KEY-NUMBER`, `style:NAME`, `example:NAME` or `made:JOB`. It is
looked up, never made into a path: the file name of an upload is only used as a label. Uploads and
results may be films.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath

from torch import Tensor

from artgen import images
from artgen.core.files import part_of, put_whole, write_whole
from artgen.errors import ArtgenError, PictureError
from artgen.images.formats import HEAD, sniff
from artgen.ops.resize import fit, resize
from artgen.runs.films import film_digest
from artgen.runs.gallery import examples, styles
from artgen.studio import clips
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
    """A picture or film: its path, and its label."""

    path: Path
    name: str

    @property
    def film(self) -> bool:
        """Whether it is a film."""
        return clips.is_clip(self.path)

    def small(self, side: int) -> Tensor:
        """It, or a film's first frame, at most `side` px long: (1, 3, h, w)."""
        if self.film:
            return clips.small_frame(self.path, 0, side)
        return images.thumbnail(self.path, side, max_pixels=MOST_PIXELS)


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
            "frame": self._frame,
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
        return self._taken(part, lambda: self._judged(part, name))

    def take_clip(self, part: Path, name: str) -> Upload:
        """Add a film, as `take` does a picture.

        Raises:
            PictureError: if it is not a film, is damaged, or has too many frames or pixels.
        """

        def judged() -> tuple[Upload, Tensor]:
            suffix, facts, first = clips.judged(part, label(name, ""))
            called = label(name, suffix)
            key = _key(film_digest(part), called)
            size = (first.shape[-2], first.shape[-1])
            small = resize(first, fit(size, min(SIDES[-1], max(size))))
            return Upload(key, called, suffix, facts.width, facts.height), small

        return self._taken(part, judged)

    def _taken(self, part: Path, judged: Callable[[], tuple[Upload, Tensor]]) -> Upload:
        """Keep an upload, once it is judged: its facts, and a reduced copy (1, 3, h, w)."""
        try:
            upload, small = judged()
            kept = self._place(upload)
            if not kept.exists():
                put_whole(kept, part)
        finally:
            part.unlink(missing_ok=True)
        copy = self._copy(f"upload:{upload.id}", kept, SIDES[-1])
        write_whole(copy, images.encode(small, copy, quality=85))
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
        kind, _, key = reference.partition(":")
        if kind == "frame":  # of those that are only looked at there is nothing else on disk
            clip, index = self._placed(key)
            small = self.folder.frames(clip.stem) / f"{index}-{side}.jpg"
            picture = partial(clips.small_frame, clip, index, side)
        else:
            source = self.find(reference)
            small, picture = self._copy(reference, source.path, side), partial(source.small, side)
        if not small.exists():
            small.parent.mkdir(exist_ok=True)
            write_whole(small, images.encode(picture(), small, quality=85))
        return small

    def facts(self, reference: str) -> clips.ClipFacts:
        """What the page has to know of a film.

        Raises:
            PictureError: if there is no film with this reference.
        """
        found = self.find(reference)
        if not found.film:
            raise PictureError(f"{found.name} is no film.", "Choose one.")
        return clips.ClipFacts.of(found.path)

    def forget_copies(self, reference: str) -> None:
        """Remove the reduced copies of a picture, not the picture itself."""
        with suppress(PictureError):
            path = self.find(reference).path
            for side in SIDES:
                self._copy(reference, path, side).unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove the uploads that no job of the history uses."""
        asked = [[one.pictures, one.settings] for one in self.history.entries()]
        used = set(re.findall(r"(?:upload|frame):([0-9a-f]+)", json.dumps(asked)))
        for upload in self.history.uploads():
            if upload.id not in used:
                self.forget_copies(f"upload:{upload.id}")
                self.history.remove_upload(upload.id)
        kept = {self._place(upload) for upload in self.history.uploads()}
        for path in self.folder.uploads.iterdir():
            if path not in kept:
                path.unlink()
        for path in self.folder.shown.iterdir():
            if path.is_dir() and path.name not in {one.stem for one in kept}:
                shutil.rmtree(path, ignore_errors=True)

    def _judged(self, part: Path, name: str) -> tuple[Upload, Tensor]:
        """The facts about an upload, and a reduced copy: proof that it can be decoded."""
        content = part.read_bytes()
        found = sniff(content[:HEAD])
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
        key = _key(hashlib.sha256(content).hexdigest(), called)
        return Upload(key, called, found.suffixes[0], width, height), picture

    def _upload(self, key: str) -> PictureFile | None:
        upload = self.history.upload(key)
        return PictureFile(self._place(upload), upload.name) if upload else None

    def _placed(self, key: str) -> tuple[Path, int]:
        """The film of a frame's reference, and the frame's number.

        Raises:
            PictureError: if there is no such film.
        """
        named, _, number = key.partition("-")
        upload = self.history.upload(named)
        clip = self._place(upload) if upload else None
        if clip is None or not clips.is_clip(clip) or not re.fullmatch("[0-9]{1,7}", number):
            raise PictureError("A frame that was asked for is gone.", "Choose it once more.")
        return clip, int(number)

    def _frame(self, key: str) -> PictureFile:
        """A frame as a picture, made once."""
        clip, index = self._placed(key)
        path = self.folder.frames(clip.stem) / f"{index}.png"
        if not path.exists():
            path.parent.mkdir(exist_ok=True)
            write_whole(path, images.encode_png(clips.frame(clip, index)))
        upload = self.history.upload(key.partition("-")[0])
        stem = upload.name.rpartition(".")[0] if upload else clip.stem
        return PictureFile(path, f"{stem} {index}.png")

    def _made(self, key: str) -> PictureFile | None:
        if not re.fullmatch("[0-9]{1,12}", key):
            return None
        entry = self.history.entry(int(key))
        if entry is None or not entry.files:
            return None
        path = self.folder.result(entry.id, 0, entry.files[0])
        return PictureFile(path, f"{entry.stem}{path.suffix}")

    def _place(self, upload: Upload) -> Path:
        return self.folder.uploads / f"{upload.id[:KEY]}{upload.suffix}"

    def _copy(self, reference: str, path: Path, side: int) -> Path:
        """The path of a reduced copy; a file that has changed has another one."""
        stamp = f"{reference} {path.stat().st_mtime_ns}"
        return self.folder.shown / f"{hashlib.sha256(stamp.encode()).hexdigest()[:KEY]}-{side}.jpg"


def _key(digest: str, called: str) -> str:
    """Key of an upload: the same file under two names is kept once, with the name of each."""
    return digest[:KEY] + hashlib.sha256(called.encode()).hexdigest()[:8]


def _listed(path: Path | None) -> PictureFile | None:
    return PictureFile(path, path.name) if path else None

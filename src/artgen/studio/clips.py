"""Clips: films that were dropped on the page, judged before they are kept, and their frames."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from torch import Tensor

from artgen import video
from artgen.errors import ArtgenError, PictureError
from artgen.ops.resize import fit, resize

__all__ = [
    "MOST_CLIP_BYTES",
    "MOST_CLIP_PIXELS",
    "MOST_FRAMES",
    "ClipFacts",
    "frame",
    "is_clip",
    "judged",
    "kind_of",
    "small_frame",
]

MOST_CLIP_BYTES = 256 << 20  # of an upload
MOST_CLIP_PIXELS = 4_000_000  # of a frame
MOST_FRAMES = 3600  # two minutes at 30 a second
HEAD = 64  # bytes that tell which container it is
# Suffix -> the name of its demuxer in ffmpeg. Others are refused: a playlist names further files.
CONTAINERS = {".mp4": "mov", ".mov": "mov", ".webm": "matroska", ".mkv": "matroska", ".avi": "avi"}
TAKEN = "MP4, MOV, WebM, MKV and AVI are taken."
_one_at_a_time = threading.Lock()  # a page that is scrubbed asks for many frames


@dataclass(frozen=True)
class ClipFacts:
    """What the page has to know of a clip.

    Attributes:
        frames: their number.
        rate: frames a second, on average.
        width, height: in pixels.
    """

    frames: int
    rate: float
    width: int
    height: int

    @classmethod
    def of(cls, path: Path) -> ClipFacts:
        """Those of a clip that was judged."""
        clip = _probed(path, path.stat().st_mtime_ns)
        return cls(clip.count, float(clip.rate), clip.size[1], clip.size[0])


def is_clip(path: Path) -> bool:
    """Whether a file of the studio's own is a film."""
    return path.suffix in CONTAINERS


def kind_of(head: bytes) -> str:
    """The suffix of a film by its first HEAD bytes; empty if it is none that is taken."""
    if head[4:8] == b"ftyp":
        return ".mov" if head[8:12] == b"qt  " else ".mp4"
    if head[:4] == b"\x1a\x45\xdf\xa3":  # EBML
        return ".webm" if b"webm" in head else ".mkv"
    return ".avi" if head[:4] == b"RIFF" and head[8:12] == b"AVI " else ""


def judged(path: Path, called: str) -> tuple[str, ClipFacts, Tensor]:
    """Suffix and facts of an upload, and its first frame, at least proof that it can be decoded.

    Args:
        path: the file, under any name.
        called: its owner's name for it, for messages.

    Raises:
        PictureError: if it is no film, is damaged, or has too many frames or pixels.
    """
    with path.open("rb") as file:
        suffix = kind_of(file.read(HEAD))
    if not suffix:
        raise PictureError(f"{called} is no film that this page takes.", TAKEN)
    try:
        clip = video.probe(path, max_pixels=MOST_CLIP_PIXELS, max_frames=MOST_FRAMES)
        if clip.streams.container != CONTAINERS[suffix]:
            raise PictureError(f"{called} is no film that this page takes.", TAKEN)
        first = next(video.frames(clip), None)
    except ArtgenError as error:
        raise PictureError(error.message.replace(str(path), called), error.hint) from error
    if first is None:
        raise PictureError(f"{called} has no frames that can be decoded.", TAKEN)
    facts = ClipFacts(clip.count, float(clip.rate), clip.size[1], clip.size[0])
    return suffix, facts, first


def frame(path: Path, index: int) -> Tensor:
    """A frame (1, 3, H, W) of a clip, by its number from 0.

    Raises:
        PictureError: if the clip ends before it.
    """
    clip = _probed(path, path.stat().st_mtime_ns)
    with _one_at_a_time:
        found = next(video.frames(clip, index), None) if index < clip.count else None
    if found is None:
        raise PictureError("The film has no such frame.", f"It has {clip.count}.")
    return found


def small_frame(path: Path, index: int, side: int) -> Tensor:
    """A frame, at most `side` px long."""
    found = frame(path, index)
    size = (found.shape[-2], found.shape[-1])
    return resize(found, fit(size, min(side, max(size))))


@lru_cache(8)
def _probed(path: Path, _: int) -> video.Clip:
    """A clip; read again once its file has changed."""
    return video.probe(path, max_frames=MOST_FRAMES)

"""Films out, chunk by chunk, so that a run that is cut short loses next to nothing.

OUT.part is a folder: each chunk in it is whole and can be played, and with the last one lies what
it takes to go on after it. At the end they are joined without being encoded again, and the sound
of the film they come from is copied beside them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from artgen.errors import PictureError, UsageError
from artgen.images import to_bytes
from artgen.video.ffmpeg import ffmpeg, named
from artgen.video.reading import Clip

__all__ = ["DONE", "STATE", "SUFFIXES", "Film", "Look", "check_film", "join"]

CHUNK, CHUNK_BYTES = 48, 300_000_000  # that one chunk holds at most
DONE, STATE = "frames done", ".state"
# Without frames that look ahead chunks join without a gap.
H264 = ("-c:v", "libx264", "-bf", "0", "-preset", "medium", "-pix_fmt", "yuv420p")
CODECS = {
    ".mp4": H264,
    ".mov": H264,
    ".mkv": H264,
    ".webm": ("-c:v", "libvpx-vp9", "-b:v", "0", "-row-mt", "1", "-pix_fmt", "yuv420p"),
}
SUFFIXES = (*CODECS, ".gif")  # that films are written with
PALETTE = "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=sierra2_4a"
# Without these a player has to guess which greens and reds an encoder meant.
COLOURS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
TAGS = ("-movflags", "+use_metadata_tags")
LONGEST_NOTE = 60_000  # bytes of a recipe, in the command line of ffmpeg


@dataclass(frozen=True)
class Look:
    """What all chunks of a film have in common.

    Attributes:
        suffix: of the film, which says how it is encoded.
        size: (H, W) of its frames. Odd ones get another row or column, which no codec is without.
        rate: frames a second.
        quality: 1 to 100.
    """

    suffix: str
    size: tuple[int, int]
    rate: Fraction
    quality: int = 80

    def raw(self, picture: Tensor) -> bytes:
        """A frame (1, 3, H, W) in [0, 1] as ffmpeg takes it."""
        height, width = self.size
        picture = picture.detach().float().cpu().clamp(0, 1)
        if height % 2 or width % 2:
            picture = F.pad(picture, (0, width % 2, 0, height % 2), mode="replicate")
        return to_bytes(picture).tobytes()

    def write(self, path: Path, frames: Iterable[bytes], note: str = "") -> None:
        """Encodes frames, as `raw` gives them, as one chunk.

        Raises:
            OSError: if ffmpeg fails.
        """
        height, width = (length + length % 2 for length in self.size)
        said = ["-metadata", f"comment={note[:LONGEST_NOTE]}", *TAGS] if note else []
        ffmpeg(
            [
                *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"),
                *("-r", f"{self.rate}", "-i", "-", *self._encoding(), *said, named(path)),
            ],
            frames,
        )

    def _encoding(self) -> list[str]:
        """How chunks are encoded; those of a GIF lose nothing, for its palette comes last."""
        if self.suffix == ".gif":
            return ["-c:v", "libx264rgb", "-qp", "0", "-bf", "0"]
        worst, best = (63, 4) if self.suffix == ".webm" else (40, 8)
        crf = worst + (best - worst) * (self.quality - 1) / 99
        matrix = "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int"
        return ["-vf", matrix, *CODECS[self.suffix], "-crf", f"{crf:.0f}", *COLOURS]


def join(
    chunks: Sequence[Path], film: Path, sound: Clip | None, seconds: float, recipe: str
) -> None:
    """Joins chunks, encoded no second time, and adds the sound.

    Args:
        chunks: in order, all in one folder.
        film: is written; a GIF gets its palette now.
        sound: the film whose sound it gets, if it has any.
        seconds: that it lasts.
        recipe: goes into its comment.

    Raises:
        OSError: if ffmpeg fails.
    """
    listed = chunks[0].with_name("chunks.txt")
    listed.write_text("".join(f"file '{chunk.name}'\n" for chunk in chunks), encoding="utf-8")
    command = ["-f", "concat", "-i", named(listed)]
    if film.suffix.lower() == ".gif":
        command += ["-vf", PALETTE]
    else:
        if sound is not None and sound.sound:
            copied = "libopus" if film.suffix.lower() == ".webm" else "copy"
            command += ["-i", named(sound.path), "-map", "0:v", "-map", "1:a"]
            command += ["-c:a", copied, "-t", f"{seconds:.6f}"]
        command += ["-c:v", "copy"]
        if film.suffix.lower() in {".mp4", ".mov"}:
            command += ["-movflags", "+faststart+use_metadata_tags"]
        command += ["-metadata", f"comment={recipe[:LONGEST_NOTE]}"]
    ffmpeg([*command, named(film)])


class Film:
    """A film that is being made, chunk by chunk.

    What was made of it before is kept, where it was made by the same recipe: `done` says how many
    frames there are, and `state` what was given to `keep` after the last of them.

    Args:
        path: where it will be; its suffix says how it is encoded.
        size: (H, W) of its frames. Odd ones get another row or column, which no codec is without.
        rate: frames a second.
        recipe: how it is made, as TOML: an unfinished film of another one is not gone on with.
        sound: the film whose sound it gets, if it has any.
        quality: 1 to 100.

    Raises:
        UsageError: for a suffix that is no film's, or an unfinished film of another recipe there.
        PictureError: if it cannot be written.
    """

    def __init__(
        self,
        path: str | Path,
        size: tuple[int, int],
        rate: Fraction,
        *,
        recipe: str = "",
        sound: Clip | None = None,
        quality: int = 80,
    ) -> None:
        self.path, self.recipe, self.sound = Path(path), recipe, sound
        check_film(self.path)
        self.look = Look(self.path.suffix.lower(), size, rate, quality)
        self.parts = self.path.with_name(self.path.name + ".part")
        self.waiting: list[bytes] = []
        self.state: dict[str, Tensor] = {}
        self.done = 0
        with _told(self.path):
            self._go_on()

    def _go_on(self) -> None:
        """Takes up what an earlier run left, or begins."""
        said = self.parts / "recipe.toml"
        if self.parts.is_dir() and said.is_file():
            if said.read_text(encoding="utf-8") != self.recipe:
                raise UsageError(
                    f"{self.parts} holds an unfinished film that was made another way.",
                    "Remove that folder, or choose another name for the output.",
                )
            self._count()
            return
        self.parts.mkdir(exist_ok=True)
        said.write_text(self.recipe, encoding="utf-8")

    def _count(self) -> None:
        """The frames of all chunks that are whole, and the state after the last of them."""
        for chunk in reversed(self._chunks()):
            try:
                self.state = load_file(chunk.with_suffix(STATE))
            except (OSError, SafetensorError):
                chunk.unlink()
                continue
            self.done = int(self.state.pop(DONE))
            break

    def _chunks(self) -> list[Path]:
        """Those without a gap, in order."""
        found = sorted(self.parts.glob("[0-9]*.mp4"))
        return [path for index, path in enumerate(found) if path.stem == f"{index:06d}"]

    def add(self, picture: Tensor, state: Callable[[], Mapping[str, Tensor]] = dict) -> None:
        """The next frame (1, 3, H, W) in [0, 1]; `state` is what it takes to go on after it."""
        self.waiting.append(self.look.raw(picture))
        self.done += 1
        full = len(self.waiting) * len(self.waiting[0]) >= CHUNK_BYTES
        if full or len(self.waiting) == CHUNK:
            self.keep(state())

    def keep(self, state: Mapping[str, Tensor]) -> None:
        """Writes the frames that wait as one chunk, whole or not at all.

        Raises:
            PictureError: if there is no room for it.
        """
        if not self.waiting:
            return
        chunk = self.parts / f"{len(self._chunks()):06d}.mp4"
        draft = chunk.with_suffix(".new.mp4")
        with _told(self.path):
            tensors = {name: value.detach().cpu().contiguous() for name, value in state.items()}
            tensors[DONE] = torch.tensor(self.done)
            save_file(tensors, chunk.with_suffix(STATE))
            _synced(chunk.with_suffix(STATE))
            self.look.write(draft, self.waiting)
            _synced(draft)
            os.replace(draft, chunk)
        for old in self._chunks()[:-1]:
            old.with_suffix(STATE).unlink(missing_ok=True)
        self.waiting.clear()

    def finish(self, recipe: str = "") -> None:
        """Joins the chunks, adds the sound, and puts the film in its place.

        Args:
            recipe: goes into the film's comment; if not given, the one that it began with.

        Raises:
            PictureError: if there is no room for it; the chunks stay.
        """
        self.keep({})
        draft = self.parts / f"film{self.look.suffix}"
        with _told(self.path):
            seconds = float(self.done / self.look.rate)
            join(self._chunks(), draft, self.sound, seconds, recipe or self.recipe)
            _synced(draft)
            os.replace(draft, self.path)
        shutil.rmtree(self.parts, ignore_errors=True)


def check_film(path: Path) -> None:
    """Refuses what no film can be written to.

    Raises:
        UsageError: for a suffix that is no film's, or a folder.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path} is no name of a film.", f"It can end with {', '.join(SUFFIXES)}.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Name a file in it, such as film.mp4.")


def _synced(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Says in one sentence what kept a film from being written."""
    try:
        yield
    except (OSError, SafetensorError) as error:
        raise PictureError(
            f"{path} cannot be written: {error}.",
            f"What is done stays in {path}.part, and the same command goes on from there.",
        ) from error

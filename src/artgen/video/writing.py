"""Films out, chunk by chunk, so that an interrupted run loses next to nothing.

OUT.part.mp4 grows by a chunk of frames at a time and can be played at any time: it is fragmented
(ISO/IEC 14496-12, movie fragments). The folder OUT.part holds what is needed to resume after it. At
the end the frames are copied into the final file without being encoded again, together with the
sound of the film they come from.
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

from artgen.core.files import drafted
from artgen.errors import PictureError, UsageError
from artgen.ops.samples import to_bytes
from artgen.video import fragments
from artgen.video.ffmpeg import ffmpeg, named
from artgen.video.reading import Clip

__all__ = ["DONE", "STATE", "SUFFIXES", "Film", "Look", "check_film", "join"]

CHUNK, CHUNK_BYTES = 48, 300_000_000  # most frames, and bytes of them, in a chunk
DONE, LENGTH, STATE = "frames done", "bytes done", ".state"
# Every chunk is one or more fragments, and none of them refers to data outside it.
FRAGMENTS = "frag_keyframe+empty_moov+default_base_moof+skip_trailer"
# Without B-frames, chunks join without a gap.
H264 = ("-c:v", "libx264", "-bf", "0", "-preset", "medium", "-pix_fmt", "yuv420p")
CODECS = {
    ".mp4": H264,
    ".mov": H264,
    ".mkv": H264,
    ".webm": ("-c:v", "libvpx-vp9", "-b:v", "0", "-row-mt", "1", "-pix_fmt", "yuv420p"),
}
SUFFIXES = (*CODECS, ".gif")  # that films are written with
PALETTE = "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=sierra2_4a"
# Without these a player has to guess the colour space.
COLOURS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
TAGS = ("-movflags", "+use_metadata_tags")
LONGEST_NOTE = 60_000  # bytes of a recipe, in the command line of ffmpeg


@dataclass(frozen=True)
class Look:
    """Encoding parameters that all chunks of a film share.

    Attributes:
        suffix: of the film, which determines the codec.
        size: (H, W) of its frames, in pixels. H.264 has no odd sizes: such frames get another row
            or column.
        rate: frames per second.
        quality: 1 to 100.
    """

    suffix: str
    size: tuple[int, int]
    rate: Fraction
    quality: int = 80

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the frames as they are encoded, in pixels."""
        if CODECS.get(self.suffix) is not H264:
            return self.size
        height, width = self.size
        return height + height % 2, width + width % 2

    def raw(self, picture: Tensor) -> bytes:
        """A frame (1, 3, H, W) in [0, 1] as raw RGB bytes for ffmpeg."""
        height, width = self.shape
        picture = picture.detach().float().cpu().clamp(0, 1)
        if (height, width) != self.size:
            beyond = (0, width - self.size[1], 0, height - self.size[0])
            picture = F.pad(picture, beyond, mode="replicate")
        return to_bytes(picture).tobytes()

    def write(
        self, path: Path, frames: Iterable[bytes], note: str = "", *, fragmented: bool = False
    ) -> None:
        """Encodes frames, as `raw` gives them, as one chunk.

        Args:
            path: is written.
            frames: one after the other.
            note: text for its comment.
            fragmented: whether others are appended to it; a frame takes `rate`'s denominator.

        Raises:
            OSError: if ffmpeg fails.
        """
        height, width = self.shape
        said = ["-metadata", f"comment={note[:LONGEST_NOTE]}", *TAGS] if note else []
        if fragmented:
            said += ["-video_track_timescale", f"{self.rate.numerator}", "-movflags", FRAGMENTS]
        ffmpeg(
            [
                *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"),
                *("-r", f"{self.rate}", "-i", "-", *self._encoding(), *said, named(path)),
            ],
            frames,
        )

    def _encoding(self) -> list[str]:
        """Arguments that encode a chunk; lossless for a GIF, whose palette comes last."""
        if self.suffix == ".gif":
            return ["-c:v", "libx264rgb", "-qp", "0", "-bf", "0"]
        worst, best = (63, 4) if self.suffix == ".webm" else (40, 8)
        crf = worst + (best - worst) * (self.quality - 1) / 99
        matrix = "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int"
        return ["-vf", matrix, *CODECS[self.suffix], "-crf", f"{crf:.0f}", *COLOURS]


def join(
    chunks: Sequence[Path], film: Path, sound: Clip | None, seconds: float, recipe: str
) -> None:
    """Joins chunks without encoding them again, and adds the sound.

    Args:
        chunks: in order, all in one folder; or the one that has all frames.
        film: is written; a GIF gets its palette now.
        sound: the film whose sound it gets, if it has any.
        seconds: duration.
        recipe: text for its comment.

    Raises:
        OSError: if ffmpeg fails.
    """
    command = ["-i", named(chunks[0])]
    if len(chunks) > 1:
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
    """A film that is being written, chunk by chunk.

    An unfinished film of the same recipe is resumed: `done` is the number of its frames, and
    `state` what was given to `keep` after the last of them.

    Args:
        path: of the finished film; its suffix determines the codec.
        size: (H, W) of its frames; as of a Look.
        rate: frames per second.
        recipe: TOML; an unfinished film of another recipe is not resumed.
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
        self.growing = self.path.with_name(self.path.stem + ".part.mp4")
        self.waiting: list[bytes] = []
        self.state: dict[str, Tensor] = {}
        self.done, self.length = 0, 0
        with self._told():
            self._go_on()

    def _go_on(self) -> None:
        """Resumes what an earlier run left, or begins."""
        said = self.parts / "recipe.toml"
        if self.parts.is_dir() and said.is_file():
            if said.read_text(encoding="utf-8") != self.recipe:
                raise UsageError(
                    f"{self.parts} belongs to an unfinished film that was made another way.",
                    "Remove that folder, or choose another name for the output.",
                )
            self._count()
        else:
            self.parts.mkdir(exist_ok=True)
            said.write_text(self.recipe, encoding="utf-8")
        with self.growing.open("ab") as file:
            file.truncate(self.length)  # an incomplete chunk of an interrupted run

    def _count(self) -> None:
        """Reads the number of frames, and the state after the last of them."""
        try:
            state = load_file(self._state)
            done, length = int(state.pop(DONE)), int(state.pop(LENGTH))
            if length <= self.growing.stat().st_size:
                self.state, self.done, self.length = state, done, length
        except (OSError, SafetensorError, KeyError):
            pass  # begin from the first frame

    @property
    def _state(self) -> Path:
        return self.parts / "state.safetensors"

    def add(self, picture: Tensor, state: Callable[[], Mapping[str, Tensor]] = dict) -> None:
        """Adds the next frame.

        Args:
            picture: (1, 3, H, W) in [0, 1].
            state: returns what is needed to resume after it, tensors of any shape.
        """
        self.waiting.append(self.look.raw(picture))
        self.done += 1
        full = len(self.waiting) * len(self.waiting[0]) >= CHUNK_BYTES
        if full or len(self.waiting) == CHUNK:
            self.keep(state())

    def keep(self, state: Mapping[str, Tensor]) -> None:
        """Appends the waiting frames to the film so far, all or none.

        Args:
            state: what is needed to resume after them, tensors of any shape by name.

        Raises:
            PictureError: if there is no room for it.
        """
        if not self.waiting:
            return
        draft, noted = self.parts / "chunk.mp4", self.parts / "state.new"
        with self._told():
            try:
                self.look.write(draft, self.waiting, fragmented=True)
                length = self._grow(draft.read_bytes())
                tensors = {name: value.detach().cpu().contiguous() for name, value in state.items()}
                tensors[DONE], tensors[LENGTH] = torch.tensor(self.done), torch.tensor(length)
                with drafted(self._state, noted):
                    save_file(tensors, noted)
                self.length = length
            finally:
                for left in (draft, noted):
                    left.unlink(missing_ok=True)
                if self.growing.stat().st_size > self.length:
                    os.truncate(self.growing, self.length)
        self.waiting.clear()

    def _grow(self, chunk: bytes) -> int:
        """Appends a chunk to the film so far, and returns the length of that in bytes."""
        before = self.done - len(self.waiting)
        chunk = fragments.later(chunk, before * self.look.rate.denominator)
        with self.growing.open("ab") as file:
            file.write(fragments.bare(chunk) if before else chunk)
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def finish(self, recipe: str = "") -> None:
        """Adds the sound, and moves the film to its path.

        Args:
            recipe: text for the film's comment; if not given, the one that it began with.

        Raises:
            PictureError: if there is no room for it; what there is so far stays.
        """
        self.keep({})
        draft = self.parts / f"film{self.look.suffix}"
        with self._told():
            seconds = float(self.done / self.look.rate)
            with drafted(self.path, draft):
                join([self.growing], draft, self.sound, seconds, recipe or self.recipe)
            self.growing.unlink()
        shutil.rmtree(self.parts, ignore_errors=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns an error while the film is written into a PictureError."""
        try:
            yield
        except (OSError, SafetensorError) as error:
            raise PictureError(
                f"{self.path} cannot be written: {error}.",
                f"What is done can be played, {self.growing}, and the same command goes on there.",
            ) from error


def check_film(path: Path) -> None:
    """Refuses a path that no film can be written to.

    Raises:
        UsageError: for a suffix that is no film's, or a folder.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path} is no name of a film.", f"It can end with {', '.join(SUFFIXES)}.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Name a file in it, such as film.mp4.")

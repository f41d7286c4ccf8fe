"""Frames encoded in chunks that share their parameters, and chunks joined to a film."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch.nn.functional as F
from torch import Tensor

from artgen.ops.samples import to_bytes
from artgen.video.colours import WRITTEN
from artgen.video.companions import Companions
from artgen.video.containers import CONTAINERS, Container
from artgen.video.ffmpeg import ffmpeg, named
from artgen.video.timing import Timing

__all__ = ["Look", "join"]

# Every chunk is one or more fragments, and none of them refers to data outside it.
FRAGMENTS = "frag_keyframe+empty_moov+default_base_moof+skip_trailer"
TAGS = ("-movflags", "+use_metadata_tags")
LONGEST_NOTE = 60_000  # bytes of a recipe, in the command line of ffmpeg
LOSSLESS = ("-c:v", "libx264rgb", "-qp", "0", "-bf", "0")  # for a film that is encoded at the end


@dataclass(frozen=True)
class Look:
    """Encoding parameters that all chunks of a film share.

    Attributes:
        suffix: of the film, which determines the codec.
        size: (H, W) of its frames, in pixels. H.264 has no odd sizes: such frames get another row
            or column.
        timing: when its frames are shown.
        quality: 1 to 100.
    """

    suffix: str
    size: tuple[int, int]
    timing: Timing
    quality: int = 80

    @property
    def container(self) -> Container:
        return CONTAINERS[self.suffix]

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the frames as they are encoded, in pixels."""
        height, width = self.size
        if not self.container.even:
            return height, width
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
        self,
        path: Path,
        frames: Sequence[bytes],
        note: str = "",
        *,
        start: int = 0,
        fragmented: bool = False,
    ) -> None:
        """Encodes frames, as `raw` gives them, as one chunk.

        Args:
            path: is written.
            frames: one after the other.
            note: text for its comment.
            start: number of the first of them in the film.
            fragmented: whether others are appended to it.

        Raises:
            OSError: if ffmpeg fails.
        """
        height, width = self.shape
        said = ["-metadata", f"comment={note[:LONGEST_NOTE]}", *TAGS] if note else []
        if fragmented:
            said += ["-video_track_timescale", f"{self.timing.scale}", "-movflags", FRAGMENTS]
        filters, coded = self._encoding()
        moments, clock = self.timing.paced(start, len(frames))
        shown = ["-vf", ",".join([*filters, *moments])] if filters or moments else []
        ffmpeg(
            [
                *("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}"),
                *(
                    "-r",
                    f"{self.timing.rate}",
                    "-i",
                    "-",
                    *shown,
                    *coded,
                    *clock,
                    *said,
                    named(path),
                ),
            ],
            frames,
        )

    def _encoding(self) -> tuple[list[str], list[str]]:
        """Filters and arguments that encode a chunk."""
        container = self.container
        if not container.chunk:
            return [], [*LOSSLESS]
        worst, best = container.worst, container.best
        crf = worst + (best - worst) * (self.quality - 1) / 99
        return [WRITTEN], [*container.chunk, "-crf", f"{crf:.0f}"]


def join(
    chunks: Sequence[Path],
    film: Path,
    look: Look,
    count: int,
    beside: Companions | None,
    recipe: str,
) -> None:
    """Joins chunks, without encoding them again if they need not be, and adds the sound.

    Args:
        chunks: in order, all in one folder; or the one that has all frames.
        film: is written; a GIF gets its palette now.
        look: of the chunks.
        count: frames in all of them.
        beside: what goes with the pictures, if anything.
        recipe: text for its comment.

    Raises:
        OSError: if ffmpeg fails.
    """
    command = ["-i", named(chunks[0])]
    if len(chunks) > 1:
        listed = chunks[0].with_name("chunks.txt")
        listed.write_text("".join(f"file '{chunk.name}'\n" for chunk in chunks), encoding="utf-8")
        command = ["-f", "concat", "-i", named(listed)]
    if look.container.chunk:
        if beside is not None:
            command += beside.arguments(look.timing.seconds(count))
        command += ["-c:v", "copy"]
        if film.suffix.lower() in {".mp4", ".mov"}:
            command += ["-movflags", "+faststart+use_metadata_tags"]
        command += ["-metadata", f"comment={recipe[:LONGEST_NOTE]}"]
    else:
        command += _painted(look, count)
    ffmpeg([*command, named(film)])


def _painted(look: Look, count: int) -> list[str]:
    """Arguments that encode a film whose chunks are lossless."""
    return ["-vf", look.container.last]

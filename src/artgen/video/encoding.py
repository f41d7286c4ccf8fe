"""Frames encoded in chunks that share their parameters, and chunks joined to a film."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from artgen.images import keep_recipe, mend_webp
from artgen.ops.resize import resize
from artgen.ops.samples import to_bytes
from artgen.video.colours import WRITTEN
from artgen.video.companions import Companions
from artgen.video.containers import CONTAINERS, Container
from artgen.video.ffmpeg import ffmpeg, named
from artgen.video.reading import Clip, alphas
from artgen.video.timing import FINE, Timing

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Look", "Raw", "join"]

# Every chunk is one or more fragments, and none of them refers to data outside it.
FRAGMENTS = "frag_keyframe+empty_moov+default_base_moof+skip_trailer"
TAGS = ("-movflags", "+use_metadata_tags")
LONGEST_NOTE = 60_000  # bytes of a recipe, in the command line of ffmpeg
# For a film that is encoded at the end.
LOSSLESS = ("-c:v", "libx264rgb", "-qp", "0", "-bf", "0")
CLEAR = ("-c:v", "ffv1", "-g", "1", "-pix_fmt", "bgra")


@dataclass(frozen=True)
class Look:
    """Encoding parameters that all chunks of a film share.

    Attributes:
        suffix: of the film, which determines the codec.
        size: (H, W) of its frames, in pixels. H.264 has no odd sizes: such frames get another row
            or column.
        timing: when its frames are shown.
        quality: 1 to 100.
        alpha: whether frames have transparency.
    """

    suffix: str
    size: tuple[int, int]
    timing: Timing
    quality: int = 80
    alpha: bool = False

    @classmethod
    def of(cls, suffix: str, size: tuple[int, int], source: Clip, quality: int = 80) -> Look:
        """The parameters of a film with frames of a size (H, W) that is made from another film."""
        alpha = source.alpha and bool(CONTAINERS[suffix].clear)
        return cls(suffix, size, source.timing, quality, alpha)

    @property
    def container(self) -> Container:
        return CONTAINERS[self.suffix]

    @property
    def lossless(self) -> bool:
        """Whether chunks are lossless, and the whole film is encoded at the end."""
        return self.alpha or not self.container.chunk

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W) of the frames as they are encoded, in pixels."""
        height, width = self.size
        if self.lossless or not self.container.even:
            return height, width
        return height + height % 2, width + width % 2

    def raw(self, picture: Tensor, alpha: Tensor | None = None) -> bytes:
        """A frame as raw bytes for ffmpeg.

        Args:
            picture: (1, 3, H, W) in [0, 1].
            alpha: (1, 1, h, w) in [0, 1], resized to the picture; used if the look has alpha.
        """
        import torch
        import torch.nn.functional as F

        height, width = self.shape
        picture = picture.detach().float().cpu().clamp(0, 1)
        if (height, width) != self.size:
            beyond = (0, width - self.size[1], 0, height - self.size[0])
            picture = F.pad(picture, beyond, mode="replicate")
        if self.alpha:
            alpha = torch.ones(1) if alpha is None else resize(alpha, self.size)
            picture = torch.cat([picture, alpha.expand(1, 1, height, width)], 1)
        return to_bytes(picture).tobytes()

    def write(
        self,
        path: Path,
        frames: Iterable[bytes],
        count: int,
        note: str = "",
        *,
        start: int = 0,
        fragmented: bool = False,
    ) -> None:
        """Encodes frames, as `raw` gives them, as one chunk.

        Args:
            path: is written.
            frames, count: one after the other, and how many.
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
        filters, coded = ([], [*self._unlost()]) if self.lossless else self._encoding()
        moments, clock = self.timing.paced(start, count)
        shown = ["-vf", ",".join([*filters, *moments])] if filters or moments else []
        ffmpeg(
            [
                *(
                    "-f",
                    "rawvideo",
                    "-pix_fmt",
                    "rgba" if self.alpha else "rgb24",
                    "-s",
                    f"{width}x{height}",
                ),
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

    def _unlost(self) -> tuple[str, ...]:
        return CLEAR if self.alpha else LOSSLESS

    def _encoding(self) -> tuple[list[str], list[str]]:
        """Filters and arguments that encode frames as the film has them."""
        container = self.container
        coding = container.clear if self.alpha else container.chunk or container.whole
        filters = [WRITTEN] if container.chunk else [container.last]
        return [one for one in filters if one], container.rated(coding, self.quality)

    def whole(self, count: int) -> list[str]:
        """Arguments that encode the film of `count` frames whose chunks are lossless."""
        filters, coded = self._encoding()
        slowed, last = self.timing.slowed(self.container.most, count)
        filters = [*slowed, *filters]
        pace = ["-fps_mode", "passthrough"]
        if self.timing.moments is not None:
            pace += ["-enc_time_base", f"1/{FINE}"]
        if self.container.delay:
            whole = round(last * self.container.delay)
            unit = "" if self.suffix == ".gif" else f"/{self.container.delay}"
            pace += ["-final_delay", f"{whole}{unit}"]
        return [*(["-vf", ",".join(filters)] if filters else []), *coded, *pace]


class Raw:
    """Frames as raw bytes for ffmpeg, with the transparency of the film that they are made from.

    Args:
        look: of the film that is written.
        source: the film that it is made from, if any.
        start: number of the first frame.
    """

    def __init__(self, look: Look, source: Clip | None, start: int) -> None:
        self.look = look
        self.alphas: Iterator[Tensor] = iter(())
        if look.alpha and source is not None:
            self.alphas = alphas(source, start)

    def __call__(self, picture: Tensor) -> bytes:
        """The next frame (1, 3, H, W) in [0, 1]."""
        return self.look.raw(picture, next(self.alphas, None))


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
    if beside is not None and look.container.sound:
        command += beside.arguments(look.timing.seconds(count))
    command += look.whole(count) if look.lossless else ["-c:v", "copy", *look.timing.ending(count)]
    if film.suffix.lower() in {".mp4", ".mov"}:
        command += ["-movflags", "+faststart+use_metadata_tags"]
    if look.container.sound:
        command += ["-metadata", f"comment={recipe[:LONGEST_NOTE]}"]
    ffmpeg([*command, named(film)])
    if not look.container.sound:
        keep_recipe(film, recipe)
    if film.suffix.lower() == ".webp":
        _, last = look.timing.slowed(look.container.most, count)
        mend_webp(film, 1000 * last, alpha=look.alpha)

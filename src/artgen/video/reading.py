"""Films in: size and rate of a file, its frames one after the other, and its recipe."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from artgen import images
from artgen.errors import PictureError
from artgen.images import animation, animation_frames
from artgen.images.formats import HEAD, sniff
from artgen.ops.arrays import on_mean
from artgen.video.colours import filters_of, notes_of
from artgen.video.ffmpeg import ffmpeg, named, output_of, streaming
from artgen.video.streams import NONE, Picture, Streams, streams_in
from artgen.video.timing import (
    FINE,
    Timing,
    between_keys,
    started,
    timing_by,
    timing_of,
    untimed,
)

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Clip", "alphas", "frames", "probe", "read_recipe"]

SHORT = 0.5  # seconds by which pictures may end before their film does: the sound may be longer
LEAD = 2  # seconds that are decoded before the first wanted frame
UNINDEXED = ("mpegts", "mpeg")  # containers in which a seek may end between two keyframes


@dataclass(frozen=True)
class Clip:
    """A film on disk.

    Attributes:
        path: the file.
        size: (H, W) in pixels as it is shown, rotated where the camera was.
        timing: when its frames are shown.
        count: frames, as far as the file tells.
        streams: what is in the file.
        alpha: whether its frames have transparency.
        late: frames by which the decoder's times are late: of B-frames in AVI.
        apart: most seconds between two keyframes.
    """

    path: Path
    size: tuple[int, int]
    timing: Timing
    count: int
    streams: Streams
    alpha: bool = False
    late: int = 0
    apart: float = 0.0

    @property
    def rate(self) -> Fraction:
        """Frames per second; on average, where the rate varies."""
        return self.timing.rate

    @property
    def sound(self) -> bool:
        """Whether it has any."""
        return bool(self.streams.sound)

    @property
    def notes(self) -> Sequence[str]:
        """A sentence for each thing that is read in another way than the file has or says it."""
        picture, told = self.streams.picture, self.streams.seconds
        notes = [*notes_of(picture, self.path.name)] if picture else []
        ends = self.timing.seconds(self.count)
        if told - ends > SHORT:
            notes.append(
                f"{self.path.name} says it lasts {told:.1f} s; its frames end at {ends:.1f} s."
            )
        return notes


def probe(
    path: str | Path, *, max_pixels: int | None = None, max_frames: int | None = None
) -> Clip:
    """Properties of a film, found by reading its packets and decoding its first frame.

    Args:
        path: the file.
        max_pixels: of a frame, checked before any is decoded; None for any number.
        max_frames: in all, checked before more packets are read; None for any number.

    Raises:
        PictureError: if it does not exist, is no film that can be decoded, or has more pixels or
            frames than allowed.
    """
    path = Path(path)
    if not path.is_file():
        raise PictureError(f"{path} is not there.", "Check the path.")
    if _is_picture(path):
        return _animated(path)
    streams = streams_in(ffmpeg(["-i", named(path)], check=False))
    picture = streams.picture
    if picture is None and streams.sound:
        raise PictureError(f"{path} has sound, and no moving pictures.", "Take a film.")
    if picture is not None and max_pixels is not None:
        _check_pixels(path, picture, max_pixels)
    header = None
    if picture is not None:
        shown = [*_decoded(path, picture), "-frames:v", "1", "-f", "image2pipe", "-c:v", "ppm"]
        header = re.match(rb"P6\s(\d+)\s(\d+)\s", output_of(shown))
    if not header or picture is None:
        raise PictureError(f"{path} is no film that can be read.", "Try to convert it to MP4.")
    packets = ["-i", named(path), "-map", f"0:{picture.index}", "-c", "copy"]
    if max_frames is not None:  # a packet may be half a frame
        packets += ["-frames:v", str(max_frames * (1 + picture.fields) + 1)]
    listed = output_of([*packets, "-f", "framecrc"]).decode()
    timing, count = timing_of(listed, picture.rate, fields=picture.fields)
    if max_frames is not None and count > max_frames:
        raise PictureError(
            f"{path} has more than {max_frames} frames.", "Cut out the part that is needed."
        )
    return Clip(
        path,
        (int(header[2]), int(header[1])),
        timing,
        max(count, 1),
        streams,
        picture.alpha,
        _late(path, picture, timing) if untimed(listed) else 0,
        between_keys(listed),
    )


def _check_pixels(path: Path, picture: Picture, most: int) -> None:
    """Refuse frames of too many pixels, oblong ones made square.

    Raises:
        PictureError: if they have more than `most`.
    """
    height, width = picture.size
    width = round(width * max(picture.aspect, 1 / picture.aspect))
    if height * width > most:
        raise PictureError(
            f"{path} has frames of {width} x {height} px.",
            f"Make it smaller first: {most:,} px are the most.",
        )


def _late(path: Path, picture: Picture, timing: Timing) -> int:
    """Frames by which the first decoded frame is late, in a file without times."""
    first = [*_decoded(path, picture), "-frames:v", "1", "-fps_mode", "passthrough"]
    told = output_of([*first, "-f", "framecrc"]).decode()
    return round(started(told) * timing.rate)


def _is_picture(path: Path) -> bool:
    """Whether a file is a picture, which Pillow knows the frames of, and no film."""
    with path.open("rb") as file:
        return sniff(file.read(HEAD)) is not None


def _animated(path: Path) -> Clip:
    """An animated picture as a film."""
    told = animation(path)
    timing = timing_by([Fraction(delay).limit_denominator(FINE) for delay in told.delays])
    return Clip(path, told.size, timing, len(told.delays), NONE, told.alpha)


def _decoded(path: Path, picture: Picture) -> list[str]:
    """Arguments that decode a film to frames as they are shown: upright, with square pixels."""
    filters = ",".join(filters_of(picture))
    # ffmpeg's own decoders leave out the alpha of these.
    decoder = {"vp8": "libvpx", "vp9": "libvpx-vp9"}.get(picture.codec) if picture.alpha else None
    return [
        *(("-c:v", decoder) if decoder else ()),
        "-i",
        named(path),
        "-map",
        f"0:{picture.index}",
        *(("-vf", filters) if filters else ()),
    ]


def frames(clip: Clip, start: int = 0) -> Iterator[Tensor]:
    """Each frame as a picture (1, 3, H, W) in [0, 1], from number `start` on.

    At an even rate frames come as often as the rate says; else each comes once. Frames long before
    `start` are skipped and not decoded; the others come at the same times as if all were decoded.
    Where it is transparent, a frame is laid on its own mean colour, as a picture is.

    Raises:
        PictureError: if the film ends within a frame.
    """
    if clip.streams.picture is None:
        yield from (picture for picture, _ in animation_frames(clip.path, start))
        return
    for planes in _planes(clip, start):
        picture = planes[:, :3].float() / 255
        if clip.alpha:  # in place: the array shares the tensor's memory
            on_mean(picture.numpy(), (planes[:, 3:].float() / 255).numpy())
        yield picture


def alphas(clip: Clip, start: int = 0) -> Iterator[Tensor]:
    """The transparency (1, 1, H, W) in [0, 1] of each frame of a film that has any.

    Raises:
        PictureError: if the film ends within a frame.
    """
    import torch

    if clip.streams.picture is None:
        for _, alpha in animation_frames(clip.path, start):
            yield torch.ones((1, 1, *clip.size)) if alpha is None else alpha
        return
    for planes in _planes(clip, start):
        yield planes[:, 3:].float() / 255


def _planes(clip: Clip, start: int) -> Iterator[Tensor]:
    """Each frame from a number on as RGB, or RGBA where it has alpha: bytes (1, C, H, W)."""
    import torch

    height, width = clip.size
    channels = 4 if clip.alpha else 3
    length = height * width * channels
    begin, sought = _sought(clip, start)
    picture = clip.streams.picture
    assert picture is not None, "a clip has moving pictures"
    even = clip.timing.moments is None
    paced = ("-fps_mode", "cfr", "-r", f"{clip.rate}") if even else ("-fps_mode", "passthrough")
    decoded = _decoded(clip.path, picture)
    command = [
        *sought,
        *decoded,
        *paced,
        "-f",
        "rawvideo",
        "-pix_fmt",
        ("rgb24", "rgba")[clip.alpha],
    ]
    with streaming(command) as stream:
        for index in itertools.count(begin - clip.late):
            data = stream.read(length)
            if len(data) < length:
                break
            if index >= start:
                flat = torch.frombuffer(bytearray(data), dtype=torch.uint8)
                yield flat.view(height, width, channels).permute(2, 0, 1)[None]
    if data:
        raise PictureError(f"{clip.path} breaks off in the middle of a frame.")


def _sought(clip: Clip, start: int) -> tuple[int, list[str]]:
    """The number of the first frame to decode for one that is wanted, and arguments to seek it."""
    timing, unindexed = clip.timing, clip.streams.container in UNINDEXED
    if timing.moments is None:
        lead = LEAD + (clip.apart if unindexed else 0)
        begin = max(start - round(lead * timing.rate), 0)
        return begin, ["-ss", f"{float(begin / timing.rate):.6f}"] if begin else []
    if start == 0 or unindexed:
        return 0, []
    between = (timing.seconds(start - 1) + timing.seconds(start)) / 2
    return start, ["-ss", f"{between:.6f}"]


def read_recipe(path: str | Path) -> str | None:
    """The recipe in a film's comment, None where it has none."""
    if _is_picture(Path(path)):
        return images.read_recipe(path)
    told = ffmpeg(["-i", named(Path(path)), "-f", "ffmetadata", "-"], check=False)
    found = re.search(r"^comment=((?:[^\\\n]|\\[\s\S])*)$", told, re.MULTILINE | re.IGNORECASE)
    return re.sub(r"\\([\s\S])", r"\1", found[1]) if found else None

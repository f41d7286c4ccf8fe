"""Containers that films are written to: how each is encoded, and what else it can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["CONTAINERS", "FILMS", "SUFFIXES", "Container", "is_film"]

FILMS = {
    *(".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".mpg", ".mpeg", ".ts", ".mts", ".3gp"),
    *(".ogv", ".wmv", ".flv", ".apng"),
}  # a GIF, a WebP or a PNG may be a picture

# Without B-frames, chunks join without a gap. x264's choices depend on its number of threads, which
# would follow the processors that are free: a fixed one makes the same film on all of them.
H264 = (
    *("-c:v", "libx264", "-threads", "4", "-bf", "0", "-preset", "medium"),
    *("-pix_fmt", "yuv420p"),
)
VP9 = ("-c:v", "libvpx-vp9", "-b:v", "0", "-row-mt", "1", "-pix_fmt", "yuv420p")
VP9_CLEAR = (*VP9[:-1], "yuva420p", "-auto-alt-ref", "0")
PRORES = (
    "-c:v",
    "prores_ks",
    "-profile:v",
    "4444",
    "-pix_fmt",
    "yuva444p10le",
    "-alpha_bits",
    "16",
)
WEBP = ("-c:v", "libwebp_anim", "-loop", "0")
APNG = ("-c:v", "apng", "-plays", "0", "-f", "apng")
LOOPED = ("-loop", "0")
PALETTE = "split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=sierra2_4a"

SOUND = frozenset({"aac", "mp3", "mp2", "ac3", "eac3", "alac", "dts"})
SAMPLES = frozenset(
    f"pcm_{kind}{end}" for kind in ("s16", "s24", "s32", "f32") for end in ("le", "be")
)
OLD = frozenset({"pcm_u8", "pcm_s8", "pcm_mulaw", "pcm_alaw"})
OPEN = frozenset({"opus", "vorbis", "flac"})
WINDOWS = frozenset({"wmav1", "wmav2", "wmapro"})
LOSSLESS = frozenset({"truehd", "wavpack", "tta"})
TEXT = ("subrip", "ass", "ssa", "mov_text", "webvtt", "text")
IMAGES = ("dvd_subtitle", "hdmv_pgs_subtitle", "dvb_subtitle")


@dataclass(frozen=True)
class Container:
    """How a film is encoded, and what goes with it.

    Attributes:
        name: for messages.
        chunk: arguments that encode a chunk; empty where chunks are lossless and `whole` encodes.
        whole: arguments that encode the film once it has all its frames.
        clear: the same for frames with alpha; empty where it cannot hold any.
        quality: option of all these that sets the quality, and its values for 1 and 100.
        even: whether frames without alpha need an even height and width.
        last: filters of the film that `whole` encodes.
        delay: parts of a second in which the last frame's time is told; 0 where it is not.
        most: frames per second that are shown at their time, 0 for any number.
        sound: codecs of sound that it holds; none for no sound at all.
        coded: encoder for other sound.
        subtitles: codec of subtitles -> encoder; those that are not here cannot be held.
    """

    name: str
    chunk: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    clear: tuple[str, ...] = ()
    quality: tuple[str, int, int] | None = None
    even: bool = False
    last: str = ""
    delay: int = 0
    most: int = 0
    sound: frozenset[str] = frozenset()
    coded: str = ""
    subtitles: Mapping[str, str] = field(default_factory=dict)

    def rated(self, coding: tuple[str, ...], quality: int) -> list[str]:
        """Arguments that encode, with those for a quality of 1 to 100, where there are any."""
        if self.quality is None or coding == PRORES:
            return [*coding]
        option, worst, best = self.quality
        return [*coding, option, f"{worst + (best - worst) * (quality - 1) / 99:.0f}"]


def _h264(
    name: str,
    sound: frozenset[str],
    subtitles: Mapping[str, str],
    clear: tuple[str, ...] = (),
) -> Container:
    return Container(
        name,
        H264,
        clear=clear,
        quality=("-crf", 40, 8),
        even=True,
        sound=sound,
        coded="aac",
        subtitles=subtitles,
    )


CONTAINERS = {
    ".mp4": _h264("MP4", SOUND | SAMPLES | OPEN, dict.fromkeys(TEXT, "mov_text")),
    ".mov": _h264("MOV", SOUND | SAMPLES | OLD, dict.fromkeys(TEXT, "mov_text"), PRORES),
    ".mkv": _h264(
        "MKV",
        (SOUND | SAMPLES | OLD | OPEN | WINDOWS | LOSSLESS) - {"pcm_s8", "pcm_f32be"},
        {**dict.fromkeys((*TEXT, *IMAGES), "copy"), "mov_text": "subrip", "text": "subrip"},
    ),
    ".webm": Container(
        "WebM",
        VP9,
        clear=VP9_CLEAR,
        quality=("-crf", 63, 4),
        sound=frozenset({"opus", "vorbis"}),
        coded="libopus",
        subtitles=dict.fromkeys(TEXT, "webvtt"),
    ),
    # Browsers show a frame for 100 ms that has no more than 10; a GIF has 10 or 20.
    ".gif": Container("GIF", whole=LOOPED, clear=LOOPED, last=PALETTE, delay=100, most=50),
    ".webp": Container("WebP", whole=WEBP, clear=WEBP, quality=("-quality", 1, 100), most=90),
    ".apng": Container("APNG", whole=APNG, clear=APNG, delay=1000, most=90),
    ".png": Container("APNG", whole=APNG, clear=APNG, delay=1000, most=90),
}
PICTURES = (".webp", ".png")  # suffixes of pictures, which may be animated
SUFFIXES = tuple(one for one in CONTAINERS if one not in PICTURES)  # of films alone


def is_film(path: str | Path) -> bool:
    """Whether a path has a film's suffix."""
    return Path(path).suffix.lower() in FILMS

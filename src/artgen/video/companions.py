"""What goes with a film's pictures: sound, subtitles, chapters and the date it was taken."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from artgen.video.containers import CONTAINERS, Container
from artgen.video.ffmpeg import ffmpeg, named
from artgen.video.reading import Clip
from artgen.video.streams import Track

__all__ = ["Companions", "companions_of"]

TRIED = "0.2"  # seconds of sound that are written before the pictures are made, as a trial
COPY = "copy"


@dataclass(frozen=True)
class Companions:
    """What goes with a film's pictures into a container.

    Attributes:
        source: the film they come from.
        tracks: stream of the source -> its encoder, or "copy"; sound first, then subtitles.
        said: the chapters and the date, as arguments for ffmpeg.
        notes: for each kind of thing that is left out, a sentence.
    """

    source: Clip
    tracks: Sequence[tuple[Track, str]]
    said: Sequence[str]
    notes: Sequence[str]

    def arguments(self, seconds: float) -> list[str]:
        """Arguments for ffmpeg, whose first input has the pictures: all the rest of the film.

        Args:
            seconds: duration of the film.
        """
        if not (self.tracks or self.source.streams.chapters):
            return [*self.said]
        taken = [word for track, _ in self.tracks for word in ("-map", f"1:{track.index}")]
        coded = [
            word
            for number, (_, encoder) in enumerate(self.tracks, 1)
            for word in (f"-c:{number}", encoder)
        ]
        until = ["-t", f"{seconds:.6f}"] if self.tracks else []
        return [*("-i", named(self.source.path), "-map", "0:v", *taken, *coded, *until, *self.said)]


def companions_of(source: Clip, suffix: str) -> Companions:
    """What can go with the pictures of a film into a container of a suffix.

    Sound that the container holds is copied, other sound encoded, subtitles are converted. A trial
    shows whether this ffmpeg can: if not, all sound is encoded, and if it cannot be, left out.
    """
    container = CONTAINERS[suffix]
    kept = [
        (track, COPY if track.codec in container.sound else container.coded)
        for track in source.streams.sound
        if container.sound and track.codec != "none"
    ]
    anew = [(track, container.coded) for track, _ in kept]
    sound = next((some for some in (kept, anew, []) if _works(source, suffix, some)), [])
    texts = [
        (track, container.subtitles[track.codec])
        for track in source.streams.subtitles
        if track.codec in container.subtitles
    ]
    if not _works(source, suffix, texts):
        texts = []
    said = ["-map_chapters", "1"] if source.streams.chapters and container.sound else []
    if source.streams.created and container.sound:
        said += ["-metadata", f"creation_time={source.streams.created}"]
    notes = tuple(_left_out(source, container, len(sound), len(texts)))
    return Companions(source, (*sound, *texts), said, notes)


def _works(source: Clip, suffix: str, tracks: Sequence[tuple[Track, str]]) -> bool:
    """Whether the beginning of some tracks can be written to a file of a suffix."""
    if not tracks:
        return True
    with tempfile.TemporaryDirectory(prefix="artgen-") as folder:
        taken = [word for track, _ in tracks for word in ("-map", f"0:{track.index}")]
        coded = [word for i, (_, encoder) in enumerate(tracks) for word in (f"-c:{i}", encoder)]
        trial = named(Path(folder, f"trial{suffix}"))
        try:
            ffmpeg(["-i", named(source.path), *taken, *coded, "-t", TRIED, trial])
        except OSError:
            return False
    return True


def _left_out(source: Clip, container: Container, sound: int, texts: int) -> Iterator[str]:
    """A sentence for each kind of thing that a film has and its container gets none or less of."""
    had = source.streams
    kinds = (("sound", len(had.sound), sound), ("subtitles", len(had.subtitles), texts))
    lost = ["transparency"] if source.alpha and not container.clear else []
    lost += [name for name, before, after in kinds if after < before]
    if not container.sound:
        lost += ["chapters"] * bool(had.chapters) + ["creation date"] * bool(had.created)
    if lost:
        *first, last = lost
        names = f"{', '.join(first)} and {last}" if first else last
        more = "Some of the" if (sound and "sound" in lost) or texts else "The"
        yield f"{more} {names} of {source.path.name} cannot go into {container.name}: left out."

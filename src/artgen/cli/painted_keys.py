"""A film by a technique for pictures: its best key frames are made, and the others follow them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from artgen import images, video
from artgen.cli.common import Common
from artgen.cli.following import RunOptions, follow
from artgen.cli.interrupts import Interrupted, Interrupts
from artgen.cli.messages import say
from artgen.cli.view import View, runtime_of, view
from artgen.errors import UsageError
from artgen.figures.sheet import Cell, sheet
from artgen.ops.resize import fit, resize
from artgen.runs import films
from artgen.runs.execute import Run
from artgen.runs.following import Following
from artgen.runs.inputs import Read, files_of, read_files
from artgen.runs.key_frames import typical_frames
from artgen.runs.output import PICTURE, film_path
from artgen.runtime import Runtime
from artgen.techniques.base import Technique, followed
from artgen.techniques.fast_apply import FastApply

__all__ = ["paint_film"]

SHOWN = 480  # px, long side of a proposed key on the sheet


def paint_film(
    name: str,
    settings: Technique,
    paths: Mapping[str, Sequence[str]],
    common: Common,
    keys: str = "",
) -> int:
    """Make the key frames of a film, and the film; returns the exit code.

    Args:
        name, settings, common: the technique, and the options.
        paths: its inputs' files; that of the input `followed` is the film.
        keys: if not empty, only a sheet of the frames that would be the keys is written, there.

    Raises:
        UsageError: if the input is no film.
    """
    role = followed(type(settings)) or ""
    alone = paths[role][0] if len(paths[role]) == 1 else ""
    if not films.moves(alone, common.out):
        raise UsageError(
            f"{' '.join(paths[role])} is no film.", "--follow and --keys are for films."
        )
    with Interrupts() as interrupts:
        try:
            painting = _Painting(name, settings, {**paths, role: []}, alone, common)
            with view(quiet=common.quiet, as_json=common.json, preview=common.preview) as shown:
                runtime = runtime_of(common, shown)
                indices = typical_frames(painting.clip, runtime, Following.net)
                if keys:
                    painting.propose(indices, Path(keys))
                    shown.note(f"Frames {', '.join(map(str, indices))} would be the keys.")
                    print(keys, flush=True)
                    return 0
                for index in indices:
                    if not painting.make(index, runtime, shown, interrupts):
                        return interrupts.code
        except Interrupted as stop:
            say("artgen: Interrupted; the keys that are finished are kept.")
            return stop.code
    return follow(Following(), FastApply(), painting.place(indices))


class _Painting:
    """The key frames of one film, each a picture in OUT.part."""

    def __init__(
        self,
        name: str,
        settings: Technique,
        paths: Mapping[str, Sequence[str]],
        film: str,
        common: Common,
    ) -> None:
        self.name, self.settings, self.common, self.film = name, settings, common, film
        self.role = followed(type(settings)) or ""
        self.clip, first = films.load(film)
        files = files_of(settings, paths)
        self.read: Read = {
            **read_files(settings, files, common.max_pixels, common.exposure),
            self.role: [first],
        }
        self.out = film_path(name, settings, self.read, common.out, self.clip.path)
        if not self.out.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {self.out.parent}.", "Make it first.")
        self.parts = self.out.with_name(self.out.name + ".part")

    def propose(self, indices: Sequence[int], path: Path) -> None:
        """Write the sheet of frames that would be the keys."""
        cells = []
        for index in indices:
            frame = next(video.frames(self.clip, index))
            small = resize(frame, fit((frame.shape[-2], frame.shape[-1]), SHOWN))
            label = f"frame {index}, {self.clip.timing.seconds(index):.2f} s"
            cells.append(Cell(f"frame-{index}", label, small))
        images.check_output(path, None, inputs=[], bits=8)
        images.save(sheet(cells), path)

    def make(self, index: int, runtime: Runtime, shown: View, interrupts: Interrupts) -> bool:
        """Make one key, unless it is there; whether it is done.

        Raises:
            UsageError: if there is one that was made with other settings.
        """
        frame, key = self.parts / f"frame-{index}.png", self._key(index)
        self.parts.mkdir(exist_ok=True)
        if not frame.exists():
            images.save(next(video.frames(self.clip, index)), frame)
        run = Run(self.name, self.settings, {**self.read, self.role: [images.load(frame)]}, runtime)
        said, asked = key.with_suffix(".toml"), run.recipe()
        if said.exists() and said.read_text(encoding="utf-8") != asked:
            raise UsageError(
                f"{self.parts} belongs to an unfinished film that was made another way.",
                "Remove that folder, or choose another name for the output.",
            )
        said.write_text(asked, encoding="utf-8")
        if key.exists():
            return True
        shown.note(f"Key frame {index}, at {self.clip.timing.seconds(index):.2f} s.")
        result = run.execute(shown, control=interrupts)
        if result is None:
            say("artgen: Interrupted within a key frame; the same command begins that one again.")
            return False
        images.save(result.pictures[PICTURE].cpu(), key, recipe=run.recipe(result))
        return True

    def place(self, indices: Sequence[int]) -> RunOptions:
        """What following these keys needs."""
        one = self.common
        return RunOptions(
            clip=Path(self.film),
            key=[f"{index}={self._key(index)}" for index in indices],
            out=str(self.out),
            quality=one.quality,
            seed=one.seed,
            device=one.device,
            threads=one.threads,
            preview=one.preview,
            quiet=one.quiet,
            json=one.json,
        )

    def _key(self, index: int) -> Path:
        return self.parts / f"key-{index}.png"

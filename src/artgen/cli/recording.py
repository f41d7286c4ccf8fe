"""A time-lapse film of a run: its steps as frames, and the finished picture held at the end."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from artgen import video
from artgen.core.events import Result, Step
from artgen.core.listeners import Listener
from artgen.ops.resize import fit, resize
from artgen.runs.execute import Run
from artgen.runs.output import PICTURE

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Recorder", "Recording"]

RATE = Fraction(25)  # frames a second
MOST = 250  # steps that are shown: ten seconds
HELD = 38  # frames for which the finished picture is shown
LONGEST = 1280  # long side of a frame, in pixels


class Recording:
    """The film of one run.

    Args:
        path: of the film; its suffix selects the encoding.

    Raises:
        UsageError: for a suffix that is not a film's.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)
        video.check_film(self.path)
        self.film: video.Film | None = None

    def add(self, step: Step) -> None:
        """Add a step as a frame; of a long run, only every few steps are added."""
        every = -(-(step.total or MOST) // MOST)
        if (step.index - 1) % every == 0:
            self._frame(step.picture())

    def finish(self, picture: Tensor, recipe: str) -> None:
        """Add the finished picture (1, 3, H, W), with its recipe, and close the film."""
        for _ in range(HELD):
            self._frame(picture)
        if self.film is not None:
            self.film.finish(recipe)

    def begin(self, size: tuple[int, int]) -> None:
        """Begin a film of pictures of a size (H, W), reduced to LONGEST.

        An earlier run's unfinished film is discarded: a run is recorded from its start.
        """
        shown = size if max(size) <= LONGEST else fit(size, LONGEST)
        shutil.rmtree(self.path.with_name(self.path.name + ".part"), ignore_errors=True)
        self.film = video.Film(self.path, shown, video.Timing(RATE))

    def _frame(self, picture: Tensor) -> None:
        if self.film is None:
            self.begin((picture.shape[-2], picture.shape[-1]))
        assert self.film is not None
        self.film.add(resize(picture, self.film.look.size))


class Recorder(Listener):
    """Records a run.

    Args:
        recording: the film.
        run: the run.
        tell: is called with the film's path.
    """

    def __init__(self, recording: Recording, run: Run, tell: Callable[[str], None]) -> None:
        self.recording, self.run, self.tell = recording, run, tell

    def keep(self, step: Step, leaving: bool) -> None:
        size = self.run.size
        if self.recording.film is None and size:
            self.recording.begin(size)
        self.recording.add(step)
        if leaving:
            picture = step.picture()
            self._end(resize(picture, size) if size else picture, self.run.recipe(step))

    def finish(self, result: Result) -> None:
        self._end(result.pictures[PICTURE][:, :3], self.run.recipe(result))

    def _end(self, picture: Tensor, recipe: str) -> None:
        self.recording.finish(picture, recipe)
        self.tell(f"Film of the run: {self.recording.path}")

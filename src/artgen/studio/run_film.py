"""One film in the worker: a painter learns its painted frames, and paints the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import cast

from artgen import video
from artgen.core.defaults import QUALITY
from artgen.core.events import Step
from artgen.images import Loaded
from artgen.optim.threads import Threads
from artgen.runs import films
from artgen.runs.execute import Run
from artgen.runs.filming import Filming
from artgen.runs.followed_film import FollowedFilm, Painted
from artgen.runs.following import Following
from artgen.runtime import Runtime
from artgen.studio.folder import FILM
from artgen.studio.kinds import FollowFilm
from artgen.studio.messages import JobFinished, JobPaused, JobProgress, Report, RunJob
from artgen.studio.reports import Reporting, StepTime
from artgen.techniques.fast_apply import FastApply

__all__ = ["FilmRun"]

STATE_EVERY = 0.25  # minutes between two checkpoints of the training, which show what is learnt
SHEET = "key"  # the name of the picture of the keys as they were learnt


class FilmRun(Reporting):
    """The run of an order of a film that follows painted frames; see Reporting.

    What is unfinished is in the job's folder, from the first lesson on: it is gone on with there,
    whether it was paused or its process died.
    """

    def __init__(
        self, task: RunJob, tell: Callable[[Report], None], asked: Callable[[int], str]
    ) -> None:
        super().__init__(task, tell, asked)
        self.settings = cast("FollowFilm", task.order.settings)
        self.last: Step | None = None

    def paint(self) -> None:
        """Run until it is finished, or until a request ends it."""
        (film,) = self.task.order.sources["film"]
        clip, loaded = films.load(film.path)
        first = replace(loaded, path=Path(film.name))
        runtime = Runtime(seed=self.task.order.seed, threads=Threads())
        flow = self.settings.flow
        followed = self._followed(clip, first)
        self._begin("flow", keeps=False)
        # Before the first lesson, each painted frame is looked for in all others.
        waiting = JobProgress(self.task.job, 0, 0, clip.size, {}, self.seconds, None, False)
        self.tell(replace(waiting, counted=self.counted, keeps=False))
        self._begin("lesson", keeps=False)
        if not followed.train(runtime, flow, STATE_EVERY, self, self, self.preview):
            self._left()
            return
        settings = followed.painting(FastApply(steady=self.settings.steady, flow=flow))
        run = Run("fast_apply", settings, {"content": [first]}, runtime, followed.about)
        size = run.size or clip.size
        file = video.Film(
            *(followed.path, size, clip.timing),
            recipe=run.recipe(),
            source=clip,
            quality=QUALITY,
        )
        for sentence in (*clip.notes, *file.notes):
            self.note(sentence)
        self._begin("frame", keeps=True)
        if Filming(file, run, clip, followed.known).execute(control=self):
            self._finished(size)
        elif self.request == "stop" and self.last:
            file.finish(run.recipe(self.last))
            self._finished(size, self.last.index)
        else:
            self._left()

    def leaving(self, step: Step) -> bool:
        self.last = step
        return super().leaving(step)

    def _begin(self, counted: str, *, keeps: bool) -> None:
        """Begin with steps of another kind."""
        self.counted, self.keeps, self.previews = counted, keeps, keeps
        self.holds, self.pace = counted != "flow", StepTime()

    def _followed(self, clip: video.Clip, first: Loaded) -> FollowedFilm:
        """The film, in the job's folder."""
        sources, folder = self.task.order.sources["key"], self.task.folder
        texts = zip(self.settings.key, sources, strict=True)
        keys = ["".join(text.rpartition("=")[:2]) + str(one.path) for text, one in texts]
        painted = Painted(keys, (), [one.name for one in sources], self.settings.propagate)
        values = {one.name: getattr(self.settings, one.name) for one in fields(Following)}
        names = (folder / "0.mp4", folder / "1.png")
        return FollowedFilm(Following(**values), clip, first, painted, *names)

    def _left(self) -> None:
        """Report that a request has ended it; what was made is in its folder."""
        if self.request == "drop":
            self.dropped()
        else:
            index = self.last.index if self.last else 0
            self.tell(JobPaused(self.task.job, index, self.seconds))

    def _finished(self, size: tuple[int, int], interrupted: int = 0) -> None:
        names = [FILM, SHEET]
        self.tell(JobFinished(self.task.job, names, size, self.seconds, interrupted, False))

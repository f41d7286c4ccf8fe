"""An estimate of a batch: sizes from the files' headers, seconds from one picture, begun."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

from artgen import images, video
from artgen.core.events import Step
from artgen.core.listeners import Control
from artgen.errors import PictureError
from artgen.jobs.ledger import Entry
from artgen.jobs.messages import Job, Order, Share
from artgen.jobs.picture_maker import PictureMaker
from artgen.jobs.storage import fetched
from artgen.runs.execute import execute
from artgen.runs.inputs import read_each, tensors
from artgen.techniques.base import Technique

__all__ = ["known_rate", "result_size", "tried_rate"]

PATIENCE = 5.0  # seconds for a trial


def result_size(settings: Technique, order: Order, job: Job) -> tuple[int, int] | None:
    """(H, W) of the picture that a job makes; None if only the run can tell, or none is made.

    The technique gets tensors that have a shape and no values.
    """
    try:
        return settings.result_size(read_each({**order.fixed, **job.inputs}, _shaped))
    except PictureError:
        return None


def _shaped(_: str, source: str) -> Tensor:
    """A tensor (1, 3, H, W) without values, of the size of a picture or of a film's frames."""
    with fetched(source) as path:
        size = video.probe(path).size if video.is_film(path) else images.size_of(path)
    return torch.empty((1, 3, *size), device="meta")


def known_rate(entries: Iterable[Entry], recipe: str) -> float | None:
    """Seconds a pixel, from pictures that this order has made already."""
    made = [one for one in entries if one.recipe == recipe and one.seconds and one.pixels]
    return sum(one.seconds for one in made) / sum(one.pixels for one in made) if made else None


def tried_rate(order: Order, share: Share, jobs: Sequence[Job]) -> float | None:
    """Seconds a pixel, at most: the first readable picture is begun, and stopped after a while.

    The remaining steps are estimated at its full size, where they are slowest.
    """
    maker = PictureMaker(order, ".", share)
    for job in jobs:
        if job.joins:
            continue
        try:
            loaded = maker.load(job)
        except PictureError:
            continue
        inputs = tensors(loaded)
        size = maker.settings.result_size(inputs)
        if size is None:
            return None
        trial = _Trial(size[0] * size[1])
        execute(maker.runtime, maker.settings.run(inputs, maker.runtime), control=trial)
        return trial.rate or (time.monotonic() - trial.began) / trial.pixels
    return None


class _Trial(Control):
    """Stops a picture of this many pixels after a while, and estimates its time.

    Attributes:
        rate: seconds a pixel, at most; 0 if the run was completed.
    """

    def __init__(self, pixels: int) -> None:
        self.began, self.pixels = time.monotonic(), pixels
        self.done, self.rate = 0, 0.0

    def leaving(self, step: Step) -> bool:
        took = time.monotonic() - self.began
        self.done += step.scale[0] * step.scale[1]
        if took > PATIENCE and step.total:
            left = (step.total - step.index) * self.pixels / self.done
            self.rate = took * (1 + left) / self.pixels
        return self.rate > 0

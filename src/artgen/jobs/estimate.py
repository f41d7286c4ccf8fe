"""An estimate of a batch: sizes from the files' headers, seconds from one picture, begun."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from artgen import images, video
from artgen.core.events import Note, Step
from artgen.errors import PictureError
from artgen.images import Loaded
from artgen.jobs.ledger import Entry
from artgen.jobs.messages import Job, Order, Share
from artgen.jobs.picture_maker import PictureMaker
from artgen.jobs.storage import fetched
from artgen.runs.execute import events_of
from artgen.runs.inputs import read_each, taken
from artgen.techniques.base import Technique

if TYPE_CHECKING:
    from torch import Tensor

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
    import torch

    with fetched(source) as path:
        size = video.probe(path).size if video.is_film(path) else images.size_of(path)
    return torch.empty((1, 3, *size), device="meta")


def known_rate(entries: Iterable[Entry], recipe: str) -> float | None:
    """Seconds a pixel, from pictures that this order has made already."""
    made = [one for one in entries if one.recipe == recipe and one.seconds and one.pixels]
    return sum(one.seconds for one in made) / sum(one.pixels for one in made) if made else None


def tried_rate(order: Order, share: Share, jobs: Sequence[Job]) -> tuple[float, str] | None:
    """Seconds a pixel, and how sure that is: `about`, or `at most about`.

    The first readable picture is begun. A run that says what it will take is believed; any other
    is stopped after a while, and its remaining steps are estimated at its full size, where they are
    slowest.
    """
    maker = PictureMaker(order, ".", share)
    for job in jobs:
        if job.joins:
            continue
        try:
            loaded = maker.load(job)
        except PictureError:
            continue
        size = maker.settings.result_size(taken(loaded, maker.engine(loaded).graphs))
        if size is None:
            return None
        return _tried(maker, loaded, size[0] * size[1])
    return None


def _tried(
    maker: PictureMaker, loaded: Mapping[str, list[Loaded]], pixels: int
) -> tuple[float, str]:
    engine = maker.engine(loaded)
    began, done = time.monotonic(), 0
    events = events_of(maker.settings, taken(loaded, engine.graphs), engine)
    for event in engine.paced(events):
        if isinstance(event, Note) and event.seconds:
            return event.seconds / pixels, "about"
        if isinstance(event, Step):
            took = time.monotonic() - began
            done += event.scale[0] * event.scale[1]
            if took > PATIENCE and event.total:
                left = (event.total - event.index) * pixels / done
                return took * (1 + left) / pixels, "at most about"
    return (time.monotonic() - began) / pixels, "about"

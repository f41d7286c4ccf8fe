"""The maker for pictures, in a worker: reads technique, network and style once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from artgen import images, video
from artgen.core.events import FileSet, Result
from artgen.images import Loaded
from artgen.jobs.messages import Job, Made, Order, Share, digest
from artgen.jobs.storage import Outputs, fetched, outputs
from artgen.optim.threads import Threads, one_thread
from artgen.runs import films
from artgen.runs.at_once import at_once, within_reach
from artgen.runs.execute import Progress, events_of, execute
from artgen.runs.inputs import read_each, taken
from artgen.runs.output import PICTURE, Encoder, beside, folder_of, page_beside
from artgen.runs.recipes import Recipe, settings_from
from artgen.techniques.base import Engine, HasGraphs, Inputs, reads_of

if TYPE_CHECKING:
    from torch import Tensor

    from artgen.graph_runtime import GraphRuntime
    from artgen.runtime import Runtime

__all__ = ["PictureMaker"]

REELS = 4  # films kept open: one is read, one made, one written
SMALL = 1 << 20  # pixels of a picture up to which several are made at once
KEPT = 32  # style pictures that are cached, where every job has its own


@dataclass(frozen=True)
class UnsavedPicture:
    """A picture that is made and not yet written."""

    loaded: Mapping[str, list[Loaded]]
    pictures: Mapping[str, Tensor]
    recipe: str
    data: Mapping[str, int]
    files: FileSet | None
    pages: Mapping[str, str]


class PictureMaker:
    """Makes an order's pictures as the command for one picture would, to the last bit."""

    def __init__(self, order: Order, root: str, share: Share) -> None:
        self.order, self.share = order, share
        self.settings = settings_from(order.technique, order.settings)
        self.outputs: Outputs = outputs(root)
        stacks = [one for one in self.settings.inputs if one.together > 1]
        self._stacks = stacks[0].name if stacks else ""
        self.together = 1
        if stacks and not within_reach(share.device, order.precision, order.tile):
            self.together = self.runtime.stacked(stacks[0].together)
        self._styles: dict[str, Loaded] = {}
        self._films: dict[str, tuple[ExitStack, video.Clip, Loaded]] = {}
        self._reads = reads_of(self.settings)
        self.fixed = read_each(order.fixed, self._read)

    @cached_property
    def runtime(self) -> Runtime:
        """What makes pictures in torch, whose networks are loaded once."""
        from artgen.runtime import Runtime

        share, order = self.share, self.order
        return Runtime(
            *(share.device, order.precision, order.seed, order.tile),
            threads=Threads(share.threads or "auto"),
        )

    @cached_property
    def graphs(self) -> GraphRuntime:
        """What makes pictures without torch."""
        from artgen.graph_runtime import GraphRuntime

        return GraphRuntime(self.order.seed, Threads(self.share.threads or "auto", torch=False))

    def engine(self, loaded: Mapping[str, list[Loaded]]) -> Engine:
        """What makes a job's picture."""
        order = self.order
        asked = {"device": self.share.device, "precision": order.precision, "tile": order.tile}
        return self.graphs if at_once(self.settings, loaded, **asked) else self.runtime

    def aside(self) -> None:
        """Limit reading and writing to one thread each; see `one_thread`."""
        if not isinstance(self.settings, HasGraphs) or "torch" in sys.modules:
            one_thread()

    def load(self, job: Job) -> dict[str, list[Loaded]]:
        """Every input picture, in the order of recipes."""
        read = dict(self.fixed)
        styles = {one.name for one in self.settings.inputs if one.style}
        for role in job.inputs:
            reader = self._remembered if role in styles else self._read
            read |= read_each({role: job.inputs[role]}, reader)
        first = [one.name for one in self.settings.inputs]
        return {role: read[role] for role in dict.fromkeys((*first, *read))}

    def alike(self, one: Mapping[str, list[Loaded]], other: Mapping[str, list[Loaded]]) -> bool:
        """Whether two jobs differ in their photos only, and these are small enough."""
        if self._stacks not in one or len(one[self._stacks]) != 1:
            return False
        same = all(
            [*map(id, one[role])] == [*map(id, other[role])] for role in one if role != self._stacks
        )
        first, second = one[self._stacks][0].size, other[self._stacks][0].size
        size = self.settings.result_size(taken(one, False)) or first
        return same and first == second and size[0] * size[1] <= SMALL

    def make(
        self,
        jobs: Sequence[Job],
        loaded: Sequence[Mapping[str, list[Loaded]]],
        tell: Callable[[int, int | None], None],
    ) -> list[UnsavedPicture]:
        """Run the technique to its end, with several pictures stacked to one tensor."""
        engine = self.engine(loaded[0])
        events = events_of(self.settings, self._inputs(loaded, engine), engine)
        result = execute(engine, events, Progress(tell))
        assert result is not None, "a run ends with its result"
        return [self._painted(one, result, index, engine) for index, one in enumerate(loaded)]

    def _inputs(self, loaded: Sequence[Mapping[str, list[Loaded]]], engine: Engine) -> Inputs:
        """The inputs of one job, or of several whose photos are stacked to one tensor."""
        inputs = taken(loaded[0], engine.graphs)
        if len(loaded) == 1:
            return inputs
        import torch

        photos = [one[self._stacks][0].picture for one in loaded]
        return {**inputs, self._stacks: [torch.cat(photos)]}

    def _painted(
        self, loaded: Mapping[str, list[Loaded]], result: Result, index: int, engine: Engine
    ) -> UnsavedPicture:
        recipe = Recipe.of(self.order.technique, self.settings, engine, loaded, result)
        pictures = {name: one[index : index + 1] for name, one in result.pictures.items()}
        if not engine.graphs:
            pictures = {name: one.cpu() for name, one in pictures.items()}
        return UnsavedPicture(
            loaded, pictures, recipe.dumps(), result.data, result.files, result.pages
        )

    def save(self, job: Job, made: UnsavedPicture) -> Made:
        """Write the picture, and before it the further ones."""
        inputs = taken(made.loaded, self.engine(made.loaded).graphs)
        size = self.settings.result_size(inputs)
        encoded = Encoder(self.settings, made.loaded, size, self.order)
        written, place = 0, PurePosixPath(job.output)
        if made.files is not None:
            for name, data in made.files.files(place.stem):
                self.outputs.write(str(folder_of(place, made.files) / name), data)
        for name, page in made.pages.items():
            self.outputs.write(str(page_beside(place, name)), page.encode())
        for name in sorted(made.pictures, key=PICTURE.__eq__):  # the main picture is the last
            bits = made.data.get(name, 0)
            path = place if name == PICTURE else beside(place, name, data=bool(bits))
            data = encoded(made.pictures[name], Path(path), made.recipe, name, bits)
            self.outputs.write(str(path), data)
            written = len(data)
        picture = made.pictures[PICTURE]
        hashes = {role: [one.sha256 for one in made.loaded[role]] for role in job.inputs}
        read = (one for many in made.loaded.values() for one in many)
        notes = [(one.path.name, note) for one in read for note in one.notes]
        pixels = picture.shape[-2] * picture.shape[-1]
        return Made(0.0, written, digest(hashes), pixels, tuple(notes))

    def clip(self, source: str) -> video.Clip:
        """A film, which stays open while its chunks are made."""
        return self._film(source)[1]

    def _film(self, source: str) -> tuple[ExitStack, video.Clip, Loaded]:
        if source not in self._films:
            while len(self._films) >= REELS:
                self._films.pop(next(iter(self._films)))[0].close()
            with ExitStack() as stack:
                path = stack.enter_context(fetched(source))
                clip, first = films.load(path)
                self._films[source] = (stack.pop_all(), clip, first)
        return self._films[source]

    def _read(self, role: str, source: str) -> Loaded:
        if video.is_film(source):
            return self._film(source)[2]
        with fetched(source) as path:
            return images.load(
                path,
                max_pixels=self.order.max_pixels,
                exposure=self.order.exposure,
                reads=self._reads.get(role, "picture"),
            )

    def _remembered(self, role: str, source: str) -> Loaded:
        """A style picture, read once: the runtime caches its features by the tensor."""
        if source not in self._styles:
            while len(self._styles) >= KEPT:
                self._styles.pop(next(iter(self._styles)))
            self._styles[source] = self._read(role, source)
        return self._styles[source]

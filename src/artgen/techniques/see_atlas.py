"""See an atlas of a layer: its activations in a folder of photos, mapped by plates.

Carter et al., Activation Atlas, Distill 2019: activations at random positions of many photos are
laid out in the plane so that similar ones lie together. In each cell of a grid they are averaged,
and a plate is made that has the average at every position. A page for the browser, which can be
enlarged, also has patches of the photos in each cell. Unlike theirs, the layout is t-SNE's.

Example: artgen see atlas holiday/ --layer conv4_2
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, ClassVar, TypeVar

import torch
from torch import Tensor

from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Option
from artgen.errors import UsageError
from artgen.figures.page import MapCell, map_page
from artgen.figures.progressive import PendingCell, drawn
from artgen.losses.activation import direction_term
from artgen.networks.channels import before_relu
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.imagenet import SIDE
from artgen.ops.resize import resample, shortened
from artgen.ops.samples import to_bytes
from artgen.ops.tsne import LEAST, laid_out
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.maximization import CropCount, MaximisationSettings, Painted
from artgen.techniques.common.network import channelled
from artgen.techniques.common.options import ASCENT
from artgen.techniques.common.sheet import seen

__all__ = ["SeeAtlas"]

T = TypeVar("T")
PATCH = 48  # side of a patch in the page, in pixels
SHOWN = 4  # patches of a cell


@dataclass(frozen=True)
class _Samples:
    """Activations at some positions.

    Attributes:
        vectors: (N, C), the activations.
        patches: (N, PATCH, PATCH, 3) in 0 to 255, what the network saw there.
    """

    vectors: Tensor
    patches: Tensor


@dataclass(frozen=True)
class SeeAtlas(MaximisationSettings):
    """Settings of an atlas."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("folder", "a folder of pictures, with its subfolders", folder=True),
    )

    layer: Annotated[
        str, Option("the layer; by default, the network's content layer", "l", metavar="NAME")
    ] = ""
    positions: Annotated[
        int, Option("random positions of each photo that are laid out", least=1, most=256)
    ] = 16
    grid: Annotated[int, Option("cells of the map on each side", least=1, most=64)] = 8
    size: Annotated[int, Option("side of each plate, in pixels", "s", least=1, most=4096)] = 96
    canvas: Painted = "prior+fourier"
    iterations: Annotated[int, Option("steps at each size", "n", least=1, group=ASCENT)] = 12
    crops: CropCount = 1

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Collect activations of one photo after the other, then draw a plate for each cell.

        Args:
            inputs: `folder` (several pictures).
            runtime: device, precision, tiles and seed.
            state: not used: a sheet cannot be resumed.

        Raises:
            UsageError: for an unknown layer, too few pictures, pictures too small, or where
                scikit-learn is missing.
        """
        extractor = self.network(runtime)
        asked = self.layer or next(iter(extractor.role("content").layers))
        layer = before_relu(extractor, channelled(extractor, asked))
        extractor.check_size((self.size, self.size), [layer], "plate")
        photos = inputs["folder"]
        generator = runtime.generator()
        found = []
        for number, photo in enumerate(photos, start=1):
            shown = shortened(photo.to(extractor.mean), SIDE)
            found.append(self._sampled(extractor, shown, layer, generator))
            # How many plates there will be is not known yet.
            step = replace(seen(shown, extractor.provenance(), number), total=None)
            yield from self.told([step], runtime)
        samples = _Samples(
            torch.cat([one.vectors for one in found]), torch.cat([one.patches for one in found])
        )
        if len(samples.vectors) < LEAST:
            raise UsageError(
                f"An atlas needs {LEAST} positions, and there are {len(samples.vectors)}.",
                "Name a folder with more pictures, or take more --positions of each.",
            )
        yield from self._plates(extractor, layer, samples, len(photos), runtime)

    def _plates(
        self,
        extractor: FeatureExtractor,
        layer: str,
        samples: _Samples,
        photos: int,
        runtime: Runtime,
    ) -> Iterator[Step | Note | Result]:
        """Draw the plate of every cell, and lay them out as sheet and page."""
        mean, spread = samples.vectors.mean(0), samples.vectors.std(0)
        relative = (samples.vectors - mean) / spread.clamp(min=spread.max() * 1e-6)
        cells = _cells(laid_out(relative, runtime.seed), self.grid)
        scales = self.scales(self.size, extractor.smallest(layer))
        plan = self.plan(extractor, [layer], scales, sum(map(bool, map(len, cells))), runtime)
        yield Note(plan.sentence)
        steps = sum(scale.iterations for scale in scales)
        pending: list[PendingCell | None] = []
        for number, members in enumerate(cells):
            if not len(members):
                pending.append(None)
                continue
            term = direction_term(layer, relative[members].mean(0), mean, spread)
            make = partial(self.maximise, extractor, scales, term, runtime, plan)
            name = f"{layer}-{number // self.grid}-{number % self.grid}"
            label = partial(_label, str(len(members)))
            pending.append(PendingCell(name, label, scales[-1].size, steps, make))
        count = len(samples.vectors)
        title = f"{self.named} {layer}: {count} activations in {photos} pictures"
        lay_out = self.lay_out(title, self.grid)
        plates, provenance = yield from _later(photos, drawn(pending, lay_out, self.background))
        shown = [
            None
            if plate is None
            else MapCell(plate.label, plate.picture, _patches(samples, members, relative))
            for plate, members in zip(plates, cells, strict=True)
        ]
        page = map_page(title, shown, self.grid, self.size)
        yield Result(self.pictures(plates, lay_out), provenance, pages={"page": page})

    def _sampled(
        self,
        extractor: FeatureExtractor,
        photo: Tensor,
        layer: str,
        generator: torch.Generator,
    ) -> _Samples:
        """Activations at random positions of a photo (1, 3, H, W)."""
        extractor.check_size((photo.shape[-2], photo.shape[-1]), [layer])
        with torch.no_grad():
            features = extractor(photo, [layer])[layer][0].float().cpu()
        height, width = features.shape[-2:]
        chosen = torch.randperm(height * width, generator=generator)[: self.positions]
        stride = extractor.stride(layer)
        side = min(2 * extractor.radius(layer) + stride, *photo.shape[-2:])
        patches = []
        for place in chosen.tolist():
            top, left = (
                min(max(round((position + 0.5) * stride - side / 2), 0), length - side)
                for position, length in zip(divmod(place, width), photo.shape[-2:], strict=True)
            )
            patch = resample(photo[..., top : top + side, left : left + side], (PATCH, PATCH))
            patches.append(torch.from_numpy(to_bytes(patch.clamp(0, 1).cpu())))
        return _Samples(features.flatten(1)[:, chosen].T, torch.stack(patches))


def _cells(places: Tensor, grid: int) -> list[Tensor]:
    """Indices of the positions (N, 2) in [0, 1] in each cell of a square grid, row by row."""
    column, row = (places * grid).long().clamp(max=grid - 1).unbind(1)
    number = row * grid + column
    return [(number == cell).nonzero().flatten() for cell in range(grid * grid)]


def _patches(samples: _Samples, members: Tensor, relative: Tensor) -> Sequence[Tensor]:
    """The patches (1, 3, PATCH, PATCH) of a cell that are most like its average."""
    mean = relative[members].mean(0, keepdim=True)
    alike = torch.cosine_similarity(relative[members], mean, 1)
    best = members[alike.argsort(descending=True, stable=True)[:SHOWN]]
    return [patch.permute(2, 0, 1)[None].float() / 255 for patch in samples.patches[best]]


def _later(before: int, events: Generator[Step | Note, None, T]) -> Generator[Step | Note, None, T]:
    """The events, with steps that are numbered on from those before; returns what they return."""
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            found: T = end.value
            return found
        if isinstance(event, Step):
            total = None if event.total is None else before + event.total
            event = replace(event, index=before + event.index, total=total)
        yield event


def _label(words: str, picture: Tensor) -> str:
    return words


TECHNIQUES.add("see_atlas", SeeAtlas)

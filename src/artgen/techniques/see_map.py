"""See a folder's pictures arranged by how similar a network finds them.

Karpathy's t-SNE visualization of CNN codes (2014): each picture becomes its mean deep feature, and
t-SNE arranges those so that pictures which look alike to the network are neighbours, here each in a
cell of a grid. With `--like photo.jpg` it is a row of the photo's nearest neighbours instead.

Example: artgen see map holiday/ --like photo.jpg
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Option
from artgen.errors import UsageError
from artgen.figures.sheet import GROUND, Cell, put
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.imagenet import SIDE
from artgen.ops.resize import shortened
from artgen.ops.tsne import LEAST, in_grid, laid_out
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.network import channelled
from artgen.techniques.common.options import SHEET
from artgen.techniques.common.sheet import SeeSettings, seen

__all__ = ["SeeMap", "code"]

WIDE = 1.5  # width over height of a map
GAP = 2  # px between the pictures


@dataclass(frozen=True)
class SeeMap(SeeSettings):
    """Settings of a map."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("folder", "a folder of pictures, with its subfolders", folder=True),
    )

    like: Annotated[
        str,
        Option(
            "show the nearest neighbours of this picture instead of a map",
            choices=("none",),
            file="like",
        ),
    ] = "none"
    neighbours: Annotated[int, Option("number of nearest neighbours", "n", least=1, most=1000)] = 7
    layer: Annotated[
        str,
        Option(
            "the layer whose features are compared; by default, the network's last",
            "l",
            metavar="NAME",
        ),
    ] = ""
    cell: Annotated[
        int, Option("side of each picture on the map, in pixels", least=4, most=512, group=SHEET)
    ] = 96

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Compute the features of one picture after the other, and arrange them.

        Args:
            inputs: `folder` (several pictures) and, where `like` is a file, `like` (one).
            runtime: device, precision and seed.
            state: not used.

        Raises:
            UsageError: for an unknown layer, too few pictures, or where scikit-learn is missing.
        """
        extractor = self.network(runtime)
        layer = channelled(extractor, self.layer or extractor.layers[-1])
        pictures, asked = inputs["folder"], self._like(inputs)
        if asked is None and len(pictures) < LEAST:
            raise UsageError(
                f"A map needs {LEAST} pictures, and there are {len(pictures)}.",
                "Name a folder with more, or take --like PHOTO.",
            )
        codes, small = [], []
        for number, picture in enumerate(pictures, start=1):
            codes.append(code(extractor, picture, layer))
            small.append(_square(picture, self.cell))
            yield seen(small[-1], extractor.provenance(), number, len(pictures))
        vectors = torch.stack(codes)
        if asked is None:
            found = {"picture": self._map(vectors, small, runtime.seed)}
            yield Result(found, extractor.provenance())
            return
        near = _nearest(code(extractor, asked, layer), vectors)[: self.neighbours]
        cells = [Cell("photo", "the photo", _square(asked, 2 * self.cell))]
        for rank, (index, likeness) in enumerate(near, start=1):
            shown = _square(pictures[index], 2 * self.cell)
            cells.append(Cell(f"neighbour-{rank}", f"{likeness:.2f}", shown))
        lay_out = self.lay_out(f"{self.named} {layer}: what is like it")
        yield Result(self.pictures(cells, lay_out), extractor.provenance())

    def _like(self, inputs: Inputs) -> Tensor | None:
        """The picture whose neighbours are to be found, (1, 3, H, W)."""
        if self.like == "none":
            return None
        if not inputs.get("like"):
            raise UsageError(
                f"--like {self.like!r} names a picture, and none was given.",
                "Give it as the input 'like'.",
            )
        return inputs["like"][0]

    def _map(self, vectors: Tensor, small: Sequence[Tensor], seed: int) -> Tensor:
        """Every picture in its cell of the grid, (1, 3, H, W)."""
        count, step = len(small), self.cell + GAP
        columns = min(math.ceil(math.sqrt(count * WIDE)), count)
        rows = math.ceil(count / columns)
        shape = (rows * step + GAP, columns * step + GAP)
        canvas = torch.full((1, 3, *shape), GROUND[self.background])
        for picture, cell in zip(
            small, in_grid(laid_out(vectors, seed), rows, columns), strict=True
        ):
            put(canvas, picture, GAP + cell // columns * step, GAP + cell % columns * step)
        return canvas


@torch.no_grad()
def code(extractor: FeatureExtractor, picture: Tensor, layer: str) -> Tensor:
    """The mean feature (C,), of length 1, of a picture (1, 3, H, W) at a layer."""
    shown = shortened(picture.to(extractor.mean), SIDE)
    mean = extractor(shown, [layer])[layer].float().mean((0, 2, 3))
    return torch.nn.functional.normalize(mean, dim=0).cpu()


def _nearest(wanted: Tensor, vectors: Tensor) -> list[tuple[int, float]]:
    """Indices of vectors (N, D), the nearest first, with their cosines about the folder's mean.

    Features are never negative: without the mean removed, all pictures would seem alike.
    """
    middle = vectors.mean(0) if len(vectors) > 1 else torch.zeros_like(wanted)
    cosines = torch.cosine_similarity(vectors - middle, (wanted - middle)[None], 1)
    order = cosines.argsort(descending=True, stable=True).tolist()
    return [(index, float(cosines[index])) for index in order]


def _square(picture: Tensor, side: int) -> Tensor:
    """The middle of a picture as a square, (1, 3, side, side)."""
    small = shortened(picture.cpu(), side)
    top, left = (small.shape[-2] - side) // 2, (small.shape[-1] - side) // 2
    return small[..., top : top + side, left : left + side]


TECHNIQUES.add("see_map", SeeMap)

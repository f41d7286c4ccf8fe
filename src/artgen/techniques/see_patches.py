"""See which patches of a folder's pictures activate a filter most, and why.

As in CS231n (lecture 12; Springenberg et al., Striving for Simplicity, ICLR 2015): from each
picture the receptive field of the channel's strongest neuron, the strongest picture first, and
under each its guided backpropagation, which shows the lines and colours that activated it.

Example: artgen see patches holiday/ --layer conv4_1 --channel 7,12
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from artgen.core.defaults import MOST_CELL
from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Option
from artgen.figures.sheet import Cell
from artgen.networks.attribution import AttributionTarget, Neuron, guided
from artgen.networks.channels import before_relu, choose, energies, maps
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.imagenet import SIDE
from artgen.ops.numerics import TINY
from artgen.ops.resize import resample, shortened
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.network import channelled
from artgen.techniques.common.options import SHEET, Looked
from artgen.techniques.common.sheet import SeeSettings

__all__ = ["SeePatches"]


@dataclass(frozen=True)
class SeePatches(SeeSettings):
    """Settings of a sheet of patches."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("folder", "a folder of pictures, with its subfolders", folder=True),
    )

    layer: Annotated[
        str,
        Option("the layer; by default, the network's content layer", "l", metavar="NAME"),
    ] = ""
    channel: Annotated[
        str,
        Option("which channels, two rows each", metavar="NUMBER,…|random:N"),
    ] = "random:3"
    patches: Annotated[
        int, Option("number of patches for each channel", "n", least=1, most=100)
    ] = 8
    size: Looked = 0
    cell: Annotated[
        int,
        Option("side of each patch on the sheet, in pixels", least=1, most=MOST_CELL, group=SHEET),
    ] = 112

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Compute the activations of one picture after the other, and keep the strongest patches.

        Args:
            inputs: `folder` (several pictures).
            runtime: device, precision and seed.
            state: not used.

        Raises:
            UsageError: for an unknown layer or channel, a picture too small, or if Captum is
                missing.
        """
        extractor = self.network(runtime)
        asked = self.layer or next(iter(extractor.role("content").layers))
        layer = before_relu(extractor, channelled(extractor, asked))
        pictures = inputs["folder"]
        loud = energies(extractor, self._seen(extractor, pictures[0]), [layer])
        channels = choose(self.channel, loud, runtime.generator())[layer]
        answers = []
        for index, picture in enumerate(pictures, start=1):
            seen = self._seen(extractor, picture)
            answers.append(maps(extractor, seen, layer, channels)[0].flatten(1).amax(1).cpu())
            size = (seen.shape[-2], seen.shape[-1])
            yield Step(
                *(index, len(pictures), size, {}, seen.clone), provenance=extractor.provenance()
            )
        count = min(self.patches, len(pictures))
        lay_out = self.lay_out(f"{self.named} {layer}: what excites its filters most", count)
        cells: list[Cell | None] = []
        for channel, heard in zip(channels, torch.stack(answers, 1), strict=True):
            order = heard.argsort(descending=True, stable=True)[:count].tolist()
            patches, reasons = [], []
            for rank, index in enumerate(order, start=1):
                seen = self._seen(extractor, pictures[index])
                patch, reason = _patch(extractor, layer, channel, seen)
                name = f"{layer}-{channel}-{rank}"
                words = f"{channel}: {float(heard[index]):.2f}" if rank == 1 else ""
                patches.append(Cell(name, words, self._enlarged(patch)))
                reasons.append(Cell(f"{name}-guided", "", self._enlarged(reason)))
            cells += [*patches, *reasons]
        yield Result(self.pictures(cells, lay_out), extractor.provenance())

    def _seen(self, extractor: FeatureExtractor, picture: Tensor) -> Tensor:
        return shortened(picture.to(extractor.mean), self.size or SIDE)

    def _enlarged(self, patch: Tensor) -> Tensor:
        return resample(patch, (self.cell, self.cell)).clamp(0, 1)


def _patch(
    extractor: FeatureExtractor, layer: str, channel: int, picture: Tensor
) -> tuple[Tensor, Tensor]:
    """The receptive field of the channel's strongest neuron, and guided backpropagation there.

    Both are squares (1, 3, s, s) within the picture; the gradient is around grey, in its own range.
    """
    neuron = Neuron(extractor, layer, channel, picture)
    gradient = guided(AttributionTarget(f"{layer}, channel {channel}", neuron, 0, None), picture)
    height, width = picture.shape[-2:]
    place = divmod(neuron.place, extractor.length(layer, width))
    stride = extractor.stride(layer)
    side = min(2 * extractor.radius(layer) + stride, height, width)
    top, left = (
        min(max(round((position + 0.5) * stride - side / 2), 0), length - side)
        for position, length in zip(place, (height, width), strict=True)
    )
    rows, columns = slice(top, top + side), slice(left, left + side)
    reason = gradient[..., rows, columns]
    return picture[..., rows, columns], 0.5 + reason / (2 * reason.abs().amax().clamp(min=TINY))


TECHNIQUES.add("see_patches", SeePatches)

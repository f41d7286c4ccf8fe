"""See the kernels of a network's first layer, as small pictures.

The weights of the first convolution can be seen as pictures, since they are multiplied with one:
edges, blobs and opponent colours, as in the lectures of CS231n. Each is scaled to its own range
around grey: grey is a weight of zero.

Example: artgen see kernels --net slim
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from torch import Tensor, nn

from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Option
from artgen.errors import UsageError
from artgen.figures.sheet import Cell, enlarged
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.numerics import TINY
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.sheet import SeeSettings, seen

__all__ = ["SeeKernels", "kernels"]


@dataclass(frozen=True)
class SeeKernels(SeeSettings):
    """Settings of a sheet of kernels."""

    inputs: ClassVar[tuple[Input, ...]] = ()

    size: Annotated[
        int, Option("side of each kernel's picture, in pixels", "s", least=1, most=2048)
    ] = 66

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Draw the kernels, in one step; `inputs` and `state` are not used.

        Raises:
            UsageError: for a network whose first layer is not a convolution of a picture.
        """
        extractor = self.network(runtime)
        layer, drawn = kernels(extractor)
        cells = [
            Cell(f"{layer}-{index}", str(index), enlarged(kernel[None], self.size))
            for index, kernel in enumerate(drawn)
        ]
        lay_out = self.lay_out(f"{self.named} {layer}: {len(cells)} kernels")
        made = self.pictures(cells, lay_out)
        yield seen(made["picture"], extractor.provenance())
        yield Result(made, extractor.provenance())


def kernels(extractor: FeatureExtractor) -> tuple[str, Tensor]:
    """The first layer's name, and its weights (C, 3, k, k) each in [0, 1] with zero at a half.

    Raises:
        UsageError: if it is not a convolution of three colours.
    """
    name, layer = next(iter(extractor.chain.named_children()))
    if not isinstance(layer, nn.Conv2d) or layer.in_channels != 3:
        raise UsageError(
            f"{name}, the first layer of {extractor.spec.name!r}, has no kernels to draw.",
            "Take a network that begins with a convolution, such as slim.",
        )
    with torch.no_grad():
        weights = layer.weight.float()
        largest = weights.abs().amax((1, 2, 3), keepdim=True).clamp(min=TINY)
        return name, 0.5 + weights / (2 * largest)


TECHNIQUES.add("see_kernels", SeeKernels)

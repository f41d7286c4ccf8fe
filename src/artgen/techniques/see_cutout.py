"""See an object cut out, as a mask: found by the pixels that matter for its class.

Simonyan, Vedaldi & Zisserman, Deep Inside Convolutional Networks, 2014, section 3.2: a saliency map
shows where the object is likely to be, and GrabCut finds its outline. The result is a mask, white
inside the object, as large as the photo, as `artgen style --mask` takes it; a sheet is written
beside it, with the steps in between.

Example: artgen see cutout photo.jpg -o mask.png
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from torch import Tensor

from artgen.core.defaults import MOST_CELL
from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Option
from artgen.figures import colormap
from artgen.figures.sheet import Cell
from artgen.networks.attribution import METHODS, attribute
from artgen.ops.grabcut import cut_out
from artgen.ops.resize import fit, resample
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.attribution import AttributionSettings
from artgen.techniques.common.options import SHEET
from artgen.techniques.common.sheet import seen

__all__ = ["SeeCutout"]

SIDE = 512  # px, long side of the copy on which the outline is computed
BLUR = 10  # cells on the short side that a map is averaged over: single pixels are no object


@dataclass(frozen=True)
class SeeCutout(AttributionSettings):
    """Settings of a cut-out."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "the photo"),)

    method: Annotated[
        str, Option("the saliency method that finds the object", "m", choices=tuple(METHODS))
    ] = "gradcam"
    cell: Annotated[
        int,
        Option(
            "long side of each picture on the sheet, in pixels",
            least=1,
            most=MOST_CELL,
            group=SHEET,
        ),
    ] = 256

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Compute the saliency map, the mask and the sheet, in one step.

        Args:
            inputs: `content` (one picture).
            runtime: device, precision and seed.
            state: not used.

        Raises:
            UsageError: for a target that there is not (see `target`), or if Captum or OpenCV
                is missing.
        """
        photo = inputs["content"][0]
        small, target = self.target(photo, runtime)
        found = attribute(self.method, target, small, runtime.seed)
        whole = (photo.shape[-2], photo.shape[-1])
        size = fit(whole, min(SIDE, max(whole)))
        mask = cut_out(resample(photo, size).clamp(0, 1), _likely(found, size))
        mask = resample(mask, whole, "bilinear").clamp(0, 1)
        picture = mask.expand(-1, 3, -1, -1).contiguous()
        size = fit(whole, self.cell)
        shown = colormap.scaled(_likely(found, size), signed=False).cpu()
        pictures = {
            "photo": photo,
            self.method: colormap.heat(shown),
            "mask": picture,
            "object": photo * mask + (1 - mask) * (0.5 if self.background == "dark" else 1.0),
        }
        cells = [
            Cell(name, name, resample(one, size).clamp(0, 1)) for name, one in pictures.items()
        ]
        made = self.pictures(cells, self.lay_out(f"{self.named}: {target.label}", len(cells)))
        beside = {"sheet" if name == "picture" else name: one for name, one in made.items()}
        yield seen(picture, target.provenance)
        yield Result({"picture": picture, **beside}, target.provenance)


def _likely(found: Tensor, size: tuple[int, int]) -> Tensor:
    """A map (1, 1, h, w) smoothed, at a size (H, W)."""
    height, width = found.shape[-2:]
    factor = BLUR / min(height, width)
    coarse = (max(round(height * factor), 1), max(round(width * factor), 1))
    return resample(resample(found, coarse, "bilinear"), size).clamp(min=0)


TECHNIQUES.add("see_cutout", SeeCutout)

"""See which pixels of a photo matter: for a class, or for one channel of a layer.

Simonyan, Vedaldi & Zisserman 2014 (gradient), Springenberg et al. 2015 (guided), Smilkov et al.
2017 (smoothgrad), Sundararajan, Taly & Yan 2017 (integrated), Selvaraju et al. 2017 (gradcam), and
Zeiler & Fergus 2014 (occlusion): several side by side, as heat maps and over the photo, computed by
Captum. A class needs a network with a classifier head; a channel (its strongest neuron) does not.

Example: artgen see saliency photo.jpg --class "tree frog" --method guided,gradcam
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from artgen.core.defaults import MOST_CELL
from artgen.core.events import Note, Result, State, Step
from artgen.core.parsing import names
from artgen.core.schema import Option
from artgen.errors import UsageError, did_you_mean
from artgen.figures import colormap
from artgen.figures.sheet import Cell
from artgen.networks.attribution import METHODS, attribute
from artgen.ops.resize import fit, resample
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs
from artgen.techniques.common.attribution import AttributionSettings
from artgen.techniques.common.options import SHEET
from artgen.techniques.common.sheet import seen

__all__ = ["SeeSaliency"]


@dataclass(frozen=True)
class SeeSaliency(AttributionSettings):
    """Settings of a sheet of saliency maps."""

    inputs: ClassVar[tuple[Input, ...]] = (Input("content", "the photo"),)

    method: Annotated[
        str,
        Option(f"one or more of {', '.join(METHODS)}", "m", metavar="NAME,…"),
    ] = "gradient,guided,smoothgrad,integrated,gradcam"
    cell: Annotated[
        int,
        Option(
            "long side of each map on the sheet, in pixels", least=1, most=MOST_CELL, group=SHEET
        ),
    ] = 224

    def __post_init__(self) -> None:
        super().__post_init__()
        for one in names(self.method, "--method"):
            if one not in METHODS:
                raise UsageError(f"There is no method {one!r}.", did_you_mean(one, METHODS))

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Compute one map after the other.

        Args:
            inputs: `content` (one picture).
            runtime: device, precision and seed.
            state: not used.

        Raises:
            UsageError: for a target that there is not (see `target`), or if Captum is
                missing.
        """
        photo, target = self.target(inputs["content"][0], runtime)
        size = fit((photo.shape[-2], photo.shape[-1]), self.cell)
        small = resample(photo, size).clamp(0, 1)
        methods = names(self.method, "--method")
        lay_out = self.lay_out(f"{self.named}: {target.label}", len(methods) + 1)
        maps: list[Cell | None] = [Cell("photo", "photo", small)]
        overlays: list[Cell | None] = [None]
        for number, method in enumerate(methods, start=1):
            found = attribute(method, target, photo, runtime.seed)
            shown = colormap.scaled(resample(found, size).clamp(min=0), signed=False)
            maps.append(Cell(method, method, colormap.heat(shown)))
            overlays.append(Cell(f"{method}-over", "", colormap.over(small, shown)))
            waiting: list[Cell | None] = [None] * (len(methods) - number)
            cells = [*maps, *waiting, *overlays]
            yield seen(lay_out(cells), target.provenance, number, len(methods))
        yield Result(self.pictures(cells, lay_out), target.provenance)


TECHNIQUES.add("see_saliency", SeeSaliency)

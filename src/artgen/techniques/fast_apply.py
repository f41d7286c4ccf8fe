"""Paint a photo in one pass, in a trained style or in that of any picture.

Johnson, Alahi & Fei-Fei, Perceptual Losses for Real-Time Style Transfer and Super-Resolution, ECCV
2016, with many styles in one network (Dumoulin, Shlens & Kudlur, ICLR 2017), so that they mix:
`starry=0.6,wave=0.4`. `artgen fast train` makes networks of your own, and
`artgen fast import` takes in old ones of PyTorch's examples: these know one style and no strength,
so theirs is a blend of the painting with the photo.

Where STYLE is a picture, or a mixture of pictures (`a.jpg=0.6,wave=0.4`), nothing has to be
trained: another network exchanges the photo's moments, as slim sees them, for the picture's (Huang
& Belongie, ICCV 2017; Lu et al., ICCV 2019). One that was trained for a style knows it better.

Example: artgen fast apply starry photo.jpg --strength 80
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, ClassVar, TypeAlias

import torch
from torch import Tensor

from artgen.core.events import Note, Provenance, Result, State, Step
from artgen.core.parsing import weighted
from artgen.core.schema import Option, validate
from artgen.errors import UsageError
from artgen.fast import any_style_inference, inference
from artgen.images.formats import FORMATS
from artgen.ops.color import recoloured
from artgen.ops.resize import fit, resample
from artgen.runtime import Runtime
from artgen.techniques.base import TECHNIQUES, Input, Inputs, check_given
from artgen.techniques.common.options import Steady

__all__ = ["FastApply"]

TILE = 1024  # px, where pictures larger than the copy that moments are taken from are cut
PICTURES = tuple(suffix for one in FORMATS for suffix in one.suffixes)

Passes: TypeAlias = "Callable[[Tensor, int | None], Iterator[tuple[int, int, Tensor]]]"
"""Photo and tile -> the number of the tile just painted, how many there are, the picture so far."""


@dataclass(frozen=True)
class FastApply:
    """Settings of a painter at work."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo or film", frame=True, film=True, together=4),
    )

    style: Annotated[
        str,
        Option(
            "a trained style, or any picture, or a mixture: starry=0.6,wave=0.4",
            file="style",
            named=True,
            mixture=PICTURES,
            positional=True,
        ),
    ] = "starry"
    size: Annotated[
        int,
        Option(
            "long side of the picture, in pixels; 0 for the photo's own", "s", least=0, first=True
        ),
    ] = 0
    strength: Annotated[
        float, Option("from the photo (0) to the painting (100)", least=0, most=100, first=True)
    ] = 100.0
    style_scale: Annotated[
        float,
        Option(
            "size of the strokes, relative to those it was trained on",
            least=0.1,
            most=8,
            first=True,
        ),
    ] = 1.0
    color: Annotated[
        str,
        Option(
            "the painting's colours, or keep the photo's", choices=("style", "keep"), first=True
        ),
    ] = "style"
    exact: Annotated[
        bool,
        Option("above 2048 px, imported networks see the picture itself, no smaller copy: slower"),
    ] = False
    steady: Steady = 70.0
    painter: Annotated[
        str,
        Option("a network made by artgen fast train or import", metavar="FILE", local=True),
    ] = ""

    def __post_init__(self) -> None:
        validate(self)

    def result_size(self, inputs: Inputs) -> tuple[int, int]:
        """The photo's proportions, `size` px long."""
        height, width = inputs["content"][0].shape[-2:]
        return fit((height, width), self.size or max(height, width))

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Paints, in one piece or tile by tile, a step for each; `state` has nothing to say.

        Raises:
            UsageError: for a style that the network has not learnt, or no mixture.
            WeightsError: for a file that is no painter's.
        """
        check_given(self, inputs)
        content = inputs["content"][0]
        if inputs.get("style") and len(content) > 1:
            yield from self._one_by_one(inputs, runtime)
            return
        size = self.result_size(inputs)
        photo = resample(content.to(runtime.torch_device), size).clamp(0, 1)
        shares = weighted(self.style, "STYLE")
        # Broader strokes are painted on a smaller photo.
        inner = fit(size, max(round(max(size) / self.style_scale), 1))
        if styles := inputs.get("style"):
            painted_by, provenance = self._any(styles, list(shares.values()), runtime)
        else:
            painted_by, provenance = self._trained(shares, runtime)
        tile = self._tile(runtime, inner)
        provenance = replace(provenance, tile=tile)
        if tile:
            yield Note(f"{inner[1]} x {inner[0]} px, in tiles of {tile} px.")
        picture = photo
        for count, total, painted in painted_by(resample(photo, inner).clamp(0, 1), tile):
            picture = painted
            yield Step(count, total, inner, {}, painted.clone, provenance=provenance)
        picture = resample(picture, size).clamp(0, 1)
        picture = recoloured(picture, photo) if self.color == "keep" else picture
        yield Result({"picture": picture}, provenance)

    def _one_by_one(self, inputs: Inputs, runtime: Runtime) -> Iterator[Step | Note | Result]:
        """Several photos, each carried over to the style by its own moments."""
        made = []
        for number in range(len(inputs["content"][0])):
            photo = inputs["content"][0][number : number + 1]
            for event in self.run({**inputs, "content": [photo]}, runtime):
                if isinstance(event, Result):
                    made.append(event.pictures["picture"])
                    provenance = event.provenance
                else:
                    yield event
        yield Result({"picture": torch.cat(made)}, provenance)

    def _trained(self, shares: Mapping[str, float], runtime: Runtime) -> tuple[Passes, Provenance]:
        """A network that has learnt these styles."""
        trained = runtime.painter(Path(self.painter) if self.painter else None)
        painter = trained.painter
        mix = painter.mix(shares, self.strength / 100)

        def paint(photo: Tensor, tile: int | None) -> Iterator[tuple[int, int, Tensor]]:
            return inference.paint(painter, photo, mix, tile, exact=self.exact)

        return paint, trained.provenance

    def _any(
        self, styles: Sequence[Tensor], weights: Sequence[float], runtime: Runtime
    ) -> tuple[Passes, Provenance]:
        """The decoder of any style.

        Raises:
            UsageError: where a trained network is named as well.
        """
        if self.painter:
            raise UsageError(
                f"--painter is {self.painter}, and STYLE is a picture, {self.style}.",
                "Leave --painter out, or name a style that it has learnt.",
            )
        extractor, (decoder, origin) = runtime.extractor(any_style_inference.EYE), runtime.decoder()
        manner = any_style_inference.manner(
            extractor, decoder, styles, weights, strength=self.strength / 100
        )

        def paint(photo: Tensor, tile: int | None) -> Iterator[tuple[int, int, Tensor]]:
            return any_style_inference.paint(extractor, decoder, photo, manner, tile)

        return paint, Provenance("decoder", origin.sha256)

    def _tile(self, runtime: Runtime, size: tuple[int, int]) -> int | None:
        """The side of the tiles; None for one piece."""
        if runtime.tile == "auto":
            return TILE if max(size) > inference.COPY else None
        return None if runtime.tile == "off" else int(runtime.tile)


TECHNIQUES.add("fast_apply", FastApply)

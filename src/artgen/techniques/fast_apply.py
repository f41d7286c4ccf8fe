"""Paint a photo in one pass, in a trained style or in that of any picture.

Johnson, Alahi & Fei-Fei, Perceptual Losses for Real-Time Style Transfer and Super-Resolution, ECCV
2016, with many styles in one network (Dumoulin, Shlens & Kudlur, ICLR 2017), so that they mix:
`starry=0.6,wave=0.4`. `artgen fast train` trains networks of your own, and `artgen fast import`
imports those of PyTorch's fast_neural_style example: these have one style and no strength, so
`--strength` blends the painted picture with the photo.

Where STYLE is a picture, or a mixture of pictures (`a.jpg=0.6,wave=0.4`), nothing has to be
trained: another network replaces the moments of the photo's features by the picture's (Huang
& Belongie, ICCV 2017; Lu et al., ICCV 2019). A network trained for a style is closer to it.

Example: artgen fast apply photo.jpg starry --strength 80
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from artgen.core.defaults import MOST_SIDE
from artgen.core.events import Note, Provenance, Result, State, Step
from artgen.core.parsing import weighted
from artgen.core.schema import Option, validate
from artgen.errors import UsageError, WeightsError
from artgen.fast import array_files
from artgen.fast.shared import COPY, PAINTER_KIND, photo_share
from artgen.images.formats import FORMATS
from artgen.ops.color import recoloured
from artgen.ops.resize import fit, resize
from artgen.techniques.base import TECHNIQUES, Engine, Input, Inputs, check_given
from artgen.techniques.common.options import Flow, Steady

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["FastApply"]

TILE = 1024  # px, side of the tiles of pictures larger than the copy that moments are taken from
PICTURES = tuple(suffix for one in FORMATS for suffix in one.suffixes)


@dataclass(frozen=True)
class FastApply:
    """Settings of a style transfer in one pass."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo or film", frame=True, film=True, together=4),
    )

    style: Annotated[
        str,
        Option(
            "a trained style, any picture, or a mixture: starry=0.6,wave=0.4",
            file="style",
            named=True,
            mixture=PICTURES,
            positional=True,
        ),
    ] = "starry"
    size: Annotated[
        int,
        Option(
            "long side of the picture, in pixels; 0 for the photo's own",
            "s",
            least=0,
            most=MOST_SIDE,
            first=True,
        ),
    ] = 0
    strength: Annotated[
        float, Option("from the photo (0) to the style (100)", least=0, most=100, first=True)
    ] = 100.0
    style_scale: Annotated[
        float,
        Option(
            "size of the strokes, relative to the trained size",
            least=0.1,
            most=8,
            first=True,
        ),
    ] = 1.0
    color: Annotated[
        str,
        Option(
            "the style's colours (style), or the photo's (keep)",
            choices=("style", "keep"),
            first=True,
        ),
    ] = "style"
    exact: Annotated[
        bool,
        Option(
            "above 2048 px, imported networks take their statistics from the picture itself "
            "instead of a smaller copy: slower"
        ),
    ] = False
    steady: Steady = 70.0
    flow: Flow = "dis"
    painter: Annotated[
        str,
        Option(
            "a network of artgen fast train or import, instead of the shipped one",
            metavar="FILE",
            local=True,
        ),
    ] = ""

    def __post_init__(self) -> None:
        validate(self)

    def result_size(self, inputs: Inputs) -> tuple[int, int]:
        """The photo's proportions, `size` px long; `inputs` are pictures (1, 3, H, W)."""
        height, width = inputs["content"][0].shape[-2:]
        return fit((height, width), self.size or max(height, width))

    def has_graph(self, size: tuple[int, int], styles: int) -> bool:
        """Whether graphs can paint a photo (H, W): in one piece, by a network that they know."""
        height, width = size
        longest = max(self._inner(fit(size, self.size or max(height, width))))
        if longest > COPY or (styles and self.painter):
            return False
        try:
            return not self.painter or _kind(self.painter) == PAINTER_KIND
        except WeightsError:
            return False  # Runtime says what is wrong with it

    def _inner(self, size: tuple[int, int]) -> tuple[int, int]:
        """(H, W) of the photo as it is painted: smaller, for broader strokes."""
        return fit(size, max(round(max(size) / self.style_scale), 1))

    def run(
        self, inputs: Inputs, runtime: Engine, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Paint, in one piece or tile by tile, with a step for each.

        Args:
            inputs: `content` (one picture, or up to four stacked, (N, 3, H, W)) and, for each
                style that is a picture, `style`.
            runtime: device, precision, tiles and seed.
            state: not used.

        Raises:
            UsageError: for a style that the network does not have, or shares that are no mixture.
            WeightsError: for a file that is not a painter.
        """
        check_given(self, inputs)
        content = inputs["content"][0]
        if inputs.get("style") and len(content) > 1:
            yield from self._one_by_one(inputs, runtime)
            return
        size = self.result_size(inputs)
        runtime.check_room(size)
        photo, inner = resize(runtime.placed(content), size), self._inner(size)
        passes, provenance = self._passes(inputs.get("style", ()), runtime)
        tile = self._tile(runtime, inner)
        provenance = replace(provenance, tile=tile)
        if tile:
            yield Note(f"{inner[1]} x {inner[0]} px, in tiles of {tile} px.")
        picture = photo
        for count, total, painted in passes(resize(photo, inner), tile):
            picture = painted
            yield Step(count, total, inner, {}, _copied(painted), provenance=provenance)
        picture = resize(picture, size)
        if inner != size:  # the photo as it is, not its smaller copy
            picture = picture + (photo - picture) * photo_share(1 - self.strength / 100)
        picture = recoloured(picture, photo) if self.color == "keep" else picture
        yield Result({"picture": picture}, provenance)

    def _one_by_one(self, inputs: Inputs, runtime: Engine) -> Iterator[Step | Note | Result]:
        """Several stacked photos, each mapped to the style by its own moments."""
        import torch

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

    def _passes(self, styles: Sequence[Tensor], runtime: Engine) -> tuple[Any, Provenance]:
        """How the photo is painted: by a network trained for its styles, or by that of any style.

        Raises:
            UsageError: if a trained network is named, and the style is a picture.
        """
        shares, strength = weighted(self.style, "STYLE"), self.strength / 100
        if not styles:
            file = Path(self.painter) if self.painter else None
            return runtime.trained(shares, strength, file, exact=self.exact)
        if self.painter:
            raise UsageError(
                f"--painter is {self.painter}, and STYLE is a picture, {self.style}.",
                "Leave --painter out, or name a style that it has learnt.",
            )
        return runtime.any_style(styles, list(shares.values()), strength)

    def _tile(self, runtime: Engine, size: tuple[int, int]) -> int | None:
        """The side of the tiles in pixels; None for one piece."""
        if runtime.tile == "auto":
            return TILE if max(size) > COPY else None
        return None if runtime.tile == "off" else int(runtime.tile)


def _copied(picture: Any) -> Callable[[], Any]:
    """Makes copies of a tensor or an array (1, 3, H, W)."""
    return picture.copy if isinstance(picture, np.ndarray) else picture.clone


@cache
def _kind(path: str) -> object:
    """The kind of network that a file's header says it holds."""
    return array_files.header(Path(path)).get("kind")


TECHNIQUES.add("fast_apply", FastApply)

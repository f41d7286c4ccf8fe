"""Settings of a style transfer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from artgen.core.defaults import COHERENCE, CONTENT_WEIGHT, SMOOTH, STRENGTH
from artgen.core.schema import Option
from artgen.errors import UsageError
from artgen.ops.resize import fit
from artgen.techniques.base import Input, Inputs
from artgen.techniques.common.network import Pooled
from artgen.techniques.common.options import (
    BOTH,
    LOSS,
    LOSSES,
    NETWORK,
    RUN,
    SIDE,
    Optimizer,
    Tileable,
    TvWeight,
)
from artgen.techniques.common.printing import Printed

__all__ = ["StyleSettings"]

WHERE = "Where"  # a heading of `--help`


@dataclass(frozen=True)
class StyleSettings(Pooled, Printed):
    """Settings of a style transfer; every default here is the one the command line shows."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo, or with --follow a film", frame=True, followed=True),
        Input("style", "the style picture, or several", many=True, style=True),
    )

    size: Annotated[int, SIDE] = 512
    strength: Annotated[
        float, Option("from the photo (0) to the style (100)", least=0, most=100, first=True)
    ] = STRENGTH
    iterations: Annotated[
        int,
        Option(
            "iterations in all: evaluations of the loss and its gradient", "n", least=1, group=RUN
        ),
    ] = 250
    until: Annotated[
        str,
        Option(
            "end: make all iterations; settled: leave a scale once its loss no longer falls",
            choices=("end", "settled"),
            group=RUN,
        ),
    ] = "end"
    style_weights: Annotated[
        tuple[float, ...],
        Option("a weight for each STYLE, in their order: 2,1", least=0, group=LOSS),
    ] = ()
    style_scale: Annotated[
        tuple[float, ...],
        Option(
            "size of the strokes, relative to the style picture's: one number for all, or one for "
            "each STYLE and then each --mask",
            least=0.05,
            most=20,
            first=True,
        ),
    ] = (1.0,)
    style_turn: Annotated[
        tuple[float, ...],
        Option("rotation of the style pictures, in degrees: one number for all, or one for each"),
    ] = (0.0,)
    turned_copies: Annotated[
        int,
        Option(
            "copies of each style picture, turned by equal angles, among which neighbours are "
            "searched: 4 for strokes in any direction",
            least=1,
            most=8,
        ),
    ] = 1
    coherence: Annotated[
        float,
        Option(
            "0: each place takes its nearest neighbour in the style; the higher, the larger the "
            "pieces of the style that places take together",
            before=0.0,
            least=0,
            most=100,
            first=True,
        ),
    ] = COHERENCE
    mask: Annotated[
        tuple[str, ...],
        Option(
            "use this style where the mask is white (grey for a soft edge), and STYLE elsewhere; "
            "may be given more than once",
            file="mask",
            reads="mask",
            paired="masked",
            metavar="MASK.png=STYLE",
            group=WHERE,
        ),
    ] = ()
    protect: Annotated[
        str,
        Option(
            "keep the photo where this mask is white",
            choices=("none",),
            file="protect",
            reads="mask",
            group=WHERE,
        ),
    ] = "none"
    color: Annotated[
        str,
        Option(
            "style: the style's colours; keep: the photo's, pixel by pixel; match: give the style "
            "picture the photo's colours first; only: change nothing but the colours",
            choices=("style", "keep", "match", "only"),
            first=True,
        ),
    ] = "style"
    tileable: Tileable = False
    slant: Annotated[
        float,
        Option(
            "weight the style layers towards fine (-1) or coarse (1) features",
            least=-1,
            most=1,
        ),
    ] = 0.0
    style_loss: Annotated[
        str,
        Option(
            "neighbours: each place is pulled to its nearest neighbour in the style; the others "
            "compare statistics of the style's features",
            choices=LOSSES,
            group=LOSS,
        ),
    ] = BOTH
    content_weight: Annotated[
        float, Option("weight of the content loss, for 512 px", least=0, group=LOSS)
    ] = CONTENT_WEIGHT
    style_weight: Annotated[float, Option("weight of the style loss", least=0, group=LOSS)] = 1.0
    tv_weight: TvWeight = SMOOTH
    style_layers: Annotated[
        str,
        Option(
            "layers of the style loss, and their weights; by default, the network's own",
            metavar="NAME=WEIGHT,…",
            group=NETWORK,
        ),
    ] = ""
    content_layers: Annotated[
        str,
        Option(
            "layers of the content loss, and their weights; by default, the network's own",
            metavar="NAME=WEIGHT,…",
            group=NETWORK,
        ),
    ] = ""
    optimizer: Optimizer = "lbfgs"
    init: Annotated[
        str,
        Option(
            "what to start from: the photo, noise, the style, or a picture",
            choices=("content", "noise", "style"),
            file="init",
            group=RUN,
        ),
    ] = "content"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.print and self.tileable:
            raise UsageError(
                "--print does not go with --tileable: an enlargement has edges.",
                "Paint it larger with --size, or repeat the tile.",
            )

    def result_size(self, inputs: Inputs) -> tuple[int, int]:
        """(H, W) of the picture, or of its print; `inputs` are pictures (1, 3, H, W).

        Raises:
            UsageError: for a print that is smaller than the picture.
        """
        return self.printed_size(self.painted_size(inputs))

    def painted_size(self, inputs: Inputs) -> tuple[int, int]:
        """The photo's proportions, `size` px long; `inputs` are pictures (1, 3, H, W)."""
        height, width = inputs["content"][0].shape[-2:]
        return fit((height, width), self.size)

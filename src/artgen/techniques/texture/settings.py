"""All settings of a texture, with their defaults and the rules between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated

from artgen.core.parsing import dimensions
from artgen.core.schema import Option, fields_of, validate
from artgen.errors import UsageError
from artgen.materials.engines import ENGINES, FORMATS, check_size
from artgen.materials.kinds import kinds_of
from artgen.techniques.base import Inputs
from artgen.techniques.common.network import Pooled
from artgen.techniques.common.options import (
    LOSS,
    NETWORK,
    RUN,
    STYLE_LOSSES,
    Optimizer,
    Tileable,
    TvWeight,
)
from artgen.techniques.texture.rules import refuse_half

__all__ = ["TextureSettings"]

PLACE = "What goes where"
SET = "A set for an engine"
MATCHES = ("statistics", "patches")
PLAIN = (  # options that are given if they are not empty
    *("inpaint", "mask", "extend", "size", "guide", "sample_guide", "progress_"),
    *("sample_progress", "direction", "with_", "derive"),
)
SIDE = 512  # of the picture, in pixels, where no other size is given
MARGIN = 24  # most pixels that are made beyond an edge and cut off


@dataclass(frozen=True)
class TextureSettings(Pooled):
    """Settings of a texture; every default here is the one the command line shows."""

    size: Annotated[
        str,
        Option(
            "width and height in pixels, or one number for a square; by default, the size of "
            f"--inpaint, --guide, --progress or --direction, or {SIDE}",
            "s",
            metavar="WIDTHxHEIGHT",
            first=True,
        ),
    ] = ""
    tileable: Tileable = False
    proof: Annotated[
        int,
        Option(
            "also write NAME-proof, the picture repeated this many times across and down, and "
            "NAME-distance, the same from afar, and measure its strongest repetition",
            least=0,
            most=8,
        ),
    ] = 0
    scale: Annotated[
        float,
        Option(
            "size of the texture's features, relative to the sample's",
            least=0.05,
            most=20,
            first=True,
        ),
    ] = 1.0
    match: Annotated[
        str,
        Option(
            "what of the sample the texture has: its statistics, or also its patches, which keep "
            "things whole (flowers, scales, coins)",
            choices=MATCHES,
            first=True,
        ),
    ] = "statistics"
    variety: Annotated[
        float,
        Option(
            "for --match patches: how much its things differ from the sample's own, which are "
            "turned, bent and resized a little; with 0 they are the same to the pixel",
            least=0,
            most=1,
        ),
    ] = 1.0
    depth: Annotated[
        int,
        Option(
            "how many of the network's texture layers to use: 1 for colours only, 5 for forms too",
            least=1,
            most=5,
            first=True,
        ),
    ] = 5
    match_colors: Annotated[
        str,
        Option(
            "match the result's colours to the samples' at the end; auto leaves those of --match "
            "patches as they are, since each thing has its own",
            choices=("auto", "yes", "no"),
        ),
    ] = "auto"
    with_: Annotated[
        tuple[str, ...],
        Option(
            "a further map of the sample (normals, heights, roughness), synthesised in register "
            "with its colours and written as a file of its own, its numbers taken as they are; may "
            "be given more than once",
            file="with",
            reads="data",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ()
    sample_mask: Annotated[
        tuple[str, ...],
        Option(
            "use only the white part of the sample; give one for each sample",
            file="sample_mask",
            reads="mask",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ()
    inpaint: Annotated[
        str,
        Option(
            "a picture whose hole, given by --mask, is to be filled",
            file="inpaint",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ""
    mask: Annotated[
        str,
        Option(
            "the hole of --inpaint: where this picture is white",
            file="mask",
            reads="mask",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ""
    extend: Annotated[
        str,
        Option(
            "a picture to extend on all sides, to --size",
            file="extend",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ""
    fill: Annotated[
        str,
        Option(
            "for --inpaint and --extend: copy patches of the known part, which continues its "
            "structure, or optimise noise to its statistics (as --guide and --tileable always do)",
            choices=("patches", "statistics"),
            group=PLACE,
        ),
    ] = "patches"
    guide: Annotated[
        str,
        Option(
            "a picture in flat colours, each a label: which part of the sample goes where",
            file="guide",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ""
    sample_guide: Annotated[
        tuple[str, ...],
        Option(
            "the sample in the same labels; give one for each sample",
            file="sample_guide",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ()
    progress_: Annotated[
        str,
        Option(
            "for --match patches: a map of how far the texture has progressed, black to white: "
            "rust that grows, grass that thins out",
            file="progress",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ""
    sample_progress: Annotated[
        tuple[str, ...],
        Option(
            "the same map of the sample; give one for each sample",
            file="sample_progress",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ()
    direction: Annotated[
        str,
        Option(
            "for --match patches: a picture of lines (strokes, stripes), along which the texture's "
            "are to run: fur along a flow",
            file="direction",
            metavar="FILE",
            group=PLACE,
        ),
    ] = ""
    pack: Annotated[
        str,
        Option(
            "also write the folder NAME-ENGINE: colours and maps (told by their files' names) as "
            "the engine packs and names them, and a plane in glTF that shows them",
            choices=("none", *ENGINES),
            folder=True,
            group=SET,
        ),
    ] = "none"
    pack_as: Annotated[
        str,
        Option(
            "format of the set's pictures; dds is BC7 with mipmaps (heights stay PNG of 16 bits)",
            choices=FORMATS,
            folder=True,
            group=SET,
        ),
    ] = "png"
    derive: Annotated[
        bool,
        Option(
            "also write NAME-height and NAME-normal where no map says them: computed from each "
            "other, or estimated from the colours",
            group=SET,
        ),
    ] = False
    deep: Annotated[
        str,
        Option(
            "what an estimate from the colours takes for deep: dark joints, or light ones",
            choices=("dark", "light"),
            group=SET,
        ),
    ] = "dark"
    iterations: Annotated[
        int,
        Option(
            "iterations in all: evaluations of the loss and its gradient", "n", least=1, group=RUN
        ),
    ] = 180
    sample_weights: Annotated[
        tuple[float, ...],
        Option("a weight for each SAMPLE, in their order: 2,1", least=0, group=LOSS),
    ] = ()
    loss: Annotated[
        str,
        Option(
            "which statistics of the sample's features are compared",
            choices=STYLE_LOSSES,
            group=LOSS,
        ),
    ] = "moments"
    structure_weight: Annotated[
        float,
        Option(
            "weight of the long-range loss, which keeps rows and meshes regular",
            least=0,
            group=LOSS,
        ),
    ] = 1.0
    structure_reach: Annotated[
        int,
        Option(
            "reach of the long-range loss, in positions of a layer", least=1, most=256, group=LOSS
        ),
    ] = 8
    tv_weight: TvWeight = 1.0
    layers: Annotated[
        str,
        Option(
            "layers to compare, and their weights, instead of --depth",
            metavar="NAME=WEIGHT,…",
            group=NETWORK,
        ),
    ] = ""
    optimizer: Optimizer = "lbfgs"

    def __post_init__(self) -> None:
        validate(self)
        if self.size:
            dimensions(self.size, "--size")
        if self.proof == 1:
            raise UsageError("--proof is 1, which is the picture itself.", "Take 2 or 3.")
        options = (one for one in fields_of(type(self)) if one.name in PLAIN)
        plain = {one.flag: bool(getattr(self, one.name)) for one in options}
        chosen = {
            "--match patches": self.match == "patches",
            "--pack": self.pack != "none",
            "--pack-as": self.pack_as != "png",
            "--deep": self.deep != "dark",
        }
        refuse_half(plain | chosen)
        if self.pack != "none" and self.size:
            check_size(dimensions(self.size, "--size"))
        if self.pack != "none" or self.derive:
            kinds_of([Path(file).stem for file in self.with_])

    def result_size(self, inputs: Inputs) -> tuple[int, int]:
        """The size asked for, or that of the picture to be filled, the guide or the map: (H, W).

        `inputs` maps names to pictures (1, 3, H, W).
        """
        if self.size:
            return dimensions(self.size, "--size")
        given = (inputs.get(role, ()) for role in ("inpaint", "guide", "progress", "direction"))
        for picture in chain(*given):
            return picture.shape[-2], picture.shape[-1]
        return SIDE, SIDE

    def margin(self, size: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns that are made beyond each edge and cut off: features lack half there.

        A picture whose hole is filled has edges of its own, and no margin.
        """
        if self.tileable or self.inpaint or self.patched:
            return 0, 0
        return min(size[0] // 16, MARGIN), min(size[1] // 16, MARGIN)

    @property
    def recolours(self) -> bool:
        """Whether the result's colours are matched to the samples' at the end."""
        chosen = self.match_colors
        return self.match == "statistics" if chosen == "auto" else chosen == "yes"

    @property
    def patched(self) -> bool:
        """Whether known patches are copied instead of noise being optimised."""
        known = bool(self.inpaint or self.extend)
        return known and self.fill == "patches" and not (self.guide or self.tileable)

"""All settings of a dream, with their defaults and the rules between them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from artgen.core.choices import MATCHES, OBJECTIVES, OPTIMISERS
from artgen.core.defaults import MOST_SIDE
from artgen.core.schema import Option, validate
from artgen.errors import UsageError
from artgen.networks.imagenet import find_class
from artgen.ops.resize import fit
from artgen.techniques.base import Inputs
from artgen.techniques.common.network import Pooled
from artgen.techniques.common.options import (
    ASCENT,
    FILM,
    SHEET,
    Flow,
    Jitter,
    Steady,
    StepLength,
)
from artgen.techniques.common.sheet import SheetSettings

__all__ = ["CELL", "VARIED", "DreamSettings"]

COLORS = ("style", "keep")
VARIED = ("none", "step", "iterations", "net", "seed")
CELL = 256  # longest side of a picture on a sheet, in pixels


@dataclass(frozen=True)
class DreamSettings(SheetSettings, Pooled):
    """Settings of a dream; every default here is the one the command line shows."""

    size: Annotated[
        int, Option("long side of the picture, in pixels", "s", least=1, most=MOST_SIDE, first=True)
    ] = 512
    layer: Annotated[
        str,
        Option(
            "layers to amplify, and their weights; by default, those that the network recommends",
            "l",
            metavar="NAME=WEIGHT,…",
            first=True,
        ),
    ] = ""
    class_: Annotated[
        str,
        Option(
            "amplify a class instead of a layer, by name or number; the network needs a classifier "
            "head (squeezenet has one)",
            metavar="NAME",
        ),
    ] = ""
    channel: Annotated[
        str,
        Option(
            "channels to amplify: numbers, strongest:3 or random:3; by default, all",
            metavar="NUMBER,…|strongest:N|random:N",
        ),
    ] = ""
    objective: Annotated[
        str,
        Option(
            "what to maximise without a guide: squared activations (l2), their mean, or one neuron "
            "in the middle, of the strongest channel if --channel is not given",
            choices=OBJECTIVES,
        ),
    ] = "l2"
    guide: Annotated[
        str,
        Option("amplify only features that this picture has", choices=("none",), file="guide"),
    ] = "none"
    match: Annotated[
        str,
        Option(
            "compare with the guide's best matching feature, or with their mean", choices=MATCHES
        ),
    ] = "best"
    style: Annotated[
        str,
        Option(
            "also give the dream the style of this painting, or of a shipped style",
            choices=("none",),
            file="style",
            named=True,
        ),
    ] = "none"
    style_weight: Annotated[
        float, Option("weight of that style, relative to the dream", least=0)
    ] = 5.0
    init: Annotated[
        str, Option("start from the photo, or from noise", choices=("content", "noise"))
    ] = "content"
    mask: Annotated[
        str,
        Option("dream only where this picture is white", file="mask", reads="mask", metavar="FILE"),
    ] = ""
    color: Annotated[
        str,
        Option(
            "the dream's colours (style), or the photo's (keep: its I and Q of YIQ)",
            choices=COLORS,
            first=True,
        ),
    ] = "style"
    tileable: Annotated[
        bool, Option("treat opposite edges as neighbours: for noise, or for a tileable photo")
    ] = False
    octaves: Annotated[
        int,
        Option(
            "number of sizes, from small to large; 0 for as many as lead from about 190 px to "
            "--size, so that a dream of another size has the same forms",
            least=0,
            most=64,
            group=ASCENT,
        ),
    ] = 0
    octave_scale: Annotated[
        float, Option("ratio of each size to the one before", least=1.01, group=ASCENT)
    ] = 1.4
    iterations: Annotated[
        int, Option("steps at each of the sizes", "n", least=1, group=ASCENT, first=True)
    ] = 10
    step: StepLength = 0.0035
    jitter: Jitter = 32
    rotation: Annotated[
        float,
        Option(
            "largest random rotation before a step, in degrees; none with --tileable",
            least=0,
            most=180,
            group=ASCENT,
        ),
    ] = 5.0
    scale_jitter: Annotated[
        float,
        Option(
            "largest random change of size before a step, as a share; none with --tileable",
            least=0,
            most=0.9,
            group=ASCENT,
        ),
    ] = 0.1
    smoothing: Annotated[
        float,
        Option(
            "from the gradient as it is (0) to equal frequency bands: forms of every size (1)",
            least=0,
            most=1,
            group=ASCENT,
        ),
    ] = 0.5
    optimizer: Annotated[
        str,
        Option(
            "ascent: steps of the length --step along the equalised gradient, with the jitter set "
            "here; or an optimiser of artgen style",
            choices=("ascent", *OPTIMISERS),
            group=ASCENT,
        ),
    ] = "ascent"
    steady: Steady = 70.0
    flow: Flow = "dis"
    zoom: Annotated[
        bool,
        Option("make a film that zooms into the dream; needs -o out.mp4 or the like", group=FILM),
    ] = False
    seconds: Annotated[
        float, Option("length of the film, in seconds", least=0.1, most=36000, group=FILM)
    ] = 10.0
    zoom_rate: Annotated[
        float,
        Option("scale factor of the zoom in a second", least=0.1, most=10, group=FILM),
    ] = 1.5
    rotate: Annotated[
        float, Option("rotation in a second, in degrees", least=-360, most=360, group=FILM)
    ] = 0.0
    fps: Annotated[int, Option("frames in a second", least=1, most=240, group=FILM)] = 24
    loop: Annotated[bool, Option("blend the end of the film into its beginning", group=FILM)] = (
        False
    )
    sheet: Annotated[
        bool,
        Option(f"one sheet with a dream of every layer, each at most {CELL} px long", group=SHEET),
    ] = False
    vary: Annotated[
        str,
        Option(
            "one sheet with dreams that differ in this setting",
            choices=VARIED,
            former=(("strength", "step"),),
            group=SHEET,
        ),
    ] = "none"

    def __post_init__(self) -> None:
        validate(self)
        if self.class_:
            find_class(self.class_)  # an unknown one is refused before a network is loaded
        if self.zoom and (self.many or self.tileable):
            raise UsageError(
                "--zoom makes one film, of a picture with edges.", "Leave out the rest."
            )
        others = {"--layer": self.layer, "--channel": self.channel, "--sheet": self.sheet}
        others["--guide"] = self.guide != "none"
        for flag, is_given in others.items():
            if self.class_ and is_given:
                raise UsageError(
                    f"--class and {flag} cannot be combined.", "Leave one of them out."
                )

    def result_size(self, inputs: Inputs) -> tuple[int, int] | None:
        """The photo's proportions, `size` px long; None for a sheet, whose size only the run knows.

        `inputs` maps names to pictures (1, 3, H, W).
        """
        return None if self.many else self.dream_size(inputs)

    @property
    def frames_a_second(self) -> Fraction | None:
        """Of a film that zooms into the dream; None for a picture."""
        return Fraction(self.fps) if self.zoom else None

    @property
    def many(self) -> bool:
        """Whether the result is a sheet of dreams."""
        return self.sheet or self.vary != "none"

    def dream_size(self, inputs: Inputs) -> tuple[int, int]:
        """(H, W) of one dream; `inputs` maps names to pictures (1, 3, H, W)."""
        height, width = inputs["content"][0].shape[-2:]
        return fit((height, width), min(self.size, CELL) if self.many else self.size)

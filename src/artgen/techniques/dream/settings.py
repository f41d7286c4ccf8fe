"""What can be said of a dream: every setting, with its default, and what they mean together."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from artgen.core.schema import Option, validate
from artgen.errors import UsageError
from artgen.losses.activation import MATCHES, OBJECTIVES
from artgen.ops.resize import fit
from artgen.optim.stepper import OPTIMISERS
from artgen.techniques.base import Inputs
from artgen.techniques.common.network import Pooled
from artgen.techniques.common.options import ASCENT, FILM, SHEET, Jitter, Steady, StepLength
from artgen.techniques.common.sheet import Sheeted
from artgen.techniques.dream.objective import VARIED
from artgen.techniques.dream.zoom import Zoom

__all__ = ["DreamSettings"]

COLORS = ("style", "keep")
CELL = 256  # most pixels of a sheet's picture on its long side


@dataclass(frozen=True)
class DreamSettings(Sheeted, Pooled):
    """Settings of a dream; every default here is the one the command line shows."""

    size: Annotated[
        int, Option("long side of the picture, in pixels", "s", least=1, first=True)
    ] = 512
    layer: Annotated[
        str,
        Option(
            "what is to answer more loudly: layers and weights; the network's own choice if not "
            "given",
            "l",
            metavar="NAME=WEIGHT,…",
            first=True,
        ),
    ] = ""
    class_: Annotated[
        str,
        Option(
            "no layer, but a class is to answer: its name or number, of a network with a head",
            metavar="NAME",
        ),
    ] = ""
    channel: Annotated[
        str,
        Option(
            "channels of the layers: numbers, strongest:3 or random:3; all if not given",
            metavar="NUMBER,…|strongest:N|random:N",
        ),
    ] = ""
    objective: Annotated[
        str,
        Option(
            "without a guide: make more of what is there (l2), of everything, or of one neuron's "
            "answer, that of the strongest --channel in the middle if none is given",
            choices=OBJECTIVES,
        ),
    ] = "l2"
    guide: Annotated[
        str,
        Option("a picture whose forms are sought, instead of any", choices=("none",), file="guide"),
    ] = "none"
    match: Annotated[
        str, Option("which of the guide's features draw: the best, or their mean", choices=MATCHES)
    ] = "best"
    style: Annotated[
        str,
        Option(
            "a painting, or a shipped style's name, in whose manner it is dreamt",
            choices=("none",),
            file="style",
            named=True,
        ),
    ] = "none"
    style_weight: Annotated[float, Option("how strongly, beside the dream itself", least=0)] = 5.0
    init: Annotated[str, Option("what is dreamt on", choices=("content", "noise"))] = "content"
    mask: Annotated[
        str, Option("where it is dreamt: what is white", file="mask", metavar="FILE")
    ] = ""
    color: Annotated[
        str,
        Option(
            "the dream's colours, or the photo's kept (its I and Q of YIQ)",
            choices=COLORS,
            first=True,
        ),
    ] = "style"
    tileable: Annotated[
        bool, Option("opposite edges go on in each other: for noise, or a photo whose edges do")
    ] = False
    octaves: Annotated[
        int,
        Option(
            "sizes at which the photo is dreamt on; 0 for as many as lead from about 190 px to "
            "--size, so that a dream of another size has the same forms",
            least=0,
            most=64,
            group=ASCENT,
        ),
    ] = 0
    octave_scale: Annotated[
        float, Option("how much larger each is than the one before", least=1.01, group=ASCENT)
    ] = 1.4
    iterations: Annotated[
        int, Option("steps at each octave", "n", least=1, group=ASCENT, first=True)
    ] = 10
    step: StepLength = 0.0035
    jitter: Jitter = 32
    rotation: Annotated[
        float,
        Option(
            "degrees that it is turned by at most before a step; none where it is tileable",
            least=0,
            most=180,
            group=ASCENT,
        ),
    ] = 5.0
    scale_jitter: Annotated[
        float,
        Option(
            "share that it grows or shrinks by at most before a step; none where it is tileable",
            least=0,
            most=0.9,
            group=ASCENT,
        ),
    ] = 0.1
    smoothing: Annotated[
        float,
        Option(
            "the gradient as it is (0), or forms of every size alike (1)",
            least=0,
            most=1,
            group=ASCENT,
        ),
    ] = 0.5
    optimizer: Annotated[
        str,
        Option(
            "how the pixels move: by steps of one length along the evened gradient, with all that "
            "is said of them here; or as a painting's do",
            choices=("ascent", *OPTIMISERS),
            group=ASCENT,
        ),
    ] = "ascent"
    steady: Steady = 70.0
    zoom: Annotated[
        bool, Option("a film that flies into the dream, to be written with -o out.mp4", group=FILM)
    ] = False
    seconds: Annotated[float, Option("how long it is", least=0.1, most=36000, group=FILM)] = 10.0
    zoom_rate: Annotated[
        float,
        Option("how many times as large things become in a second", least=0.1, most=10, group=FILM),
    ] = 1.5
    rotate: Annotated[
        float, Option("degrees that it turns in a second", least=-360, most=360, group=FILM)
    ] = 0.0
    fps: Annotated[int, Option("frames a second", least=1, most=240, group=FILM)] = 24
    loop: Annotated[bool, Option("its end goes over into its beginning", group=FILM)] = False
    sheet: Annotated[
        bool,
        Option(f"a dream of every layer, each at most {CELL} px long, on one sheet", group=SHEET),
    ] = False
    vary: Annotated[
        str,
        Option("a sheet of dreams that differ in this", choices=VARIED, group=SHEET),
    ] = "none"

    def __post_init__(self) -> None:
        validate(self)
        if self.zoom and (self._many or self.tileable):
            raise UsageError(
                "--zoom makes one film, of a picture with edges.", "Leave out the rest."
            )
        others = {"--layer": self.layer, "--channel": self.channel, "--sheet": self.sheet}
        others["--guide"] = self.guide != "none"
        for flag, is_given in others.items():
            if self.class_ and is_given:
                raise UsageError(
                    f"--class and {flag} ask for two dreams.", "Leave one of them out."
                )

    def result_size(self, inputs: Inputs) -> tuple[int, int] | None:
        """The photo's proportions, `size` px long; how large a sheet is only the run knows."""
        return None if self._many else self._size(inputs)

    @property
    def frames_a_second(self) -> Fraction | None:
        """Of a film that flies into the dream; None for a picture."""
        return self._flight.frames_a_second if self.zoom else None

    @property
    def _flight(self) -> Zoom:
        return Zoom(self.seconds, self.zoom_rate, self.rotate, self.fps, self.loop)

    @property
    def _many(self) -> bool:
        """Whether it is a sheet of dreams."""
        return self.sheet or self.vary != "none"

    def _size(self, inputs: Inputs) -> tuple[int, int]:
        """(H, W) of one dream."""
        height, width = inputs["content"][0].shape[-2:]
        return fit((height, width), min(self.size, CELL) if self._many else self.size)

"""Settings that several techniques have, each said once: `net: Net = "slim"`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from artgen.core.schema import Option
from artgen.figures.sheet import BACKGROUNDS
from artgen.losses.style import MOMENT_LOSSES
from artgen.networks.extractor import POOLINGS
from artgen.optim.stepper import OPTIMISERS

__all__ = [
    "ASCENT",
    "FILM",
    "LOSS",
    "NETWORK",
    "RUN",
    "SHEET",
    "STYLE_LOSSES",
    "Background",
    "Jitter",
    "Looked",
    "Net",
    "Optimizer",
    "Pooling",
    "Separate",
    "Steady",
    "StepLength",
    "Tileable",
    "TvWeight",
    "Weights",
]

# Headings of `--help`.
NETWORK, RUN, SHEET, FILM, LOSS = "Network", "The run", "The sheet", "Film", "Losses"
ASCENT = "The ascent"
Net: TypeAlias = Annotated[
    str, Option("the network that looks; see artgen nets list", network=True, group=NETWORK)
]
Pooling: TypeAlias = Annotated[
    str, Option("how the network pools", choices=POOLINGS, group=NETWORK)
]
Weights: TypeAlias = Annotated[
    str, Option("a weights file for the network", metavar="FILE", local=True, group=NETWORK)
]
Optimizer: TypeAlias = Annotated[str, Option("how the pixels move", choices=OPTIMISERS, group=RUN)]
StepLength: TypeAlias = Annotated[
    float,
    Option(
        "how far a step moves a pixel on average; from black to white is 1",
        least=0,
        most=1,
        group=ASCENT,
    ),
]
Jitter: TypeAlias = Annotated[
    int, Option("pixels that the picture is moved by before a step", least=0, group=ASCENT)
]
Steady: TypeAlias = Annotated[
    float,
    Option(
        "of a film: how far a frame goes on from the last, where that is sure (0 to 100)",
        least=0,
        most=100,
        group=FILM,
    ),
]
Tileable: TypeAlias = Annotated[
    bool, Option("opposite edges fit, so that the picture can be laid like tiles", first=True)
]
TvWeight: TypeAlias = Annotated[
    float, Option("weight of the total variation: smoothness", least=0, group=LOSS)
]
Looked: TypeAlias = Annotated[
    int,
    Option(
        "short side at which the network sees the photo, in pixels; as it was trained if 0",
        "s",
        least=0,
    ),
]
Background: TypeAlias = Annotated[str, Option("of the sheet", choices=BACKGROUNDS, group=SHEET)]
Separate: TypeAlias = Annotated[
    bool, Option("write each picture of the sheet as a file too", group=SHEET)
]
STYLE_LOSSES = (*MOMENT_LOSSES, "sliced")

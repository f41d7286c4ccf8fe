"""Settings that several techniques have, each defined once: `net: Net = "slim"`."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from artgen.core.choices import BACKGROUNDS, MOMENT_LOSSES, OPTIMISERS, POOLINGS
from artgen.core.defaults import MOST_CELL, MOST_SIDE
from artgen.core.schema import Option

__all__ = [
    "ASCENT",
    "BOTH",
    "FILM",
    "LOSS",
    "LOSSES",
    "NETWORK",
    "RUN",
    "SHEET",
    "SIDE",
    "STYLE_LOSSES",
    "Background",
    "Flow",
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
SIDE = Option(
    "long side of the picture, in pixels", "s", least=1, most=MOST_SIDE, draft=256, first=True
)
Net: TypeAlias = Annotated[
    str,
    Option(
        "network to use, by its name; artgen nets list has them all", network=True, group=NETWORK
    ),
]
Pooling: TypeAlias = Annotated[
    str, Option("kind of the network's pooling layers", choices=POOLINGS, group=NETWORK)
]
Weights: TypeAlias = Annotated[
    str,
    Option(
        "a weights file for the network, instead of its own",
        metavar="FILE",
        local=True,
        group=NETWORK,
    ),
]
Optimizer: TypeAlias = Annotated[
    str, Option("the optimiser of the pixels", choices=OPTIMISERS, group=RUN)
]
StepLength: TypeAlias = Annotated[
    float,
    Option(
        "mean change of a pixel in a step; from black to white is 1",
        least=0,
        most=1,
        group=ASCENT,
    ),
]
Jitter: TypeAlias = Annotated[
    int,
    Option(
        "largest random shift of the picture before a step, in pixels",
        least=0,
        most=MOST_SIDE,
        group=ASCENT,
    ),
]
Steady: TypeAlias = Annotated[
    float,
    Option(
        "for films: how far each frame follows the last one, moved along the optical flow, where "
        "that is reliable (0 to 100)",
        least=0,
        most=100,
        group=FILM,
    ),
]
Flow: TypeAlias = Annotated[
    str,
    Option(
        "for films: what estimates the optical flow: dis (OpenCV), or the network raft, which is "
        "more exact, and fast on a GPU alone",
        choices=("dis", "raft"),
        group=FILM,
    ),
]
Tileable: TypeAlias = Annotated[
    bool,
    Option(
        "make opposite edges fit, so that the picture can be repeated without a seam", first=True
    ),
]
TvWeight: TypeAlias = Annotated[
    float, Option("weight of the total variation loss: more is smoother", least=0, group=LOSS)
]
Looked: TypeAlias = Annotated[
    int,
    Option(
        "short side to which the photo is resized for the network, in pixels; 0 for the size that "
        "it was trained with",
        "s",
        least=0,
        most=MOST_CELL,
    ),
]
Background: TypeAlias = Annotated[
    str, Option("background of the sheet", choices=BACKGROUNDS, group=SHEET)
]
Separate: TypeAlias = Annotated[
    bool, Option("also write each picture of the sheet to a file of its own", group=SHEET)
]
STYLE_LOSSES = (*MOMENT_LOSSES, "sliced")
BOTH = "moments+neighbours"
LOSSES = (BOTH, "neighbours", *STYLE_LOSSES)
"""Of a style transfer; those that are joined by a plus are summed."""

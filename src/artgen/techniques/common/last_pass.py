"""The last pass of a style transfer alone: a picture's strokes drawn anew at its size.

A painted picture that was enlarged has its forms and colours, and lacks what a larger canvas would
have let the painting's strokes show. Only the finest scale is optimised, towards each position's
neighbour in the painting and its statistics, from the picture as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from torch import Tensor

from artgen.core.defaults import CONTENT_WEIGHT, SMOOTH, STRENGTH
from artgen.core.events import Note, Result, State, Step
from artgen.optim.canvas import Pixels
from artgen.optim.loop import optimise
from artgen.optim.plan import Work
from artgen.optim.pyramid import Scale
from artgen.optim.stepper import Stepper
from artgen.runtime import Runtime
from artgen.techniques.common.layers import Layers
from artgen.techniques.common.options import BOTH
from artgen.techniques.common.painting import Painting
from artgen.techniques.common.pull import Pull
from artgen.techniques.common.regions import Zones

__all__ = ["redrawn"]


def redrawn(
    picture: Tensor,
    paintings: Sequence[Tensor],
    network: str,
    iterations: int,
    runtime: Runtime,
    state: State | None = None,
) -> Iterator[Step | Note | Result]:
    """Yield a step for each iteration, and the result.

    Args:
        picture: (1, 3, H, W) in [0, 1].
        paintings: (1, 3, h, w) each, of any size: they are looked at as long as the picture.
        network: its name.
        iterations: evaluations of the loss and its gradient.
        runtime: device, precision and tiles.
        state: that of the step to go on from, of a run with the same picture and settings.

    Raises:
        RecipeError: for a state that is no such one.
        UsageError: for a picture that is too small for the network.
        OutOfMemory: if it does not fit, however small the tiles.
    """
    extractor = runtime.extractor(network)
    size = (picture.shape[-2], picture.shape[-1])
    losses = tuple(BOTH.split("+"))
    layers = Layers.of(extractor, "", "", 0.0).used_by(losses)
    extractor.check_size(size, layers.names)
    pull = Pull(
        eye=extractor,
        sample_eye=extractor,
        layers=layers,
        zones=Zones([[Painting(one.to(picture)) for one in paintings]]),
        photo=picture,
        losses=losses,
        copies=1,
        coherence=0.0,
        strength=STRENGTH,
        style=1.0,
        content=CONTENT_WEIGHT,
        smooth=SMOOTH,
        wraps=False,
    )
    scales = [Scale(size, iterations)]
    plan = runtime.plan(Work(extractor, layers.names, "lbfgs", scales, False, pull.probe))
    yield Note(plan.sentence, plan.seconds)
    stepper = Stepper(plan.optimizer, history=plan.history)
    made: Callable[[], Tensor] = picture.clone
    for event in optimise(
        Pixels(picture if state is None else state["canvas"].to(picture)),
        *(extractor, scales, pull, stepper),
        tile=plan.tile,
        fits=plan.fits,
        state=state,
    ):
        if isinstance(event, Step):
            made = event.picture
        yield event
    yield Result({"picture": made().clamp(0, 1)}, extractor.provenance(plan.tile))

"""The optimisation loop: minimises a sum of terms on a canvas, from a coarse scale to a fine one.

It never prints and never saves. It yields Steps and Notes; the caller draws, saves, or stops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from artgen.core.events import Note, Provenance, State, Step
from artgen.errors import OutOfMemory, RecipeError
from artgen.losses.evaluate import evaluate
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.optim.canvas import Canvas
from artgen.optim.pyramid import Scale

__all__ = ["Fits", "Mover", "check_state", "optimise"]

Fits = Callable[[tuple[int, int], int | None], bool]
"""Whether a picture (H, W), in tiles of a side in pixels or in one piece (None), fits into memory.

An accelerator raises an error when memory runs out. On a CPU the process would be killed, so the
loop asks first.
"""
SMALLEST = 64  # side of a tile in pixels: smaller ones are mostly halo
SETTLED, WINDOW = 0.002, 20  # a scale has settled when WINDOW steps gain less than this share


class Mover(Protocol):
    """Updates a canvas over all scales, one evaluation a step: a Stepper or an Ascent."""

    def begin(self, canvas: Canvas) -> None:
        """Start a scale, on a canvas of its size."""

    def step(self, canvas: Canvas, evaluate: Callable[[], tuple[Tensor, Tensor]]) -> None:
        """Evaluate once, then update `canvas.values`.

        `evaluate` returns the loss, 0-d, and its gradient, shaped like `canvas.values`.
        """

    def finish(self) -> int:
        """End a scale. Returns how often the loss jumped, that is grew out of bounds."""

    def picture(self, canvas: Canvas) -> Tensor:
        """A copy of the current picture (1, 3, H, W), in [0, 1]."""

    def state(self) -> dict[str, Tensor]:
        """Everything needed to go on from here: name -> tensor, of any shape."""

    def load(self, canvas: Canvas, state: State) -> None:
        """Restore what `state` returned, of the same shapes: at the same scale, after `begin`."""


@dataclass
class _Pull:
    """The loss at a canvas and its gradient; tiles are halved when memory runs out."""

    canvas: Canvas
    extractor: FeatureExtractor
    terms: Sequence[Term]
    tile: int | None
    provenance: Provenance  # of the run, with the tiles that were planned
    opening: Tensor  # the picture (1, 3, H, W) that the scale began with
    losses: Mapping[str, Tensor] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def __call__(self) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            picture = self.canvas()
        while True:
            try:
                found = evaluate(picture, self.extractor, self.terms, self.tile)
                break
            except torch.OutOfMemoryError:
                self._halve(max(picture.shape[-2:]))
        self.losses, loss, gradient = found
        return loss, self.canvas.pull(picture, gradient)

    def _halve(self, longest: int) -> None:
        self.tile = _half(self.tile, longest)
        torch.cuda.empty_cache()
        self.notes.append(Note(f"Memory ran out; going on with tiles of {self.tile} px."))


def _half(tile: int | None, longest: int) -> int:
    """Half a tile's side, for a picture with a long side of `longest` px."""
    smaller = min(tile or longest, longest) // 2
    if smaller < SMALLEST:
        raise OutOfMemory(
            f"The device has too little memory, even for tiles of {tile} px.",
            "Take a smaller --size, --optimizer adam, or --device cpu.",
        ) from None
    return smaller


def _fitting(fits: Fits, scale: Scale, tile: int | None) -> int | None:
    """The tile's side in pixels, halved until the scale fits into memory."""
    while not fits(scale.size, tile):
        tile = _half(tile, scale.side)
    return tile


def check_state(state: State, scales: Sequence[Scale], channels: int = 3) -> None:
    """Check, before a run goes on from a state, that it is one of this run.

    Args:
        state: with `canvas`, `index` and `made`.
        scales: of the run.
        channels: of its canvas.

    Raises:
        RecipeError: if it is another run's, or damaged.
    """
    canvas, index, made = state["canvas"], int(state["index"]), int(state["made"])
    size = (canvas.shape[-2], canvas.shape[-1])
    sizes = [scale.size for scale in scales]
    if canvas.shape[1] == channels and size in sizes:
        at = sizes.index(size)
        before = sum(scale.iterations for scale in scales[:at])
        shapes = {canvas.shape, (1, 3, *size)}
        alike = all(
            one.shape in shapes and one.dtype == canvas.dtype
            for name, one in state.items()
            if one.dim() and name != "generator"
        )
        if alike and made <= scales[at].iterations and made <= index <= before + made:
            return
    raise _misfit()


def optimise(
    canvas: Canvas,
    extractor: FeatureExtractor,
    scales: Sequence[Scale],
    terms_at: Callable[[Scale, int | None, Tensor], Sequence[Term]],
    stepper: Mover,
    *,
    tile: int | None = None,
    fits: Fits = lambda *_: True,
    settle: bool = False,
    state: State | None = None,
) -> Iterator[Step | Note]:
    """Optimise a canvas from scale to scale, until all iterations are done.

    Args:
        canvas: the initial canvas (with a state, that state's); it is resampled to each scale.
        extractor: the feature extractor.
        scales: from coarse to fine.
        terms_at: makes the terms of a scale, for pictures in tiles of the given side in pixels,
            from the picture (1, 3, H, W) that it begins with.
        stepper: updates the canvas.
        tile: side of the tiles in pixels; None for one piece.
        fits: asked at the beginning of each scale; if it returns False, tiles are halved.
        settle: whether to leave a scale as soon as its loss no longer falls.
        state: that of the step to go on from, of a run with the same scales and stepper.

    Raises:
        OutOfMemory: if there is too little memory for the smallest tiles.
        RecipeError: for a state that is no such one.
    """
    total = None if settle else sum(scale.iterations for scale in scales)
    index, before, leapt, provenance = 0, 0, False, extractor.provenance(tile)
    if state:
        scales = _left(state, scales, canvas)
        index, before = int(state["index"]), int(state["made"])
    for scale in scales:
        planned, tile = tile, _fitting(fits, scale, tile)
        if tile != planned:
            yield Note(f"Less memory is free than was planned; going on with tiles of {tile} px.")
        canvas = canvas.resized(scale.size)
        opening = _begun(canvas, stepper, state if before else None)
        terms = terms_at(scale, tile, opening)
        pull = _Pull(canvas, extractor, terms, tile, provenance, opening)
        history: list[Tensor] = []
        if before >= scale.iterations and scale is scales[-1]:  # a state of the very last step
            yield _step(canvas, stepper, pull, index, before, total)
        for made in range(before + 1, scale.iterations + 1):
            index += 1
            stepper.step(canvas, pull)
            history.append(torch.stack(list(pull.losses.values())).sum())
            last = made == scale.iterations or (settle and _settled(history))
            if last and stepper.finish() and not leapt:
                leapt = True
                yield Note("The loss leapt; it went on from the best picture with shorter steps.")
            yield from pull.notes
            pull.notes.clear()
            yield _step(canvas, stepper, pull, index, made, total)
            if last:
                break
        before, tile = 0, pull.tile


def _left(state: State, scales: Sequence[Scale], canvas: Canvas) -> Sequence[Scale]:
    """The scales from that of a state on, which is checked."""
    check_state(state, scales, canvas.values.shape[1])
    size = (state["canvas"].shape[-2], state["canvas"].shape[-1])
    return scales[[scale.size for scale in scales].index(size) :]


def _misfit() -> RecipeError:
    return RecipeError(
        "The state of the unfinished picture does not fit its recipe, or is damaged.",
        "Make the picture from the beginning.",
    )


@torch.no_grad()
def _begun(canvas: Canvas, stepper: Mover, state: State | None) -> Tensor:
    """Begins a scale, or goes on within it; returns the picture (1, 3, H, W) that it began with."""
    stepper.begin(canvas)
    opening = canvas().clone()
    if state is None:
        return opening
    fresh = {name: value.shape for name, value in stepper.state().items()}
    if any(name not in state or state[name].shape != shape for name, shape in fresh.items()):
        raise _misfit()
    try:
        stepper.load(canvas, state)
    except (KeyError, RuntimeError, TypeError, ValueError) as error:  # a generator's state
        raise _misfit() from error
    return state.get("opening", opening).to(opening)  # older versions did not keep it


def _step(
    canvas: Canvas, stepper: Mover, pull: _Pull, index: int, made: int, total: int | None
) -> Step:
    def state() -> State:
        pictures = {"canvas": canvas.values.detach(), "opening": pull.opening}
        counts = {"index": torch.tensor(index), "made": torch.tensor(made)}
        return {**pictures, **counts, **stepper.state()}

    shown = canvas.size
    return Step(
        *(index, total, shown, pull.losses, lambda: stepper.picture(canvas), state),
        pull.provenance,
    )


def _settled(history: Sequence[Tensor]) -> bool:
    """Whether the last WINDOW steps gained next to nothing; checked at every tenth step only."""
    if len(history) < 2 * WINDOW or len(history) % 10:
        return False
    now = float(torch.stack(list(history[-WINDOW:])).min())
    before = float(torch.stack(list(history[:-WINDOW])).min())
    return before - now < SETTLED * abs(before)

"""What a run will cost, measured on this machine, and how it is tiled so that it fits.

There is no table of GPUs or sizes: before a run the network is tried on two small pictures, and
their memory and time are extrapolated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

import torch
from torch import Tensor

from artgen.errors import OutOfMemory, UsageError
from artgen.losses.evaluate import evaluate
from artgen.losses.style import style_moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.tiling import Extent, extent
from artgen.optim import memory
from artgen.optim.canvas import Canvas
from artgen.optim.loop import Fits
from artgen.optim.pyramid import Scale
from artgen.optim.trial import canvas_cost, finished, held, quickest

__all__ = ["Cost", "Plan", "StyleLossCost", "Work", "make_plan", "measure", "time_iterations"]

SIDES = (2048, 1536, 1024, 768, 512, 384, 256, 128)
HISTORIES = (10, 5, 3)
PROBES = (96, 208)  # sides of the two trial pictures, in pixels
PICTURES = 4  # kept besides the optimiser's: the photo, its content, what is shown
SPARE = 0.35e9  # bytes that torch's libraries take besides, measured with slim and vgg19 on a CPU
LONGEST = 90 * 86400  # seconds that a run may take by its estimate
QUICK = 2e6  # pixels evaluated, over all iterations, below which no estimate is made


@dataclass(frozen=True)
class Work:
    """The work to plan.

    Attributes:
        extractor: the feature extractor.
        layers: the layers whose features the terms use.
        optimizer: `lbfgs` or `adam`.
        scales: from coarse to fine; the last has the size of the result.
        whole: whether it has to run in one piece, whatever memory that takes.
        pull: makes the terms for a picture; the style loss of the layers if not given.
        channels: of the picture.
        result: (H, W) of the result where what is evaluated has another size.
        finish: estimates the seconds that the result takes after the last iteration.
        canvas: makes a canvas of a size (H, W), where the picture itself, of the result's size,
            costs as much as what is evaluated: a network makes it at each iteration.
    """

    extractor: FeatureExtractor
    layers: tuple[str, ...]
    optimizer: str
    scales: Sequence[Scale]
    whole: bool = False
    pull: Callable[[Tensor], Sequence[Term]] | None = None
    channels: int = 3
    result: tuple[int, int] | None = None
    finish: Callable[[], float] | None = None
    canvas: Callable[[tuple[int, int]], Canvas] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the canvas."""
        return self.scales[-1].size

    @property
    def shown(self) -> str:
        """The result's size in words."""
        height, width = self.result or self.size
        return f"{width} x {height} px"

    @property
    def made(self) -> int:
        """Pixels that a costly canvas makes at each iteration; 0 for any other."""
        height, width = self.result or self.size
        return height * width if self.canvas else 0

    @property
    def iterations(self) -> int:
        """Of all scales."""
        return sum(scale.iterations for scale in self.scales)


@dataclass(frozen=True)
class Cost:
    """What an iteration costs.

    Attributes:
        bytes, seconds: a pixel that is evaluated.
        fixed: seconds whatever the size.
        made: bytes and seconds a pixel that a costly canvas makes.
    """

    bytes: float
    seconds: float
    fixed: float
    made: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Plan:
    """How a run is tiled and optimised.

    Attributes:
        tile: side of the tiles in pixels; None for one piece.
        optimizer: the one asked for, or Adam where L-BFGS does not fit.
        history: curvature pairs that L-BFGS keeps.
        bytes: estimated memory at its peak; 0, like `seconds`, where no estimate is made.
        seconds: estimated time.
        sentence: all this, for the user.
        fits: whether a scale in such tiles still fits, asked again as the run comes to it.
    """

    tile: int | None
    optimizer: str
    history: int
    bytes: float
    seconds: float
    sentence: str
    fits: Fits = lambda *_: True


@dataclass(frozen=True)
class StyleLossCost:
    """One evaluation of the style loss: seconds, bytes at its peak, and multiply-adds.

    The multiply-adds are those of the convolutions, forward and backward with respect to their
    inputs (weights have no gradient).
    """

    seconds: float
    macs: float
    bytes: float


def time_iterations(
    extractor: FeatureExtractor, size: tuple[int, int], count: int = 3
) -> StyleLossCost:
    """Time evaluations on a random picture of a size (H, W), at the network's style layers."""
    device, layers = extractor.mean.device, extractor.role("style").layers
    picture = torch.rand((1, 3, *size), generator=torch.Generator().manual_seed(0)).to(device)
    moments = style_moments(extractor, [picture], [1.0], tuple(layers))
    term = style_term(moments, layers, "moments", 1.0)
    memory_held = _held(picture, extractor, [term])
    finished(device)
    began = time.perf_counter()
    for _ in range(count):
        evaluate(picture, extractor, [term])
    finished(device)
    took = (time.perf_counter() - began) / count
    return StyleLossCost(took, 2 * extractor.multiply_adds(layers, size), memory_held)


def measure(work: Work) -> Cost:
    """Try the terms, and a costly canvas, on two small pictures, forward and backward."""
    device, found = work.extractor.mean.device, []
    pixel = 0.0
    for side in (max(probe, *map(work.extractor.smallest, work.layers)) for probe in PROBES):
        generator = torch.Generator().manual_seed(0)
        picture = torch.rand((1, work.channels, side, side), generator=generator).to(device)
        pull = _style(work, picture) if work.pull is None else work.pull(picture)
        pixel = _held(picture, work.extractor, pull) / side**2  # and a warm-up
        run = partial(evaluate, picture, work.extractor, pull)
        found.append((side**2, quickest(run, device)))
    (small, quick), (large, slow) = found
    rate = (slow - quick) / (large - small)
    if device.type == "cpu":
        # Where other processes have slowed the small picture down, it says nothing: at these sizes
        # a processor's time is at least by half that of the pixels.
        rate = max(rate, slow / large / 2)
    rate = max(rate, 1e-9 / large)
    made = canvas_cost(work.canvas, PROBES, device) if work.canvas else (0.0, 0.0)
    return Cost(pixel, rate, max(slow - rate * large, 0.0), made)


def _style(work: Work, picture: Tensor) -> Sequence[Term]:
    moments = style_moments(work.extractor, [picture], [1.0], work.layers)
    return [style_term(moments, dict.fromkeys(work.layers, 1.0), "moments", 1.0)]


def _held(picture: Tensor, extractor: FeatureExtractor, pull: Sequence[Term]) -> float:
    """Bytes that an evaluation holds at its peak, besides the picture (1, C, H, W)."""
    run = partial(evaluate, picture, extractor, pull)
    return held(run, picture.device, list(extractor.parameters()))


def make_plan(work: Work, tile: str | int = "auto") -> Plan:
    """Choose tiles and optimiser so that the work fits into the memory that is free now.

    Args:
        work: the work to plan.
        tile: side of the tiles in pixels, `auto`, or `off` for one piece whatever memory it takes.

    Raises:
        OutOfMemory: if it does not fit, however it is tiled.
        UsageError: if it would take longer than LONGEST.
    """
    pixels = Cost(0, 1, 0, (0, 1))  # for seconds
    if isinstance(tile, str) and _seconds(work, None, pixels) < QUICK:
        return Plan(None, work.optimizer, HISTORIES[0], 0, 0, f"{work.shown}.")
    device = work.extractor.mean.device
    cost, after = measure(work), work.finish() if work.finish else 0.0
    room, base = memory.available(device), memory.used(device)
    cut = tile == "auto" and not work.whole
    sides: list[int | None] = [None, *SIDES] if cut else [None]
    if isinstance(tile, int):
        sides = [tile]
    optimisers = [("lbfgs", h) for h in HISTORIES] if work.optimizer == "lbfgs" else []
    for side, (optimizer, history) in _choices(sides, [*optimisers, ("adam", 0)]):
        pieces = extent(work.extractor, work.size, work.layers, side)
        needed = _bytes(work, work.size, pieces, cost, optimizer, history)
        if needed <= room or tile == "off":
            seconds = _seconds(work, side, cost) + after
            _check_time(work.size, seconds)
            sentence = _sentence(work, pieces, side, base + needed, seconds)
            if optimizer != work.optimizer:
                sentence += "; Adam instead of L-BFGS, which does not fit into memory"
            elif history and history != HISTORIES[0]:
                sentence += f"; L-BFGS remembers {history} steps instead of {HISTORIES[0]}, to fit"
            made = Plan(side, optimizer, history, base + needed, seconds, sentence + ".")
            return made if tile == "off" else replace(made, fits=_fits(work, cost, made, base))
    raise OutOfMemory(
        f"{work.shown} take more than the {room / 1e9:.1f} GB that may be used here.",
        "Take a smaller --size, or a smaller --tile if one is given.",
    )


def _choices(
    sides: Sequence[int | None], optimisers: Sequence[tuple[str, int]]
) -> list[tuple[int | None, tuple[str, int]]]:
    """What to try, best first: one piece or large tiles with the best optimiser; then less of it.

    Tiles below 512 px evaluate each pixel four times; a shorter L-BFGS history is the lesser evil.
    """
    large = [side for side in sides if side is None or side >= 512] or sides
    small = [side for side in sides if side not in large]
    pairs = [(side, optimiser) for optimiser, side in product(optimisers, large)]
    return pairs + [(side, optimisers[-1]) for side in small]


def _bytes(
    work: Work,
    size: tuple[int, int],
    pieces: Extent,
    cost: Cost,
    optimizer: str,
    history: int,
) -> float:
    picture = work.channels * 4 * size[0] * size[1]
    pictures = PICTURES + (7 + 2 * history if optimizer == "lbfgs" else 7)
    made = work.made * cost.made[0]
    return SPARE + pictures * picture + pieces.largest * cost.bytes + made


def _fits(work: Work, cost: Cost, plan: Plan, base: int) -> Fits:
    """A check of the free memory; what the run itself has taken since `base` counts as free."""
    device = work.extractor.mean.device

    def fits(size: tuple[int, int], side: int | None) -> bool:
        if device.type == "cuda":  # it raises when memory runs out, and tiles are halved then
            return True
        pieces = extent(work.extractor, size, work.layers, side)
        needed = _bytes(work, size, pieces, cost, plan.optimizer, plan.history)
        return needed <= memory.available(device) + max(memory.used(device) - base, 0)

    return fits


def _check_time(size: tuple[int, int], seconds: float) -> None:
    """Raises UsageError for a run that nobody would see the end of."""
    if seconds > LONGEST:
        height, width = size
        raise UsageError(
            f"{width} x {height} px would take about {seconds / 86400:.0f} days here.",
            f"Take a smaller --size, or fewer iterations: {LONGEST // 86400} days are the most.",
        )


def _seconds(work: Work, side: int | None, cost: Cost) -> float:
    """Seconds for every scale's iterations; tiles add a forward pass, a third of an evaluation."""
    total = work.iterations * work.made * cost.made[1]
    for scale in work.scales:
        pieces = extent(work.extractor, scale.size, work.layers, side)
        pixels = pieces.pixels * (1 if pieces.count == 1 else 4 / 3)
        total += scale.iterations * (cost.fixed + cost.seconds * pixels)
    return total


def _sentence(work: Work, pieces: Extent, side: int | None, held: float, seconds: float) -> str:
    cut = "in one piece" if pieces.count == 1 else f"{pieces.count} tiles of {side}"
    needs = f"about {held / 1e9:.1f} GB, about {_duration(seconds)}"
    return f"{work.shown}, {cut}, {needs}"


def _duration(seconds: float) -> str:
    for most, unit, length in ((100, "s", 1), (6000, "min", 60), (1.7e5, "h", 3600)):
        if seconds < most:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"

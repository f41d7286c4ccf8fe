"""What a run will cost, measured on this machine, and how it is tiled so that it fits.

There is no table of GPUs or sizes: before a run the network is tried on two small pictures, and
their memory and time are extrapolated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
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
from artgen.optim.loop import Fits
from artgen.optim.pyramid import Scale

__all__ = ["Cost", "Plan", "StyleLossCost", "Work", "make_plan", "measure", "time_iterations"]

SIDES = (2048, 1536, 1024, 768, 512, 384, 256, 128)
HISTORIES = (10, 5, 3)
PROBES = (96, 208)  # sides of the two trial pictures, in pixels
PICTURES = 4  # kept besides the optimiser's: the photo, its content, what is shown
SPARE = 0.35e9  # bytes that torch's libraries take besides, measured with slim and vgg19 on a CPU
TRIALS = 2  # evaluations of each, of which the faster counts: other processes only slow it down
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
        result: (H, W) of the result where the canvas is larger, for the sentence.
        finish: estimates the seconds that the result takes after the last iteration.
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

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the canvas."""
        return self.scales[-1].size

    @property
    def shown(self) -> str:
        """The result's size in words."""
        height, width = self.result or self.size
        return f"{width} x {height} px"


@dataclass(frozen=True)
class Cost:
    """What an evaluation costs: bytes a pixel, seconds a pixel, and seconds whatever the size."""

    bytes: float
    seconds: float
    fixed: float


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
    held = _held(picture, extractor, [term])
    _finished(device)
    began = time.perf_counter()
    for _ in range(count):
        evaluate(picture, extractor, [term])
    _finished(device)
    took = (time.perf_counter() - began) / count
    return StyleLossCost(took, 2 * extractor.multiply_adds(layers, size), held)


def measure(work: Work) -> Cost:
    """Try the terms on two small pictures, forward and backward."""
    device, found = work.extractor.mean.device, []
    held = 0.0
    for side in (max(probe, *map(work.extractor.smallest, work.layers)) for probe in PROBES):
        generator = torch.Generator().manual_seed(0)
        picture = torch.rand((1, work.channels, side, side), generator=generator).to(device)
        pull = _style(work, picture) if work.pull is None else work.pull(picture)
        held = _held(picture, work.extractor, pull) / side**2  # and a warm-up
        times = []
        for _ in range(TRIALS):
            _finished(device)
            began = time.perf_counter()
            evaluate(picture, work.extractor, pull)
            _finished(device)
            times.append(time.perf_counter() - began)
        found.append((side**2, min(times)))
    (small, quick), (large, slow) = found
    rate = (slow - quick) / (large - small)
    if device.type == "cpu":
        # Where other processes have slowed the small picture down, it says nothing: at these sizes
        # a processor's time is at least by half that of the pixels.
        rate = max(rate, slow / large / 2)
    rate = max(rate, 1e-9 / large)
    return Cost(held, rate, max(slow - rate * large, 0.0))


def _style(work: Work, picture: Tensor) -> Sequence[Term]:
    moments = style_moments(work.extractor, [picture], [1.0], work.layers)
    return [style_term(moments, dict.fromkeys(work.layers, 1.0), "moments", 1.0)]


def _finished(device: torch.device) -> None:
    """Wait until an accelerator has finished its queue."""
    if device.type != "cpu":
        torch.accelerator.synchronize()


def _held(picture: Tensor, extractor: FeatureExtractor, pull: Sequence[Term]) -> float:
    """Bytes that an evaluation holds at its peak, besides the picture (1, C, H, W)."""
    if picture.device.type == "cuda":
        before = torch.cuda.memory_allocated(picture.device)
        torch.cuda.reset_peak_memory_stats(picture.device)
        evaluate(picture, extractor, pull)
        return float(torch.cuda.max_memory_allocated(picture.device) - before)
    saved: dict[int, int] = {}
    # Weights are saved for the backward pass too, but they are there anyway.
    weights = {one.untyped_storage().data_ptr() for one in extractor.parameters()}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        evaluate(picture, extractor, pull)
    # What is saved for backward, and around the largest layer its padding and two gradients.
    return float(sum(saved.values()) + 3 * max(saved.values()))


def make_plan(work: Work, tile: str | int = "auto") -> Plan:
    """Choose tiles and optimiser so that the work fits into the memory that is free now.

    Args:
        work: the work to plan.
        tile: side of the tiles in pixels, `auto`, or `off` for one piece whatever memory it takes.

    Raises:
        OutOfMemory: if it does not fit, however it is tiled.
        UsageError: if it would take longer than LONGEST.
    """
    if isinstance(tile, str) and _seconds(work, None, Cost(0, 1, 0)) < QUICK:  # pixels, for seconds
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
    return SPARE + pictures * picture + pieces.largest * cost.bytes


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
    total = 0.0
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

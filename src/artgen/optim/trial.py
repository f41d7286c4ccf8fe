"""What a trial of something small takes: bytes that its backward pass holds, and seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

import torch
from torch import Tensor

from artgen.optim.canvas import Canvas

__all__ = ["canvas_cost", "finished", "held", "quickest"]

TRIALS = 2  # of each, of which the faster counts: other processes only slow it down


def finished(device: torch.device) -> None:
    """Wait until an accelerator has finished its queue."""
    if device.type != "cpu":
        torch.accelerator.synchronize()


def quickest(run: Callable[[], object], device: torch.device) -> float:
    """Seconds that a run takes, the fastest of TRIALS."""
    times = []
    for _ in range(TRIALS):
        finished(device)
        began = time.perf_counter()
        run()
        finished(device)
        times.append(time.perf_counter() - began)
    return min(times)


def held(
    run: Callable[[], object], device: torch.device, weights: Collection[Tensor] = ()
) -> float:
    """Bytes that a run with a backward pass holds at its peak, besides `weights`."""
    if device.type == "cuda":
        before = torch.cuda.memory_allocated(device)
        torch.cuda.reset_peak_memory_stats(device)
        run()
        return float(torch.cuda.max_memory_allocated(device) - before)
    saved: dict[int, int] = {}
    # Weights are saved for the backward pass too, but they are there anyway.
    there = {one.untyped_storage().data_ptr() for one in weights}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in there:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        run()
    # What is saved for backward, and around the largest layer its padding and two gradients.
    return float(sum(saved.values()) + 3 * max(saved.values()))


def canvas_cost(
    make: Callable[[tuple[int, int]], Canvas], sides: tuple[int, int], device: torch.device
) -> tuple[float, float]:
    """Bytes and seconds a pixel that a canvas takes to make its picture, and to pull a gradient.

    Args:
        make: a canvas of a size (H, W).
        sides: of the two squares that are tried, in pixels, the smaller first.
        device: of the canvas.
    """
    found = []
    for side in sides:
        canvas = make((side, side))

        def run(canvas: Canvas = canvas) -> None:
            picture = canvas()
            canvas.pull(picture, torch.ones_like(picture))

        found.append((held(run, device), quickest(run, device)))  # and a warm-up
    (few, quick), (many, slow) = found
    small, large = (side**2 for side in sides)
    # By the difference of the two, in which weights do not count.
    rate = max((slow - quick) / (large - small), slow / large / 2)
    return max(many - few, 0.0) / (large - small), rate

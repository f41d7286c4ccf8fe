"""The loop: terms pull at a canvas, step by step, from a coarse scale to a fine one.

It never prints and never saves. It yields Steps; who reads them draws, saves, or stops.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.canvas import Pixels, resample
from artgen.features import FeatureExtractor, Features, Region
from artgen.lbfgs import LBFGS
from artgen.tiling import Tile, tiles

__all__ = ["Average", "Scale", "Step", "Stepper", "Tensors", "Term", "evaluate", "pyramid"]

Tensors = Mapping[str, Tensor]


@dataclass(frozen=True)
class Term:
    """One weighted loss that says which layers it needs.

    Attributes:
        name: under which its value appears in a Step.
        layers: what the extractor has to deliver.
        statistics: features and region -> sums over the region's inner positions, so that the sums
            of several regions add up to those of the whole.
        loss: summed statistics -> a scalar.
        weight: factor of the loss.
        reach: positions beyond the inner ones that `statistics` looks at.
    """

    name: str
    layers: tuple[str, ...]
    statistics: Callable[[Features, Region], Tensors]
    loss: Callable[[Tensors], Tensor]
    weight: float = 1.0
    reach: int = 0


@dataclass(frozen=True)
class Step:
    """One iteration has been made: one evaluation of the loss and its gradient, one move.

    Attributes:
        index, total: which iteration of how many, over all scales, from 1.
        scale: (H, W) of the canvas now.
        losses: name -> 0-d tensor on the device, at the point before the move.
        picture: gives a copy of the picture (1, 3, H, W); valid until the generator goes on.
    """

    index: int
    total: int | None
    scale: tuple[int, int]
    losses: Mapping[str, Tensor]
    picture: Callable[[], Tensor]


@dataclass(frozen=True)
class Scale:
    """A rung of the pyramid: the canvas's long side in pixels, and its share of the iterations."""

    side: int
    iterations: int


def pyramid(side: int, iterations: int, coarsest: int = 128) -> list[Scale]:
    """Scales from about `coarsest` px up to `side` by about sqrt 2, sharing `iterations`.

    A scale gets iterations in inverse proportion to its side: form is found where it is cheap, and
    the fine scales only have to add what the coarse ones could not hold. Each gets one at least;
    with fewer iterations than scales the coarsest are left out.
    """
    rungs = max(0, round(2 * math.log2(side / coarsest))) if side > coarsest else 0
    sides = [round(side * 2 ** (-rung / 2)) for rung in range(rungs, -1, -1)]
    sides = sides[-iterations:] if iterations else sides[-1:]
    whole_share = sum(1 / s for s in sides)
    counts, given, owed = [], 0, 0.0
    for later, s in zip(range(len(sides) - 1, -1, -1), sides, strict=True):
        owed += iterations / s / whole_share
        counts.append(min(max(round(owed) - given, 1), iterations - given - later))
        given += counts[-1]
    return [Scale(s, n) for s, n in zip(sides, counts, strict=True)]


def evaluate(
    picture: Tensor,
    extractor: FeatureExtractor,
    terms: Sequence[Term],
    tile: int | None = None,
) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    """Losses by name, their weighted sum, and its gradient with respect to the picture.

    One forward pass serves all terms. The picture (1, 3, H, W) is treated as a leaf: what made it
    is pulled back through by the caller.

    In pieces of about `tile` pixels the result is the same but for rounding, and memory does not
    grow with the picture: a first pass adds up the statistics without gradients, a second one
    pulls the loss's gradient with respect to them back through one tile after the other.
    """
    picture = picture.detach()
    reaches: dict[str, int] = {}
    for term in terms:
        for layer in term.layers:
            reaches[layer] = max(term.reach, reaches.get(layer, 0))
    pieces = tiles(extractor, (picture.shape[-2], picture.shape[-1]), reaches, tile)
    if len(pieces) == 1:
        leaf = picture.requires_grad_()
        with torch.enable_grad():
            statistics = _statistics(extractor, leaf, pieces[0], terms)
            losses, total = _losses(terms, statistics)
            (gradient,) = torch.autograd.grad(total, leaf)
    else:
        statistics = _summed(extractor, picture, pieces, terms)
        losses, total, pulls = _pulls(terms, statistics)
        gradient = torch.zeros_like(picture)
        for piece in pieces:
            leaf = piece.cut(picture).requires_grad_()
            with torch.enable_grad():
                here = _statistics(extractor, leaf, piece, terms)
                flat = [one for sums in here for one in sums.values()]
                (pulled,) = torch.autograd.grad(flat, leaf, _like(pulls, flat))
            piece.add(pulled, gradient)
    return {name: loss.detach() for name, loss in losses.items()}, total.detach(), gradient


def _statistics(
    extractor: FeatureExtractor, leaf: Tensor, piece: Tile, terms: Sequence[Term]
) -> list[Tensors]:
    features = extractor(leaf, [layer for layer in piece.region if layer != "image"])
    return [term.statistics(features, piece.region) for term in terms]


@torch.no_grad()
def _summed(
    extractor: FeatureExtractor, picture: Tensor, pieces: Sequence[Tile], terms: Sequence[Term]
) -> list[Tensors]:
    """The statistics of all tiles together, in float64 where the device has it."""
    wide = torch.float32 if picture.device.type == "mps" else torch.float64
    sums: list[dict[str, Tensor]] = [{} for _ in terms]
    for piece in pieces:
        here = _statistics(extractor, piece.cut(picture), piece, terms)
        for total, part in zip(sums, here, strict=True):
            for key, value in part.items():
                total[key] = total[key] + value if key in total else value.to(wide)
    return list(sums)


def _losses(
    terms: Sequence[Term], statistics: Sequence[Tensors]
) -> tuple[dict[str, Tensor], Tensor]:
    losses = {
        term.name: term.weight * term.loss(sums)
        for term, sums in zip(terms, statistics, strict=True)
    }
    return losses, torch.stack(list(losses.values())).sum()


def _pulls(
    terms: Sequence[Term], statistics: Sequence[Tensors]
) -> tuple[dict[str, Tensor], Tensor, tuple[Tensor, ...]]:
    """Losses, their sum, and its gradient with respect to every statistic, in order."""
    leaves = [{k: v.requires_grad_() for k, v in sums.items()} for sums in statistics]
    with torch.enable_grad():
        losses, total = _losses(terms, leaves)
        flat = [leaf for sums in leaves for leaf in sums.values()]
        pulls = torch.autograd.grad(total, flat)
    return losses, total, pulls


def _like(values: Sequence[Tensor], models: Sequence[Tensor]) -> list[Tensor]:
    return [value.to(model.dtype) for value, model in zip(values, models, strict=True)]


class Average:
    """Exponential mean of a picture, corrected for its start (as Adam's moments are)."""

    def __init__(self, decay: float) -> None:
        self.decay, self.count = decay, 0
        self.sum: Tensor | None = None

    def add(self, picture: Tensor) -> None:
        """Takes another picture in; a picture of another size resamples the mean so far."""
        if self.sum is None:
            self.sum = torch.zeros_like(picture)
        self.sum = resample(self.sum, (picture.shape[-2], picture.shape[-1]))
        self.sum = self.sum.lerp(picture, 1 - self.decay)
        self.count += 1

    def picture(self) -> Tensor:
        """The mean of what was added, in [0, 1]."""
        assert self.sum is not None
        correction: float = 1 - self.decay**self.count
        return torch.clamp(self.sum / correction, 0, 1)


class Stepper:
    """One optimiser over all scales: a fresh L-BFGS memory for each, or one Adam that lives on.

    Adam's moments are resampled from scale to scale and its iterates averaged (both as in
    crowsonkb/style-transfer-pytorch): otherwise every scale begins with its noise.
    """

    def __init__(self, kind: str, *, history: int = 10, rate: float = 0.02) -> None:
        self.kind, self.history, self.rate = kind, history, rate
        self.average = Average(0.97) if kind == "adam" else None
        self._adam: torch.optim.Adam | None = None

    def _carried(self, canvas: Pixels) -> torch.optim.Adam:
        adam = torch.optim.Adam(canvas.parameters(), lr=self.rate, betas=(0.9, 0.99))
        if self._adam is not None:
            (old,) = self._adam.state.values()
            size = (canvas.pixels.shape[-2], canvas.pixels.shape[-1])
            adam.state[canvas.pixels] = {
                "step": old["step"],
                "exp_avg": resample(old["exp_avg"], size),
                "exp_avg_sq": resample(old["exp_avg_sq"], size, "bilinear").clamp(min=0),
            }
        self._adam = adam
        return adam

    def run(
        self,
        canvas: Pixels,
        extractor: FeatureExtractor,
        terms: Sequence[Term],
        iterations: int,
        *,
        before: int = 0,
        total: int | None = None,
    ) -> Iterator[Step]:
        """Makes `iterations` steps on one scale, `before` of `total` having been made already."""
        lbfgs = LBFGS(canvas.pixels, history=self.history) if self.kind == "lbfgs" else None
        adam = self._carried(canvas) if lbfgs is None else None
        losses: dict[str, Tensor] = {}

        def at_canvas() -> tuple[Tensor, Tensor]:
            nonlocal losses
            losses, loss, gradient = evaluate(canvas.pixels, extractor, terms)
            return loss, gradient

        @torch.no_grad()
        def picture_now() -> Tensor:
            now: Tensor = canvas()
            return now.clone()

        def picture() -> Tensor:
            return picture_now() if self.average is None else self.average.picture()

        height, width = canvas.pixels.shape[-2:]
        for index in range(before + 1, before + iterations + 1):
            if lbfgs is not None:
                lbfgs.step(at_canvas)
                if index == before + iterations:
                    lbfgs.finish()
            elif adam is not None:
                _, canvas.pixels.grad = at_canvas()
                adam.step()
            canvas.project()
            if self.average is not None:
                self.average.add(picture_now())
            yield Step(index, total, (height, width), losses, picture)

"""Ascent on activations, octave by octave: the canvas, the gradient made even, and the terms.

Mordvintsev, Olah & Tyka, Inceptionism, 2015 (google/deepdream, dream.ipynb): a picture is moved so
that a layer of a network answers more loudly, at several sizes from small to large, and at each the
photo's detail that the smaller size could not hold is put back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from artgen import losses, transforms
from artgen.canvas import Canvas, resample
from artgen.features import FeatureExtractor, Features, Region
from artgen.objective import Tensors, Term
from artgen.optimise import Scale
from artgen.tiling import tiles

__all__ = ["OBJECTIVES", "Ascent", "Octave", "activation", "energies", "even", "octaves"]

OBJECTIVES = ("l2", "mean")
COARSEST = 8  # no band of the gradient is made of fewer rows or columns


class Octave(nn.Module):
    """A canvas of pixels that holds on to a photo: at another size only the dream is resampled.

    google/deepdream: what is carried from octave to octave is the difference from the photo, so the
    photo is as sharp in the last octave as if it had never been smaller.

    Args:
        picture: (1, 3, h, w), where it begins.
        photo: (1, 3, H, W), of the size of the result.
    """

    wraps = False

    def __init__(self, picture: Tensor, photo: Tensor) -> None:
        super().__init__()
        self.photo = photo
        self.shift = (0, 0)
        self.values = nn.Parameter(picture.detach().clone())

    def forward(self) -> Tensor:
        return transforms.roll(self.values, self.shift)

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the picture."""
        return self.values.shape[-2], self.values.shape[-1]

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient rolled back to where the values lie."""
        return transforms.roll(gradient, (-self.shift[0], -self.shift[1]))

    @torch.no_grad()
    def project(self) -> None:
        """Back into the gamut."""
        self.values.clamp_(0, 1)

    @torch.no_grad()
    def resized(self, size: tuple[int, int]) -> Octave:
        """The photo at another size (H, W), and on it what has been dreamt so far."""
        if size == self.size:
            return Octave(self.values, self.photo)
        dreamt = self.values - self._photo(self.size)
        picture = self._photo(size) + resample(dreamt, size)
        return Octave(picture.clamp(0, 1), self.photo)

    def _photo(self, size: tuple[int, int]) -> Tensor:
        return resample(self.photo, size).clamp(0, 1)


class Ascent:
    """Moves an Octave against an evened gradient, by `rate` a pixel on average, under jitter.

    Args:
        rate: step size, in the picture's units.
        jitter: pixels that the picture is rolled by at most before each evaluation. Otherwise the
            network's strides and the border would be seen in the dream.
        smoothing: how much the gradient is made even, see `even`.
        generator: of the jitter.
    """

    def __init__(
        self, rate: float, *, jitter: int, smoothing: float, generator: torch.Generator
    ) -> None:
        self.rate, self.jitter, self.smoothing = rate, jitter, smoothing
        self.generator = generator

    def begin(self, canvas: Canvas) -> None:
        """An octave begins: nothing is remembered of the one before."""

    def step(self, canvas: Canvas, evaluate: Callable[[], tuple[Tensor, Tensor]]) -> None:
        """One evaluation, one move."""
        assert isinstance(canvas, Octave)
        # Rolled no farther than half the picture: farther is the same from the other side.
        most = min(self.jitter, min(canvas.size) // 2)
        canvas.shift = transforms.jitter(most, self.generator)
        _, gradient = evaluate()
        with torch.no_grad():
            gradient = even(gradient.nan_to_num(0, 0, 0), self.smoothing)
            size = gradient.abs().mean().clamp(min=torch.finfo(gradient.dtype).tiny)
            canvas.values.sub_(gradient * (self.rate / size))
        canvas.project()

    def finish(self) -> int:
        """An octave ends; an ascent never leaps."""
        return 0

    def picture(self, canvas: Canvas) -> Tensor:
        """A copy of the picture so far, as it lies unrolled."""
        return canvas.values.detach().clone()

    def state(self) -> dict[str, Tensor]:
        """The generator's state."""
        return {"generator": self.generator.get_state()}

    def load(self, canvas: Canvas, state: Mapping[str, Tensor]) -> None:
        """What `state` gave."""
        self.generator.set_state(state["generator"])


def octaves(
    size: tuple[int, int], count: int, ratio: float, iterations: int, least: int
) -> list[Scale]:
    """Scales from coarse to fine, each `ratio` times the one before, the last of a size (H, W).

    Those with a side shorter than `least` px are left out, except the last.
    """
    found = []
    for octave in range(count - 1, -1, -1):
        factor = ratio**-octave
        height, width = (max(round(length * factor), 1) for length in size)
        if octave == 0 or min(height, width) >= least:
            found.append(Scale((height, width), iterations))
    return found


def even(gradient: Tensor, amount: float) -> Tensor:
    """The gradient (1, 3, H, W) with its bands of frequency made equally strong.

    A network's gradient is mostly fine noise. As in lapnorm of TensorFlow's deepdream.ipynb (2016)
    it is split into a Laplacian pyramid (Burt & Adelson 1983) and each band divided by its root
    mean square, here to the power of `amount`: 0 leaves it as it is, 1 makes all bands alike. The
    mean of each channel is taken away: it would only shift the picture's colour, step by step.
    """
    bands = []
    rest = gradient - gradient.mean((2, 3), keepdim=True)
    while amount and min(rest.shape[-2:]) >= 2 * COARSEST:
        coarser = resample(rest, (-(-rest.shape[-2] // 2), -(-rest.shape[-1] // 2)), "bilinear")
        bands.append(rest - _like(coarser, rest))
        rest = coarser
    made = _scaled(rest, amount)
    for band in reversed(bands):
        made = _like(made, band) + _scaled(band, amount)
    return made


def _like(band: Tensor, other: Tensor) -> Tensor:
    return resample(band, (other.shape[-2], other.shape[-1]), "bilinear")


def _scaled(band: Tensor, amount: float) -> Tensor:
    size = band.square().mean().sqrt().clamp(min=torch.finfo(band.dtype).tiny)
    return band / size**amount


@torch.no_grad()
def energies(
    extractor: FeatureExtractor, picture: Tensor, layers: Sequence[str], tile: int | None = None
) -> dict[str, Tensor]:
    """Mean square of each layer's activations, channel by channel (C,), for a picture."""
    found: dict[str, Tensor] = {}
    for piece in tiles(extractor, (picture.shape[-2], picture.shape[-1]), layers, tile):
        features = extractor(piece.cut(picture), layers)
        for layer in layers:
            window = piece.region[layer]
            here = losses.exact(window.crop(features[layer]))
            share = here.square().sum((0, 2, 3)) / window.positions
            found[layer] = found[layer] + share if layer in found else share
    return found


def activation(
    layers: Mapping[str, float],
    reference: Mapping[str, Tensor],
    objective: str,
    channels: Mapping[str, Sequence[int]] | None = None,
    weight: float = 1.0,
) -> Term:
    """How loudly layers answer, as a loss that falls as they get louder: from about -1 down.

    Args:
        layers: layer -> weight; only their ratios matter.
        reference: `energies` of a picture; a layer's answer is counted relative to it, so that a
            weight means the same on a loud layer as on a quiet one.
        objective: `l2`, the mean square (google/deepdream), which makes more of what is there
            already; or `mean`, which raises everything alike.
        channels: layer -> which of its channels count; all if not given.
        weight: factor of the loss.
    """
    whole_weight = sum(layers.values())
    names = tuple(layers)

    def statistics(features: Features, region: Region) -> Tensors:
        sums = {}
        for layer in names:
            window = region[layer]
            here = window.crop(features[layer])
            if channels is not None:
                here = here[:, list(channels[layer])]
            here = losses.wide(here)
            here = here.square() if objective == "l2" else here
            sums[layer] = here.sum() / (here.shape[1] * window.positions)
        return sums

    def loss(sums: Tensors) -> Tensor:
        parts = []
        for layer, share in layers.items():
            loudness = reference[layer].mean().clamp(min=losses.TINY)
            loudness = loudness if objective == "l2" else loudness.sqrt()
            parts.append(sums[layer] / loudness.to(sums[layer]) * (share / whole_weight))
        return -torch.stack(parts).sum()

    return Term("dream", names, statistics, loss, weight)

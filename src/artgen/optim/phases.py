"""A picture with the amplitude spectrum of photos, of which only the phases are optimised (MACO).

Fel et al., Unlocking Feature Visualization for Deeper Networks with MAgnitude Constrained
Optimization, NeurIPS 2023: amplitudes that cannot grow leave no room for the fine noise that
excites a network, while the forms of a picture are in its phases. Each step evaluates random crops,
large and small ones. Different from the paper: the amplitudes are a table of rings and sectors
(`training/spectrum/measure.py`) instead of the whole mean spectrum of ImageNet, so that a picture
may have any size; waves longer than a crop are weakened, colours strengthened; Adam, at a falling
rate, instead of NAdam.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.core.files import PACKAGE_DATA
from artgen.ops.numerics import TINY
from artgen.ops.reductions import alone
from artgen.optim.adam import Adam
from artgen.optim.canvas import Canvas
from artgen.optim.codes import Codes
from artgen.optim.fourier import Fourier, color_mix

__all__ = [
    "RINGS",
    "SECTORS",
    "CropAscent",
    "Crops",
    "Phases",
    "photo_amplitudes",
    "rings_and_sectors",
]

FILE = PACKAGE_DATA / "photo_spectrum.json"
RINGS = tuple(2 ** (n / 2) for n in range(13))  # of the table: frequencies, in cycles per picture
SECTORS = 12  # of the table: directions, over half a turn
LONG_WAVES = 5.0  # cycles per picture below which amplitudes fall: crops do not show them whole
COLORFUL = 2.0  # chroma relative to the mean photo, which is grey: by sight
BLUR = 1 / 64  # width, as a share of the picture's, over which the summed gradients are averaged
FADED, FULL = 0.2, 0.9  # quantiles of the summed gradients that are transparent, and opaque
LAST_RATE = 0.1  # of the learning rate at the end


def rings_and_sectors(size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Row and column of the table, as fractions, for each frequency (H, W // 2 + 1) of a picture.

    Rows go on beyond the table's last one; columns run from 0 to SECTORS.
    """
    height, width = size
    down = torch.fft.fftfreq(height, 1 / height)[:, None]
    across = torch.fft.rfftfreq(width, 1 / width)[None]
    frequency = (down.square() + across.square()).sqrt()
    ring = 2 * frequency.clamp(min=1).log2()
    sector = torch.atan2(down, across) / math.pi % 1 * SECTORS
    return ring, sector


@cache
def _table() -> Tensor:
    """Logarithms of photos' mean amplitudes, (3, rings, SECTORS + 1): the last is the first."""
    with FILE.open(encoding="utf-8") as file:
        found = torch.tensor(json.load(file)["amplitudes"]).log()
    return torch.cat([found, found[..., :1]], -1)


def photo_amplitudes(size: tuple[int, int]) -> Tensor:
    """Mean amplitudes of photos' colour planes, (3, H, W // 2 + 1), at a size (H, W).

    They are relative to the number of pixels, and 0 at frequency 0. Between rings and sectors they
    are interpolated; beyond the last ring they go on falling as before it.
    """
    table = _table()
    with alone():  # functions are rounded otherwise at the end of each thread's share
        ring, sector = rings_and_sectors(size)
        row = ring.long().clamp(max=len(RINGS) - 2)
        column = sector.long().clamp(max=SECTORS - 1)
        down, across = ring - row, sector - column
        inner, outer = (
            table[:, row + n, column].lerp(table[:, row + n, column + 1], across) for n in (0, 1)
        )
        found: Tensor = (inner + (outer - inner) * down).exp()
    found[:, 0, 0] = 0
    return found


class Phases(nn.Module):
    """Phases of three colour planes with the amplitudes of photos, and the picture they make.

    Args:
        size: (H, W) of the picture.
        values: (1, 3, H, W // 2 + 1), the phases in radians.

    Attributes:
        transform: picture (1, 3, H, W) -> what is evaluated of it, (N, 3, h, w).
        felt: (1, 1, H, W), absolute values of the gradients so far, summed over colours and steps.
    """

    wraps = True
    amplitudes: Tensor
    felt: Tensor

    def __init__(self, size: tuple[int, int], values: Tensor) -> None:
        super().__init__()
        self.shape = size
        self.values = nn.Parameter(values.detach().clone())
        amplitudes = photo_amplitudes(size) * (size[0] * size[1])
        amplitudes[1:] *= COLORFUL
        frequency = 2 ** (rings_and_sectors(size)[0] / 2)
        amplitudes *= (frequency / LONG_WAVES).clamp(max=1) ** 2
        self.register_buffer("amplitudes", amplitudes.to(values), persistent=False)
        self.register_buffer("felt", values.new_zeros((1, 1, *size)), persistent=False)
        self.transform: Callable[[Tensor], Tensor] = lambda picture: picture
        self._whole: Tensor | None = None

    @classmethod
    def noise(
        cls, size: tuple[int, int], generator: torch.Generator, device: torch.device
    ) -> Phases:
        """Phases drawn at random."""
        height, width = size
        share = torch.rand((1, 3, height, width // 2 + 1), generator=generator)
        return cls(size, (2 * math.pi * share).to(device))

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the picture."""
        return self.shape

    def forward(self) -> Tensor:
        """What the current transform shows of the picture, (N, 3, h, w)."""
        self._whole = self.shown()
        return self.transform(self._whole)

    def shown(self) -> Tensor:
        """The picture (1, 3, H, W) in (0, 1)."""
        phases = self.values[0]
        with alone():  # functions are rounded otherwise at the end of each thread's share
            spectrum = torch.complex(self.amplitudes * phases.cos(), self.amplitudes * phases.sin())
            planes = torch.fft.irfft2(spectrum, s=self.shape)
            return torch.sigmoid(color_mix(planes[None]))

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient with respect to the phases, of their shape, by backpropagation.

        `picture` and `gradient`, both (N, 3, h, w), are what the last call returned and the loss's
        gradient with respect to it. The gradient of the whole picture is added to `felt`.
        """
        whole = self._whole
        assert whole is not None
        inner = torch.autograd.grad(picture, whole, gradient, retain_graph=True)[0]
        self.felt += inner.abs().sum(1, keepdim=True)
        with alone():  # as in `shown`
            pulled: Tensor = torch.autograd.grad(whole, self.values, inner)[0]
        return pulled

    @torch.no_grad()
    def opacity(self) -> Tensor:
        """Alpha (1, 1, H, W) in [0, 1]: how much of the summed gradients reached each pixel."""
        half = round(max(self.shape) * BLUR / 2)
        half = min(half, *(length - 1 for length in self.shape))
        padded = F.pad(self.felt, (half,) * 4, mode="circular")
        felt = F.avg_pool2d(padded, 2 * half + 1, stride=1)
        order = felt.flatten().sort().values
        least, most = (order[int(share * (len(order) - 1))] for share in (FADED, FULL))
        return ((felt - least) / (most - least).clamp(min=TINY)).clamp(0, 1)

    def project(self) -> None:
        """Nothing to do: the sigmoid keeps the picture in (0, 1)."""

    def resized(self, size: tuple[int, int]) -> Phases:
        """This canvas; it is optimised at one size (H, W) only, its own."""
        assert size == self.shape
        return self


@dataclass(frozen=True)
class Crops:
    """Random square crops around the middle of a picture, resampled to one size, with noise.

    Attributes:
        count: how many in each step.
        side: of a crop after resampling, in pixels.
        at_once: how many are evaluated at a time at most.
        first, last: mean side of a crop, as a share of the picture's, in the first and last step.
        spread: standard deviation of the side, relative to its mean.
        center: standard deviation of a crop's centre, as a share of the picture's side.
        noise: standard deviation of the noise that is added to a crop.
    """

    count: int
    side: int
    at_once: int = 1024
    first: float = 0.6
    last: float = 0.25
    spread: float = 0.25
    center: float = 0.15
    noise: float = 0.08

    def draw(
        self, size: tuple[int, int], progress: float, generator: torch.Generator
    ) -> list[Callable[[Tensor], Tensor]]:
        """Draws the crops of a step: functions (1, 3, H, W) -> (n, 3, side, side).

        Args:
            size: (H, W) of the picture; what a crop has beyond an edge is at the opposite one.
            progress: from 0, the first step, to 1, the last.
            generator: of sizes, places and noise.
        """
        mean = self.first + (self.last - self.first) * progress
        dice = torch.randn(self.count, generator=generator)
        shares = (mean * (1 + self.spread * dice)).clamp(mean / 3, 1)
        spans = []
        for length in size:
            centers = 0.5 + self.center * torch.randn(self.count, generator=generator)
            wide = shares * min(size)
            spans.append(_span_weights(length, centers * length - wide / 2, wide, self.side))
        shape = (self.count, 3, self.side, self.side)
        noise = self.noise * torch.randn(shape, generator=generator)
        groups = -(-self.count // self.at_once)
        parts = (one.chunk(groups) for one in (*spans, noise))
        return [_crop(*part) for part in zip(*parts, strict=True)]


def _crop(down: Tensor, across: Tensor, noise: Tensor) -> Callable[[Tensor], Tensor]:
    """A function picture (1, 3, H, W) -> crops, by weights of rows and of columns."""

    def cropped(picture: Tensor) -> Tensor:
        rows, columns = down[:, None].to(picture), across[:, None].mT.to(picture)
        return rows @ picture @ columns + noise.to(picture)

    return cropped


def _span_weights(length: int, starts: Tensor, wide: Tensor, count: int) -> Tensor:
    """Weights (N, count, length) that resample spans of a periodic axis to `count` positions.

    Linear interpolation; where a span is reduced, triangles as wide as two steps.

    Args:
        length: of the axis, in pixels.
        starts, wide: (N,), where the spans begin and how wide they are, in pixels.
        count: number of positions.
    """
    step = wide[:, None] / count
    places = starts[:, None] + (torch.arange(count) + 0.5) * step - 0.5
    distance = (torch.arange(length) - places[..., None]) % length
    distance = torch.minimum(distance, length - distance)
    weights = (1 - distance / step.clamp(min=1)[..., None]).clamp(min=0)
    return weights / weights.sum(-1, keepdim=True)


class CropAscent:
    """Updates phases, a spectrum or a code by Adam, at each step by what new crops say.

    Args:
        rate: Adam's step size at first, in the canvas's units (radians); it falls to a tenth.
        steps: how many there will be.
        crops: what is evaluated; None for the whole picture.
        generator: of the crops.
        fades: whether pictures of phases are transparent where the gradients were small.
    """

    def __init__(
        self,
        rate: float,
        steps: int,
        crops: Crops | None,
        generator: torch.Generator,
        *,
        fades: bool = False,
    ) -> None:
        self.rate, self.steps, self.crops, self.fades = rate, steps, crops, fades
        self.generator = generator
        self.made = 0
        self._adam: Adam | None = None

    def begin(self, canvas: Canvas) -> None:
        """Start, with a new Adam."""
        self._adam = Adam(canvas.values, self.rate)

    def step(self, canvas: Canvas, evaluate: Callable[[], tuple[Tensor, Tensor]]) -> None:
        """Evaluate once for each group of crops, then update the canvas.

        `evaluate` returns the loss, 0-d, and its gradient, shaped like `canvas.values`.
        """
        assert isinstance(canvas, Phases | Fourier | Codes)
        assert self._adam is not None
        progress = min(self.made / max(self.steps - 1, 1), 1.0)
        gradient = torch.zeros_like(canvas.values)
        drawn = self.crops.draw(canvas.size, progress, self.generator) if self.crops else None
        for transform in drawn or [canvas.transform]:
            canvas.transform = transform
            gradient += evaluate()[1]
        self._adam.rate = self.rate * (1 + (LAST_RATE - 1) * progress)
        self._adam.step(gradient)
        canvas.project()
        self.made += 1

    def finish(self) -> int:
        """End a scale; Adam never jumps: 0."""
        return 0

    @torch.no_grad()
    def picture(self, canvas: Canvas) -> Tensor:
        """A copy of the picture so far, (1, 3, H, W), or (1, 4, H, W) with alpha if it fades."""
        assert isinstance(canvas, Phases | Fourier | Codes)
        shown = canvas.shown()
        if self.fades and isinstance(canvas, Phases):
            shown = torch.cat([shown, canvas.opacity()], 1)
        return shown

    def state(self) -> dict[str, Tensor]:
        """Empty, no tensor of any shape: only sheets are made so, and cannot be resumed."""
        return {}

    def load(self, canvas: Canvas, state: Mapping[str, Tensor]) -> None:
        """Nothing to restore: `state` is empty, without a tensor of any shape."""

"""Gradient ascent on activations, octave by octave: canvas, updates, equalised gradient.

Mordvintsev, Olah & Tyka, Inceptionism, 2015 (google/deepdream, dream.ipynb): a picture is changed
so that a layer of a network responds more strongly, at several sizes from small to large. At each
size the photo's detail that the smaller size could not represent is added back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor, nn

from artgen.ops import transforms
from artgen.ops.reductions import full_mean
from artgen.ops.resize import resample
from artgen.ops.transforms import RandomTransforms
from artgen.optim.canvas import Canvas, MaskedPicture
from artgen.optim.pyramid import Scale

__all__ = ["Ascent", "Octave", "clouds", "even", "octaves", "octaves_to"]

NOISE = 0.05  # standard deviation of the noise that a dream of noise begins with
SPECK = 1e-6  # share of a picture below which nothing is free: one pixel of 1000 x 1000
COARSEST = 8  # fewest rows or columns of a frequency band of the gradient
FIRST = 187  # long side of the first octave, in pixels: that of four octaves by 1.4 up to 512


class Octave(nn.Module):
    """A canvas of pixels over a photo: at another size only the difference from it is resampled.

    google/deepdream: what is carried from octave to octave is the difference from the photo, so the
    photo is as sharp in the last octave as if it had never been smaller.

    Args:
        picture: (1, 3, h, w), the initial picture.
        photo: (1, 3, H, W), of the size of the result.
        wraps: whether the picture is periodic.
        held: the part that may not change, of the size of the result; none if not given.

    Attributes:
        shift, turned: the shift in pixels, and the rotation and zoom, of the current evaluation.
    """

    def __init__(
        self,
        picture: Tensor,
        photo: Tensor,
        *,
        wraps: bool = False,
        held: MaskedPicture | None = None,
    ) -> None:
        super().__init__()
        self.photo, self.wraps, self.held = photo, wraps, held
        self.shift = (0, 0)
        self.turned: Callable[[Tensor], Tensor] = lambda picture: picture
        self.here = None if held is None else held.at((picture.shape[-2], picture.shape[-1]))
        self.values = nn.Parameter(picture.detach().clone())

    def forward(self) -> Tensor:
        """The picture (1, 3, H, W), shifted and turned for the current evaluation."""
        moved = transforms.shift(self.seen(), self.shift, wraps=self.wraps)
        return self.turned(moved)

    def seen(self) -> Tensor:
        """The picture (1, 3, H, W), not shifted or turned."""
        return self.values if self.here is None else self.here.around(self.values)

    @property
    def free(self) -> float:
        """The share of the picture that may change, 0 to 1."""
        return 1.0 if self.here is None else max(float(full_mean(self.here.mask)), SPECK)

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the picture."""
        return self.values.shape[-2], self.values.shape[-1]

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient (1, 3, H, W) with the shift and rotation undone: with respect to `values`.

        `picture` and `gradient`, both (1, 3, H, W), are those of the shifted picture.
        """
        (pulled,) = torch.autograd.grad(picture, self.values, gradient)
        return pulled

    @torch.no_grad()
    def project(self) -> None:
        """Clamp to [0, 1]."""
        self.values.clamp_(0, 1)

    @torch.no_grad()
    def resized(self, size: tuple[int, int]) -> Octave:
        """The photo at another size (H, W), plus the resampled difference from it so far."""
        if size == self.size:
            return Octave(self.values, self.photo, wraps=self.wraps, held=self.held)
        dreamt = self.values - self._photo(self.size)
        picture = self._photo(size) + resample(dreamt, size, wraps=self.wraps)
        return Octave(picture.clamp(0, 1), self.photo, wraps=self.wraps, held=self.held)

    def _photo(self, size: tuple[int, int]) -> Tensor:
        return resample(self.photo, size, wraps=self.wraps).clamp(0, 1)


class Ascent:
    """Moves an Octave along an equalised gradient, by `rate` a pixel on average, under jitter.

    Args:
        rate: step size, in the picture's units (black to white is 1).
        jitter: largest shift of the picture before each evaluation, in pixels. Without it the
            network's strides and the border would show in the dream.
        rotation, zoom: largest rotation in degrees, and largest relative change of size.
        smoothing: how far the gradient's frequency bands are equalised, see `even`.
        tints: whether the picture's mean colour may move with the gradient, as a style loss needs.
        generator: of the jitter.
        level: whether to keep the picture's mean colour.
        field: side in pixels of the square that the objective depends on; 0 for all of the picture.
    """

    def __init__(
        self,
        rate: float,
        *,
        jitter: int,
        rotation: float = 0.0,
        zoom: float = 0.0,
        smoothing: float,
        tints: bool = False,
        level: bool = True,
        field: int = 0,
        generator: torch.Generator,
    ) -> None:
        self.rate, self.jitter, self.smoothing, self.level = rate, jitter, smoothing, level
        self.tints, self.field = tints, field
        self.transform = RandomTransforms(0, zoom, rotation) if zoom or rotation else None
        self.generator = generator

    def begin(self, canvas: Canvas) -> None:
        """Start an octave; nothing is kept from the one before."""

    def step(self, canvas: Canvas, evaluate: Callable[[], tuple[Tensor, Tensor]]) -> None:
        """Evaluate once, then update `canvas.values`.

        `evaluate` returns the loss, 0-d, and its gradient, shaped like `canvas.values`.
        """
        assert isinstance(canvas, Octave)
        # At most half the picture: a larger shift is a smaller one the other way round.
        most = min(self.jitter, min(canvas.size) // 2)
        canvas.shift = transforms.jitter(most, self.generator)
        if self.transform:
            canvas.turned = self.transform.draw(self.generator)
        _, gradient = evaluate()
        with torch.no_grad():
            gradient = gradient.nan_to_num(0, 0, 0)
            tint = gradient.mean((2, 3), keepdim=True)
            if self.level:
                gradient = even(gradient, self.smoothing, wraps=canvas.wraps)
            if self.tints:
                gradient = gradient + _scaled(tint, self.smoothing)
            # Where only a part may change, that part moves as far as a whole picture would.
            size = (
                full_mean(gradient.abs()).clamp(min=torch.finfo(gradient.dtype).tiny) / canvas.free
            )
            for side in canvas.size if self.field else ():
                size = size / min(self.field / side, 1)
            canvas.values.sub_(gradient * (self.rate / size))
        canvas.project()

    def finish(self) -> int:
        """End an octave; an ascent never jumps: 0."""
        return 0

    def picture(self, canvas: Canvas) -> Tensor:
        """A copy of the picture (1, 3, H, W) so far, not shifted or turned."""
        assert isinstance(canvas, Octave)
        return canvas.seen().detach().clone()

    def state(self) -> dict[str, Tensor]:
        """The random generator's state, (bytes,) in uint8."""
        return {"generator": self.generator.get_state()}

    def load(self, canvas: Canvas, state: Mapping[str, Tensor]) -> None:
        """Restore what `state` returned, a tensor (bytes,)."""
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


def octaves_to(size: tuple[int, int], ratio: float) -> int:
    """How many octaves there are from a fixed first size (FIRST px on the long side) to (H, W).

    With a fixed first size a dream has the same forms in the same places, whatever its size.
    """
    return 1 + max(round(math.log(max(size) / FIRST) / math.log(ratio)), 0)


def clouds(scales: Sequence[Scale], generator: torch.Generator, *, wraps: bool = False) -> Tensor:
    """Grey noise (1, 3, H, W) of the last scale's size, equally strong at every scale.

    White noise averages to grey at a coarse octave, where a dream needs something to begin with.
    """
    size = scales[-1].size
    layers = [
        resample(torch.randn((1, 1, *scale.size), generator=generator), size, wraps=wraps)
        for scale in scales
    ]
    grey = 0.5 + NOISE / math.sqrt(len(layers)) * torch.stack(layers).sum(0)
    return grey.clamp(0, 1).repeat(1, 3, 1, 1)


def even(gradient: Tensor, amount: float, *, wraps: bool = False) -> Tensor:
    """The gradient (1, 3, H, W) with its frequency bands equalised.

    A network's gradient is mostly fine noise. As in lapnorm of TensorFlow's deepdream.ipynb (2016)
    it is split into a Laplacian pyramid (Burt & Adelson 1983) and each band divided by its root
    mean square, here to the power of `amount`: 0 leaves it as it is, 1 makes all bands equal. The
    mean of each channel is removed: it would only shift the picture's colour, step by step.
    """
    bands = []
    rest = gradient - gradient.mean((2, 3), keepdim=True)
    while amount and min(rest.shape[-2:]) >= 2 * COARSEST:
        half = (-(-rest.shape[-2] // 2), -(-rest.shape[-1] // 2))
        coarser = resample(rest, half, "bilinear", wraps=wraps)
        bands.append(rest - _like(coarser, rest, wraps=wraps))
        rest = coarser
    made = _scaled(rest, amount)
    for band in reversed(bands):
        made = _like(made, band, wraps=wraps) + _scaled(band, amount)
    return made


def _like(band: Tensor, other: Tensor, *, wraps: bool) -> Tensor:
    return resample(band, (other.shape[-2], other.shape[-1]), "bilinear", wraps=wraps)


def _scaled(band: Tensor, amount: float) -> Tensor:
    size = full_mean(band.square()).sqrt().clamp(min=torch.finfo(band.dtype).tiny)
    scaled: Tensor = band / size**amount
    return scaled

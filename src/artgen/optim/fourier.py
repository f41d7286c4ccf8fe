"""A picture parametrised by its spectrum, where optimising pixels would give high-frequency noise.

Olah, Mordvintsev & Schubert, Feature Visualization, Distill 2017 (tensorflow/lucid, optvis/param):
in the Fourier basis, with every frequency scaled as in photos, and in decorrelated colours, the
same gradient leads to smooth pictures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from artgen.ops.reductions import alone
from artgen.ops.transforms import RandomTransforms
from artgen.optim.adam import Adam
from artgen.optim.canvas import Canvas

__all__ = ["CLIPPED", "Fourier", "FourierAscent", "color_mix", "color_planes"]

# The square root of the colours' correlation over ImageNet, as lucid measured it, by columns:
# light, blue to yellow, green to purple.
COLOURS = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
CLIPPED = 0.02  # distance of a photo's values from 0 and 1, whose logits would be infinite
GAIN = 4.0  # lucid's divisor: a spectrum of small numbers makes a picture of some contrast


class Fourier(nn.Module):
    """A spectrum (1, 3, H, W // 2 + 1, 2) of three colour planes, and the picture it makes.

    Args:
        size: (H, W) of the picture.
        values: (1, 3, H, W // 2 + 1, 2), the spectrum (real and imaginary parts), relative to how
            strong each frequency is in photos.
        colours: whether the planes are decorrelated colours; red, green and blue otherwise.
    """

    wraps = True

    def __init__(self, size: tuple[int, int], values: Tensor, *, colours: bool = True) -> None:
        super().__init__()
        self.shape, self.colours = size, colours
        self.values = nn.Parameter(values.detach().clone())
        self.transform: Callable[[Tensor], Tensor] = lambda picture: picture

    @classmethod
    def noise(
        cls,
        size: tuple[int, int],
        generator: torch.Generator,
        device: torch.device,
        *,
        colours: bool = True,
    ) -> Fourier:
        """A spectrum of weak noise at every frequency, around grey."""
        height, width = size
        values = 0.01 * torch.randn((1, 3, height, width // 2 + 1, 2), generator=generator)
        return cls(size, values.to(device), colours=colours)

    @classmethod
    def of(cls, picture: Tensor) -> Fourier:
        """The spectrum of a picture (1, 3, H, W) in [0, 1]; near black and white it is clipped."""
        size = (picture.shape[-2], picture.shape[-1])
        with alone():  # as the sigmoid
            logits = picture.clamp(CLIPPED, 1 - CLIPPED).logit()
        planes = color_planes(logits)
        values = torch.view_as_real(torch.fft.rfft2(planes))
        return cls(size, values * GAIN / _photolike(size).to(values)[..., None])

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the picture."""
        return self.shape

    def forward(self) -> Tensor:
        """The picture (1, 3, H, W), moved for the current evaluation."""
        return self.transform(self.shown())

    def shown(self) -> Tensor:
        """The picture (1, 3, H, W), not moved, in (0, 1)."""
        height, width = self.shape
        scaled = self.values * _photolike(self.shape).to(self.values)[..., None] / GAIN
        planes = torch.fft.irfft2(torch.view_as_complex(scaled), s=(height, width))
        mixed = color_mix(planes) if self.colours else planes
        with alone():  # at the end of each thread's share it is rounded otherwise
            return torch.sigmoid(mixed)

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient with respect to the spectrum, of its shape, by backpropagation.

        `picture` and `gradient`, both (1, 3, H, W), are what a call returned and the loss's
        gradient with respect to it.
        """
        pulled: Tensor = torch.autograd.grad(picture, self.values, gradient)[0]
        return pulled

    def project(self) -> None:
        """Nothing to do: the sigmoid keeps the picture in (0, 1)."""

    @torch.no_grad()
    def resized(self, size: tuple[int, int]) -> Fourier:
        """The same picture at another size (H, W): frequencies are added or dropped."""
        if size == self.shape:
            return self
        (old_height, old_width), (height, width) = self.shape, size
        values = self.values.new_zeros((1, 3, height, width // 2 + 1, 2))
        rows, columns = min(old_height, height) // 2, min(old_width, width) // 2
        spectrum = self.values * _photolike(self.shape).to(values)[..., None]
        for part in (slice(0, rows), slice(-rows, None)):
            if rows:
                values[:, :, part, :columns] = spectrum[:, :, part, :columns]
        values *= height * width / (old_height * old_width)
        values /= _photolike(size).to(values)[..., None]
        return Fourier(size, values, colours=self.colours)


def color_mix(planes: Tensor) -> Tensor:
    """Red, green and blue of decorrelated colour planes, both (1, 3, H, W)."""
    return _mapped(planes, _mix(planes))


def color_planes(picture: Tensor) -> Tensor:
    """The decorrelated colour planes of red, green and blue, both (1, 3, H, W)."""
    return _mapped(picture, torch.linalg.inv(_mix(picture)))


def _mapped(planes: Tensor, matrix: Tensor) -> Tensor:
    """Each position's three values, times a matrix (3, 3).

    Plane by plane: MKL rounds such a product differently with every number of threads.
    """
    one, two, three = (
        plane * column.view(1, 3, 1, 1)
        for plane, column in zip(planes.chunk(3, 1), matrix.unbind(1), strict=True)
    )
    mapped: Tensor = one + two + three
    return mapped


def _mix(like: Tensor) -> Tensor:
    mix = like.new_tensor(COLOURS)
    scaled: Tensor = mix / mix.norm(dim=0).max()
    return scaled


def _photolike(size: tuple[int, int]) -> Tensor:
    """How strong each frequency (H, W // 2 + 1) is in photos: one over the frequency."""
    height, width = size
    down, across = torch.fft.fftfreq(height)[:, None], torch.fft.rfftfreq(width)[None]
    frequency = (down.square() + across.square()).sqrt().clamp(min=1 / max(size))
    strong: Tensor = math.sqrt(height * width) / frequency
    return strong


class FourierAscent:
    """Updates a Fourier canvas by Adam, under another small random transform each time.

    Args:
        rate: Adam's step size, in the spectrum's units.
        transform: how far the picture is shifted, zoomed and turned at most.
        generator: of the transforms.
    """

    def __init__(
        self, rate: float, transform: RandomTransforms, generator: torch.Generator
    ) -> None:
        self.rate, self.transform, self.generator = rate, transform, generator
        self._adam: Adam | None = None

    def begin(self, canvas: Canvas) -> None:
        """Start a scale, with a new Adam: a spectrum of another size is another tensor."""
        self._adam = Adam(canvas.values, self.rate)

    def step(self, canvas: Canvas, evaluate: Callable[[], tuple[Tensor, Tensor]]) -> None:
        """Evaluate once, then update the spectrum.

        `evaluate` returns the loss, 0-d, and its gradient, shaped like `canvas.values`.
        """
        assert isinstance(canvas, Fourier)
        assert self._adam is not None
        canvas.transform = self.transform.draw(self.generator)
        self._adam.step(evaluate()[1])

    def finish(self) -> int:
        """End a scale; Adam never jumps: 0."""
        return 0

    @torch.no_grad()
    def picture(self, canvas: Canvas) -> Tensor:
        """A copy of the picture (1, 3, H, W) so far, not moved."""
        assert isinstance(canvas, Fourier)
        return canvas.shown()

    def state(self) -> dict[str, Tensor]:
        """Empty, no tensor of any shape: only sheets are made so, and cannot be resumed."""
        return {}

    def load(self, canvas: Canvas, state: Mapping[str, Tensor]) -> None:
        """Nothing to restore: `state` is empty, without a tensor of any shape."""

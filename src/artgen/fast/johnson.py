"""The network of PyTorch's fast_neural_style example, for one style: its checkpoints work here.

Johnson, Alahi & Fei-Fei, Perceptual Losses for Real-Time Style Transfer, ECCV 2016, supplementary
material, with the instance norm of Ulyanov, Vedaldi & Lempitsky (2016) and nearest-neighbour
upsampling before convolutions instead of transposed ones (Odena et al. 2016). The layers have the
names that many published checkpoints use. Inside, pictures are in 0 to 255; outside, it is used
like any other painter. Its style is blended with the photo after the pass, not within the network.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from artgen.errors import UsageError, WeightsError
from artgen.fast.layers import double
from artgen.fast.multi_style import (
    PHOTO,
    Corner,
    Moments,
    Walk,
    convolve_in,
    drive,
    measure,
    mixture,
    padded,
)
from artgen.networks.weights import Source
from artgen.networks.weights.reading import Shapes, WeightsMismatch, fit

__all__ = ["Johnson", "from_checkpoint"]

BYTES = 255.0
SOURCE = Source(licence="whoever trained it says it")
FORGOTTEN = ("running_mean", "running_var", "num_batches_tracked")  # old files have them, unused


class _Conv(nn.Module):
    """A convolution with reflection padding, nested as the names in the checkpoints require."""

    def __init__(self, inward: int, outward: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv2d = nn.Conv2d(
            inward, outward, kernel, stride, kernel // 2, padding_mode="reflect"
        )

    def forward(self, x: Tensor) -> Tensor:
        convolved: Tensor = self.conv2d(x.to(self.conv2d.weight.dtype))
        return convolved


class _Norm(nn.Module):
    """Instance norm with a learnt gain and bias."""

    EPSILON = 1e-5  # of torch's InstanceNorm2d, with which such networks were trained

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def walk(self, x: Tensor) -> Walk:
        mean, variance = yield x
        gain = self.weight[:, None, None] * (variance + self.EPSILON).rsqrt()
        shift = self.bias[:, None, None] - mean * gain
        return torch.addcmul(shift.to(x), x, gain.to(x))


class _Residual(nn.Module):
    """Two convolutions with instance norms, whose output is added to their input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1, self.in1 = _Conv(channels, channels, 3), _Norm(channels)
        self.conv2, self.in2 = _Conv(channels, channels, 3), _Norm(channels)

    def walk(self, x: Tensor) -> Walk:
        y = yield from self.in1.walk(self.conv1(x))
        y = yield from self.in2.walk(self.conv2(y.relu_()))
        return x + y


class Johnson(nn.Module):
    """Paints a picture in the one style it was trained for.

    Args:
        style: its name.

    Raises:
        UsageError: for a name that cannot be used: empty, `photo`, or one that contains , or =.
    """

    def __init__(self, style: str) -> None:
        super().__init__()
        if style.strip() != style or style in ("", PHOTO) or set(style) & set(",="):
            raise UsageError(
                f"A style cannot be called {style!r}.",
                f"Give it a --name without spaces around, comma or =, and not {PHOTO!r}.",
            )
        self.styles: tuple[str, ...] = (PHOTO, style)
        self.conv1, self.in1 = _Conv(3, 32, 9), _Norm(32)
        self.conv2, self.in2 = _Conv(32, 64, 3, 2), _Norm(64)
        self.conv3, self.in3 = _Conv(64, 128, 3, 2), _Norm(128)
        self.res1, self.res2, self.res3, self.res4, self.res5 = (_Residual(128) for _ in range(5))
        self.deconv1, self.in4 = _Conv(128, 64, 3), _Norm(64)
        self.deconv2, self.in5 = _Conv(64, 32, 3), _Norm(32)
        self.deconv3 = _Conv(32, 3, 9)

    @property
    def norms(self) -> int:
        """The number of instance norms."""
        return sum(isinstance(module, _Norm) for module in self.modules())

    @property
    def reach(self) -> int:
        """The receptive field beyond the pixel itself, in pixels, without the norms' moments."""
        down, residuals, up = 4 + 1 + 2, 4 * 10, 2 + 1 + 4
        beside = 4  # a position stands for a cell, and any pixel of the cell may see it
        return down + residuals + up + beside

    def half_precision(self, dtype: torch.dtype) -> Johnson:
        """Compute the convolutions in `dtype`; pictures, moments and norms keep their precision."""
        convolve_in(self, dtype)
        return self

    def walk(self, picture: Tensor, mix: Tensor, corner: Corner = (0, 0)) -> Walk:
        """The network as a generator; the caller sends each norm's moments, (B, C, 1, 1) each.

        Args:
            picture: (B, 3, H, W) in [0, 1], H and W multiples of STRIDE and at least twice that.
            mix: (1, 2), the shares of the photo and of the style.
            corner: not used.
        """
        x = (yield from self.in1.walk(self.conv1(picture * BYTES))).relu_()
        x = (yield from self.in2.walk(self.conv2(x))).relu_()
        x = (yield from self.in3.walk(self.conv3(x))).relu_()
        for block in (self.res1, self.res2, self.res3, self.res4, self.res5):
            x = yield from block.walk(x)
        x = (yield from self.in4.walk(self.deconv1(double(x)))).relu_()
        x = (yield from self.in5.walk(self.deconv2(double(x)))).relu_()
        painted = (self.deconv3(x).to(picture) / BYTES).clamp(0, 1)
        return torch.lerp(painted, picture, mix[:, :1, None, None].to(picture))

    def forward(
        self,
        picture: Tensor,
        mix: Tensor,
        moments: Callable[[Tensor], Moments] = measure,
        corner: Corner = (0, 0),
    ) -> Tensor:
        """The painted picture (B, 3, H, W), in [0, 1] if the photo is.

        Args:
            picture: (B, 3, H, W) in [0, 1], of any size.
            mix: (1, 2), the shares of the photo and of the style.
            moments: returns mean and variance, (B, C, 1, 1) each, of a norm's input (B, C, h, w).
            corner: not used.
        """
        height, width = picture.shape[-2:]
        return drive(self.walk(padded(picture), mix, corner), moments)[..., :height, :width]

    def mix(self, shares: Mapping[str, float], strength: float = 1.0) -> Tensor:
        """The shares (1, 2) of photo and style for a forward pass; see `multi_style.mixture`."""
        return mixture(self.styles, shares, strength).to(self.in1.weight)


def from_checkpoint(tensors: Mapping[str, Tensor], style: str) -> Johnson:
    """The network of a checkpoint of PyTorch's examples, in float32, without gradients.

    Args:
        tensors: name -> weights, shaped like the network's own; running moments are ignored.
        style: the name of its style.

    Raises:
        UsageError: for a name that cannot be used.
        WeightsError: for tensors of another network.
    """
    with torch.device("meta"):
        made = Johnson(style)
    wanted: Shapes = {name: tuple(value.shape) for name, value in made.state_dict().items()}
    kept = {n: t for n, t in tensors.items() if n.rpartition(".")[2] not in FORGOTTEN}
    try:
        made.load_state_dict(fit(kept, SOURCE, wanted), assign=True)
    except WeightsMismatch as error:
        raise WeightsError(
            f"It is no network of PyTorch's fast_neural_style example: {error}.",
            "Only Johnson's layout, with conv1.conv2d.weight to deconv3.conv2d.bias, is known.",
        ) from error
    return made.requires_grad_(False).eval().to(memory_format=torch.channels_last)

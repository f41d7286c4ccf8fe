"""Convolutions whose kernels a style weighs, and what stands beside them in networks that paint.

Kernels are weighed and brought back to one length, which does for a layer what a norm does, and
looks at no picture for it (Karras et al., Analyzing and Improving the Image Quality of StyleGAN,
CVPR 2020, section 2.2). What weighs them is a row `mix` of shares: of styles that were learnt, or
of a code that says of any picture how it is painted.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Modulated", "Noise", "Residual", "Weighed", "active", "conv", "double"]

EPSILON = 1e-8  # StyleGAN2's, beside the sum of a kernel's squares


def conv(inward: int, outward: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inward, outward, kernel, stride, kernel // 2, padding_mode="reflect")


class Modulated(nn.Module):
    """A convolution whose kernels each style weighs anew, all of them of one length nonetheless."""

    def __init__(
        self, styles: int, inward: int, outward: int, stride: int = 1, *, length: float = 2**0.5
    ) -> None:
        super().__init__()
        # Only directions count: the longer the kernels, the slower they turn.
        self.weight = nn.Parameter(torch.empty(outward, inward, 3, 3))
        nn.init.uniform_(self.weight, -0.17, 0.17)
        self.gain = nn.Parameter(torch.ones(styles, inward))
        self.shift = nn.Parameter(torch.zeros(styles, outward))
        self.stride, self.length = stride, length

    def forward(self, x: Tensor, mix: Tensor) -> Tensor:
        weight = self.weight * (mix @ self.gain)[:, :, None, None]
        weight = weight * self.length * (weight.square().sum((1, 2, 3), True) + EPSILON).rsqrt()
        weight = weight.to(x).contiguous(memory_format=torch.channels_last)
        x = F.pad(x, (1, 1, 1, 1), mode="reflect")
        return F.conv2d(x, weight, (mix @ self.shift)[0].to(x), self.stride)


class Weighed(nn.Module):
    """A gain and a shift for each channel, of each style."""

    def __init__(self, styles: int, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(styles, channels))
        self.shift = nn.Parameter(torch.zeros(styles, channels))

    def forward(self, x: Tensor, mix: Tensor) -> Tensor:
        gain, shift = ((mix @ row)[..., None, None].to(x) for row in (self.gain, self.shift))
        return torch.addcmul(shift, x, gain)


class Residual(nn.Module):
    """Two steps whose outcome is added to what went in (He et al. 2016, no activation after)."""

    SMALL = 0.3  # what is added, beside what went in

    def __init__(self, styles: int, channels: int) -> None:
        super().__init__()
        self.first = Modulated(styles, channels, channels)
        self.second = Modulated(styles, channels, channels, length=self.SMALL)

    def forward(self, x: Tensor, mix: Tensor) -> Tensor:
        added: Tensor = self.second(active(self.first(x, mix)), mix)
        return x + added


class Noise(nn.Module):
    """Noise beside a layer, of which each style takes as much as it has learnt.

    Where a photo is smooth there is nothing to make strokes from but where the strides fall, and
    that is a lattice (noise as an input: Ulyanov et al., Texture Networks, ICML 2016; beside a
    layer, weighed by channel: Karras, Laine & Aila, A Style-Based Generator Architecture for
    Generative Adversarial Networks, CVPR 2019, section 3.2). A tile of it is repeated, so each
    position has its own, in every picture and every tile and frame of one.

    Args:
        rows: of gains: styles.
        channels: of the layer.
        stride: pixels from one of its positions to the next.
    """

    PLANES, SIDE = 4, 64  # independent ones, and positions until they come again

    def __init__(self, rows: int, channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.loudness = nn.Parameter(torch.zeros(rows, channels * self.PLANES))
        self.register_buffer("tile", torch.empty(1, self.PLANES, self.SIDE, self.SIDE))
        if not self.tile.is_meta:  # else a file has it
            self.tile.normal_(generator=torch.Generator().manual_seed(channels))

    tile: Tensor

    def forward(self, picture: Tensor, mix: Tensor, corner: tuple[int, int]) -> Tensor:
        """(1, channels, H / stride, W / stride), in channels_last, for a picture (B, 3, H, W).

        Args:
            picture: it, or a tile of it; looked at for its size alone.
            mix: (1, rows).
            corner: of the tile in the picture, in pixels: multiples of the stride.
        """
        rows, columns = (
            (torch.arange(length // self.stride, device=mix.device) + start // self.stride)
            % self.SIDE
            for length, start in zip(picture.shape[-2:], corner, strict=True)
        )
        planes = self.tile[:, :, rows][..., columns].contiguous(memory_format=torch.channels_last)
        weight = (mix @ self.loudness).view(-1, self.PLANES, 1, 1)
        return F.conv2d(planes, weight)


def active(x: Tensor) -> Tensor:
    """A ReLU that leaks: no region falls silent as a whole. In place."""
    return F.leaky_relu_(x, 0.2)


def double(x: Tensor) -> Tensor:
    """Twice as large, each position repeated: a convolution after it makes no checkerboard.

    Odena, Dumoulin & Olah, Deconvolution and Checkerboard Artifacts, Distill 2016.
    """
    return F.interpolate(x, scale_factor=2.0, mode="nearest")

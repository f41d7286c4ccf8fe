"""Layers of the networks that paint: convolutions whose kernels are modulated by the style.

Kernels are modulated, then normalised to unit length (demodulated), which replaces a normalisation
layer and needs no statistics of the picture (Karras et al., Analyzing and Improving the Image
Quality of StyleGAN, CVPR 2020, section 2.2). The modulation is a mixture, by a row `mix` of shares,
of learnt gains: of styles, or of the numbers of a code that describes any style picture.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.fast.shared import DEMODULATION, PLANES, SIDE, SLOPE, SMALL, UNIT
from artgen.ops.convolution import reproducible_convolution

__all__ = ["ConditionalAffine", "Modulated", "Noise", "Residual", "active", "conv", "double"]


class _Conv(nn.Conv2d):
    """A convolution that computes in its input's precision, whatever its weights have."""

    def forward(self, x: Tensor) -> Tensor:
        if self.kernel_size != (1, 1):
            x = F.pad(x, self._reversed_padding_repeated_twice, self.padding_mode)
        bias = None if self.bias is None else self.bias.to(x.dtype)
        weight = self.weight.to(x.dtype).contiguous(memory_format=torch.channels_last)
        down, across = self.stride
        return reproducible_convolution(x, weight, bias, (down, across))


def conv(inward: int, outward: int, kernel: int = 3, stride: int = 1) -> nn.Conv2d:
    return _Conv(inward, outward, kernel, stride, kernel // 2, padding_mode="reflect")


class Modulated(nn.Module):
    """A convolution whose kernels are modulated by the style, then normalised to unit length.

    Args:
        styles, inward, outward, stride: rows of gains, channels in and out, and the stride.
        length: of the kernels.
        doubles: whether what it convolves is upsampled before.
    """

    def __init__(
        self,
        styles: int,
        inward: int,
        outward: int,
        stride: int = 1,
        *,
        length: float = UNIT,
        doubles: bool = False,
    ) -> None:
        super().__init__()
        # Only their direction matters: the longer the kernels, the slower it changes in training.
        self.weight = nn.Parameter(torch.empty(outward, inward, 3, 3))
        nn.init.uniform_(self.weight, -0.17, 0.17)
        self.gain = nn.Parameter(torch.ones(styles, inward))
        self.shift = nn.Parameter(torch.zeros(styles, outward))
        self.stride, self.length, self.doubles = stride, length, doubles

    def forward(self, x: Tensor, mix: Tensor, *, activated: bool = False) -> Tensor:
        """The convolution (B, outward, h, w) of x (B, inward, H, W), for `mix` (1, styles).

        With `activated`, what `active` makes of it.
        """
        weight = self.weight * (mix @ self.gain)[:, :, None, None]
        weight = (
            weight * self.length * (weight.square().sum((1, 2, 3), True) + DEMODULATION).rsqrt()
        )
        shift = (mix @ self.shift)[0].to(x)
        if self.doubles:
            return _doubled(x, weight, shift, activated)
        weight = weight.to(x).contiguous(memory_format=torch.channels_last)
        x = F.pad(x, (1, 1, 1, 1), mode="reflect")
        slope = SLOPE if activated else None
        stride = (self.stride, self.stride)
        return reproducible_convolution(x, weight, shift, stride, slope=slope)


def _doubled(x: Tensor, weight: Tensor, shift: Tensor, activated: bool) -> Tensor:
    """The convolution (B, O, 2 H, 2 W) of what `double` makes of x (B, C, H, W), computed before.

    A kernel of 3 x 3 sees 2 x 2 different positions of a layer that was doubled by repetition,
    which ones depends on the parity of its place: four kernels of 2 x 2, whose weights are sums of
    the original's, give the four parities' results, with fewer than half the multiplications and
    no layer as large as the result, but the result. A border that reflects there repeats here.
    """
    rows = [_pairs(weight, parity, 2) for parity in (0, 1)]
    parts = torch.cat([_pairs(row, parity, 3) for row in rows for parity in (0, 1)])
    parts = parts.to(x).contiguous(memory_format=torch.channels_last)
    x = F.pad(x, (1, 1, 1, 1), mode="replicate")
    slope = SLOPE if activated else None
    found = reproducible_convolution(x, parts, shift.repeat(4), slope=slope)
    one, two, three, four = found.permute(0, 2, 3, 1).chunk(4, -1)
    above, below = (
        torch.stack((left[:, :, :-1], right[:, :, 1:]), 3).flatten(2, 3)
        for left, right in ((one[:, :-1], two[:, :-1]), (three[:, 1:], four[:, 1:]))
    )
    return torch.stack((above, below), 2).flatten(1, 2).permute(0, 3, 1, 2)


def _pairs(weight: Tensor, parity: int, dim: int) -> Tensor:
    """A kernel's three positions along a dimension as the two that places of one parity see."""
    before, here, after = weight.chunk(3, dim)
    return torch.cat((before, here + after) if parity == 0 else (before + here, after), dim)


class ConditionalAffine(nn.Module):
    """A gain and a bias for each channel, of each style."""

    def __init__(self, styles: int, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(styles, channels))
        self.shift = nn.Parameter(torch.zeros(styles, channels))

    def forward(self, x: Tensor, mix: Tensor) -> Tensor:
        """Layer x (B, C, H, W) with the gain and bias of `mix` (1, styles); (B, C, H, W)."""
        gain, shift = ((mix @ row)[..., None, None].to(x) for row in (self.gain, self.shift))
        return torch.addcmul(shift, x, gain)


class Residual(nn.Module):
    """Two convolutions, added to their input (He et al. 2016, without an activation after)."""

    def __init__(self, styles: int, channels: int) -> None:
        super().__init__()
        self.first = Modulated(styles, channels, channels)
        self.second = Modulated(styles, channels, channels, length=SMALL)

    def forward(self, x: Tensor, mix: Tensor) -> Tensor:
        """The output (B, C, H, W) for a layer x (B, C, H, W) and `mix` (1, styles)."""
        added: Tensor = self.second(self.first(x, mix, activated=True), mix)
        return x + added


class Noise(nn.Module):
    """Noise added to a layer, with gains that each style learns.

    Where a photo is smooth, strokes could start only from the grid of the strides, and form a
    lattice (noise as an input: Ulyanov et al., Texture Networks, ICML 2016; added to a
    layer, weighted by channel: Karras, Laine & Aila, A Style-Based Generator Architecture for
    Generative Adversarial Networks, CVPR 2019, section 3.2). A tile of noise is repeated, so that
    each position has its own value, the same in every picture, every tile and every frame.

    Args:
        rows: of gains: styles.
        channels: of the layer.
        stride: of the layer, in pixels.
    """

    def __init__(self, rows: int, channels: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.loudness = nn.Parameter(torch.zeros(rows, channels * PLANES))
        self.register_buffer("tile", torch.empty(1, PLANES, SIDE, SIDE))
        if not self.tile.is_meta:  # otherwise a file has it
            self.tile.normal_(generator=torch.Generator().manual_seed(channels))

    tile: Tensor

    def forward(self, picture: Tensor, mix: Tensor, corner: tuple[int, int]) -> Tensor:
        """(1, channels, H / stride, W / stride), in channels_last, for a picture (B, 3, H, W).

        Args:
            picture: (B, 3, H, W), the picture or a tile of it; only its size matters.
            mix: (1, rows).
            corner: where the tile begins in the picture, in pixels: multiples of the stride.
        """
        rows, columns = (
            (torch.arange(length // self.stride, device=mix.device) + start // self.stride) % SIDE
            for length, start in zip(picture.shape[-2:], corner, strict=True)
        )
        planes = self.tile[:, :, rows][..., columns].contiguous(memory_format=torch.channels_last)
        weight = (mix @ self.loudness).view(-1, PLANES, 1, 1)
        return reproducible_convolution(planes, weight, None)


def active(x: Tensor) -> Tensor:
    """A leaky ReLU, in place, of x of any shape: no region becomes 0 as a whole."""
    return F.leaky_relu_(x, SLOPE)


def double(x: Tensor) -> Tensor:
    """Layer x (B, C, H, W) upsampled to (B, C, 2 H, 2 W) by repetition.

    A convolution after it makes no checkerboard pattern, as a transposed convolution would.

    Odena, Dumoulin & Olah, Deconvolution and Checkerboard Artifacts, Distill 2016.
    """
    return F.interpolate(x, scale_factor=2.0, mode="nearest")

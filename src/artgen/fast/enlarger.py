"""The network that enlarges a picture four times: it adds detail to a bicubic enlargement.

Every kernel is a straight line in `detail`, from one that minimises the error of pixels to one that
minimises the distance of features (losses: Johnson, Alahi & Fei-Fei, Perceptual Losses for
Real-Time Style Transfer and Super-Resolution, ECCV 2016; lines between networks: Wang et al., Deep
Network Interpolation for Continuous Imagery Effect Transition, CVPR 2019). All but the last two
layers work at the small picture's resolution, without normalisation (Lim et al., Enhanced Deep
Residual Networks for Single Image Super-Resolution, CVPRW 2017); two sub-pixel convolutions enlarge
(Shi et al., Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel
Convolutional Neural Network, CVPR 2016).
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.fast.shared import SLOPE
from artgen.ops.convolution import convolution

__all__ = ["MARGIN", "TIMES", "Between", "Enlarger"]

TIMES = 4
MARGIN = 4  # px of the small picture repeated beyond its border, where convolutions see zeros


class Between(nn.Module):
    """A 3x3 convolution whose kernels are `weight + detail * change`, its bias alike."""

    def __init__(self, inward: int, outward: int, size: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(outward, inward, 3, 3))
        if not self.weight.is_meta:  # otherwise a file has it
            nn.init.normal_(self.weight, std=size * (2 / (9 * inward)) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(outward))
        self.change = nn.Parameter(torch.zeros(outward, inward, 3, 3))
        self.bias_change = nn.Parameter(torch.zeros(outward))

    def forward(self, x: Tensor, detail: float, *, activated: bool = False) -> Tensor:
        """The convolution (B, outward, H, W) of x (B, inward, H, W), for `detail` in [0, 1].

        With `activated`, what `active` makes of it.
        """
        weight = torch.add(self.weight, self.change, alpha=detail).to(x)
        bias = torch.add(self.bias, self.bias_change, alpha=detail).to(x)
        weight = weight.contiguous(memory_format=torch.channels_last)
        return convolution(x, weight, bias, padding=1, slope=SLOPE if activated else None)


class _Block(nn.Module):
    """Two convolutions, added to their input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = Between(channels, channels)
        self.second = Between(channels, channels, 0.2)

    def forward(self, x: Tensor, detail: float) -> Tensor:
        added: Tensor = self.second(self.first(x, detail, activated=True), detail)
        return x + added


class Enlarger(nn.Module):
    """Enlarges pictures four times.

    Args:
        channels: of the layers at the small picture's resolution.
        blocks: residual blocks.
        fine: channels at twice that resolution.
    """

    def __init__(self, channels: int = 48, blocks: int = 8, fine: int = 24) -> None:
        super().__init__()
        self.shape = {"channels": channels, "blocks": blocks, "fine": fine}
        self.first = Between(3, channels)
        self.blocks = nn.ModuleList(_Block(channels) for _ in range(blocks))
        self.gather = Between(channels, channels, 0.2)
        self.twice = Between(channels, 4 * fine)
        self.fine = Between(fine, fine)
        self.last = Between(fine, 12, 0.1)
        for layer in (self.twice, self.last):
            _alike(layer)
        self.dtype = torch.float32

    @property
    def reach(self) -> int:
        """How far beyond a pixel of the small picture its enlargement depends on it, in px."""
        return 2 * len(self.blocks) + 3 + 2  # all that is finer: less than 2 together

    def half_precision(self, dtype: torch.dtype) -> Enlarger:
        """Compute the convolutions in another precision; pictures stay float32."""
        self.dtype = dtype
        return self

    def forward(self, picture: Tensor, detail: float) -> Tensor:
        """The enlargement (B, 3, 4H, 4W), not clamped, of pictures (B, 3, H, W) in [0, 1].

        Args:
            picture: what is beyond its border counts as middle grey.
            detail: from the nearest pixels (0) to the nearest features (1).
        """
        x = (picture - 0.5).to(self.dtype).contiguous(memory_format=torch.channels_last)
        x = start = self.first(x, detail, activated=True)
        for block in self.blocks:
            x = block(x, detail)
        x = start + self.gather(x, detail)
        x = _even(F.pixel_shuffle(self.twice(x, detail, activated=True), 2), 1)
        x = x.contiguous(memory_format=torch.channels_last)
        x = self.fine(x, detail, activated=True)
        added = _even_picture(F.pixel_shuffle(self.last(x, detail), 2).to(picture))
        plain = F.interpolate(picture, scale_factor=4.0, mode="bicubic", align_corners=False)
        return plain + added

    def layers(self) -> list[tuple[str, Any]]:
        """All convolutions, by name."""
        return [(name, one) for name, one in self.named_modules() if isinstance(one, Between)]


def _even(x: Tensor, before: int) -> Tensor:
    """Means of each 2 x 2 positions of x (B, C, H, W): no pattern of sub-pixels comes through.

    Sugawara, Shiota & Kiya, Super-Resolution Using Convolutional Neural Networks Without Any
    Checkerboard Artifacts, ICIP 2018. Positions begin `before` (0 or 1) rows and columns earlier.
    """
    sides = (before, 1 - before)
    return F.avg_pool2d(F.pad(x, (*sides, *sides)), 2, 1)


def _even_picture(x: Tensor) -> Tensor:
    """`_even` of few channels, in float32, in a quarter of the time.

    In bfloat16 such sums would be rounded differently from sub-pixel to sub-pixel.
    """
    x = F.pad(x, (0, 1, 0, 1))
    x = x[..., :-1, :] + x[..., 1:, :]
    return (x[..., :-1] + x[..., 1:]) / 4


@torch.no_grad()
def _alike(layer: Between) -> None:
    """Gives the four sub-pixels of each channel one kernel: no checkerboard to begin with.

    Aitken et al., Checkerboard artifact free sub-pixel convolution, 2017.
    """
    if not layer.weight.is_meta:
        layer.weight.copy_(layer.weight[::4].repeat_interleave(4, 0))

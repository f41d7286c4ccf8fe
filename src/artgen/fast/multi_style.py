"""The feed-forward style network: a photo goes in, a painted picture comes out, in one pass.

Johnson, Alahi & Fei-Fei, Perceptual Losses for Real-Time Style Transfer, ECCV 2016, with parameters
of its own for each style (Dumoulin, Shlens & Kudlur, A Learned Representation for Artistic Style,
ICLR 2017): one file holds many styles, which mix continuously. Different from the papers: an eighth
of the resolution in the middle and fewer channels (a quarter of the work), sums as skip connections
of the U, the photo itself added with a learnt gain, a slot `photo` for no style at all, so that the
strength from photo to style is learnt too, and noise added to two layers, from which strokes begin
where the photo is smooth.

Only the first layer is normalised by its moments over the picture, which removes the photo's
contrast (Ulyanov, Vedaldi & Lempitsky, Improved Texture Networks, CVPR 2017). Where every layer is,
a network learns to hide signals in spikes that dominate the moments, and these are seen as dark
drops; in deeper layers the styles modulate the kernels instead, which are demodulated (Karras et
al., Analyzing and Improving the Image Quality of StyleGAN, CVPR 2020, sections 2.1 and 2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.errors import UsageError
from artgen.fast import shared
from artgen.fast.layers import Noise
from artgen.fast.shared import FLATTEST, PHOTO, STRIDE
from artgen.fast.unet import UNetBody

__all__ = [
    "PHOTO",
    "Corner",
    "Moments",
    "Network",
    "Painter",
    "Walk",
    "convolve_in",
    "drive",
    "measure",
    "mixture",
    "padded",
    "photo_share",
    "sums",
]

APART, FAINT = 0.2, 0.1  # initial spread of the styles, and initial contrast around grey

Moments = tuple[Tensor, Tensor]
"""Mean and variance of a layer over all positions, each (B, C, 1, 1)."""

Corner = tuple[int, int]
"""Where a tile begins in the whole picture, (row, column) in pixels, multiples of STRIDE."""

Walk = Generator[Tensor, Moments, Tensor]
"""Yields the input of a norm, is sent the moments to use, and returns a tensor."""


class Network(Protocol):
    """A network that paints: a Painter, or an imported one; see Painter for what each method does.

    All of them take pictures whose sides are multiples of STRIDE and at least twice that.
    """

    @property
    def styles(self) -> tuple[str, ...]: ...
    @property
    def norms(self) -> int: ...
    @property
    def reach(self) -> int: ...
    def walk(self, picture: Tensor, mix: Tensor, corner: Corner = ...) -> Walk:
        """See Painter.walk: picture (B, 3, H, W), mix (1, styles); returns (B, 3, H, W)."""

    def mix(self, shares: Mapping[str, float], strength: float = 1.0) -> Tensor:
        """See Painter.mix; (1, styles)."""

    def to(self, device: torch.device) -> Network: ...
    def half_precision(self, dtype: torch.dtype) -> Network: ...
    def __call__(
        self,
        picture: Tensor,
        mix: Tensor,
        moments: Callable[[Tensor], Moments] = ...,
        corner: Corner = ...,
    ) -> Tensor:
        """See Painter.forward: picture (B, 3, H, W), mix (1, styles); returns (B, 3, H, W)."""


def measure(features: Tensor) -> Moments:
    """Mean and variance, (B, C, 1, 1) each, of a whole layer (B, C, H, W)."""
    total, squares, positions = sums(features)
    mean = total / positions
    return mean, (squares / positions - mean.square()).clamp(min=0)


def sums(features: Tensor) -> tuple[Tensor, Tensor, int]:
    """Sums of a layer (B, C, H, W) and of its squares, each (B, C, 1, 1), and its position count.

    Computed by rows, which for channels_last is five times as fast as torch.var_mean.
    """
    wide = features if features.dtype == torch.float64 else features.float()
    rows = wide.permute(0, 2, 3, 1).flatten(1, 2)  # (B, H*W, C)
    total, squares = (x.sum(1)[..., None, None] for x in (rows, rows.square()))
    return total, squares, rows.shape[1]


def drive(walk: Walk, moments: Callable[[Tensor], Moments]) -> Tensor:
    """What a network returns, a picture (B, 3, H, W), with moments computed for each norm in turn.

    `moments` maps the input (B, C, h, w) of a norm to its mean and variance, (B, C, 1, 1) each.
    """
    seen = next(walk)
    try:
        while True:
            seen = walk.send(moments(seen))
    except StopIteration as end:
        painted: Tensor = end.value
        return painted


class _Norm(nn.Module):
    """Conditional instance norm: each style has its own gain and bias."""

    def __init__(self, styles: int, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(styles, channels))
        self.shift = nn.Parameter(torch.zeros(styles, channels))

    def walk(self, x: Tensor, mix: Tensor) -> Walk:
        mean, variance = yield x
        gain = (mix @ self.gain)[..., None, None] * (variance + FLATTEST).rsqrt()
        shift = (mix @ self.shift)[..., None, None] - mean * gain
        return torch.addcmul(shift.to(x), x, gain.to(x))


class Painter(UNetBody):
    """Paints a picture in a mixture of the styles it was trained for.

    Args:
        styles: their names, without `photo`, which is always the first slot.
        widths: channels at a half, a quarter and an eighth of the picture's size.
        blocks: number of residual blocks, at an eighth of the size.

    Raises:
        UsageError: for no style, a name twice, or the name `photo`.
    """

    def __init__(
        self, styles: Sequence[str], widths: tuple[int, int, int] = (32, 64, 96), blocks: int = 5
    ) -> None:
        if not styles or len({PHOTO, *styles}) != len(styles) + 1:
            raise UsageError(
                "A painter needs styles with names that differ.",
                f"{PHOTO!r} is the name of the picture as it is.",
            )
        super().__init__(len(styles) + 1, widths, blocks)
        self.styles, self.widths = (PHOTO, *styles), widths
        self.norm = _Norm(len(self.styles), widths[0])
        self.noise_quarter = Noise(len(self.styles), widths[1], 4)
        self.noise_eighth = Noise(len(self.styles), widths[2], 8)
        if not self.last.weight.is_meta:  # otherwise a file has the weights
            self._begin()
        self.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def _begin(self) -> None:
        """Initialise the weights for training."""
        nn.init.kaiming_normal_(self.into_half.weight, nonlinearity="relu")
        nn.init.kaiming_normal_(self.last.weight, nonlinearity="relu").mul_(FAINT)
        self.photo_gain[0] = 1.0  # initialised with the photo, a style would stay close to it
        for name, value in self.named_parameters():
            if name.endswith((".gain", ".shift")):  # styles that begin alike learn alike
                value.add_(torch.randn_like(value) * APART)

    @property
    def norms(self) -> int:
        """The number of norms."""
        return sum(isinstance(module, _Norm) for module in self.modules())

    def with_styles(self, names: Sequence[str]) -> Painter:
        """A painter with these styles added, each initialised with the mean of those it has.

        Raises:
            UsageError: for a name it already has.
        """
        grown = Painter([*self.styles[1:], *names], self.widths, len(self.blocks))
        mine = self.state_dict()
        with torch.no_grad():
            for name, value in grown.state_dict().items():
                known = mine[name]
                value[: len(known)] = known
                value[len(known) :] = known[1:].mean(0)
        return grown

    def half_precision(self, dtype: torch.dtype) -> Painter:
        """Compute in `dtype`; the picture and the first layer's norm keep their precision."""
        self.dtype = dtype
        return self

    def walk(self, picture: Tensor, mix: Tensor, corner: Corner = (0, 0)) -> Walk:
        """The network as a generator; the caller sends each norm's moments, (B, C, 1, 1) each.

        Args:
            picture: (B, 3, H, W) in [0, 1], H and W multiples of STRIDE and at least twice that.
            mix: (1, styles), the share of each style, in the order of `styles`.
            corner: where it begins in the whole picture, if this is a tile.
        """
        shares = mix[:, :1, None, None].to(picture)
        entered = yield from self.norm.walk(self.enter(picture - 0.5), mix)
        dtype = self.dtype or picture.dtype
        painted = self.paint(
            entered,
            picture,
            mix,
            quarter=self.noise_quarter(picture, mix, corner).to(dtype),
            eighth=self.noise_eighth(picture, mix, corner).to(dtype),
        )
        return torch.lerp(painted, picture, photo_share(shares))

    def forward(
        self,
        picture: Tensor,
        mix: Tensor,
        moments: Callable[[Tensor], Moments] = measure,
        corner: Corner = (0, 0),
    ) -> Tensor:
        """The painted picture (B, 3, H, W), not clamped to [0, 1].

        Args:
            picture: (B, 3, H, W) in [0, 1], of any size.
            mix: (1, styles), the share of each style.
            moments: returns mean and variance, (B, C, 1, 1) each, of a norm's input (B, C, h, w).
            corner: where it begins in the whole picture, if this is a tile.
        """
        height, width = picture.shape[-2:]
        picture = padded(picture)
        return drive(self.walk(picture, mix, corner), moments)[..., :height, :width]

    def mix(self, shares: Mapping[str, float], strength: float = 1.0) -> Tensor:
        """The mixture (1, styles) for a forward pass: shares of the styles, and of the photo.

        Args:
            shares: style -> share, at least 0 each and not all 0; they are normalised.
            strength: from the photo (0) to the styles (1).

        Raises:
            UsageError: for an unknown style, or shares that are no mixture.
        """
        return mixture(self.styles, shares, strength).to(self.photo_gain)


def mixture(styles: Sequence[str], shares: Mapping[str, float], strength: float) -> Tensor:
    """Normalised shares of styles, and of the photo, as a row (1, styles); see Painter.mix."""
    return torch.from_numpy(shared.mixture(styles, shares, strength))


def photo_share(left: Tensor) -> Tensor:
    """How much of the photo is blended into what a network painted; see shared.photo_share."""
    return left.square().square()


def convolve_in(network: nn.Module, dtype: torch.dtype) -> None:
    """Compute a network's convolutions in `dtype`, and nothing else."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.to(dtype)


def padded(picture: Tensor) -> Tensor:
    """The picture (B, 3, h, w) padded to (B, 3, H, W): H and W are multiples of STRIDE.

    Below and to the right, by repeating its edge.
    """
    down, across = (max(-length % STRIDE, 2 * STRIDE - length) for length in picture.shape[-2:])
    if down <= 0 and across <= 0:
        return picture
    return F.pad(picture, (0, max(across, 0), 0, max(down, 0)), mode="replicate")

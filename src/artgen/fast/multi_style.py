"""The feed-forward style network: a photo goes in, a painted picture comes out, in one pass.

Johnson, Alahi & Fei-Fei, Perceptual Losses for Real-Time Style Transfer, ECCV 2016, with parameters
of its own for each style (Dumoulin, Shlens & Kudlur, A Learned Representation for Artistic Style,
ICLR 2017): styles live in one file and mix continuously. Different from the papers: an eighth of
the resolution in the middle and fewer channels (a quarter of the work), sums across the U, the
photo itself added with a learned gain, and a slot `photo` that stands for no style at all, so that
the way from photo to painting is learnt too, and noise beside two layers, from which strokes begin
where the photo is smooth.

Only the first layer is normed by its moments over the picture, which takes the photo's contrast
away (Ulyanov, Vedaldi & Lempitsky, Improved Texture Networks, CVPR 2017). Where every layer is, a
network learns to hide signals in spikes that decide about the moments, and these are seen as
dark drops; further in, styles weigh the kernels instead, which are demodulated (Karras et al.,
Analyzing and Improving the Image Quality of StyleGAN, CVPR 2020, sections 2.1 and 2.2).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.errors import UsageError, did_you_mean
from artgen.fast.layers import Noise
from artgen.fast.unet import STRIDE, Body

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
    "sums",
]

PHOTO = "photo"  # the first slot: the picture as it is
APART, FAINT = 0.2, 0.1  # how far untrained styles differ, and their pictures from grey

Moments = tuple[Tensor, Tensor]
"""Mean and variance of a layer over all positions, each (B, C, 1, 1)."""

Corner = tuple[int, int]
"""The pixel (row, column) of a whole picture at which a tile begins, multiples of STRIDE."""

Walk = Generator[Tensor, Moments, Tensor]
"""Yields what a norm is about to see, is sent the moments to use, and returns a tensor."""


class Network(Protocol):
    """What paints: a Painter, or a network from elsewhere; what each of these does, Painter says.

    Whatever it is, it takes sides that are multiples of STRIDE and at least twice that.
    """

    @property
    def styles(self) -> tuple[str, ...]: ...
    @property
    def norms(self) -> int: ...
    @property
    def reach(self) -> int: ...
    def walk(self, picture: Tensor, mix: Tensor, corner: Corner = ...) -> Walk: ...
    def mix(self, shares: Mapping[str, float], strength: float = 1.0) -> Tensor: ...
    def to(self, device: torch.device) -> Network: ...
    def half_precision(self, dtype: torch.dtype) -> Network: ...
    def __call__(
        self,
        picture: Tensor,
        mix: Tensor,
        moments: Callable[[Tensor], Moments] = ...,
        corner: Corner = ...,
    ) -> Tensor: ...


def measure(features: Tensor) -> Moments:
    """The moments of a layer (B, C, H, W) that is there as a whole."""
    total, squares, positions = sums(features)
    mean = total / positions
    return mean, (squares / positions - mean.square()).clamp(min=0)


def sums(features: Tensor) -> tuple[Tensor, Tensor, int]:
    """Sums of a layer and of its squares, each (B, C, 1, 1), and over how many positions.

    By rows, which for channels_last is five times as fast as torch.var_mean.
    """
    wide = features if features.dtype == torch.float64 else features.float()
    rows = wide.permute(0, 2, 3, 1).flatten(1, 2)  # (B, H*W, C)
    total, squares = (x.sum(1)[..., None, None] for x in (rows, rows.square()))
    return total, squares, rows.shape[1]


def drive(walk: Walk, moments: Callable[[Tensor], Moments]) -> Tensor:
    """What a network returns when `moments` answers each of its norms in turn."""
    seen = next(walk)
    try:
        while True:
            seen = walk.send(moments(seen))
    except StopIteration as end:
        painted: Tensor = end.value
        return painted


class _Norm(nn.Module):
    """Conditional instance norm: the moments go, each style's own gain and shift come."""

    EPSILON = 1e-3  # a flat picture stays flat: less would make noise of rounding

    def __init__(self, styles: int, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(styles, channels))
        self.shift = nn.Parameter(torch.zeros(styles, channels))

    def walk(self, x: Tensor, mix: Tensor) -> Walk:
        mean, variance = yield x
        gain = (mix @ self.gain)[..., None, None] * (variance + self.EPSILON).rsqrt()
        shift = (mix @ self.shift)[..., None, None] - mean * gain
        return torch.addcmul(shift.to(x), x, gain.to(x))


class Painter(Body):
    """Paints a picture in a mixture of the styles that it has learnt.

    Args:
        styles: their names, without `photo`, which is always the first slot.
        widths: channels at a half, a quarter and an eighth of the picture's size.
        blocks: residual blocks at an eighth.

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
        if not self.last.weight.is_meta:  # else a file has the weights
            self._begin()
        self.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def _begin(self) -> None:
        """The weights that training begins with."""
        nn.init.kaiming_normal_(self.into_half.weight, nonlinearity="relu")
        nn.init.kaiming_normal_(self.last.weight, nonlinearity="relu").mul_(FAINT)
        self.photo_gain[0] = 1.0  # a painting that began as the photo would stay one for long
        for name, value in self.named_parameters():
            if name.endswith((".gain", ".shift")):  # styles that begin alike learn alike
                value.add_(torch.randn_like(value) * APART)

    @property
    def norms(self) -> int:
        """How many norms a picture goes through."""
        return sum(isinstance(module, _Norm) for module in self.modules())

    def with_styles(self, names: Sequence[str]) -> Painter:
        """A painter that also has these styles, each beginning as the mean of those it has learnt.

        Raises:
            UsageError: for a name that it has already.
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
        """Computes in `dtype`; the picture and the layer that is normed stay as they are."""
        self.dtype = dtype
        self.last.to(dtype)
        return self

    def walk(self, picture: Tensor, mix: Tensor, corner: Corner = (0, 0)) -> Walk:
        """The network as a generator: whoever drives it says with which moments to norm.

        Args:
            picture: (B, 3, H, W) in [0, 1], H and W multiples of STRIDE and at least twice that.
            mix: (1, styles), the share of each style, in the order of `styles`.
            corner: where this is a tile, where it begins.
        """
        entered = yield from self.norm.walk(self.enter(picture - 0.5), mix)
        dtype = self.dtype or picture.dtype
        return self.paint(
            entered,
            picture,
            mix,
            quarter=self.noise_quarter(picture, mix, corner).to(dtype),
            eighth=self.noise_eighth(picture, mix, corner).to(dtype),
        )

    def forward(
        self,
        picture: Tensor,
        mix: Tensor,
        moments: Callable[[Tensor], Moments] = measure,
        corner: Corner = (0, 0),
    ) -> Tensor:
        """The painted picture (B, 3, H, W), not held to [0, 1].

        Args:
            picture: (B, 3, H, W) in [0, 1], of any size.
            mix: (1, styles).
            moments: gives the moments for each norm in turn, from what the norm is about to see.
            corner: where this is a tile, where it begins.
        """
        height, width = picture.shape[-2:]
        picture = padded(picture)
        return drive(self.walk(picture, mix, corner), moments)[..., :height, :width]

    def mix(self, shares: Mapping[str, float], strength: float = 1.0) -> Tensor:
        """(1, styles) for a forward pass: shares of styles, normalised, and of the photo.

        Args:
            shares: style -> share, none negative and not all zero.
            strength: from the photo (0) to the styles (1).

        Raises:
            UsageError: for a style it has not learnt, or shares that make no mixture.
        """
        return mixture(self.styles, shares, strength).to(self.photo_gain)


def mixture(styles: Sequence[str], shares: Mapping[str, float], strength: float) -> Tensor:
    """Shares of styles, normalised, and of the photo, as a row (1, styles); see Painter.mix."""
    for name in shares:
        if name not in styles:
            hint = did_you_mean(name, styles[1:]) + " Or name a picture's file."
            raise UsageError(f"There is no trained style {name!r}.", hint)
    total = sum(shares.values())
    if total <= 0 or min(shares.values()) < 0:
        raise UsageError("The shares of the styles make no mixture.", "Give one of them more.")
    found = torch.zeros(1, len(styles))
    found[0, 0] = 1 - strength
    for name, share in shares.items():
        found[0, styles.index(name)] += strength * share / total
    return found


def convolve_in(network: nn.Module, dtype: torch.dtype) -> None:
    """Computes a network's convolutions in `dtype`, and nothing else of it."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.to(dtype)


def padded(picture: Tensor) -> Tensor:
    """The picture carried on below and to the right until a painter's layers come out even."""
    down, across = (max(-length % STRIDE, 2 * STRIDE - length) for length in picture.shape[-2:])
    if down <= 0 and across <= 0:
        return picture
    return F.pad(picture, (0, max(across, 0), 0, max(down, 0)), mode="replicate")

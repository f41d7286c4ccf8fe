"""The painter for any style: its weights know no style; the style comes as moments of a picture.

Its body is a Painter's, with kernels modulated by a code of the style picture; the code is computed
from the moments of slim's features (Ghiasi et al., Exploring the Structure of a Real-time,
Arbitrary Neural Artistic Stylization Network, BMVC 2017). Different from the paper, the photo comes
in three times: with normalised contrast, as the picture to be painted; in the style's colours; and
as slim's features at two levels, each mapped to the style's means and covariances
(`gaussian_transport.py`), as AdaIN does with standard deviations (Huang & Belongie, Arbitrary Style
Transfer in Real-time, ICCV 2017). Colours and covariances are exact by arithmetic; only strokes
have to be learnt. Where the photo is smooth they begin from noise, as a Painter's do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from artgen.fast.layers import ConditionalAffine, Noise, active, conv
from artgen.fast.multi_style import Corner
from artgen.fast.shared import CONTRAST, DULL, LEVELS, ODD, READ
from artgen.fast.unet import UNetBody
from artgen.losses.style import Moments

__all__ = ["LEVELS", "READ", "Decoder", "described", "evenly"]

APART = 0.2  # initial effect of each number of a code on the gains


def described(painting: Mapping[str, Moments]) -> Tensor:
    """Means and standard deviations of all channels of the layers READ, as a row (1, N)."""
    rows = []
    for layer in READ:
        found = painting[layer]
        variance = found.gram.diagonal() - found.mean.square()
        rows += [found.mean, variance.clamp(min=0).sqrt()]
    return torch.cat(rows)[None].float()


def evenly(picture: Tensor, mean: Tensor, gram: Tensor) -> Tensor:
    """A picture, or a part of it, with its channels normalised: mean 0 and one contrast.

    Args:
        picture: (1, 3, H, W), the whole picture or a part of it.
        mean, gram: (3,), (3, 3): means of the whole picture's colours and of their products.
    """
    variance = (gram.diagonal() - mean.square()).clamp(min=0).mean()
    gain = CONTRAST * (variance + DULL**2).rsqrt()
    return (picture - mean.view(1, -1, 1, 1).to(picture)) * gain.to(picture)


class Decoder(UNetBody):
    """Paints a photo in the style that a code describes, from slim's features of the photo.

    Args:
        seen: channels of the levels relu3_1 and relu4_1, and of all layers READ together; slim's
            by default.
        widths: channels at a half, a quarter and an eighth of the picture's size.
        blocks: number of residual blocks, at an eighth of the size.
        code: numbers in a style's code.
    """

    centre: Tensor
    spread: Tensor
    loudness: Tensor
    HIDDEN = 128  # hidden units of the network that computes the code

    def __init__(
        self,
        seen: Sequence[int] = (96, 192, 624),
        widths: Sequence[int] = (32, 64, 96),
        blocks: int = 5,
        code: int = 64,
    ) -> None:
        rows = 2 + code
        super().__init__(rows, widths, blocks)
        self.shape = {"seen": seen, "widths": widths, "blocks": blocks, "code": code}
        half, quarter, eighth = widths
        self.read = nn.Linear(2 * seen[2], self.HIDDEN)
        self.say = nn.Linear(self.HIDDEN, code)
        self.first = ConditionalAffine(rows, half)
        self.see_quarter = conv(seen[0], quarter, 1)
        self.see_eighth = conv(seen[1], eighth, 1)
        self.noise_quarter = Noise(rows, quarter, 4)
        self.noise_eighth = Noise(rows, eighth, 8)
        self.register_buffer("centre", torch.zeros(1, 2 * seen[2]))
        self.register_buffer("spread", torch.ones(1, 2 * seen[2]))
        self.register_buffer("loudness", torch.ones(2))
        if not self.last.weight.is_meta:  # otherwise a file has the weights
            self._begin()
        self.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def _begin(self) -> None:
        """Initialise the weights for training."""
        self.photo_gain[0] = 1.0
        for name, value in self.named_parameters():
            if name.endswith((".gain", ".shift")):
                value[2:] = torch.randn_like(value[2:]) * APART

    def half_precision(self, dtype: torch.dtype) -> Decoder:
        """Compute in `dtype`, that of slim's features too; the picture keeps its precision."""
        self.dtype = dtype
        for module in (self.last, self.see_quarter, self.see_eighth):
            module.to(dtype)
        return self

    def code(self, painting: Tensor) -> Tensor:
        """The code (1, code), each number in -1 to 1, of a style's description (1, N)."""
        apart = ((painting - self.centre) / self.spread).clamp(-ODD, ODD)
        said: Tensor = self.say(active(self.read(apart))).tanh()
        return said

    def mix(self, painting: Tensor, strength: float = 1.0) -> Tensor:
        """The mixture (1, 2 + code) for a forward pass: shares of photo and style, and the code.

        Args:
            painting: (1, N), the style's description, as `described` returns it.
            strength: from the photo (0) to the style (1).
        """
        shares = painting.new_tensor([[1 - strength, strength]])
        return torch.cat([shares, strength * self.code(painting)], 1)

    def forward(
        self, even: Tensor, seen: Mapping[str, Tensor], mix: Tensor, corner: Corner = (0, 0)
    ) -> Tensor:
        """The painted picture (1, 3, H, W), not clamped to [0, 1].

        Args:
            even: (1, 3, H, W), the photo with normalised contrast; H and W multiples of 8 and at
                least 16.
            seen: level of LEVELS -> (1, C, h, w), the picture or its features, moments matched.
            mix: (1, 2 + code), as `mix` returns it.
            corner: where it begins in the whole picture, if this is a tile.
        """
        loud = self.loudness.to(seen["relu3_1"])
        quarter, eighth = (
            see(seen[level] / loud[place]) + noise(even, mix, corner).to(loud)
            for place, (level, see, noise) in enumerate(
                (
                    ("relu3_1", self.see_quarter, self.noise_quarter),
                    ("relu4_1", self.see_eighth, self.noise_eighth),
                )
            )
        )
        return self.paint(
            self.first(self.enter(even), mix), seen["image"], mix, quarter=quarter, eighth=eighth
        )

"""The painter of any style: no style is in its weights, it reads all it knows of one from moments.

Its body is a Painter's, whose kernels a code of the painting weighs; the code is read from the
moments that slim sees (Ghiasi et al., Exploring the Structure of a Real-time, Arbitrary Neural
Artistic Stylization Network, BMVC 2017). Different from the paper, the photo comes in three times:
evenly lit, as what is to be painted; in the painting's colours; and as slim sees it, at two levels,
each carried to the painting's means and covariances (`gaussian_transport.py`), as AdaIN does with
deviations (Huang & Belongie, Arbitrary Style Transfer in Real-time, ICCV 2017). What must be right
at once is so by arithmetic, and what has to be learnt are strokes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from artgen.fast.layers import Weighed, active, conv
from artgen.fast.unet import Body
from artgen.losses.style import Moments

__all__ = ["LEVELS", "READ", "Decoder", "described", "evenly"]

LEVELS = ("image", "relu3_1", "relu4_1")  # what is carried over, from fine to broad
READ = tuple(f"relu{block}_1" for block in range(1, 6))  # what the code is read from
APART = 0.2  # how far each number of a code moves the gains at first
CONTRAST, DULL = 0.25, 0.03  # a photo's deviation, evenly lit; below this it is not blown up
ODD = 3.0  # deviations beyond which a painting counts as no stranger


def described(painting: Mapping[str, Moments]) -> Tensor:
    """Means and deviations of all channels of the layers READ, as a row (1, N)."""
    rows = []
    for layer in READ:
        found = painting[layer]
        variance = found.gram.diagonal() - found.mean.square()
        rows += [found.mean, variance.clamp(min=0).sqrt()]
    return torch.cat(rows)[None].float()


def evenly(picture: Tensor, mean: Tensor, gram: Tensor) -> Tensor:
    """A picture whose channels have, over the whole of it, the mean 0 and one contrast.

    Args:
        picture: (1, 3, H, W), the whole of it or a part.
        mean, gram: (3,), (3, 3): means of the whole's colours and of their products.
    """
    variance = (gram.diagonal() - mean.square()).clamp(min=0).mean()
    gain = CONTRAST * (variance + DULL**2).rsqrt()
    return (picture - mean.view(1, -1, 1, 1).to(picture)) * gain.to(picture)


class Decoder(Body):
    """Paints a photo as a code says, with the help of what slim sees of it.

    Args:
        seen: channels of the levels relu3_1 and relu4_1, and of all layers READ together; slim's,
            where nothing else is said.
        widths: channels at a half, a quarter and an eighth of the picture's size.
        blocks: residual blocks at an eighth.
        code: numbers that say how a painting is painted.
    """

    centre: Tensor
    spread: Tensor
    loudness: Tensor
    HIDDEN = 128  # channels of what reads the code

    def __init__(
        self,
        seen: Sequence[int] = (96, 128, 560),
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
        self.first = Weighed(rows, half)
        self.see_quarter = conv(seen[0], quarter, 1)
        self.see_eighth = conv(seen[1], eighth, 1)
        self.register_buffer("centre", torch.zeros(1, 2 * seen[2]))
        self.register_buffer("spread", torch.ones(1, 2 * seen[2]))
        self.register_buffer("loudness", torch.ones(2))
        if not self.last.weight.is_meta:  # else a file has the weights
            self._begin()
        self.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def _begin(self) -> None:
        """The weights that training begins with."""
        self.photo_gain[0] = 1.0
        for name, value in self.named_parameters():
            if name.endswith((".gain", ".shift")):
                value[2:] = torch.randn_like(value[2:]) * APART

    def half_precision(self, dtype: torch.dtype) -> Decoder:
        """Computes in `dtype`, which what slim sees has too; the picture stays as it is."""
        self.dtype = dtype
        for module in (self.last, self.see_quarter, self.see_eighth):
            module.to(dtype)
        return self

    def code(self, painting: Tensor) -> Tensor:
        """(1, code), each number in -1 to 1, of what `described` says of a painting."""
        apart = ((painting - self.centre) / self.spread).clamp(-ODD, ODD)
        said: Tensor = self.say(active(self.read(apart))).tanh()
        return said

    def mix(self, painting: Tensor, strength: float = 1.0) -> Tensor:
        """(1, 2 + code) for a forward pass: the shares of photo and painting, and the code's."""
        shares = painting.new_tensor([[1 - strength, strength]])
        return torch.cat([shares, strength * self.code(painting)], 1)

    def forward(self, even: Tensor, seen: Mapping[str, Tensor], mix: Tensor) -> Tensor:
        """The painted picture (1, 3, H, W), not held to [0, 1].

        Args:
            even: (1, 3, H, W), the photo evenly lit; H and W multiples of 8 and at least 16.
            seen: of the LEVELS, (1, C, H, W) of the picture and so on, each carried over.
            mix: as the method of that name makes it.
        """
        loud = self.loudness.to(seen["relu3_1"])
        return self.paint(
            self.first(self.enter(even), mix),
            seen["image"],
            mix,
            quarter=self.see_quarter(seen["relu3_1"] / loud[0]),
            eighth=self.see_eighth(seen["relu4_1"] / loud[1]),
        )

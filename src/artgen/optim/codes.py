"""A picture that a network makes of a code, which alone is optimised: a prior of what photos are.

Nguyen, Dosovitskiy, Yosinski, Brox & Clune, Synthesizing the preferred inputs for neurons in neural
networks via deep generator networks, NeurIPS 2016: pixels can excite a network without forming a
picture; what a network makes that has only learnt to make photos again is near to photos. There,
each number of the code is bounded by its deviations in photos; here each principal component is, so
that numbers that never go together in photos do not here.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Codes"]

FAINT = 0.3  # deviation of the values that a climb begins with; that of photos is 1
LENGTH = 0.5  # of the values of a position at most: their root mean square; that of photos is 1
MOST = 2.5  # largest value: in deviations, as photos have them
CONTRAST = 1.2  # deviation of the logits of photos' pixels
EDGE = 1e-3  # distance from 0 and 1 of pixels whose logits are taken
SMOOTH = 0.02  # share of its neighbours' mean that a position takes on after each step


class Codes(nn.Module):
    """Values (1, C, h, w) of a code, and the picture that a network makes of it.

    Args:
        values: (1, C, h, w), principal components of unit variance in photos.
        make: values (1, C, h, w) -> picture (1, 3, H, W) in (0, 1).
        size: (H, W) of the picture; what `make` returns beyond it is cut off.

    Attributes:
        transform: picture (1, 3, H, W) -> what is evaluated of it, (N, 3, h, w).
    """

    wraps = False

    def __init__(
        self, values: Tensor, make: Callable[[Tensor], Tensor], size: tuple[int, int]
    ) -> None:
        super().__init__()
        self.values = nn.Parameter(values.detach().clone())
        self.make, self.shape = make, size
        self.transform: Callable[[Tensor], Tensor] = lambda picture: picture

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the picture."""
        return self.shape

    @classmethod
    def noise(
        cls,
        size: tuple[int, int],
        channels: int,
        make: Callable[[Tensor], Tensor],
        stride: int,
        generator: torch.Generator,
        device: torch.device,
    ) -> Codes:
        """Faint values drawn at random, for a picture of a size (H, W).

        Args:
            size: of the picture.
            channels: of a code.
            make: values -> picture.
            stride: pixels for each position of a code.
            generator: of the noise.
            device: where it is optimised.
        """
        rows, columns = (max(-(-length // stride), 2) for length in size)
        values = FAINT * torch.randn((1, channels, rows, columns), generator=generator)
        return cls(values.to(device), make, size)

    def forward(self) -> Tensor:
        """What the current transform shows of the picture, (N, 3, h, w)."""
        return self.transform(self.shown())

    def shown(self) -> Tensor:
        """The picture (1, 3, H, W), in (0, 1): around grey, of a photo's contrast at most."""
        height, width = self.shape
        made = self.make(self.values)[..., :height, :width].logit(EDGE)
        mean = made.mean((1, 2, 3), keepdim=True)
        deviation = (made - mean).square().mean((1, 2, 3), keepdim=True).sqrt()
        return torch.sigmoid((made - mean) * (CONTRAST / deviation.clamp(min=CONTRAST)))

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient with respect to the values, of their shape, by backpropagation.

        `picture` and `gradient`, both (N, 3, h, w), are what the last call returned and the loss's
        gradient with respect to it.
        """
        pulled: Tensor = torch.autograd.grad(picture, self.values, gradient)[0]
        return pulled

    @torch.no_grad()
    def project(self) -> None:
        """Smooth the values a little, and clamp them to what photos have."""
        padded = F.pad(self.values, (1,) * 4, mode="replicate")
        self.values.lerp_(F.avg_pool2d(padded, 3, 1), SMOOTH).clamp_(-MOST, MOST)
        length = self.values.square().mean(1, keepdim=True).sqrt()
        self.values.mul_(LENGTH / length.clamp(min=LENGTH))

    def resized(self, size: tuple[int, int]) -> Codes:
        """This canvas; it is optimised at one size (H, W) only, its own."""
        assert size == self.shape
        return self

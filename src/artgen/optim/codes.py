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

from artgen.ops.reductions import alone, full_mean

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
        self._made: Tensor | None = None
        self._whole: Tensor | None = None

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
        height, width = self.shape
        self._made = self.make(self.values)[..., :height, :width]
        self._whole = _contrasted(self._made)
        return self.transform(self._whole)

    def shown(self) -> Tensor:
        """The picture (1, 3, H, W), in (0, 1): around grey, of a photo's contrast at most."""
        height, width = self.shape
        return _contrasted(self.make(self.values)[..., :height, :width])

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient with respect to the values, of their shape, by backpropagation.

        `picture` and `gradient`, both (N, 3, h, w), are what the last call returned and the loss's
        gradient with respect to it.
        """
        made, whole = self._made, self._whole
        assert made is not None
        assert whole is not None
        inner = torch.autograd.grad(picture, whole, gradient, retain_graph=True)[0]
        with alone():  # as in `_contrasted`
            inner = torch.autograd.grad(whole, made, inner, retain_graph=True)[0]
        pulled: Tensor = torch.autograd.grad(made, self.values, inner)[0]
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


def _contrasted(made: Tensor) -> Tensor:
    """A picture (1, 3, H, W) around grey, of a photo's contrast at most, in (0, 1)."""
    with alone():  # functions are rounded otherwise at the end of each thread's share
        logits = made.logit(EDGE)
        apart = logits - full_mean(logits)
        deviation = full_mean(apart.square()).sqrt()
        return torch.sigmoid(apart * (CONTRAST / deviation.clamp(min=CONTRAST)))

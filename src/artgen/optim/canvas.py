"""What is optimised: a canvas is a module whose output is the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from artgen.ops.resize import resample

__all__ = ["Canvas", "Held", "Pixels"]


class Canvas(Protocol):
    """A module with one parameter, `values`, that makes a picture (1, 3, H, W) of it.

    `wraps` says whether the picture goes on at the opposite edge.
    """

    values: nn.Parameter
    wraps: bool

    def __call__(self) -> Tensor: ...

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the picture."""

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient with respect to `values`, from that with respect to the picture."""

    def project(self) -> None:
        """Back into what may be shown, between steps."""

    def resized(self, size: tuple[int, int]) -> Canvas:
        """The same picture on another canvas of a size (H, W)."""


@dataclass(frozen=True)
class Held:
    """A picture of which only a part may change.

    Attributes:
        photo: (1, C, H, W), what is held, of the size of the result.
        mask: (1, 1, H, W) in [0, 1]: 0 is held, 1 is free, and between them they are mixed.
        wraps: whether it goes on at the opposite edge.
    """

    photo: Tensor
    mask: Tensor
    wraps: bool = False

    def at(self, size: tuple[int, int]) -> Held:
        """The same at another size (H, W)."""
        photo = resample(self.photo, size, wraps=self.wraps).clamp(0, 1)
        mask = resample(self.mask, size, "bilinear", wraps=self.wraps).clamp(0, 1)
        return Held(photo, mask, self.wraps)

    def around(self, values: Tensor) -> Tensor:
        """What is held, with these values (1, C, H, W) where it is free."""
        return self.photo.lerp(values, self.mask)


class Pixels(nn.Module):
    """The picture itself, (1, 3, H, W), kept in [0, 1] by projection between steps.

    Args:
        picture: where it begins.
        wraps: whether it goes on at the opposite edge.
        held: what of it may not change, of the size of the result; all may if not given.
    """

    def __init__(self, picture: Tensor, *, wraps: bool = False, held: Held | None = None) -> None:
        super().__init__()
        self.wraps, self.held = wraps, held
        self.here = None if held is None else held.at((picture.shape[-2], picture.shape[-1]))
        self.values = nn.Parameter(picture.detach().clone())

    def forward(self) -> Tensor:
        return self.values if self.here is None else self.here.around(self.values)

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the picture."""
        return self.values.shape[-2], self.values.shape[-1]

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient itself, as far as the picture may be moved."""
        return gradient if self.here is None else gradient * self.here.mask

    @torch.no_grad()
    def project(self) -> None:
        """Back into the gamut. Inside an evaluation this would spoil L-BFGS's curvature pairs."""
        self.values.clamp_(0, 1)

    @torch.no_grad()
    def resized(self, size: tuple[int, int]) -> Pixels:
        """The same picture on a canvas of another size (H, W)."""
        picture = resample(self.values, size, wraps=self.wraps).clamp(0, 1)
        return Pixels(picture, wraps=self.wraps, held=self.held)

"""Canvases: modules whose parameters are optimised and whose output is the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from artgen.ops.resize import resample

__all__ = ["Canvas", "MaskedPicture", "Pixels"]


class Canvas(Protocol):
    """A module that makes a picture (1, 3, H, W) from one parameter, `values`.

    `wraps` says whether the picture is periodic: whether it goes on at the opposite edge.
    """

    values: nn.Parameter
    wraps: bool

    def __call__(self) -> Tensor:
        """The picture (1, 3, H, W)."""

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the picture."""

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient of the loss with respect to `values`, of their shape.

        Args:
            picture: (1, 3, H, W), what a call returned.
            gradient: (1, 3, H, W), that of the loss with respect to the picture.
        """

    def project(self) -> None:
        """Clamp `values`, between steps, so that the picture lies in [0, 1]."""

    def resized(self, size: tuple[int, int]) -> Canvas:
        """The same picture on a canvas of another size (H, W)."""


@dataclass(frozen=True)
class MaskedPicture:
    """A picture of which only a part may change.

    Attributes:
        photo: (1, C, H, W), the fixed picture, of the size of the result.
        mask: (1, 1, H, W) in [0, 1]: 0 is fixed, 1 is free, values between them blend the two.
        wraps: whether the picture is periodic.
    """

    photo: Tensor
    mask: Tensor
    wraps: bool = False

    def at(self, size: tuple[int, int]) -> MaskedPicture:
        """The same at another size (H, W)."""
        photo = resample(self.photo, size, wraps=self.wraps).clamp(0, 1)
        mask = resample(self.mask, size, "bilinear", wraps=self.wraps).clamp(0, 1)
        return MaskedPicture(photo, mask, self.wraps)

    def around(self, values: Tensor) -> Tensor:
        """These values (1, C, H, W) where the mask is free, the photo elsewhere; (1, C, H, W)."""
        return self.photo.lerp(values, self.mask)


class Pixels(nn.Module):
    """A canvas of pixels (1, 3, H, W), kept in [0, 1] by projection between steps.

    Args:
        picture: (1, 3, H, W), the initial picture.
        wraps: whether the picture is periodic.
        held: the part that may not change, of the size of the result; none if not given.
    """

    def __init__(
        self, picture: Tensor, *, wraps: bool = False, held: MaskedPicture | None = None
    ) -> None:
        super().__init__()
        self.wraps, self.held = wraps, held
        self.here = None if held is None else held.at((picture.shape[-2], picture.shape[-1]))
        self.values = nn.Parameter(picture.detach().clone())

    def forward(self) -> Tensor:
        """The picture (1, 3, H, W)."""
        return self.values if self.here is None else self.here.around(self.values)

    @property
    def size(self) -> tuple[int, int]:
        """(H, W) of the picture."""
        return self.values.shape[-2], self.values.shape[-1]

    def pull(self, picture: Tensor, gradient: Tensor) -> Tensor:
        """The gradient (1, 3, H, W) itself, masked where the picture is fixed."""
        return gradient if self.here is None else gradient * self.here.mask

    @torch.no_grad()
    def project(self) -> None:
        """Clamp to [0, 1]. Inside an evaluation this would spoil L-BFGS's curvature pairs."""
        self.values.clamp_(0, 1)

    @torch.no_grad()
    def resized(self, size: tuple[int, int]) -> Pixels:
        """The same picture on a canvas of another size (H, W)."""
        picture = resample(self.values, size, wraps=self.wraps).clamp(0, 1)
        return Pixels(picture, wraps=self.wraps, held=self.held)

"""How much a texture repeats itself, more than its sample does: by autocorrelation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.ops.color import luma
from artgen.ops.numerics import TINY
from artgen.ops.resize import resample

__all__ = ["Repetition", "strongest_repetition"]

MOST = 1024  # of a side, in pixels: a larger picture is reduced to it
BLURRED = 64  # the shorter side over the deviation of the blur to which contrast is local
FAINT = 0.02  # local contrast that is hardly there, in luma
NEAREST = 16  # the shorter side over the shortest shift that counts: a nearer one is one form
SPANNED = 2  # a side over the longest shift at which a picture is compared with itself
LOOSE = 24  # the shorter side over the shift by which a sample's own repetition may be displaced


@dataclass(frozen=True)
class Repetition:
    """The strongest repetition in a texture.

    Attributes:
        strength: correlation of the texture with itself, shifted, beyond the sample's own: 0 where
            the sample repeats itself as much, 1 where the texture is the same again, and the sample
            is not.
        shift: (down, right) in pixels, of the smallest shift at which it is so.
    """

    strength: float
    shift: tuple[int, int]


@torch.no_grad()
def strongest_repetition(
    picture: Tensor, samples: Sequence[Tensor] = (), *, wraps: bool
) -> Repetition:
    """The shift at which a texture is more like itself than its samples at the same shift.

    Args:
        picture: (1, 3, H, W), the texture.
        samples: (1, 3, h, w) each, scaled as the texture is; without one nothing is subtracted.
        wraps: whether the texture is repeated. Its repetition in the next tile, at a shift by the
            whole picture, does not count.

    The measure: autocorrelation of luma, less its local mean and over its local contrast, so that
    the number is about the share of the picture that is there twice, at shifts from a sixteenth of
    the shorter side to half of each side. At a shift the sample counts with its largest value near
    it, since rows may lie a little closer or wider; at shifts that it is too small for, with its
    largest at any shift.
    """
    reduced = max(max(picture.shape[-2:]) / MOST, 1)
    picture, *samples = (_reduced(one, reduced, wraps=wraps) for one in (picture, *samples))
    blurred = max(min(min(one.shape[-2:]) for one in (picture, *samples)) / BLURRED, 1)
    size = (picture.shape[-2] // SPANNED, picture.shape[-1] // SPANNED)
    nearest = max(min(picture.shape[-2:]) // NEAREST, 2)
    beyond = _autocorrelation(_forms(picture, blurred, wraps=wraps), size, wraps=wraps)
    if samples:
        seen = (_forms(one, blurred) for one in samples)
        beyond -= torch.stack([_expected(one, size, nearest) for one in seen]).amax(0)
    down, right = _shifts(size, beyond)
    far = down.square() + right.square() >= nearest**2
    beyond = torch.where(far, beyond, beyond.new_tensor(-1))
    place = int(beyond.argmax())
    columns = beyond.shape[1]
    shift = (place // columns - size[0], place % columns - size[1])
    across, below = (round(abs(one) * reduced) for one in reversed(shift))
    across = -across if shift[0] * shift[1] < 0 else across
    return Repetition(max(float(beyond.max()), 0.0), (below, across))


def _reduced(picture: Tensor, by: float, *, wraps: bool) -> Tensor:
    height, width = (max(round(side / by), 1) for side in picture.shape[-2:])
    return resample(picture[:, :3].cpu(), (height, width), wraps=wraps)


def _forms(picture: Tensor, blurred: float, *, wraps: bool = False) -> Tensor:
    """Luma (H, W) of a picture (1, 3, H, W), less its local mean and over its local contrast."""
    values = luma(picture).double()
    forms = values - _blur(values, blurred, wraps=wraps)
    contrast = _blur(forms.square(), blurred, wraps=wraps).sqrt()
    found: Tensor = (forms / (contrast + FAINT))[0, 0]
    return found - found.mean()


def _blur(values: Tensor, deviation: float, *, wraps: bool) -> Tensor:
    """Values (1, 1, H, W) blurred by a Gaussian of a deviation in pixels."""
    reach = min(round(3 * deviation), min(values.shape[-2:]) - 1)
    places = torch.arange(-reach, reach + 1, dtype=values.dtype)
    kernel = (-places.square() / (2 * deviation**2)).exp()
    kernel = (kernel / kernel.sum()).view(1, 1, 1, -1)
    padded = F.pad(values, (reach,) * 4, mode="circular" if wraps else "replicate")
    return F.conv2d(F.conv2d(padded, kernel), kernel.transpose(2, 3))


def _autocorrelation(values: Tensor, most: tuple[int, int], *, wraps: bool = False) -> Tensor:
    """Autocorrelation of values (H, W) at shifts (down, right) up to `most`, in both directions.

    It is (2 rows + 1, 2 columns + 1), and 1 at no shift. What does not wrap is compared where it
    overlaps itself.
    """
    size = values.shape if wraps else [2 * side for side in values.shape]
    waves = torch.fft.rfft2(values, s=tuple(size))
    found = torch.fft.irfft2(waves.abs().square(), s=tuple(size))
    if not wraps:
        covered = torch.fft.rfft2(torch.ones_like(values), s=tuple(size)).abs().square()
        found = found / torch.fft.irfft2(covered, s=tuple(size)).clamp(min=1)
    found = found / found[0, 0].clamp(min=TINY)
    rows, columns = (torch.arange(-side, side + 1) for side in most)
    shifted: Tensor = found[rows][:, columns]
    return shifted


def _expected(sample: Tensor, most: tuple[int, int], nearest: int) -> Tensor:
    """What a sample's forms (H, W) lead to expect at the shifts that `_autocorrelation` has."""
    height, width = sample.shape
    reach = (min(height // SPANNED, most[0]), min(width // SPANNED, most[1]))
    own = _autocorrelation(sample, reach)
    loose = max(min(height, width) // LOOSE, 1)
    near = F.max_pool2d(own[None, None], 2 * loose + 1, 1, loose)[0, 0]
    down, right = _shifts(reach, own)
    far = down.square() + right.square() >= nearest**2
    usual = float(own[far].max()) if bool(far.any()) else 0.0
    margins = (most[1] - reach[1],) * 2 + (most[0] - reach[0],) * 2
    return F.pad(near[None, None], margins, value=max(usual, 0.0))[0, 0]


def _shifts(most: tuple[int, int], like: Tensor) -> tuple[Tensor, Tensor]:
    """The shifts downwards (R, 1) and to the right (1, C) of an autocorrelation."""
    down, right = (torch.arange(-side, side + 1, device=like.device) for side in most)
    return down[:, None], right[None]

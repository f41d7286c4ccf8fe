"""Heights and normals of a surface: each from the other, and both estimated from its colours.

Normals (1, 3, H, W) are stored as (n + 1) / 2: x to the right, y up (OpenGL's green), z towards the
viewer. Heights (1, 1, H, W) lie in [0, 1], and white is near. Derivatives along a height's rows and
columns, which run downwards, are central differences.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from artgen.ops.color import to_light
from artgen.ops.numerics import TINY
from artgen.ops.reductions import full_mean

__all__ = [
    "flipped",
    "green_agreement",
    "heights_from_colours",
    "heights_from_normals",
    "normals_from_heights",
    "unit",
]

SLOPE = 0.4  # root mean square of the slopes that heights without a unit get
FLATTEST = 0.1  # least z of a normal of length 1: beyond it, a slope is noise
BLACK = 0.02  # linear light, to which a logarithm goes down
FORMS = 4.0  # waves over the shorter side, below which brightness is lighting and not form
GRAIN = 2.5  # waves in pixels, below which brightness is grain and not form
LARGER = 0.75  # exponent by which longer waves are deeper than their contrast
OUTLIERS = 0.002  # share of the heights at each end that may be cut off


def unit(normals: Tensor) -> Tensor:
    """Normals (1, 3, H, W) of length 1."""
    vectors = 2 * normals[:, :3] - 1
    found: Tensor = (vectors / vectors.norm(dim=1, keepdim=True).clamp(min=TINY) + 1) / 2
    return found


def flipped(normals: Tensor) -> Tensor:
    """Normals (1, 3, H, W) with the other direction of green: OpenGL's for DirectX's, and back."""
    return torch.cat([normals[:, :1], 1 - normals[:, 1:2], normals[:, 2:]], 1)


@torch.no_grad()
def green_agreement(normals: Tensor) -> float:
    """Whether the green of normals (1, 3, H, W) points up: from -1, it points down, to 1, it does.

    A surface's slopes have no curl: the change of the horizontal one downwards is the change of the
    vertical one to the right. The value is the correlation of the two, which has the other sign if
    green has; near 0, as for a flat surface, it says nothing.
    """
    across, down = (one.double() for one in _slopes_of(normals[:, :3]))
    one, other = (x - x.mean() for x in (_derivative(across, 2), _derivative(down, 3)))
    scale = one.square().sum().sqrt() * other.square().sum().sqrt()
    return float((one * other).sum() / scale.clamp(min=TINY))


@torch.no_grad()
def normals_from_heights(heights: Tensor, *, wraps: bool) -> Tensor:
    """Normals (1, 3, H, W) of heights (1, 1, H, W), whose slopes are scaled to a usual steepness.

    Args:
        heights: in any unit, for that is never known: the slopes' root mean square becomes SLOPE.
        wraps: whether opposite edges are neighbours.
    """
    across, down = (_derivative(heights, axis, wraps=wraps) for axis in (3, 2))
    steepness = float(full_mean(across.square() + down.square())) ** 0.5
    scale = SLOPE / max(steepness, TINY) if steepness > TINY else 0.0
    return unit((torch.cat([-across * scale, down * scale, torch.ones_like(heights)], 1) + 1) / 2)


@torch.no_grad()
def heights_from_normals(normals: Tensor, *, wraps: bool) -> Tensor:
    """Heights (1, 1, H, W) in [0, 1] whose slopes are nearest to those of normals (1, 3, H, W).

    Frankot & Chellappa, A method for enforcing integrability in shape from shading, PAMI 1988: the
    least squares solution is a quotient of Fourier transforms.
    """
    across, down = _slopes_of(normals[:, :3])
    if not wraps:  # heights mirrored at the edges, whose slopes change their sign with the axis
        across = _mirrored(across, (1, -1))
        down = _mirrored(down, (-1, 1))
    rows, columns = (2 * math.pi * one for one in _frequencies(across))
    energy = (rows.square() + columns.square()).clamp(min=TINY)
    waves = -1j * (columns * torch.fft.rfft2(across) + rows * torch.fft.rfft2(down)) / energy
    waves[..., 0, 0] = 0
    heights = torch.fft.irfft2(waves, s=across.shape[-2:])
    return _spread(heights[..., : normals.shape[-2], : normals.shape[-1]])


@torch.no_grad()
def heights_from_colours(picture: Tensor, *, wraps: bool, dark_is_deep: bool = True) -> Tensor:
    """An estimate of the heights (1, 1, H, W) of a surface from its colours (1, 3, H, W).

    Dark is deep, as it is under a diffuse sky (Langer & Zucker 1994), and larger forms are deeper
    than their contrast says (Glencross et al., A perceptually validated model for surface depth
    hallucination, SIGGRAPH 2008): the logarithm of luminance, weighted wave by wave, without the
    longest, which are lighting, and the shortest, which are grain. What is painted dark and lies
    flat is taken for a pit: no single picture tells the two apart. Where the joints are light,
    `dark_is_deep` is turned off.
    """
    light = to_light(picture[:, :3].clamp(0, 1))
    weights = light.new_tensor((0.2126, 0.7152, 0.0722)).view(1, 3, 1, 1)
    bright = ((light * weights).sum(1, keepdim=True) + BLACK).log()
    size = (bright.shape[-2], bright.shape[-1])
    bright = bright if wraps else _mirrored(bright, (1, 1))
    rows, columns = _frequencies(bright)
    squared = rows.square() + columns.square()
    lowest = (FORMS / min(size)) ** 2
    forms = squared / (squared + lowest)
    smooth = (-squared * GRAIN**2 * math.log(2)).exp()
    deeper = (squared + lowest) ** (-LARGER / 2)
    heights = torch.fft.irfft2(
        torch.fft.rfft2(bright) * forms * smooth * deeper, s=bright.shape[-2:]
    )
    return _spread((heights if dark_is_deep else -heights)[..., : size[0], : size[1]])


def _slopes_of(normals: Tensor) -> tuple[Tensor, Tensor]:
    """The slopes (1, 1, H, W) to the right and downwards of normals (1, 3, H, W)."""
    vectors = 2 * unit(normals) - 1
    near = vectors[:, 2:].clamp(min=FLATTEST)
    return -vectors[:, :1] / near, vectors[:, 1:2] / near


def _derivative(values: Tensor, axis: int, *, wraps: bool = True) -> Tensor:
    """Central differences (1, 1, H, W); at edges that do not wrap, of the last two values."""
    after, before = values.roll(-1, axis), values.roll(1, axis)
    if not wraps:
        length = values.shape[axis]
        places = torch.arange(length, device=values.device)
        after = values.index_select(axis, (places + 1).clamp(max=length - 1))
        before = values.index_select(axis, (places - 1).clamp(min=0))
    return (after - before) / 2


def _mirrored(values: Tensor, signs: tuple[int, int]) -> Tensor:
    """Values (1, 1, H, W) beside their mirror images, (1, 1, 2H, 2W), times a sign for each axis.

    `signs` are those of the images mirrored upside down, and left to right.
    """
    tall = torch.cat([values, signs[0] * values.flip(2)], 2)
    return torch.cat([tall, signs[1] * tall.flip(3)], 3)


def _frequencies(values: Tensor) -> tuple[Tensor, Tensor]:
    """Cycles a pixel of each wave of `rfft2`, downwards (H, 1) and to the right (1, W // 2 + 1)."""
    height, width = values.shape[-2:]
    down = torch.fft.fftfreq(height, device=values.device, dtype=values.dtype)
    return down[:, None], torch.fft.rfftfreq(width, device=values.device, dtype=values.dtype)[None]


def _spread(heights: Tensor) -> Tensor:
    """Heights (1, 1, H, W) stretched to [0, 1], without a few outliers."""
    ordered = heights.flatten().sort().values
    skipped = int(OUTLIERS * len(ordered))
    low, high = ordered[skipped], ordered[len(ordered) - 1 - skipped]
    if float(high - low) < TINY:
        return torch.full_like(heights, 0.5)
    return ((heights - low) / (high - low)).clamp(0, 1)

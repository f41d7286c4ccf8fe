"""Maps of a material (normals, heights, roughness, alpha), made in register with its colours.

A map's numbers are data. A canvas has three channels for each map, as networks want them, and three
more where a map has an alpha channel, which is a map of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import torch
from torch import Tensor

from artgen.ops.numerics import TINY

__all__ = ["are_normals", "bits_of", "gathered", "names_of", "opacity", "spread"]

GREY = 1e-4  # difference of channels up to which a map has one
LENGTH, SHARE = 0.1, 0.9  # of a normal from 1, and of places that hold to it, in a map of normals
WHOLE = 0.01  # of a level: how far numbers of 8 bits may lie from one


def names_of(files: Sequence[str], taken: Collection[str]) -> list[str]:
    """A name for each map: its file's without folder and suffix, numbered where it is taken."""
    names: list[str] = []
    for number, file in enumerate(files, start=1):
        name = Path(file).stem
        names.append(f"{name}-{number}" if name in {*taken, *names} else name)
    return names


def spread(data: Tensor) -> Tensor:
    """A map (1, 3, H, W), or with alpha (1, 4, H, W), as the channels (1, 3 or 6, H, W) of it."""
    return torch.cat([data[:, :3], *[data[:, 3:].repeat(1, 3, 1, 1)] * (data.shape[1] == 4)], 1)


def gathered(made: Tensor, given: Tensor) -> Tensor:
    """A map (1, 1 to 4, H, W) from its channels (1, 3 or 6, H, W) on a canvas, like the one given.

    Grey is one channel, normals have length 1, and alpha is the last channel.

    Args:
        made: as `spread` arranges them.
        given: (1, 3, h, w), or with alpha (1, 4, h, w).
    """
    colours = made[:, :3]
    if bool((given[:, :3].amax(1) - given[:, :3].amin(1)).max() < GREY):
        colours = colours.mean(1, keepdim=True)
    elif are_normals(given):
        vectors = 2 * colours - 1
        colours = (vectors / vectors.norm(dim=1, keepdim=True).clamp(min=TINY) + 1) / 2
    return torch.cat([colours, *[opacity(made)] * (given.shape[1] == 4)], 1)


def opacity(made: Tensor) -> Tensor:
    """The alpha channel (1, 1, H, W) of a canvas whose last three channels are alpha."""
    return made[:, -3:].mean(1, keepdim=True)


def bits_of(data: Tensor) -> int:
    """Bits a channel in which a map (1, C, H, W) can be written: 8 if they hold its numbers."""
    levels = data * 255
    return 8 if bool((levels - levels.round()).abs().max() < WHOLE) else 16


def are_normals(data: Tensor) -> bool:
    """Whether a map has a direction at nearly every place: vectors of length 1 out of the plane."""
    vectors = 2 * data[:, :3] - 1
    near = (vectors.norm(dim=1) - 1).abs() < LENGTH
    return float(near.float().mean()) > SHARE and float(vectors[:, 2].mean()) > 0

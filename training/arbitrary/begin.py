"""How the decoder begins: as a painter that knows a few styles, which it takes the mean of."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from artgen.fast.any_style import APART, Decoder
from artgen.fast.multi_style import Painter

FAINT = 0.2  # how much of what slim sees comes in at first


@torch.no_grad()
def begin_as(decoder: Decoder, painter: Painter, evenly: Sequence[Tensor]) -> None:
    """Takes a painter's kernels, and of its styles the mean, as if it were that of any style.

    Args:
        decoder: changed in place.
        painter: of the same widths and blocks.
        evenly: photos (1, 3, H, W), evenly lit, whose moments take the place of its norm's.
    """
    mine, theirs = dict(decoder.named_parameters()), painter.state_dict()
    for name, value in theirs.items():
        if name.startswith("noise_"):  # this network looks at a style's features there
            continue
        own = mine[name.replace("norm.", "first.")]
        if name.endswith((".gain", ".shift")) or name == "photo_gain":
            own[0], own[1] = value[0], value[1:].mean(0)
            own[2:] = torch.randn_like(own[2:]) * value[1:].std(0) * APART
        else:
            own.copy_(value)
    outs = torch.cat([decoder.enter(x).flatten(2) for x in evenly], 2)
    mean, deviation = outs.mean((0, 2)), outs.std((0, 2))
    mine["into_half.weight"].div_(deviation.view(-1, 1, 1, 1))
    mine["into_half.bias"].sub_(mean).div_(deviation)
    for name in ("see_quarter", "see_eighth"):
        mine[f"{name}.weight"].mul_(FAINT)
        mine[f"{name}.bias"].zero_()

"""How the decoder begins: as an earlier one, its inputs fitted where the extractor is newer.

The first decoder's kernels took 5,000 steps, and those of a painter before that; all that depends
on the extractor are three linear maps: of the two levels that it sees, and of the description that
its code is read from. They are fitted by ridge regression to what they gave before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from artgen.fast.any_style import Decoder

__all__ = ["Earlier", "begin_as", "fit"]

RIDGE = {"see": 1e-3, "read": 0.3}  # of the mean square of what is fitted from


class Earlier:
    """What a decoder's file of an earlier extractor holds.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.tensors = {name: value.float() for name, value in load_file(path).items()}

    def fits(self, decoder: Decoder) -> bool:
        """Whether it saw with the same extractor, so that a decoder can begin as it is."""
        own = {name: value.shape for name, value in decoder.state_dict().items()}
        return own == {name: value.shape for name, value in self.tensors.items()}

    def seen(self, level: int, features: Tensor) -> Tensor:
        """What the network adds (N, C) for features (N, C') at a level, 0 or 1 of LEVELS[1:]."""
        name = ("see_quarter", "see_eighth")[level]
        kernel = self.tensors[f"{name}.weight"].flatten(1)
        return features / self.tensors["loudness"][level] @ kernel.T + self.tensors[f"{name}.bias"]

    def hidden(self, described: Tensor) -> Tensor:
        """What the code's hidden layer has before its activation, (N, 128), for styles (N, D)."""
        apart = (described - self.tensors["centre"]) / self.tensors["spread"]
        return apart.clamp(-3, 3) @ self.tensors["read.weight"].T + self.tensors["read.bias"]


@torch.no_grad()
def fit(inputs: Tensor, outputs: Tensor, ridge: float) -> tuple[Tensor, Tensor, float]:
    """The linear map and shift from inputs (N, D) to outputs (N, E), and what it leaves (share).

    The last tenth is held back, and what is left of its variance is told.
    """
    inputs, outputs = inputs.double(), outputs.double()
    known = len(inputs) * 9 // 10
    mean, goal = inputs[:known].mean(0), outputs[:known].mean(0)
    x, y = inputs[:known] - mean, outputs[:known] - goal
    square = x.T @ x / known
    square += ridge * square.diagonal().mean() * torch.eye(len(square)).double()
    kernel = torch.linalg.solve(square, x.T @ y / known).T
    shift = goal - kernel @ mean
    wrong = outputs[known:] - inputs[known:] @ kernel.T - shift
    left = wrong.square().mean() / (outputs[known:] - goal).square().mean()
    return kernel.float(), shift.float(), float(left)


@torch.no_grad()
def begin_as(
    decoder: Decoder,
    earlier: Earlier,
    levels: Sequence[tuple[Tensor, Tensor]],
    described: tuple[Tensor, Tensor],
) -> Mapping[str, float]:
    """Takes an earlier decoder's weights, its inputs fitted to this one's extractor.

    Args:
        decoder: changed in place; its centre, spread and loudness are known already.
        earlier: of the same widths, blocks and code.
        levels: for each level, features (N, C) as the decoder sees them, and what the earlier one
            adds at the same positions (N, C').
        described: of styles, their descriptions (M, D), and the earlier decoder's hidden units.

    Returns:
        Name of each fitted layer -> the share of the variance that it leaves.
    """
    own = decoder.state_dict()
    for name, value in earlier.tensors.items():
        if name in own and own[name].shape == value.shape and name.split(".")[0] not in FITTED:
            own[name].copy_(value)
    left = {}
    for layer, loud, (inputs, outputs) in zip(
        (decoder.see_quarter, decoder.see_eighth), decoder.loudness, levels, strict=True
    ):
        left |= _take(layer, inputs / loud, outputs, RIDGE["see"])
    inputs, outputs = described
    apart = ((inputs - decoder.centre) / decoder.spread).clamp(-3, 3)
    return left | _take(decoder.read, apart, outputs, RIDGE["read"])


FITTED = ("see_quarter", "see_eighth", "read", "centre", "spread", "loudness")


def _take(
    layer: nn.Conv2d | nn.Linear, inputs: Tensor, outputs: Tensor, ridge: float
) -> Mapping[str, float]:
    kernel, shift, left = fit(inputs, outputs, ridge)
    layer.weight.copy_(kernel.view_as(layer.weight))
    assert layer.bias is not None
    layer.bias.copy_(shift)
    return {f"{tuple(layer.weight.shape)}": round(left, 4)}

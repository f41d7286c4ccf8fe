"""Pictures that a network itself asks for: a few steps along its gradient, as runs make them.

What slim looks at in a run is what its own gradient has drawn. There it is on its own, and wrong in
ways that no photo shows; so some lessons are crops that slim, or VGG-16, has begun to dream on or
to paint, and the teachers say what is truly there. (Training a student on what it makes itself:
Ross et al., A Reduction of Imitation Learning to No-Regret Online Learning, AISTATS 2011.)
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torchvision.transforms.functional import gaussian_blur

__all__ = ["Network", "climbed"]

Network = Callable[[Tensor], dict[str, Tensor]]
DREAMT = ("relu3_1", "relu3_3", "relu4_1", "relu4_2", "relu4_3", "relu5_1", "relu5_2")
PAINTED = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
MOST_STEPS = 6
LEAST, MOST = 0.008, 0.04  # a step's root mean square, of 1 from black to white


def climbed(network: Network, picture: Tensor, random: torch.Generator) -> Tensor:
    """Crops (B, 3, H, W) some steps on towards what the network is asked to see more of.

    Either of a layer's energy, as DeepDream has it, or of a few of its channels, or of another
    crop's style.
    """

    def uniform(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=random))

    kind = uniform(0, 1 if len(picture) > 1 else 0.6)
    layer = DREAMT[int(uniform(0, len(DREAMT) - 1e-6))]
    step = math.exp(uniform(math.log(LEAST), math.log(MOST)))
    smooth = uniform(-1.5, 2.5)
    wanted = _grams(network(picture.roll(1, 0))) if kind > 0.6 else {}
    chosen: Tensor | None = None
    x = picture
    for _ in range(1 + int(uniform(0, MOST_STEPS - 1e-6))):
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            seen = network(x)
            if kind > 0.6:
                value = -_distance(_grams(seen), wanted)
            elif kind > 0.3:
                if chosen is None:
                    chosen = torch.randint(seen[layer].shape[1], (4,), generator=random)
                value = seen[layer][:, chosen].sum()
            else:
                value = seen[layer].square().sum()
            (slope,) = torch.autograd.grad(value, x)
        if smooth > 0.3:  # as a coarser octave would
            slope = gaussian_blur(slope, [13, 13], [smooth])
        strength = slope.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-12)
        x = (x.detach() + step * slope / strength).clamp(0, 1)
    return x


def _grams(seen: dict[str, Tensor]) -> dict[str, Tensor]:
    rows = {layer: seen[layer].flatten(2) for layer in PAINTED}
    return {layer: x @ x.transpose(1, 2) / x.shape[2] for layer, x in rows.items()}


def _distance(grams: dict[str, Tensor], wanted: dict[str, Tensor]) -> Tensor:
    """Of two sets of Gram matrices, each layer relative to the wanted one."""
    terms = []
    for layer, target in wanted.items():
        target = target.detach()
        energy = target.square().sum((1, 2), keepdim=True).clamp(min=1e-12)
        terms.append(((grams[layer] - target).square() / energy).sum())
    return torch.stack(terms).sum()

"""slim in training: a norm behind each convolution, and a linear head for each lesson.

Norms and heads are gone when slim is saved: the first are folded into the convolutions, the second
thrown away.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from shape import WIDTHS, chain
from teachers import TEACHINGS
from torch import Tensor, nn

__all__ = ["Student", "folded"]

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SHALLOW = ("1", "2")  # blocks at which two thirds of the time go, and which learn quickly


class Student(nn.Module):
    """slim with a norm behind each convolution, and the heads that are thrown away afterwards.

    Without the norms half the ReLUs of the deeper layers die within a few hundred steps. Those of
    the shallow blocks do not follow the batch, whose colours would blur what the first layers have
    to say exactly; the others do for as long as `follow` says so.
    """

    def __init__(self, widths: Sequence[Sequence[int]] = WIDTHS) -> None:
        super().__init__()
        self.chain, self.norms, wide = chain(widths), nn.ModuleDict(), {}
        for name, layer in self.chain.named_children():
            if isinstance(layer, nn.Conv2d):
                layer.padding_mode = "replicate"  # what artgen's extractor runs it with
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                layer.bias = None
                self.norms[name] = nn.BatchNorm2d(layer.out_channels, momentum=0.02)
                wide[name.replace("conv", "relu")] = layer.out_channels
        self.heads = nn.ModuleList(nn.Conv2d(wide[t.layer], t.channels, 1) for t in TEACHINGS)
        self.asked = {t.layer for t in TEACHINGS}
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))

    def follow(self, yes: bool) -> None:
        """Whether the deep blocks' norms go by the batch, and learn its statistics."""
        for name, norm in self.norms.items():
            norm.train(yes and name[4] not in SHALLOW)

    def forward(self, picture: Tensor, shallow: bool = True) -> dict[str, Tensor]:
        """The activations that lessons are about, by layer.

        Args:
            picture: (B, 3, H, W).
            shallow: whether gradients reach the shallow blocks; without, theirs cost a third.
        """
        x, seen = (picture - self.mean) / self.std, {}
        for name, layer in self.chain[:-1].named_children():
            learns = torch.is_grad_enabled() and (shallow or name[4] not in SHALLOW)
            with torch.set_grad_enabled(learns):
                x = layer(x)
                if name in self.norms:
                    x = self.norms[name](x)
            if name in self.asked:
                seen[name] = x
        return seen

    @torch.no_grad()
    def grow(self, old: dict[str, Tensor], picture: Tensor) -> None:
        """Takes over a smaller slim: its channels become the first ones, and see nothing new.

        Each norm gets the statistics that its convolution has on `picture`; the new channels start
        at random, as strong as the old ones are in the mean.
        """
        x = (picture - self.mean) / self.std
        for name, layer in self.chain[:-1].named_children():
            if not isinstance(layer, nn.Conv2d):
                x = layer(x)
                continue
            norm, bias = self.norms[name], torch.zeros(layer.out_channels)
            known = 0
            if f"{name}.weight" in old:
                weight = old[f"{name}.weight"].float()
                known, seen = weight.shape[:2]
                layer.weight[:known] = 0
                layer.weight[:known, :seen] = weight
                bias[:known] = old[f"{name}.bias"].float()
            answer = layer(x)
            variance, mean = torch.var_mean(answer, (0, 2, 3))
            deviation = (variance + norm.eps).sqrt()
            gain, shift = deviation.clone(), mean + bias
            if known:
                gain[known:], shift[known:] = deviation[:known].mean(), 0.0
            else:
                gain[:], shift[:] = 1.0, 0.0
            # A kernel as long as a random one: what a step changes is relative to its length.
            factor = 2**0.5 / layer.weight.flatten(1).norm(dim=1)
            layer.weight *= factor[:, None, None, None]
            norm.running_mean.copy_(mean * factor)
            norm.running_var.copy_(variance * factor.square())
            norm.weight.copy_(gain)
            norm.bias.copy_(shift)
            x = F.batch_norm(
                answer, mean, variance, norm.weight, norm.bias, training=False, eps=norm.eps
            )


def folded(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The convolutions of a student's state, its norms folded in: slim's own tensors (float32)."""
    tensors = {}
    for key in [k for k in state if k.startswith("chain.")]:
        name = key.split(".")[1]
        norm = f"norms.{name}"
        gain = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + 1e-5).sqrt()
        kernel = state[key] * gain[:, None, None, None]
        tensors[f"{name}.weight"] = kernel.contiguous()
        tensors[f"{name}.bias"] = state[f"{norm}.bias"] - gain * state[f"{norm}.running_mean"]
    return tensors

"""The teachers of slim: VGG-19 to conv3_1, a distilled VGG-19 below it, SqueezeNet for objects.

The files are those of ``weights/`` in the folder that ARTGEN_SHARED names; its README gives their
origins and licences. Nothing of them ends up in slim but what training teaches it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

__all__ = ["TEACHINGS", "SqueezeNet", "Stand", "Teachers", "Teaching"]


@dataclass(frozen=True)
class Teaching:
    """One lesson: the student's `layer` must explain the teacher's `target`, linearly."""

    layer: str
    target: str
    channels: int
    weight: float = 1.0


TEACHINGS = (
    Teaching("relu1_1", "vgg19/relu1_1", 64, 2.0),
    Teaching("relu1_2", "vgg19/relu1_2", 64, 1.0),
    Teaching("relu2_1", "vgg19/relu2_1", 128, 1.5),
    Teaching("relu2_2", "vgg19/relu2_2", 128, 1.0),
    Teaching("relu3_1", "vgg19/relu3_1", 256, 1.5),
    Teaching("relu4_1", "stand/relu4_1", 512, 1.0),
    Teaching("relu4_2", "distilled/relu4_2", 128, 0.5),
    Teaching("relu5_1", "stand/relu5_1", 512, 1.0),
    Teaching("relu3_3", "squeezenet/4", 128, 0.3),
    Teaching("relu4_3", "squeezenet/7", 256, 0.3),
    Teaching("relu5_1", "squeezenet/10", 384, 0.3),
    Teaching("relu5_1", "squeezenet/12", 512, 0.5),
)


class Stand(nn.Module):
    """A VGG in the layout of the published style encoders: conv0, then reflect-padded 3 x 3 layers.

    With ``convN_1_to_vgg19`` maps in the file it also answers ``stand/reluN_1``: what the real
    VGG-19 would say (Wang et al., Collaborative Distillation, CVPR 2020).
    """

    def __init__(self, file: Path, name: str) -> None:
        super().__init__()
        self.name = name
        self.tensors = nn.ParameterDict(
            {
                key.replace(".", "/"): nn.Parameter(value, requires_grad=False)
                for key, value in load_file(file).items()
            }
        )
        names = {key.split("/")[0] for key in self.tensors}
        self.convs = sorted(n for n in names if n != "conv0" and not n.endswith("_to_vgg19"))
        self.maps = {n[4:7] for n in names if n.endswith("_to_vgg19")}

    def _conv(self, x: Tensor, name: str) -> Tensor:
        return F.conv2d(x, self.tensors[f"{name}/weight"], self.tensors[f"{name}/bias"])

    def forward(self, picture: Tensor) -> dict[str, Tensor]:
        """Activations of a picture (B, 3, H, W), by `name/reluB_I` and `stand/reluB_1`."""
        out: dict[str, Tensor] = {}
        x = self._conv(picture, "conv0")
        block = "1"
        for conv in self.convs:
            if conv[4] != block:
                x, block = F.max_pool2d(x, 2, ceil_mode=False), conv[4]
            padded = F.pad(x, (1, 1, 1, 1), mode="reflect")
            padded = padded.contiguous(memory_format=torch.channels_last)  # reflect forgets it
            x = F.relu(self._conv(padded, conv))
            out[f"{self.name}/relu{conv[4:]}"] = x
            if conv[4:] in self.maps:
                out[f"stand/relu{conv[4:]}"] = F.relu(self._conv(x, f"{conv}_to_vgg19"))
        return out


class SqueezeNet(nn.Module):
    """SqueezeNet 1.1's features as torchvision numbers them (Iandola et al. 2016)."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        from torchvision.models import squeezenet1_1

        network = squeezenet1_1(weights=None)
        network.load_state_dict(load_file(file))
        self.features = network.features
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def forward(self, picture: Tensor) -> dict[str, Tensor]:
        out = {}
        x = (picture - self.mean) / self.std
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in (4, 7, 10, 12):
                out[f"squeezenet/{index}"] = x
        return out


class Teachers(nn.Module):
    """All three at once, frozen."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        self.parts = nn.ModuleList(
            [
                Stand(weights / "vgg19_normalised_to_conv3_1.safetensors", "vgg19"),
                Stand(weights / "vgg19_distilled_16x.safetensors", "distilled"),
                SqueezeNet(weights / "squeezenet1_1.safetensors"),
            ]
        )
        self.requires_grad_(False).eval()

    @torch.no_grad()
    def forward(self, picture: Tensor) -> Mapping[str, Tensor]:
        return {name: value for part in self.parts for name, value in part(picture).items()}

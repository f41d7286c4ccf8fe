"""The teachers of slim: VGG-16; VGG-19 to conv3_1, a distilled VGG-19 below it, SqueezeNet.

The files are those of ``weights/`` in the folder that ARTGEN_SHARED names; its README gives their
origins and licences. Nothing of them ends up in slim but what training teaches it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from artgen.networks.vgg_blocks import vgg_chain

__all__ = ["TEACHINGS", "SqueezeNet", "Stand", "Teachers", "Teaching", "Vgg16"]


@dataclass(frozen=True)
class Teaching:
    """One lesson: the student's `layer` must explain the teacher's `target`, linearly.

    Attributes:
        channels: principal components of the target that are asked for.
        step: of the layer's rows and columns every so many-th is read. The shallow maps are large
            and smooth; reading all of them would cost more than the network.
        weight: of the squared error over the target's variance.
    """

    layer: str
    target: str
    channels: int
    step: int = 1
    weight: float = 1.0

    @property
    def old(self) -> bool:
        """Whether it is a lesson of slim@1's teachers."""
        return not self.target.startswith("vgg16/")


TEACHINGS = (
    Teaching("relu1_1", "vgg16/relu1_1", 64, 8, 2.0),
    Teaching("relu1_2", "vgg16/relu1_2", 64, 8, 3.0),
    Teaching("relu2_1", "vgg16/relu2_1", 96, 4, 1.5),
    Teaching("relu2_2", "vgg16/relu2_2", 96, 4, 2.0),
    Teaching("relu3_1", "vgg16/relu3_1", 128, 2, 1.0),
    Teaching("relu3_3", "vgg16/relu3_3", 192, 2, 1.5),
    Teaching("relu4_1", "vgg16/relu4_1", 192, 1, 1.0),
    Teaching("relu4_2", "vgg16/relu4_2", 256, 1, 1.0),
    Teaching("relu4_3", "vgg16/relu4_3", 320, 1, 1.5),
    Teaching("relu5_1", "vgg16/relu5_1", 256, 1, 1.0),
    Teaching("relu5_2", "vgg16/relu5_3", 320, 1, 1.0),
    Teaching("relu1_1", "vgg19/relu1_1", 64, 8, 2.0),
    Teaching("relu1_2", "vgg19/relu1_2", 64, 8, 2.0),
    Teaching("relu2_1", "vgg19/relu2_1", 96, 4, 2.0),
    Teaching("relu2_2", "vgg19/relu2_2", 96, 4, 1.5),
    Teaching("relu3_1", "vgg19/relu3_1", 128, 2, 1.5),
    Teaching("relu4_1", "stand/relu4_1", 128, 1, 0.6),
    Teaching("relu5_1", "stand/relu5_1", 128, 1, 0.6),
    Teaching("relu3_3", "squeezenet/4", 64, 2, 0.1),
    Teaching("relu4_3", "squeezenet/7", 96, 1, 0.1),
    Teaching("relu5_2", "squeezenet/10", 128, 1, 0.1),
    Teaching("relu5_2", "squeezenet/12", 128, 1, 0.15),
)


class Vgg16(nn.Module):
    """VGG-16 as artgen's extractor runs it: the picture's border replicated, max pooling."""

    def __init__(self, file: Path, padding: str = "replicate") -> None:
        super().__init__()
        self.chain = vgg_chain((64, 128, 256, 512, 512), (2, 2, 3, 3, 3))
        self.chain.load_state_dict({key: value.float() for key, value in load_file(file).items()})
        for layer in self.chain:
            if isinstance(layer, nn.Conv2d):
                layer.padding_mode = padding
        self.register_buffer("mean", torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1))

    def forward(self, picture: Tensor) -> dict[str, Tensor]:
        """Activations of a picture (B, 3, H, W), by `vgg16/reluB_I`."""
        x, out = (picture - self.mean) / self.std, {}
        x = x.contiguous(memory_format=torch.channels_last)
        for name, layer in self.chain[:-1].named_children():
            x = layer(x)
            if name.startswith("relu"):
                out[f"vgg16/{name}"] = x
        return out


class Stand(nn.Module):
    """A VGG in the layout of the published style encoders: conv0, then reflect-padded 3 x 3 layers.

    With ``convN_1_to_vgg19`` maps in the file it also answers ``stand/reluN_1``: what the real
    VGG-19 would say (Wang et al., Collaborative Distillation, CVPR 2020).
    """

    def __init__(self, file: Path, name: str, padding: str = "reflect") -> None:
        super().__init__()
        self.name, self.padding = name, padding
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
            padded = F.pad(x, (1, 1, 1, 1), mode=self.padding)
            padded = padded.contiguous(memory_format=torch.channels_last)  # padding forgets it
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
    """slim@1's three teachers at once, frozen; with VGG-16 where `vgg16` says so.

    Args:
        weights: the folder of their files.
        padding: what the VGGs see beyond the picture's border: "reflect", as VGG-19's encoders
            were published, or "replicate", as artgen's extractor runs any network.
    """

    def __init__(self, weights: Path, padding: str = "reflect", *, vgg16: bool = False) -> None:
        super().__init__()
        self.parts = nn.ModuleList(
            [
                Stand(weights / "vgg19_normalised_to_conv3_1.safetensors", "vgg19", padding),
                Stand(weights / "vgg19_distilled_16x.safetensors", "distilled", padding),
                SqueezeNet(weights / "squeezenet1_1.safetensors"),
            ]
        )
        if vgg16:
            self.parts.append(Vgg16(weights / "vgg16.safetensors"))
        self.requires_grad_(False).eval()
        self.to(memory_format=torch.channels_last)

    @torch.no_grad()
    def forward(self, picture: Tensor) -> dict[str, Tensor]:
        return {name: value for part in self.parts for name, value in part(picture).items()}

"""The published small VGG-19 (Wang et al., Collaborative Distillation, CVPR 2020), to compare with.

    python benchmarks/published.py vgg19_distilled_16x.safetensors out/published.safetensors

Imported, this registers a network called `published`; it has no weights of its own and is given
them with `weights=FILE`, as the line above writes them. Neither they nor pictures made with them
are part of this project.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from artgen.networks.spec import NetworkSpec, Role
from artgen.networks.vgg_blocks import vgg_chain
from artgen.networks.weights import Source
from artgen.networks.zoo.base import NETWORKS, VGG_NEIGHBOURS, VGG_STYLE

WIDTHS = (16, 32, 64, 128, 128)
DEPTHS = (2, 2, 4, 4, 1)

SPEC = NETWORKS.add(
    "published",
    NetworkSpec(
        name="published",
        summary="a sixteenth of VGG-19, by other hands: only to compare with",
        build=lambda: vgg_chain(WIDTHS, DEPTHS),
        source=Source("MIT"),
        # slim's, but for the last layers of blocks that are one deeper here.
        roles={
            "style": Role(VGG_STYLE, scale=1.30),
            "neighbours": Role(VGG_NEIGHBOURS),
            "content": Role({"relu4_2": 1.0}, scale=0.88),
            "dream": Role({"relu4_4": 1.0, "relu3_4": 1.0}),
            "texture": Role({f"relu{block}_1": 1.0 for block in range(1, 6)}),
        },
        mean=(0.0, 0.0, 0.0),
        std=(1.0, 1.0, 1.0),
    ),
)


def folded(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The file's tensors as `vgg_chain` has them: conv0, from RGB to its BGR, within conv1_1."""
    colours, shift = tensors["conv0.weight"][:, :, 0, 0], tensors["conv0.bias"]
    kernel = tensors["conv1_1.weight"]
    names = [key for key, _ in SPEC.build().state_dict().items()]
    kept = {key: tensors[key] for key in names}
    kept["conv1_1.weight"] = torch.einsum("oihw,ic->ochw", kernel, colours).contiguous()
    kept["conv1_1.bias"] = tensors["conv1_1.bias"] + kernel.sum((2, 3)) @ shift
    return kept


def main() -> None:
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    save_file(folded(load_file(options.file)), options.out)


if __name__ == "__main__":
    main()

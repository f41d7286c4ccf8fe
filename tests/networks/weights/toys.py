"""A toy network, its weights in every form of file, and every way of loading them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from artgen.networks import weights
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.spec import NetworkSpec
from artgen.networks.vgg_blocks import torchvision_convolutions, vgg_chain
from artgen.networks.zoo import all_networks

DEPTHS = (2, 1)
WIDTHS = (24, 32)


KINDS = ("weight", "bias")


def chain(widths: tuple[int, ...] = WIDTHS) -> nn.Sequential:
    return vgg_chain(widths, DEPTHS)


def published(seed: int = 0, widths: tuple[int, ...] = WIDTHS) -> dict[str, Tensor]:
    """A state dict as torchvision publishes one, fully connected layers included."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    names = [f"{layer}.{kind}" for layer in ("conv1_1", "conv1_2", "conv2_1") for kind in KINDS]
    places = [f"features.{index}.{kind}" for index in (0, 2, 5) for kind in KINDS]
    shapes = chain(widths).state_dict()
    for name, place in zip(names, places, strict=True):
        state[place] = torch.randn(shapes[name].shape, generator=generator)
    return state | {"classifier.0.weight": torch.zeros(300, 300)}


def pickled(content: object, legacy: bool = False) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream, _use_new_zipfile_serialization=not legacy)
    return stream.getvalue()


def safetensors(tensors: dict[str, Tensor]) -> bytes:
    from safetensors.torch import save

    return save(tensors)


GOOD = pickled(published())


def fetch(source: weights.Source, watcher: weights.Watcher | None = None) -> weights.Status:
    return weights.fetch("toy", source, chain(), watcher)


def left() -> set[str]:
    """The names in the cache, the lock's aside."""
    folder = weights.where()
    names = {file.name for file in folder.iterdir()} if folder.exists() else set()
    return names - {"toy.lock"}


def registered() -> list[NetworkSpec]:
    networks = all_networks()
    return [networks.get(name) for name in networks]


def toy(**changes: object) -> NetworkSpec:
    source = weights.Source("x", url="http://x/y", convert=torchvision_convolutions(DEPTHS))
    return replace(NetworkSpec("toy", "", chain, source, {}), **changes)


def attempts(file: Path) -> list[Callable[[], object]]:
    return [
        lambda: weights.load("toy", toy().source, chain(), file),
        lambda: weights.import_file(file, [toy()]),
        lambda: FeatureExtractor(toy(), file=file),
    ]

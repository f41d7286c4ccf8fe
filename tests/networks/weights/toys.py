"""A toy network, its weights in every form of file, and every way of loading them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from artgen.core.defaults import IMAGENET_MEAN, IMAGENET_STD
from artgen.networks import weights
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.spec import NetworkSpec
from artgen.networks.vgg_blocks import torchvision_convolutions, vgg_chain
from artgen.networks.vgg_keras import vgg_convolutions
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


def vgg_toy() -> NetworkSpec:
    """The toy network, of which weights in Keras's and Caffe's form are known."""
    adapt = weights.folding_caffe("conv1_1", IMAGENET_MEAN, IMAGENET_STD)
    source = replace(toy().source, convert=vgg_convolutions(DEPTHS), from_caffe=adapt)
    return toy(source=source)


def notes() -> tuple[list[str], weights.Watcher]:
    """A list, and a watcher that adds its notes to it."""
    said: list[str] = []
    return said, weights.Watcher(note=said.append)


def for_caffe(ours: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights that compute from BGR in 0 to 255, less Caffe's mean, what `ours` does from RGB."""
    mean, std = torch.tensor(IMAGENET_MEAN).double(), torch.tensor(IMAGENET_STD).double()
    caffe = torch.tensor([123.68, 116.779, 103.939]).double()
    kernel = ours["conv1_1.weight"].double()
    # z = (x - mean) / std = ((255 x - caffe) + caffe - 255 mean) / (255 std)
    theirs = kernel / (255 * std).view(1, 3, 1, 1)
    moved = (theirs * (caffe - 255 * mean).view(1, 3, 1, 1)).sum((1, 2, 3))
    bias = ours["conv1_1.bias"].double() + moved
    first = {"conv1_1.weight": theirs.flip(1).float(), "conv1_1.bias": bias.float()}
    return {**ours, **first}


def keras_named(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """A chain's tensors as Keras has them: `block1_conv1/kernel` (H, W, I, O)."""
    named = {}
    for key, value in tensors.items():
        layer, _, kind = key.partition(".")
        name = layer.replace("conv", "block").replace("_", "_conv")
        if kind == "weight":
            named[f"{name}/kernel"] = value.permute(2, 3, 1, 0).contiguous()
        else:
            named[f"{name}/bias"] = value
    return named


KERAS_FORMS = ("Keras 1", "Keras 2", "model", "Keras 3", "numbered", "archive")


def write_keras(folder: Path, form: str, named: dict[str, Tensor]) -> Path:
    """A file of Keras in one of KERAS_FORMS, as those versions write it."""
    h5py = pytest.importorskip("h5py")
    file = folder / {"archive": "it.keras", "Keras 3": "it.weights.h5"}.get(form, "it.h5")
    stream = io.BytesIO()
    with h5py.File(stream, "w") as content:
        layers = list(dict.fromkeys(key.partition("/")[0] for key in named))
        for key, value in named.items():
            layer, _, kind = key.partition("/")
            number = layers.index(layer)
            group = f"layers/conv2d_{number}" if number else "layers/conv2d"
            old = {"kernel": "W", "bias": "b"}.get(kind, "")
            path = {
                "Keras 1": f"{layer}/{layer}_{old}_1:0",
                "Keras 2": f"{layer}/{layer}/{kind}:0",
                "model": f"model_weights/{layer}/{layer}/{kind}",
            }.get(form, f"{group}/vars/{int(kind == 'bias')}")
            content[path] = value.numpy()
            if form in ("Keras 3", "archive"):
                content[f"{group}/vars"].attrs["name"] = layer
        if form == "model":
            content["model_weights"].attrs["backend"] = "tensorflow"
            content["optimizer_weights/block1_conv1/kernel"] = next(iter(named.values())).numpy()
            content["optimizer_weights/iteration"] = 7
    if form == "archive":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("config.json", "{}")
            archive.writestr("model.weights.h5", stream.getvalue())
    else:
        file.write_bytes(stream.getvalue())
    return file

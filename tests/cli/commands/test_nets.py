"""`artgen nets import`, as a user does it: the name on stdout, what was assumed on stderr."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from artgen.networks.zoo import all_networks

from ..said import Said

Artgen = Callable[..., Said]


@pytest.fixture
def keras(folder: Path) -> Path:
    """The folder, with keras.safetensors in it: a VGG-16 in Keras's names and layout."""
    with torch.device("meta"):
        shapes = {
            key: value.shape
            for key, value in all_networks().get("vgg16").build().state_dict().items()
        }
    named = {}
    for key, shape in shapes.items():
        name = key.replace("conv", "block", 1).replace("_", "_conv", 1).replace("weight", "kernel")
        value = torch.randn(shape) * 0.02
        named[name] = value.permute(2, 3, 1, 0).contiguous() if len(shape) == 4 else value
    save_file(named, folder / "keras.safetensors")
    return folder


def test_a_vgg_of_keras_is_imported_and_used(keras: Path, artgen: Artgen) -> None:
    said = artgen("nets", "import", "keras.safetensors")
    assert (said.code, said.out) == (0, "vgg16\n")
    assert said.err == (
        "keras.safetensors: its layers have Keras's names, so its weights are taken to be trained "
        "on BGR pixels in 0 to 255 less Caffe's mean; if they are not, import it with "
        "--preprocessing torchvision.\n"
    )
    said = artgen("nets", "import", "keras.safetensors", "--preprocessing", "torchvision")
    assert (said.code, said.out) == (0, "vgg16\n")
    assert "trained on RGB pixels normalised" in said.err
    words = ("--size", 48, "--iterations", 1, "--net", "vgg16", "--weights", "keras.safetensors")
    said = artgen("style", "photo.png", "paint.png", "-o", "out.png", *words)
    assert said.code == 0, said.err
    assert "keras.safetensors: its layers have Keras's names" in said.err


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["none.h5"], 1, "There is no file none.h5."),
        (["photo.png"], 1, "photo.png is cut, damaged, or no weights file at all."),
        (["keras.safetensors", "--preprocessing", "bgr"], 2, "There is no preprocessing 'bgr'."),
    ],
)
def test_a_mistake_is_one_sentence(
    keras: Path, artgen: Artgen, words: list[str], code: int, sentence: str
) -> None:
    said = artgen("nets", "import", *words)
    assert said.code == code
    assert said.out == ""
    assert said.err.startswith(f"artgen: {sentence}")
    assert len(said.err.splitlines()) == 1

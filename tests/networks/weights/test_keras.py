"""Files of Keras: what is read of them, and that bad ones are refused in one sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from artgen.core import optional
from artgen.errors import UsageError, WeightsError
from artgen.networks import weights
from artgen.networks.weights import keras
from artgen.networks.weights.keras import is_keras, read_keras

from .toys import GOOD, KERAS_FORMS, chain, keras_named, left, safetensors, vgg_toy, write_keras

KERNEL, BIAS = "block1_conv1/kernel", "block1_conv1/bias"


def named() -> dict[str, Tensor]:
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return keras_named(chain().state_dict())


@pytest.fixture
def h5py() -> Any:
    return pytest.importorskip("h5py")


def edited(file: Path, edit: Callable[[Any], None]) -> Path:
    """The file, once `edit` has changed its HDF5."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(file, "r+") as content:
        edit(content)
    return file


def refused(file: Path, message: str) -> None:
    with pytest.raises(WeightsError, match=message) as caught:
        weights.import_file(file, [vgg_toy()])
    assert caught.value.message.startswith(str(file))
    assert caught.value.message.endswith(".")
    assert caught.value.hint
    assert left() == set()


@pytest.mark.parametrize("form", KERAS_FORMS)
def test_every_version_of_keras_is_read(form: str, tmp_path: Path) -> None:
    file = write_keras(tmp_path, form, named())
    assert is_keras(file, file.read_bytes()[:9])
    found = read_keras(file)
    assert len(found) == len(named())  # and nothing of the optimizer
    assert sorted(tuple(x.shape) for x in found.values()) == sorted(
        tuple(x.shape) for x in named().values()
    )
    if form not in ("numbered", "Keras 1"):
        assert all("block" in name for name in found)


def test_other_files_are_not_keras(tmp_path: Path) -> None:
    for content in (GOOD, safetensors(named()), b"PK\x03\x04 no archive", b"x"):
        (tmp_path / "it").write_bytes(content)
        assert not is_keras(tmp_path / "it", content[:9])


@pytest.mark.parametrize("type_", ["<f8", ">f4", "<f2"])
def test_every_kind_of_floating_point_number_is_read(type_: str, tmp_path: Path, h5py: Any) -> None:
    with h5py.File(tmp_path / "it.h5", "w") as content:
        content["a/kernel"] = named()[KERNEL].numpy().astype(type_)
        content["a/steps"] = 3
    found = read_keras(tmp_path / "it.h5")
    assert set(found) == {"a/kernel"}
    torch.testing.assert_close(found["a/kernel"].float(), named()[KERNEL], atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("form", ["Keras 2", "Keras 3", "archive"])
@pytest.mark.parametrize("share", [0.002, 0.4, 0.9])
def test_a_cut_file(form: str, share: float, tmp_path: Path) -> None:
    file = write_keras(tmp_path, form, named())
    whole = file.read_bytes()
    file.write_bytes(whole[: int(len(whole) * share) + 9])
    refused(file, "is cut, damaged, or no weights file at all")


def test_wrong_shapes(tmp_path: Path) -> None:
    theano = named() | {KERNEL: named()[KERNEL].permute(3, 2, 0, 1).contiguous()}
    file = write_keras(tmp_path, "Keras 2", theano)
    refused(file, r"nearest is 'toy', but conv1_1.weight is 3 x 3 x 24 x 3 where 24 x 3 x 3 x 3")
    file = write_keras(tmp_path, "Keras 2", named() | {BIAS: torch.zeros(7)})
    refused(file, "conv1_1.bias is 7 where 24 belongs")


def test_a_layer_more_or_less(tmp_path: Path) -> None:
    file = write_keras(tmp_path, "Keras 2", {k: v for k, v in named().items() if k != BIAS})
    refused(file, "it has no conv1_1.bias")
    more = {"block2_conv2/kernel": torch.zeros(3, 3, 32, 32), "block2_conv2/bias": torch.zeros(32)}
    refused(write_keras(tmp_path, "Keras 3", named() | more), "it has conv2_2.bias and 1 more")
    more["block3_conv1/kernel"] = more.pop("block2_conv2/kernel")
    refused(write_keras(tmp_path, "numbered", named() | more), "it has layers/conv2d_3/vars/")
    twice = edited(
        write_keras(tmp_path, "Keras 2", named()),
        lambda content: content.copy("block1_conv1", "other/block1_conv1"),
    )
    refused(twice, "which it should not")


def test_theanos_kernels_are_flipped(tmp_path: Path) -> None:
    file = write_keras(tmp_path, "model", named())
    edited(file, lambda content: content["model_weights"].attrs.update(backend="theano"))
    refused(file, "was saved by Keras on Theano, whose kernels are flipped")


def test_no_other_file_is_opened(tmp_path: Path, h5py: Any) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as content:
        content["kernel"] = torch.zeros(3, 3, 3, 24).numpy()
        content.attrs["backend"] = "theano"

    def link(content: Any) -> None:
        group = content["block1_conv1/block1_conv1"]
        del group["kernel:0"]
        group["kernel:0"] = h5py.ExternalLink(str(secret), "kernel")
        content["model_weights"] = h5py.ExternalLink(str(secret), "/")

    refused(edited(write_keras(tmp_path, "Keras 2", named()), link), "it has no conv1_1.weight")

    def elsewhere(content: Any) -> None:
        del content["block1_conv1/block1_conv1/bias:0"]
        content.create_dataset(
            "block1_conv1/block1_conv1/bias:0", (24,), "<f4", external=[(secret, 0, 96)]
        )

    file = edited(write_keras(tmp_path, "Keras 2", named()), elsewhere)
    refused(file, "refers to other files; they were not read")


def test_a_circle_of_groups_ends(tmp_path: Path) -> None:
    def bend(content: Any) -> None:
        content["block1_conv1/again"] = content["/"]

    file = edited(write_keras(tmp_path, "Keras 2", named()), bend)
    assert weights.import_file(file, [vgg_toy()]) == "toy"


def test_a_small_file_that_says_it_is_huge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def swell(content: Any) -> None:
        content.create_dataset("huge", (1 << 40,), "<f4", chunks=(1 << 20,))

    refused(edited(write_keras(tmp_path, "Keras 2", named()), swell), "more than 4 GiB of weights")
    monkeypatch.setattr(keras, "LARGEST", 1000)
    refused(write_keras(tmp_path, "archive", named()), "is cut, damaged")


def test_without_h5py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "it.h5"
    file.write_bytes(keras.SIGNATURE + b"\0" * 100)
    monkeypatch.setattr(optional, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(
        UsageError, match="Reading a file of Keras needs the package h5py"
    ) as caught:
        weights.import_file(file, [vgg_toy()])
    assert "pip install 'artgen[keras]'" in caught.value.hint

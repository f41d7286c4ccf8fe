"""Preprocessing: by what it is recognised, and what is done about it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from artgen.errors import UsageError
from artgen.networks.weights.preprocessing import CAFFE_FILES, PREPROCESSINGS, adapted, check
from artgen.networks.weights.source import Contents

from .toys import chain, for_caffe, toy, vgg_toy

FILE = Path("it")


@pytest.mark.parametrize(
    ("name", "form", "sha256", "caffe"),
    [
        ("features.0.weight", "pytorch", "0" * 64, False),
        ("features.0.weight", "safetensors", "0" * 64, False),
        ("features.0.weight", "pytorch", CAFFE_FILES[0] + "0" * 56, True),
        ("features.0.weight", "pytorch", CAFFE_FILES[1] + "0" * 56, True),
        ("conv1_1.weight", "pytorch", "0" * 64, True),
        ("conv1_1.weight", "safetensors", "0" * 64, False),
        ("block1_conv1.kernel", "safetensors", "0" * 64, True),
        ("layers/conv2d/vars/0", "keras", "0" * 64, True),
    ],
)
def test_it_is_recognised_by_names_format_and_digest(
    name: str, form: str, sha256: str, caffe: bool
) -> None:
    fitted = chain().state_dict()
    contents = Contents({name: torch.zeros(1)}, sha256, form)
    found, note, changed = adapted(fitted, contents, FILE, vgg_toy().source)
    assert changed == caffe
    assert (found["conv1_1.weight"] is fitted["conv1_1.weight"]) != caffe
    assert ("trained on BGR" in note) == caffe
    for chosen in ("caffe", "torchvision"):
        *_, changed = adapted(fitted, contents, FILE, vgg_toy().source, chosen)
        assert changed == (chosen == "caffe")


def test_folding_is_the_inverse_of_what_the_test_makes() -> None:
    ours = chain().state_dict()
    fold = vgg_toy().source.from_caffe
    assert fold is not None
    found = fold(for_caffe(ours))
    assert found.keys() == ours.keys()
    for key, value in ours.items():
        assert found[key].dtype == torch.float32
        torch.testing.assert_close(found[key], value, atol=1e-5, rtol=1e-5)


def test_other_networks_have_no_choice() -> None:
    fitted = chain().state_dict()
    contents = Contents(fitted, "0" * 64, "pytorch")
    assert adapted(fitted, contents, FILE, toy().source) == (fitted, "", False)
    with pytest.raises(UsageError, match="never Caffe's"):
        adapted(fitted, contents, FILE, toy().source, "caffe")


def test_only_known_ones_are_taken() -> None:
    for name in PREPROCESSINGS:
        check(name)
    with pytest.raises(UsageError, match="no preprocessing 'keras'"):
        check("keras")

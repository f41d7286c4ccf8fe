"""Networks' files as arrays: what torch reads from them, and what is refused."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from artgen.errors import WeightsError
from artgen.fast import array_files, model_files
from artgen.fast.shared import DECODER, EXTRACTOR, PAINTER_KIND, SHIPPED
from artgen.networks.zoo import network


@pytest.mark.parametrize("path", [SHIPPED, DECODER])
def test_arrays_are_torchs_tensors(path: Path) -> None:
    found = array_files.read(path)
    contents = model_files.read(path)
    assert found.arrays.keys() == contents.tensors.keys()
    for name, tensor in contents.tensors.items():
        assert np.array_equal(found[name], tensor.float().numpy()), name
    assert found.sha256 == contents.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.unread == set()


def test_what_nobody_has_read_is_known() -> None:
    found = array_files.read(SHIPPED)
    assert found["last.bias"].shape == (3,)
    assert "last.bias" in found
    assert found.unread == found.arrays.keys() - {"last.bias"}


def test_the_header_alone() -> None:
    about = array_files.header(SHIPPED)
    assert about["kind"] == PAINTER_KIND
    assert about == array_files.read(SHIPPED).about


def test_the_weights_of_a_version() -> None:
    spec = network(EXTRACTOR)
    assert array_files.packaged(EXTRACTOR).sha256 == spec.source.digest
    with pytest.raises(WeightsError, match="slim@99"):
        array_files.packaged("slim@99")


def test_what_is_no_network(tmp_path: Path) -> None:
    path = tmp_path / "some.safetensors"
    save_file({"x": torch.zeros(2)}, path)
    assert array_files.header(path) == {}
    save_file({"x": torch.zeros(2, dtype=torch.int64)}, path, {"artgen": '{"kind": "any"}'})
    assert array_files.header(path) == {}
    with pytest.raises(KeyError):
        array_files.read(path)
    path.write_bytes(b"no weights at all")
    with pytest.raises(WeightsError, match="damaged"):
        array_files.header(path)

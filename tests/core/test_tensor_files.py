"""Headers of tensor files are refused in no time, whatever they claim."""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from artgen.core.tensor_files import MOST_TENSORS, check_pickle, safetensors_header
from artgen.errors import WeightsError


def with_header(path: Path, text: str) -> Path:
    path.write_bytes(len(text).to_bytes(8, "little") + text.encode())
    return path


def test_a_header_comes_back(tmp_path: Path) -> None:
    save_file({"a": torch.ones(2, 3)}, tmp_path / "a.safetensors", {"said": "so"})
    header = safetensors_header(tmp_path / "a.safetensors", WeightsError)
    assert header["__metadata__"] == {"said": "so"}
    assert header["a"]["shape"] == [2, 3]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"a": ' + "[" * 100_000,
        '{"a": ' + "9" * 5000 + "}",
        json.dumps(dict.fromkeys(map(str, range(MOST_TENSORS + 1)))),
        " " * (5 << 20) + "{}",
    ],
)
def test_what_is_no_header_is_refused_soon(tmp_path: Path, text: str) -> None:
    before = time.process_time()
    with pytest.raises(WeightsError) as caught:
        safetensors_header(with_header(tmp_path / "a", text), WeightsError)
    assert len(str(caught.value)) < 500
    assert time.process_time() - before < 2


@pytest.mark.parametrize("archive", [True, False])
def test_pickles_are_counted(tmp_path: Path, archive: bool) -> None:
    one = torch.zeros(1)
    few, many = ({str(n): one[:] for n in range(count)} for count in (300, 3 * MOST_TENSORS + 1))
    for content in (few, OrderedDict(few)):
        torch.save(content, tmp_path / "few.pth", _use_new_zipfile_serialization=archive)
        check_pickle(tmp_path / "few.pth", WeightsError)
    torch.save(many, tmp_path / "many.pth", _use_new_zipfile_serialization=archive)
    before = time.process_time()
    with pytest.raises(WeightsError, match="10000 tensors"):
        check_pickle(tmp_path / "many.pth", WeightsError)
    assert time.process_time() - before < 2

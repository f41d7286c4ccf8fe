"""Exported painters: other programs paint with them what artgen paints."""

from __future__ import annotations

import json
import sys
import warnings
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
import torch
from pictures import smooth
from small import small_painter
from torch import Tensor

from artgen.errors import UsageError, WeightsError
from artgen.fast import export as exporting
from artgen.fast.export import export
from artgen.fast.multi_style import Painter

SIZES = [(64, 48), (40, 104), (16, 16)]


@pytest.fixture(scope="module")
def painter() -> Painter:
    return small_painter()


def cases(painter: Painter) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Picture, mixture, and what comes of them."""
    mix = painter.mix({"red": 3, "blue": 1}, 0.8)
    pictures = [smooth(*size, seed=1) for size in SIZES]
    return [(picture, mix, painter(picture, mix).clamp(0, 1)) for picture in pictures]


@pytest.mark.slow
def test_onnxruntime_paints_the_same_at_any_size(painter: Painter, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    path = tmp_path / "painter.onnx"
    export(painter, "onnx", path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == ["picture", "mix"]
    told = session.get_modelmeta().custom_metadata_map["styles"]
    assert json.loads(told) == ["photo", "red", "blue"]
    for picture, mix, wanted in cases(painter):
        (painted,) = session.run(["painted"], {"picture": picture.numpy(), "mix": mix.numpy()})
        assert np.abs(painted - wanted.numpy()).max() < 1e-3
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.slow
def test_torch_paints_the_same_at_any_size(painter: Painter, tmp_path: Path) -> None:
    path = tmp_path / "painter.pt2"
    export(painter, "pt2", path)
    told = {"styles": ""}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's own insides
        graph = torch.export.load(path, extra_files=told).module()
    assert json.loads(told["styles"]) == ["photo", "red", "blue"]
    for picture, mix, wanted in cases(painter):
        assert (graph(picture, mix) - wanted).abs().max() < 1e-3
    with pytest.raises((AssertionError, RuntimeError)):
        graph(torch.zeros(1, 3, 20, 24), mix)


def test_an_unknown_kind_is_refused(painter: Painter, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'onnx'"):
        export(painter, "onx", tmp_path / "x.onnx")


def test_packages_that_are_missing_are_named(
    painter: Painter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find(name: str) -> ModuleSpec | None:
        return None if name == "onnxscript" else sys.__spec__

    monkeypatch.setattr(exporting, "find_spec", find)
    with pytest.raises(UsageError, match=r"needs the packages.*artgen\[export\]"):
        export(painter, "onnx", tmp_path / "x.onnx")


def test_what_cannot_be_written_is_said(
    painter: Painter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_traced", lambda painter: None)
    monkeypatch.setattr(exporting, "_pt2", lambda graph, styles: b"graph")
    with pytest.raises(WeightsError, match="cannot be written"):
        export(painter, "pt2", tmp_path / "nowhere" / "x.pt2")

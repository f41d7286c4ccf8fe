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
from artgen.fast.johnson import Johnson
from artgen.fast.multi_style import Network, Painter

SIZES = [(64, 48), (16, 16), (61, 97), (40, 105), (17, 23)]


@pytest.fixture(scope="module")
def painter() -> Painter:
    return small_painter()


@pytest.fixture(scope="module", params=["painter", "johnson"])
def network(request: pytest.FixtureRequest, painter: Painter) -> Network:
    """One of ours, and one as they are imported, with random weights."""
    if request.param == "painter":
        return painter
    torch.manual_seed(1)
    return Johnson("red").requires_grad_(False).eval()


def cases(painter: Network) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Picture, mixture, and what comes of them."""
    shares = dict.fromkeys(painter.styles[1:], 1.0)
    mix = painter.mix({**shares, "red": 3}, 0.8)
    pictures = [smooth(*size, seed=1) for size in SIZES]
    return [(picture, mix, painter(picture, mix).clamp(0, 1)) for picture in pictures]


@pytest.mark.slow
def test_onnxruntime_paints_the_same_at_any_size(network: Network, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    path = tmp_path / "painter.onnx"
    export(network, "onnx", path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    assert [one.name for one in session.get_inputs()] == ["picture", "mix"]
    told = session.get_modelmeta().custom_metadata_map["styles"]
    assert json.loads(told) == list(network.styles)
    for picture, mix, wanted in cases(network):
        (painted,) = session.run(["painted"], {"picture": picture.numpy(), "mix": mix.numpy()})
        assert np.abs(painted - wanted.numpy()).max() < 1e-3
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.slow
def test_torch_paints_the_same_at_any_size(network: Network, tmp_path: Path) -> None:
    path = tmp_path / "painter.pt2"
    export(network, "pt2", path)
    told = {"styles": ""}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's own insides
        graph = torch.export.load(path, extra_files=told).module()
    assert json.loads(told["styles"]) == list(network.styles)
    for picture, mix, wanted in cases(network):
        assert (graph(picture, mix) - wanted).abs().max() < 1e-3
    with pytest.raises((AssertionError, RuntimeError)):
        graph(torch.zeros(1, 3, 15, 24), mix)


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


def test_a_torch_that_is_too_old_is_named(
    painter: Painter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "__version__", "2.8.1+cpu")
    with pytest.raises(UsageError, match=r"needs torch 2\.9 or newer; this is 2\.8\.1\+cpu"):
        export(painter, "pt2", tmp_path / "x.pt2")


def test_what_cannot_be_written_is_said(
    painter: Painter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "_traced", lambda painter: None)
    monkeypatch.setattr(exporting, "_pt2", lambda graph, styles: b"graph")
    with pytest.raises(WeightsError, match="cannot be written"):
        export(painter, "pt2", tmp_path / "nowhere" / "x.pt2")

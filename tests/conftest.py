"""What all tests share."""

from __future__ import annotations

import os

# Small pictures gain nothing from more threads and lose much on a busy machine. Set before torch
# is imported, and inherited by the commands that tests start.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from loop import Make, pulling
from pictures import smooth
from torch import Tensor

from artgen.networks.extractor import FeatureExtractor
from artgen.networks.spec import NetworkSpec
from artgen.networks.weights import Source
from artgen.networks.zoo import all_networks
from artgen.networks.zoo.base import NETWORKS
from artgen.runtime import Runtime


@pytest.fixture
def shared() -> Path:
    """The folder of real weights and pictures, ARTGEN_SHARED; without it the test is skipped."""
    folder = Path(os.environ.get("ARTGEN_SHARED") or Path(__file__).parents[2] / "shared")
    if not (folder / "weights").is_dir():
        pytest.skip("needs the shared folder (ARTGEN_SHARED)")
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own for every test, and no mirror: no test sees or touches the user's."""
    monkeypatch.setenv("ARTGEN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ARTGEN_MIRRORS", raising=False)
    return tmp_path / "home"


@pytest.fixture
def photo() -> Tensor:
    """An odd picture, not square."""
    return smooth(49, 67, seed=1)


@pytest.fixture
def painting() -> Tensor:
    """Another size, other colours: shifted, so that style and content differ by far."""
    return smooth(60, 45, seed=2).pow(2) * torch.tensor([1.0, 0.6, 0.3]).view(1, 3, 1, 1)


@pytest.fixture
def runtime() -> Runtime:
    """The CPU in float32, seed 0."""
    return Runtime("cpu", "float32")


@pytest.fixture
def tiny() -> FeatureExtractor:
    """The smallest network, seeded."""
    return FeatureExtractor(all_networks().get("tiny"))


@pytest.fixture
def retrained(monkeypatch: pytest.MonkeyPatch) -> NetworkSpec:
    """From here on `tiny` has other weights: it is tiny@2, and what it was before tiny@1."""
    first = replace(all_networks().get("tiny"), version=1)
    newest = replace(first, version=2, source=Source("Apache-2.0", seed=8), earlier=(first,))
    monkeypatch.setitem(NETWORKS._items, "tiny", newest)
    return newest


@pytest.fixture
def pulls(photo: Tensor, painting: Tensor) -> Make:
    """Makes three terms for an extractor."""
    return lambda extractor: pulling(extractor, photo, painting)

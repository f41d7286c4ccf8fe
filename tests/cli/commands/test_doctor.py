"""`artgen doctor` tells what it finds, of what artgen needs and of nothing else."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata

import pytest
import torch

from artgen._version import __version__

from ..said import Said


def test_it_needs_no_torchvision(
    artgen: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    find = metadata.version

    def version(name: str) -> str:
        if name == "torchvision":
            raise metadata.PackageNotFoundError(name)
        return find(name)

    monkeypatch.setattr(metadata, "version", version)
    said = artgen("doctor")
    assert said.code == 0
    facts = dict(line.split(maxsplit=1) for line in said.out.splitlines())
    assert facts["artgen"] == __version__
    assert facts["torch"] == torch.__version__
    assert {"devices", "threads", "weights", "networks", "styles"} <= facts.keys()

"""`artgen doctor` tells what it finds, of what artgen needs and of nothing else."""

from __future__ import annotations

from collections.abc import Callable
from importlib import metadata, util
from pathlib import Path

import pytest
import torch

from artgen._version import __version__
from artgen.cli.commands.doctor import EXTRAS
from artgen.networks.raft import RAFT, Raft

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
    assert facts["networks"] == "slim, tiny"
    absent = "googlenet, squeezenet, vgg16, vgg19, raft"
    assert facts["to"].split(maxsplit=1)[1] == f"{absent}: artgen nets fetch NAME"
    assert {"devices", "threads", "weights", "networks", "styles"} <= facts.keys()


def test_it_names_every_extra_that_is_missing(
    artgen: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text(encoding="utf-8")
    table = text.partition("[project.optional-dependencies]\n")[2].partition("[project.scripts]")[0]
    names = {line.split(" = ")[0] for line in table.splitlines() if " = [" in line}
    assert names - {"dev"} == EXTRAS.keys()
    find = util.find_spec
    extras = {module for modules, _ in EXTRAS.values() for module in modules}
    monkeypatch.setattr(util, "find_spec", lambda name: None if name in extras else find(name))
    said = artgen("doctor").out
    for name in EXTRAS:
        assert f"pip install 'artgen[{name}]'" in said


def test_networks_that_were_imported_are_here(
    artgen: Callable[..., Said], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.save(Raft().state_dict(), folder / "any.pth")
    assert artgen("nets", "import", "any.pth").out == "raft\n"
    lines = artgen("doctor").out.splitlines()
    assert "networks   slim, tiny, raft" in lines
    monkeypatch.setattr("artgen.networks.catalogue.networks", lambda: [RAFT])
    assert "to fetch   none" in artgen("doctor").out.splitlines()

"""The cache of weights: whole or not at all, and in the user's folder."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from artgen.errors import WeightsError
from artgen.networks import weights
from artgen.networks.weights import store

from .server import Site
from .toys import chain, fetch, left, pickled, published, toy


def test_a_full_disk_leaves_what_was_there(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(site.source())
    before = store.kept("toy").read_bytes()
    file = tmp_path / "other.pth"
    file.write_bytes(pickled(published(seed=9)))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WeightsError, match=r"Cannot write .*No space left") as caught:
        weights.import_file(file, [toy()])
    assert "ARTGEN_HOME" in caught.value.hint
    assert left() == {"toy.safetensors", "toy.json"}
    assert store.kept("toy").read_bytes() == before
    assert weights.verify("toy", site.source()).present


def test_a_home_that_cannot_be_written(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("ARTGEN_HOME", str(tmp_path / "a file"))
    with pytest.raises(WeightsError, match="Cannot write"):
        fetch(site.source())
    assert site.seen == []


@pytest.mark.parametrize("memory", ["", "{", "[]", '{"sha256": 3}', '{"unknown": 1}'])
def test_a_spoilt_memory_is_no_crash(site: Site, memory: str) -> None:
    fetch(site.source())
    (weights.where() / "toy.json").write_text(memory)
    assert weights.load("toy", site.source(), chain()).file == store.kept("toy")
    assert store.recall("toy") == store.CacheRecord()


def test_where(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    assert weights.where() == home / "weights"
    monkeypatch.delenv("ARTGEN_HOME")
    assert weights.where().name == "weights"
    assert weights.where().parent.name.lower() in ("artgen", "cache")

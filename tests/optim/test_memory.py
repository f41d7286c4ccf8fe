"""Memory: a container's limit counts, and what the process holds."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import pytest
import torch

from artgen.errors import OutOfMemory
from artgen.optim import memory

CPU = torch.device("cpu")


def group(folder: Path, **files: str) -> Path:
    """A control group as the kernel shows it; in names __ is a dot."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


NONE_LEFT = "anon 1\ninactive_file 100000\n"
GROUPS = {
    "version 2": {"memory__max": "1000000", "memory__current": "700000"},
    "version 1": {"memory__limit_in_bytes": "1000000", "memory__usage_in_bytes": "700000"},
}


@pytest.mark.parametrize("version", GROUPS)
def test_a_container_limits_what_is_available(
    version: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = group(tmp_path / "own", **GROUPS[version], memory__stat=NONE_LEFT)
    monkeypatch.setattr(memory, "group_folders", lambda _: iter([own]))
    assert memory.available(CPU) == int(0.8 * 400_000)


@pytest.mark.parametrize("name", ["memory__max", "memory__limit_in_bytes"])
def test_no_limit_is_none(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    usage = name.replace("max", "current").replace("limit", "usage")
    files = {name: "max" if "max" in name else str(2**63 - 4096), usage: "7"}
    own = group(tmp_path / "own", **files, memory__stat=NONE_LEFT)
    free = memory.available(CPU)
    monkeypatch.setattr(memory, "group_folders", lambda _: iter([own]))
    assert memory.available(CPU) > 0.5 * free


def test_the_tightest_group_around_it_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inner = group(tmp_path / "in", memory__max="900", memory__current="100", memory__stat="")
    outer = group(tmp_path / "out", memory__max="500", memory__current="300", memory__stat="")
    monkeypatch.setattr(memory, "group_folders", lambda _: iter([inner, outer]))
    assert memory.available(CPU) == int(0.8 * 200)


def test_memory_of_this_process_is_more_than_torch_alone() -> None:
    assert memory.used(CPU) > 50e6


def test_pictures_that_do_not_fit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available", lambda _: 10**9)
    memory.check_room((4000, 6000), CPU)
    with pytest.raises(OutOfMemory, match=r"7000 x 5000 px take more than the 1\.0 GB"):
        memory.check_room((5000, 7000), CPU)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's")
def test_what_is_freed_is_used_again_without_new_pages_and_returned_at_the_end() -> None:
    def faults(times: int = 8) -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        for _ in range(times):
            torch.ones(2**24)  # 64 MB
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    cleared = faults()
    with memory.reused():
        # Small blocks may take a part of a large one before it is asked for again.
        assert min(faults() for _ in range(5)) < cleared / 4
        held = memory.used(CPU)
    assert memory.used(CPU) < held - 2**25


def test_another_c_library_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: object())
    with memory.reused():
        assert torch.ones(3).sum() == 3

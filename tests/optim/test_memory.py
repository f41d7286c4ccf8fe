"""Memory: a container's limit counts, and what the process holds."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from artgen.optim import memory

CPU = torch.device("cpu")


def test_a_container_limits_what_is_available(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    free = memory.available(CPU)
    assert free > 0
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    for name, text in {
        "memory.max": "1000000",
        "memory.current": "700000",
        "memory.stat": "anon 1\ninactive_file 100000\n",
    }.items():
        (tmp_path / name).write_text(text)
    assert memory.available(CPU) == int(0.8 * 400_000)
    (tmp_path / "memory.max").write_text("max")
    assert memory.available(CPU) > 0.5 * free


def test_memory_of_this_process_is_more_than_torch_alone() -> None:
    assert memory.used(CPU) > 50e6

"""The user's cache: what it forgets, and what it does not believe."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from artgen.core.cache import cache_folder, recalled, remember
from artgen.core.files import part_of


def test_its_place(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder("things") == home / "things"
    monkeypatch.delenv("ARTGEN_HOME")
    assert cache_folder("things").parent.name == "artgen"


def test_what_is_remembered_is_recalled(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "things"
    assert recalled(folder, "a") is None
    remember(folder, "a", b"first", most=3)
    remember(folder, "a", b"second", most=3)
    assert recalled(folder, "a") == b"second"
    assert [one.name for one in folder.iterdir()] == ["a"]


@pytest.mark.parametrize("damage", [b"", b"short", b"x" * 40])
def test_damage_is_no_content(damage: bytes, tmp_path: Path) -> None:
    remember(tmp_path, "a", b"content", most=3)
    (tmp_path / "a").write_bytes(damage)
    assert recalled(tmp_path, "a") is None
    remember(tmp_path, "a", b"content", most=3)
    assert recalled(tmp_path, "a") == b"content"


def test_it_keeps_what_was_used_last(tmp_path: Path) -> None:
    for age, key in enumerate(("c", "b", "a")):
        remember(tmp_path, key, key.encode(), most=3)
        os.utime(tmp_path / key, (1000 - age, 1000 - age))
    assert recalled(tmp_path, "a") == b"a"  # the oldest, but used now
    remember(tmp_path, "d", b"d", most=3)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "c", "d"]


def test_parts_of_killed_processes_go(tmp_path: Path) -> None:
    own = part_of(tmp_path / "a")
    dead = tmp_path / own.name.replace(f"-{os.getpid()}-", "-999999999-")
    for part in (own, dead):
        part.write_bytes(b"half")
    remember(tmp_path, "a", b"content", most=1)
    assert {one.name for one in tmp_path.iterdir()} == {"a", own.name}


def test_a_place_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    remember(tmp_path / "file", "a", b"content", most=3)
    assert recalled(tmp_path / "file", "a") is None

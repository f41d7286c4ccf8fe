"""Control groups as kernels and containers show them, from files that look like theirs."""

from __future__ import annotations

from pathlib import Path

import pytest

from artgen.core.containers import group_folders, processor_quota

V1_GROUPS = "9:name=systemd:/\n4:memory:/box/inner\n1:cpu,cpuacct:/box/inner\n0::/\n"


def proc(tmp_path: Path, groups: str, mounts: list[str]) -> Path:
    """A folder like /proc/self; in mounts @ is the folder in which the trees are."""
    folder = tmp_path / "proc"
    folder.mkdir()
    (folder / "cgroup").write_text(groups)
    lines = [line.replace("@", str(tmp_path).replace(" ", "\\040")) for line in mounts]
    (folder / "mountinfo").write_text("\n".join(lines))
    return folder


def mount(kind: str, place: str, options: str = "rw", root: str = "/") -> str:
    return f"31 23 0:28 {root} @/{place} rw,relatime shared:9 - {kind} {kind} {options}"


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_version_2_asks_the_own_group_and_those_around_it(tmp_path: Path) -> None:
    inner = write(tmp_path / "tree/user/run.scope", cpu__max="300000 100000\n")
    write(tmp_path / "tree/user", cpu__max="150000 100000\n")
    write(tmp_path / "tree", cpu__max="max 100000\n")
    here = proc(tmp_path, "0::/user/run.scope\n", [mount("cgroup2", "tree")])
    assert list(group_folders("cpu", here)) == [inner, inner.parent, tmp_path / "tree"]
    assert list(group_folders("memory", here)) == list(group_folders("cpu", here))
    assert processor_quota(here) == (1.5, "")


def test_version_1_has_a_tree_for_each_controller(tmp_path: Path) -> None:
    write(tmp_path / "cpu/box/inner", cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n")
    write(tmp_path / "cpu/box", cpu__cfs_quota_us="250000\n", cpu__cfs_period_us="100000\n")
    write(tmp_path / "memory/box/inner")
    mounts = [
        mount("tmpfs", ""),
        mount("cgroup", "cpu", "rw,cpu,cpuacct"),
        mount("cgroup", "memory", "rw,memory"),
        mount("cgroup2", "unified"),
    ]
    here = proc(tmp_path, V1_GROUPS, mounts)
    assert next(group_folders("memory", here)) == tmp_path / "memory/box/inner"
    assert processor_quota(here) == (2.5, "")


def test_what_is_mounted_may_begin_within_the_tree(tmp_path: Path) -> None:
    folder = write(tmp_path / "tree/inner", cpu__max="50000 100000")
    here = proc(tmp_path, "0::/box/inner\n", [mount("cgroup2", "tree", root="/box")])
    assert next(group_folders("cpu", here)) == folder
    assert processor_quota(here) == (0.5, "")


def test_a_group_that_is_not_shown_leaves_what_is(tmp_path: Path) -> None:
    write(tmp_path / "tree", cpu__max="100000 100000")
    here = proc(tmp_path, "0::/docker/abc\n", [mount("cgroup2", "tree")])
    assert processor_quota(here) == (1.0, "")


def test_blanks_in_names_are_octal(tmp_path: Path) -> None:
    place = tmp_path / "a tree"
    place.mkdir()
    write(place / "group", cpu__max="100000 50000")
    here = proc(place, "0::/group\n", [mount("cgroup2", "")])
    assert processor_quota(here) == (2.0, "")


@pytest.mark.parametrize("text", ["", "many 100000", "100000", "100000 0", "-5 100000", "0 100000"])
def test_a_malformed_quota_is_told_in_a_sentence_and_does_not_count(
    tmp_path: Path, text: str
) -> None:
    write(tmp_path / "tree/group", cpu__max=text)
    write(tmp_path / "tree", cpu__max="300000 100000")
    here = proc(tmp_path, "0::/group\n", [mount("cgroup2", "tree")])
    quota, trouble = processor_quota(here)
    assert quota == 3.0
    assert "cannot be read" in trouble
    assert str(tmp_path / "tree/group") in trouble


@pytest.mark.parametrize("groups", ["", "nonsense\n", "0::/group\n"])
def test_no_groups_are_no_limit(tmp_path: Path, groups: str) -> None:
    assert processor_quota(proc(tmp_path, groups, ["31 23", mount("ext4", "")])) == (None, "")
    assert processor_quota(tmp_path / "nowhere") == (None, "")

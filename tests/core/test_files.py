"""Files are written whole or not at all, and a place that takes none is named in a sentence."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from artgen.core import files
from artgen.core.files import (
    PACKAGE_DATA,
    PARTS,
    drafted,
    is_litter,
    is_name,
    is_ordinary,
    opened,
    part_of,
    put_whole,
    unwritable,
    write_folder,
    write_whole,
)
from artgen.errors import PictureError, RecipeError


def test_a_file_is_replaced_and_a_link_stays_one(tmp_path: Path) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("old")
    link.symlink_to(file)
    write_whole(link, b"new")
    assert file.read_bytes() == b"new"
    assert link.is_symlink()
    assert not list(tmp_path.glob(PARTS))


def test_what_is_half_made_has_a_name_of_its_own_beside_it(tmp_path: Path) -> None:
    one, other = part_of(tmp_path / "a.png", ".png"), part_of(tmp_path / "a.png", ".png")
    assert one != other
    assert one.parent == tmp_path
    assert one.match(PARTS)


@pytest.mark.parametrize("named", [False, True])
def test_a_draft_becomes_the_file_or_nothing(tmp_path: Path, named: bool) -> None:
    file, part = tmp_path / "file", tmp_path / "file.new" if named else None
    file.write_text("old")

    def write(text: str, error: type[BaseException] | None = None) -> None:
        with drafted(file, part) as draft:
            draft.write_text(text)
            assert file.read_text() == "old"
            if error:
                raise error

    for error in (OSError, KeyboardInterrupt):
        with pytest.raises(error):
            write("half", error)
        assert [one.name for one in tmp_path.iterdir()] == ["file"]
    write("new")
    assert file.read_text() == "new"
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_a_finished_file_is_moved_into_its_place(tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.write_text("whole")
    put_whole(tmp_path / "file", made)
    assert (tmp_path / "file").read_text() == "whole"
    assert not made.exists()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "full"), "no room to write"),
        (PermissionError(errno.EACCES, "no"), "may not be written"),
        (OSError(errno.EIO, "broken"), "cannot be written"),
        (OSError(errno.EFBIG, "large"), "ulimit -f"),
    ],
)
def test_why_it_is_not_written_is_said(tmp_path: Path, error: OSError, words: str) -> None:
    assert words in unwritable(tmp_path / "file", error).message


def test_a_disk_without_inodes_is_told_from_a_full_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "")
    assert "There is no room to write" in unwritable(tmp_path / "a", full).message
    monkeypatch.setattr(files, "_no_inodes", lambda _: True)
    assert "no inodes left" in unwritable(tmp_path / "a", full).message


def test_a_folder_that_is_missing_or_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PictureError, match="does not exist"):
        write_whole(tmp_path / "nowhere" / "a", b"")
    with pytest.raises(PictureError, match="is not a folder"):
        write_whole(tmp_path / "file" / "a", b"")


def test_what_ships_is_there() -> None:
    assert (PACKAGE_DATA / "slim.safetensors").is_file()


def test_only_ordinary_files_are_opened(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    with opened(tmp_path / "a") as file:
        assert file.read() == b"1"
    assert is_ordinary(tmp_path / "a")
    for name in (".", "missing", "a/b", "x" * 5000, "\0"):
        assert not is_ordinary(tmp_path / name)
        with pytest.raises(RecipeError), opened(tmp_path / name, RecipeError):
            pass


def test_names_are_no_paths() -> None:
    assert all(map(is_name, ("a", "a.png", "..a", "a..", "a b", "é")))
    assert not any(map(is_name, ("", ".", "..", "/", "a/b", "/a", "../a", "a/")))


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_whole(path, b"old")
    usual = path.stat().st_mode
    path.chmod(0o604)
    write_whole(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o604)
    part = tmp_path / "part"
    part.write_bytes(b"newer")
    put_whole(path, part)
    assert path.stat().st_mode & 0o777 == 0o604
    write_whole(tmp_path / "b", b"")
    assert (tmp_path / "b").stat().st_mode == usual


@pytest.mark.parametrize(
    ("name", "litter"),
    [
        *(("@eaDir", True), ("#recycle", True), ("__macosx", True), (".Trash-1000", True)),
        *(("lost+found", True), ("photos", False), ("eaDir", False), ("recycle", False)),
    ],
)
def test_folders_of_copies_and_deleted_files(name: str, litter: bool) -> None:
    assert is_litter(name) == litter


def test_a_folder_of_files_is_made_or_the_error_says_why(tmp_path: Path) -> None:
    files = [("a.txt", b"1"), ("b.txt", b"2")]
    made = write_folder(tmp_path / "set", files)
    assert [(path.name, path.read_bytes()) for path in made] == files
    write_folder(tmp_path / "set", [("a.txt", b"3")])
    assert sorted(path.read_bytes() for path in (tmp_path / "set").iterdir()) == [b"2", b"3"]
    with pytest.raises(PictureError, match="cannot be written"):
        write_folder(tmp_path / "set" / "a.txt", files)
    with pytest.raises(PictureError, match="does not exist"):
        write_folder(tmp_path / "no" / "set", files)


def test_a_file_that_is_being_written_is_not_abandoned(tmp_path: Path) -> None:
    here = files.part_of(tmp_path / "a.png")
    here.touch()
    assert not files.is_abandoned(here)
    machine, pid = here.name.split("-")[1:3]
    assert pid == str(os.getpid())
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    assert files.is_abandoned(here.with_name(f".artgen-{machine}-{dead.pid}-00.part"))
    assert files.is_abandoned(here.with_name(".artgen-0123456789ab.part")), "of an older version"
    elsewhere = here.with_name(f".artgen-00000000-{pid}-00.part")
    elsewhere.touch()
    assert not files.is_abandoned(elsewhere), "another machine may be writing it"
    os.utime(elsewhere, (0, 0))
    assert files.is_abandoned(elsewhere)


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps no dead processes")
def test_a_dead_process_that_nobody_has_waited_for_writes_nothing(tmp_path: Path) -> None:
    machine = files.part_of(tmp_path / "a.png").name.split("-")[1]
    killed = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    part = tmp_path / f".artgen-{machine}-{killed.pid}-00.part"
    assert not files.is_abandoned(part)
    killed.kill()
    while psutil.Process(killed.pid).status() != psutil.STATUS_ZOMBIE:
        time.sleep(0.01)
    assert files.is_abandoned(part)
    killed.communicate()

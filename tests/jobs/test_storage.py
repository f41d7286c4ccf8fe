"""Folders and URLs: written whole, inside, and read as files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import fsspec
import pytest

from artgen.core.files import part_of
from artgen.errors import PictureError
from artgen.jobs.ledger import Ledger, entries, where
from artgen.jobs.storage import Folder, Store, fetched, outputs, sha256, stamp, tidied


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    out, away = tmp_path / "out", tmp_path / "away"
    for folder in (out, away):
        folder.mkdir()
    (away / "a.png").write_text("precious")
    (out / "sub").symlink_to(away)
    (out / "b.png").symlink_to(away / "a.png")
    (out / "c.png").symlink_to(out / "d.png")
    place = Folder(str(out))
    for name in ("sub/a.png", "b.png", "../away/a.png", str(away / "a.png")):
        with pytest.raises(PictureError, match="outside"):
            place.write(name, b"new")
        assert place.source(name)
    assert (away / "a.png").read_text() == "precious"
    assert os.listdir(away) == ["a.png"]
    place.write("c.png", b"new")
    assert (out / "d.png").read_bytes() == b"new"


def test_a_folder_is_made_where_it_is_missing_and_tidied(tmp_path: Path) -> None:
    place = outputs(f"file://{tmp_path.as_posix()}/out")
    place.write("deep/er/a.png", b"123")
    assert (tmp_path / "out/deep/er/a.png").read_bytes() == b"123"
    assert (place.size("deep/er/a.png"), place.size("none")) == (3, None)
    (tmp_path / "out/deep/.artgen-0123.part").touch()
    written = part_of(tmp_path / "out/b.png")
    written.touch()
    place.tidy()
    assert os.listdir(tmp_path / "out/deep") == ["er"]
    assert written.exists(), "another run is writing it at this moment"


def test_an_error_leaves_no_incomplete_files(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = part_of(tmp_path / "a.png").name.replace(f"-{os.getpid()}-", f"-{dead.pid}-")

    def broken() -> None:
        with tidied(Folder(str(tmp_path))):
            (tmp_path / left).touch()  # as a worker does, before it is ended
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert not os.listdir(tmp_path)


def test_a_store_behind_a_url() -> None:
    place = outputs("memory://bucket/out/")
    assert isinstance(place, Store)
    place.write("trip/a.png", b"123")
    assert (place.size("trip/a.png"), place.size("none.png")) == (3, None)
    source = place.source("trip/a.png")
    assert source == "memory://bucket/out/trip/a.png"
    with fetched(source) as path:
        assert (path.name, path.read_bytes()) == ("a.png", b"123")
    assert not path.exists()
    assert len(sha256(source)) == 64
    assert stamp(source)
    assert stamp("memory://bucket/none.png") == ""
    with pytest.raises(PictureError, match="cannot be read"), fetched("memory://bucket/none.png"):
        pass
    fsspec.filesystem("memory").rm("/bucket", recursive=True)


def test_an_unknown_kind_of_url_is_one_sentence() -> None:
    with pytest.raises(PictureError, match="cannot be reached"):
        outputs("nowhere://bucket/out")


def test_the_ledger_of_a_url_is_in_the_users_folder(home: Path) -> None:
    path = where("s3://bucket/out/")
    assert path.parent == home / "batches"
    assert path == where("s3://bucket/out") != where("s3://bucket/other")
    with Ledger(path):
        assert entries("s3://bucket/out") == {}


def test_no_ledger_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="no ledger"):
        entries(str(tmp_path))

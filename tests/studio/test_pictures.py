"""Uploads are judged before they are decoded, and found by reference alone."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from artgen import images
from artgen.errors import PictureError
from artgen.images.metadata import png_chunk
from artgen.studio.folder import Folder
from artgen.studio.history import Entry, History
from artgen.studio.orders import Order
from artgen.studio.pictures import SIDES, PictureStore, label

Upload = Callable[[torch.Tensor, str], str]


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is large, and has next to nothing in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = png_chunk(b"IDAT", zlib.compress(b""))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + data + png_chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("frog.jpeg", "frog.png"),
        ("../../etc/passwd", "passwd.png"),
        ("C:\\Users\\me\\frog.jpg", "frog.png"),
        ("..", "picture.png"),
        ("", "picture.png"),
        (".hidden", "hidden.png"),
        ("a=b\n\x00<b>.jpg", "a-b--<b>.png"),
        ("x" * 999, "x" * 80 + ".png"),
    ],
)
def test_a_name_is_a_label(name: str, called: str) -> None:
    assert label(name, ".png") == called


def test_an_upload_is_kept_as_it_came(
    store: PictureStore, studio_folder: Folder, upload: Upload, photo: torch.Tensor
) -> None:
    reference = upload(photo, "../my frog.jpg")
    again = store.find(upload(photo, "again.png"))
    source = store.find(reference)
    assert (source.name, again.name) == ("my frog.png", "again.png")
    assert source.path == again.path, "the same picture is kept once"
    assert source.path.parent == studio_folder.uploads
    assert reference.removeprefix("upload:").startswith(source.path.stem)
    assert source.path.read_bytes() == images.encode_png(photo)
    assert sorted(studio_folder.uploads.iterdir()) == [source.path]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b"<svg onload=alert(1)>", "is not a picture that artgen can read"),
        (png_of(40_000, 40_000), "has 40000 x 40000 px"),
        (png_of(90, 70), "cannot be decoded"),
    ],
)
def test_what_is_no_picture_is_refused(
    store: PictureStore, studio_folder: Folder, content: bytes, why: str
) -> None:
    part = store.new()
    part.write_bytes(content)
    with pytest.raises(PictureError, match=why) as refused:
        store.take(part, "odd.png")
    assert "odd" in refused.value.message
    assert str(studio_folder.root) not in str(refused.value)
    assert list(studio_folder.uploads.iterdir()) == []


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "upload:",
        "upload:../../x",
        "style:../starry",
        "example:nobody",
        "made:../1",
        "made:5",
        "file:/etc/passwd",
        "/etc/passwd",
        "made:1e3",
    ],
)
def test_nothing_else_is_found(store: PictureStore, reference: str) -> None:
    with pytest.raises(PictureError, match="is gone"):
        store.find(reference)


def test_what_was_made_is_copied_where_it_has_to_last(
    store: PictureStore, history: History, studio_folder: Folder, photo: torch.Tensor, order: Order
) -> None:
    entry = history.add(Entry(0, 0.0, "done", "style", {}, {}, 0, "frog, oil", "frog-oil", 0.0))
    history.put(replace(entry, files=["picture"]))
    studio_folder.made(entry.id).mkdir()
    images.save(photo, studio_folder.made(entry.id) / "0.png")
    kept = store.keep(f"made:{entry.id}")
    studio_folder.forget(entry.id)
    assert store.find(kept).name == "frog-oil.png"
    assert store.keep(kept) == kept
    with pytest.raises(PictureError, match="is gone"):
        store.find(f"made:{entry.id}")


def test_uploads_that_nothing_was_made_from_are_removed(
    store: PictureStore,
    history: History,
    studio_folder: Folder,
    upload: Upload,
    photo: torch.Tensor,
) -> None:
    photos = [upload(photo, "a.png"), upload(photo, "b.png"), upload(photo.flip(3), "mask.png")]
    unused = upload(photo.flip(2), "unused.png")
    store.new().write_bytes(b"an upload that was cut short")
    settings = {"mask": [f"{photos[2]}=style:wave"]}
    asked = ("style", settings, {"content": photos[:1]}, 0)
    history.add(Entry(0, 0.0, "done", *asked, "a", "a", 0.0))
    assert len(list(studio_folder.shown.iterdir())) == 4
    store.tidy()
    assert {store.find(one).name for one in (photos[0], photos[2])} == {"a.png", "mask.png"}
    for gone in (photos[1], unused):
        with pytest.raises(PictureError, match="is gone"):
            store.find(gone)
    assert len(list(studio_folder.uploads.iterdir())) == 2
    assert len(list(studio_folder.shown.iterdir())) == 2


def test_small_copies(store: PictureStore) -> None:
    small = store.copy("style:starry", SIDES[0])
    assert max(images.size_of(small)) == SIDES[0]
    before = small.stat().st_mtime_ns
    assert store.copy("style:starry", SIDES[0]).stat().st_mtime_ns == before
    assert max(images.size_of(store.copy("example:frog", SIDES[0]))) == SIDES[0]

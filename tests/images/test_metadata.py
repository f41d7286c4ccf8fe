"""Recipe, EXIF and colour space beside the pixels."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import pytest
import tifffile
import torch
from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

from artgen import images
from artgen.errors import PictureError
from artgen.images.metadata import from_xmp, to_xmp

from .outputs import LOSSLESS, ONE_EACH, RECIPE, SUFFIXES, exif_bytes, files, gradient


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_recipe_survives(tmp_path: Path, suffix: str, bits: int) -> None:
    path = tmp_path / f"a{suffix}"
    if bits == 16 and suffix not in (*LOSSLESS, ".tiff"):
        bits = 8
    alpha = torch.full((1, 1, 48, 64), 0.5)
    images.save(gradient(), path, recipe=RECIPE, bits=bits, alpha=alpha, exif=exif_bytes())
    assert images.read_recipe(path) == RECIPE
    path.rename(tmp_path / "renamed")  # the name says nothing to the reader
    assert images.read_recipe(tmp_path / "renamed") == RECIPE


@pytest.mark.parametrize("suffix", ONE_EACH)
@pytest.mark.parametrize(
    "recipe",
    ["", 'a = 1\nb = "x"\n', "a\r\nb\rc\td", " spaces ", "x" * 30_000, "\x7f\x80\U0010fffd"],
)
def test_any_recipe_survives(tmp_path: Path, suffix: str, recipe: str) -> None:
    images.save(gradient(8, 8), tmp_path / f"a{suffix}", recipe=recipe)
    assert images.read_recipe(tmp_path / f"a{suffix}") == recipe


@pytest.mark.parametrize("suffix", ONE_EACH)
def test_what_no_text_can_hold_does_not_stop_a_picture(tmp_path: Path, suffix: str) -> None:
    images.save(gradient(8, 8), tmp_path / f"a{suffix}", recipe='"\0 \uffff \udc80"')
    assert images.read_recipe(tmp_path / f"a{suffix}") == '"\\u0000 \\uffff \ufffd"'


def test_a_recipe_too_long_for_jpeg_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="64 KB"):
        images.save(gradient(8, 8), tmp_path / "a.jpg", recipe="x" * 70_000)
    assert files(tmp_path) == []


def test_recipes_that_an_editor_rewrote_are_found() -> None:
    packet = to_xmp("a = 1").decode()
    moved = packet.replace("<artgen:recipe>a = 1</artgen:recipe>", "").replace(
        'rdf:about=""', 'rdf:about="" artgen:recipe="a = 1"'
    )
    assert "<artgen:" not in moved
    assert from_xmp(moved.encode()) == "a = 1"
    assert from_xmp(packet.encode() + bytes(20)) == "a = 1"
    assert from_xmp(b"<broken") is None
    entity = '<!DOCTYPE x [<!ENTITY e "a = 1">]>' + packet.replace("a = 1", "&e;")
    assert from_xmp(entity.encode()) is None


@pytest.mark.parametrize("suffix", ONE_EACH)
def test_no_recipe_is_none(tmp_path: Path, suffix: str) -> None:
    images.save(gradient(), tmp_path / f"a{suffix}")
    assert images.read_recipe(tmp_path / f"a{suffix}") is None
    Image.new("RGB", (4, 4)).save(tmp_path / f"b{suffix}")
    assert images.read_recipe(tmp_path / f"b{suffix}") is None


def test_recipes_of_unreadable_files(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("hello")
    (tmp_path / "cut.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "cut.tif").write_bytes(b"II*\0\x08\0\0\0")
    for path in (tmp_path / "none.png", tmp_path, *tmp_path.glob("*.*")):
        with pytest.raises(PictureError):
            images.read_recipe(path)


@pytest.mark.parametrize("suffix", ONE_EACH)
def test_gps_is_dropped_unless_kept(tmp_path: Path, suffix: str) -> None:
    source = tmp_path / f"source{suffix}"
    images.save(gradient(), source, exif=exif_bytes())
    loaded = images.load(source)
    assert loaded.exif is not None
    for name, exif in (("dropped", None), ("kept", loaded.exif)):
        images.save(loaded.picture, tmp_path / f"{name}{suffix}", exif=exif, recipe=RECIPE)
    with Image.open(tmp_path / f"dropped{suffix}") as image:
        assert not image.getexif().get_ifd(0x8825)
        assert 0x010F not in image.getexif()
    assert b"Maker" not in (tmp_path / f"dropped{suffix}").read_bytes()
    with Image.open(tmp_path / f"kept{suffix}") as image:
        exif = image.getexif()
        assert exif.get_ifd(0x8825) == {1: "N", 2: (51.0, 28.0, 38.0)}
        assert exif.get_ifd(0x8769) == {0x9003: "2024:05:06 07:08:09"}
        assert exif[0x010F] == "Maker"
        assert exif[0x013B].encode("latin-1").decode() == "Zoë"


@pytest.mark.parametrize("bits", [8, 16])
def test_exif_of_a_tiff_is_in_order(tmp_path: Path, bits: int) -> None:
    """The directories are appended by hand: another reader must find them, and no tag unsorted."""
    images.save(gradient(), tmp_path / "a.tif", exif=exif_bytes(), bits=bits, recipe=RECIPE)
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        tags = tiff.pages.first.tags
        assert [tag.code for tag in tags] == sorted(tag.code for tag in tags)
        assert tags[0x8769].value["DateTimeOriginal"] == "2024:05:06 07:08:09"
        assert tags[0x8825].value["GPSLatitude"] == (51, 1, 28, 1, 38, 1)
    back = images.load(tmp_path / "a.tif")
    assert (back.picture - gradient()).abs().max() < 1 / 255


@pytest.mark.parametrize("suffix", ONE_EACH)
def test_srgb_is_declared(tmp_path: Path, suffix: str) -> None:
    images.save(gradient(), tmp_path / f"a{suffix}")
    with Image.open(tmp_path / f"a{suffix}") as image:
        if suffix == ".png":
            assert image.info["srgb"] == 0
        else:
            profile = image.info["icc_profile"]
            assert profile[12:20] == b"mntrRGB "
            assert profile[24:36] == bytes(12)  # no date, or every second would write other bytes
            assert "sRGB".encode("utf-16-be") in profile


def test_encode_png(tmp_path: Path) -> None:
    alpha = torch.full((1, 1, 48, 64), 0.25)
    data = images.encode_png(gradient(), alpha=alpha, recipe=RECIPE, bits=16)
    (tmp_path / "a.png").write_bytes(data)
    loaded = images.load(tmp_path / "a.png")
    assert loaded.deep
    assert loaded.alpha is not None
    assert images.read_recipe(tmp_path / "a.png") == RECIPE
    images.save(gradient(), tmp_path / "b.png", alpha=alpha, recipe=RECIPE, bits=16)
    assert (tmp_path / "b.png").read_bytes() == data


@pytest.mark.parametrize("suffix", ONE_EACH)
@pytest.mark.parametrize("other", [".png", ".jpg", ".webp", ".avif", ".tif"])
def test_the_recipe_survives_pillows_own_save(tmp_path: Path, suffix: str, other: str) -> None:
    # Pillow cannot write the directories of one TIFF into another.
    exif = None if suffix == other == ".tif" else exif_bytes()
    images.save(gradient(), tmp_path / f"a{suffix}", recipe=RECIPE, exif=exif)
    with Image.open(tmp_path / f"a{suffix}") as image:
        image.save(tmp_path / f"b{other}", exif=image.getexif())
    assert images.read_recipe(tmp_path / f"b{other}") == RECIPE


def test_the_recipe_survives_as_text_of_a_png(tmp_path: Path) -> None:
    images.save(gradient(), tmp_path / "a.png", recipe=RECIPE)
    with Image.open(tmp_path / "a.png") as image:
        kept = PngInfo()
        for key, value in image.text.items():  # type: ignore[attr-defined]
            kept.add_text(key, value)
        image.save(tmp_path / "b.png", pnginfo=kept)
        image.save(tmp_path / "none.png")
    assert images.read_recipe(tmp_path / "b.png") == RECIPE
    assert images.read_recipe(tmp_path / "none.png") is None


@pytest.mark.parametrize("suffix", ONE_EACH)
def test_a_recipe_in_exif_is_not_handed_on(tmp_path: Path, suffix: str) -> None:
    images.save(gradient(), tmp_path / f"a{suffix}", recipe=RECIPE)
    loaded = images.load(tmp_path / f"a{suffix}")
    assert loaded.exif is None
    images.save(gradient(), tmp_path / f"b{suffix}", exif=exif_bytes(), recipe="x" * 59_900)
    if suffix != ".tif":
        with Image.open(tmp_path / f"b{suffix}") as image:
            assert 700 not in image.getexif()  # too long for JPEG's segment


def test_kept_exif_has_no_orientation_and_no_thumbnail(tmp_path: Path) -> None:
    small = BytesIO()
    Image.new("RGB", (16, 12)).save(small, "JPEG")
    data = small.getvalue()
    whole = b"Exif\0\0II\x2a\0" + struct.pack("<IH", 8, 2)  # the first directory
    whole += struct.pack("<HHII", 0x010F, 2, 6, 68) + struct.pack("<HHII", 0x0112, 3, 1, 6)
    whole += struct.pack("<IH", 38, 2)  # the second one, of the picture as it once was
    whole += struct.pack("<HHII", 0x0201, 4, 1, 74) + struct.pack("<HHII", 0x0202, 4, 1, len(data))
    whole += bytes(4) + b"Maker\0" + data
    Image.new("RGB", (40, 24)).save(tmp_path / "a.jpg", exif=whole)
    with Image.open(tmp_path / "a.jpg") as image:
        assert image.getexif().get_ifd(ExifTags.IFD.IFD1)  # the test has one
    loaded = images.load(tmp_path / "a.jpg")
    assert loaded.picture.shape == (1, 3, 40, 24)
    images.save(loaded.picture, tmp_path / "b.jpg", exif=loaded.exif)
    with Image.open(tmp_path / "b.jpg") as image:
        kept = image.getexif()
        assert kept[0x010F] == "Maker"
        assert 0x0112 not in kept
        assert not kept.get_ifd(ExifTags.IFD.IFD1)

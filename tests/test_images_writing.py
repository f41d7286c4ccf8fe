"""Pictures out: what is written reads back, and what cannot be written is refused in time."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
import tifffile
import torch
from PIL import Image
from torch import Tensor

from artgen import images
from artgen.errors import ArtgenError, PictureError, UsageError
from artgen.images.metadata import from_xmp, to_xmp

SUFFIXES = [".png", ".jpg", ".jpeg", ".webp", ".avif", ".tif", ".tiff"]
ONE_EACH = [".png", ".jpg", ".webp", ".avif", ".tif"]
LOSSLESS = [".png", ".tif"]
RECIPE = json.dumps(
    {"prompt": "Größe — 日本語 \U0001f600 <a & b> ]]> \"'", "seed": 7}, ensure_ascii=False
)


def gradient(height: int = 48, width: int = 64) -> Tensor:
    """Smooth, as lossy formats like it; every channel goes another way."""
    y = torch.linspace(0, 1, height)[:, None].expand(height, width)
    x = torch.linspace(0, 1, width)[None, :].expand(height, width)
    return torch.stack([y, x, 1 - (x + y) / 2])[None]


def files(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.name != "home")


def exif_bytes() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x013B] = "Zoë".encode()
    exif[0x8769] = {0x9003: "2024:05:06 07:08:09"}
    exif[0x8825] = {1: "N", 2: (51.0, 28.0, 38.0)}
    return exif.tobytes()


# Round trips


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_picture_comes_back(tmp_path: Path, suffix: str) -> None:
    picture = gradient()
    images.save(picture, tmp_path / f"a{suffix}")
    loaded = images.load(tmp_path / f"a{suffix}")
    error = (loaded.picture - picture).abs()
    if suffix in (*LOSSLESS, ".tiff"):
        assert error.max() <= 0.5 / 255 + 1e-6
    else:
        assert error.mean() < 0.01
        assert error.max() < 0.1
    assert loaded.alpha is None
    assert files(tmp_path) == [f"a{suffix}"]


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_16_bits_keep_more_than_256_levels(tmp_path: Path, suffix: str) -> None:
    ramp = torch.linspace(0, 1, 4096).expand(1, 3, 2, 4096)
    path = tmp_path / f"ramp{suffix}"
    images.save(ramp, path, bits=16)
    loaded = images.load(path)
    assert loaded.deep
    assert loaded.picture[0, 1, 0].unique().numel() == 4096
    assert (loaded.picture - ramp).abs().max() < 1 / 65535
    images.save(ramp, path, bits=8)
    assert images.load(path).picture[0, 1, 0].unique().numel() == 256  # the ramp can tell


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("suffix", LOSSLESS)
def test_samples_are_the_nearest(tmp_path: Path, suffix: str, bits: int) -> None:
    """Through other readers than ours, so that two errors cannot cancel out."""
    path = tmp_path / f"a{suffix}"
    picture = torch.tensor([0.2, 0.7, 0.99]).view(1, 3, 1, 1).expand(1, 3, 2, 3)
    images.save(picture, path, bits=bits)
    top = 2**bits - 1
    read = tifffile.imread(path) if suffix == ".tif" else imagecodecs.png_decode(path.read_bytes())
    assert read.dtype.itemsize * 8 == bits
    assert read[0, 0].tolist() == [round(value * top) for value in (0.2, 0.7, 0.99)]


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("suffix", [".png", ".webp", ".avif", ".tif"])
def test_alpha_is_put_back(tmp_path: Path, suffix: str, bits: int) -> None:
    if bits == 16 and suffix not in LOSSLESS:
        with pytest.raises(UsageError, match="16 bits"):
            images.save(gradient(), tmp_path / f"a{suffix}", bits=16)
        return
    alpha = torch.linspace(0, 1, 64).expand(1, 1, 48, 64)
    images.save(gradient(), tmp_path / f"a{suffix}", alpha=alpha, bits=bits)
    back = images.load(tmp_path / f"a{suffix}").alpha
    assert back is not None
    assert (back - alpha).abs().max() < 0.03


def test_alpha_is_brought_to_the_size(tmp_path: Path) -> None:
    alpha = torch.zeros(1, 1, 12, 16)
    alpha[..., 8:] = 1
    images.save(gradient(), tmp_path / "a.png", alpha=alpha)
    back = images.load(tmp_path / "a.png").alpha
    assert back is not None
    assert back.shape == (1, 1, 48, 64)
    assert back[0, 0, 24, 10] == 0
    assert back[0, 0, 24, 54] == 1


def test_jpeg_is_laid_on_white(tmp_path: Path) -> None:
    alpha = torch.ones(1, 1, 48, 64)
    alpha[..., 32:] = 0
    images.save(torch.zeros(1, 3, 48, 64), tmp_path / "a.jpg", alpha=alpha)
    picture = images.load(tmp_path / "a.jpg").picture
    assert picture[..., :24].max() < 0.02
    assert picture[..., 40:].min() > 0.98


def test_quality_counts(tmp_path: Path) -> None:
    noise = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    for suffix in (".jpg", ".webp", ".avif"):
        sizes = []
        for quality in (20, 95):
            images.save(noise, tmp_path / f"a{suffix}", quality=quality)
            sizes.append((tmp_path / f"a{suffix}").stat().st_size)
        assert sizes[0] < sizes[1], suffix


def test_strange_values_are_written_as_near_as_can_be(tmp_path: Path) -> None:
    picture = torch.tensor([-1.0, 2.0, float("nan")]).view(1, 3, 1, 1)
    images.save(picture, tmp_path / "a.png")
    assert images.load(tmp_path / "a.png").picture.flatten().tolist() == [0, 1, 0]


@pytest.mark.parametrize("suffix", ONE_EACH)
def test_what_is_written_is_the_same_every_time(tmp_path: Path, suffix: str) -> None:
    for name in ("a", "b"):
        images.save(gradient(), tmp_path / f"{name}{suffix}", recipe=RECIPE)
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()


# Metadata


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


# Names


def test_free_name(tmp_path: Path) -> None:
    assert images.free_name(tmp_path, "cat-wave") == tmp_path / "cat-wave.png"
    (tmp_path / "cat-wave.png").touch()
    assert images.free_name(tmp_path, "cat-wave") == tmp_path / "cat-wave-2.png"
    (tmp_path / "cat-wave-2.png").touch()
    assert images.free_name(tmp_path, "cat-wave") == tmp_path / "cat-wave-3.png"
    assert images.free_name(tmp_path, "cat-wave", ".jpg") == tmp_path / "cat-wave.jpg"


def test_free_name_is_never_too_long(tmp_path: Path) -> None:
    path = images.free_name(tmp_path, "日" * 200)
    path.touch()  # 600 bytes would be refused here
    images.free_name(tmp_path, "日" * 200).touch()
    assert len(files(tmp_path)) == 2


# Refused before the run


def refused(kind: type[ArtgenError], path: Path, *arguments: object, **options: object) -> str:
    with pytest.raises(kind) as caught:
        images.check_output(path, *arguments, **options)  # type: ignore[arg-type]
    assert type(caught.value) is kind
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert not list(path.parent.glob(".artgen-*")) if path.parent.is_dir() else True
    return str(caught.value)


@pytest.mark.parametrize("suffix", [*SUFFIXES, ".PNG", ".Jpg"])
def test_a_good_output_is_accepted(tmp_path: Path, suffix: str) -> None:
    images.check_output(tmp_path / f"a{suffix}", (480, 640))
    images.check_output(tmp_path / f"a{suffix}", None)
    assert files(tmp_path) == []  # and nothing left from trying


@pytest.mark.parametrize("name", ["a", "a.xyz", "a.gif", "a.bmp", "a.heic", ".png"])
def test_unknown_extension(tmp_path: Path, name: str) -> None:
    text = refused(UsageError, tmp_path / name, None)
    assert ".png, .jpg, .jpeg, .webp, .avif, .tif, .tiff" in text
    with pytest.raises(UsageError):
        images.save(gradient(), tmp_path / name)


@pytest.mark.parametrize(
    ("suffix", "fits", "does_not"),
    [
        (".webp", (16383, 10), (16384, 10)),
        (".webp", (10, 16383), (10, 16384)),
        (".jpg", (65500, 10), (10, 65501)),
        (".avif", (32768, 8192), (10, 32769)),
        (".avif", (16384, 16384), (16384, 16400)),
        (".png", (10, 1_000_000), (10, 1_000_001)),
        (".tif", (10, 20_000_000), None),
    ],
)
def test_what_a_format_cannot_hold(
    tmp_path: Path, suffix: str, fits: tuple[int, int], does_not: tuple[int, int] | None
) -> None:
    images.check_output(tmp_path / f"a{suffix}", fits)
    if does_not is not None:
        height, width = does_not
        assert f"{width} x {height}" in refused(UsageError, tmp_path / f"a{suffix}", does_not)


@pytest.mark.parametrize(("suffix", "side"), [(".webp", 16383), (".jpg", 65500), (".avif", 32768)])
def test_the_limits_are_real(tmp_path: Path, suffix: str, side: int) -> None:
    """The largest that is accepted is also written and read."""
    path = tmp_path / f"long{suffix}"
    images.save(torch.zeros(1, 3, 1, side), path)
    assert images.load(path).picture.shape == (1, 3, 1, side)


def test_save_itself_refuses_what_does_not_fit(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="16384 x 1 "):
        images.save(torch.zeros(1, 3, 1, 16384), tmp_path / "a.webp")
    assert files(tmp_path) == []


@pytest.mark.parametrize("suffix", [".jpg", ".webp", ".avif"])
def test_16_bits_where_there_are_none(tmp_path: Path, suffix: str) -> None:
    assert "PNG and TIFF" in refused(UsageError, tmp_path / f"a{suffix}", None, bits=16)
    images.check_output(tmp_path / "a.png", None, bits=16)
    images.check_output(tmp_path / "a.tiff", None, bits=16)


def test_output_equal_to_an_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "in.png"
    source.touch()
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    for path in (source, Path("in.png"), Path("sub/../in.png")):
        assert "input" in refused(UsageError, path, None, inputs=[Path("other.png"), source])
    images.check_output(tmp_path / "out.png", None, inputs=[source])
    os.link(source, tmp_path / "hard.png")
    assert "input" in refused(UsageError, tmp_path / "hard.png", None, inputs=[source])


def test_output_that_links_to_an_input(tmp_path: Path) -> None:
    source, link = tmp_path / "in.png", tmp_path / "link.png"
    source.touch()
    try:
        link.symlink_to(source)
    except OSError:
        pytest.skip("this system gives no right to make links")
    assert "input" in refused(UsageError, link, None, inputs=[source])


def test_output_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    assert "folder" in refused(UsageError, tmp_path / "a.png", None)
    with pytest.raises(PictureError):
        images.save(gradient(), tmp_path / "a.png")
    assert files(tmp_path) == ["a.png"]


def test_folder_is_missing(tmp_path: Path) -> None:
    assert "does not exist" in refused(PictureError, tmp_path / "none" / "a.png", None)
    with pytest.raises(PictureError, match="does not exist"):
        images.save(gradient(), tmp_path / "none" / "a.png")


def test_path_below_a_file(tmp_path: Path) -> None:
    (tmp_path / "file.png").write_text("x")
    for path in (tmp_path / "file.png" / "a.png", tmp_path / "file.png" / "b" / "a.png"):
        refused(PictureError, path, None)
        with pytest.raises(PictureError):
            images.save(gradient(), path)
    assert files(tmp_path) == ["file.png"]


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    refused(PictureError, tmp_path / ("x" * 300 + ".png"), None)
    refused(PictureError, tmp_path / "a\0b.png", None)


# Whole or not at all


def test_an_explicit_output_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_text("old")
    images.save(gradient(), path)
    assert images.load(path).picture.shape == (1, 3, 48, 64)
    assert files(tmp_path) == ["a.png"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX modes and links")
def test_modes_and_links_are_those_of_any_program(tmp_path: Path) -> None:
    images.save(gradient(), tmp_path / "a.png")
    (tmp_path / "reference").touch()
    mode = (tmp_path / "reference").stat().st_mode
    assert (tmp_path / "a.png").stat().st_mode == mode  # not the 0600 of a temporary file
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    images.save(gradient(8, 8), tmp_path / "link.png")
    assert (tmp_path / "link.png").is_symlink()
    assert images.load(tmp_path / "a.png").picture.shape == (1, 3, 8, 8)


@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "full"), OSError(errno.EIO, "broken"), KeyboardInterrupt()]
)
def test_a_failure_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    path = tmp_path / "a.png"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise error

    real = Path.open
    expected = PictureError if isinstance(error, OSError) else KeyboardInterrupt
    with monkeypatch.context() as patch:
        if step == "write":
            patch.setattr(Path, "open", lambda self, mode: _Failing(real(self, mode), error))
        else:
            patch.setattr(os, step, fail)
        with pytest.raises(expected) as caught:
            images.save(gradient(), path)
    if isinstance(error, OSError):
        full = error.errno == errno.ENOSPC
        assert ("no room" in str(caught.value)) == full
    assert files(tmp_path) == ["a.png"]
    assert path.read_text() == "old"


class _Failing:
    """A file that breaks in the middle of its first write."""

    def __init__(self, file: object, error: BaseException) -> None:
        self.file, self.error = file, error

    def __enter__(self) -> _Failing:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()  # type: ignore[attr-defined]

    def write(self, data: bytes) -> None:
        self.file.write(data[: len(data) // 2])  # type: ignore[attr-defined]
        raise self.error


def test_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit on the size of files, which binds root too, unlike permissions."""
    resource = pytest.importorskip("resource", reason="no such limit on Windows")
    monkeypatch.chdir(tmp_path)
    Path("out.png").write_text("old")
    picture = torch.rand(1, 3, 100, 100)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    messages = []
    for call in (
        lambda: images.check_output("out.png", (100, 100)),
        lambda: images.save(picture, "out.png"),
    ):
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, before[1]))
        try:
            call()
        except PictureError as error:
            messages.append(str(error))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(messages) == 2  # neither went through
    assert all(one.startswith("There is no room to write out.png") for one in messages)
    assert files(tmp_path) == ["out.png"]
    assert Path("out.png").read_text() == "old"


@pytest.mark.skipif(
    os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="permissions bind neither root nor Windows",
)
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    assert "may not be written" in refused(PictureError, folder / "a.png", None)


def test_to_samples_wants_a_picture(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1, C, H, W"):
        images.to_bytes(torch.zeros(2, 3, 4, 4))
    assert np.array_equal(images.to_bytes(torch.ones(1, 3, 1, 1)), [[[255, 255, 255]]])

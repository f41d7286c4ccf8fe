"""Pictures out: what is written reads back, whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import imagecodecs
import pytest
import tifffile
import torch
from PIL import ExifTags, Image

from artgen import images
from artgen.errors import PictureError, UsageError

from .outputs import LOSSLESS, ONE_EACH, RECIPE, SUFFIXES, files, gradient


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
    assert all(one.startswith("out.png cannot be written: files may not be") for one in messages)
    assert files(tmp_path) == ["out.png"]
    assert Path("out.png").read_text() == "old"


def resolution(path: Path) -> tuple[float, float] | None:
    """Dots an inch across and down, as other libraries read them."""
    if path.suffix == ".exr":
        import OpenEXR

        across = OpenEXR.File(str(path)).header().get("xDensity")
        return None if across is None else (across, across)
    exif = Image.Exif()
    if path.suffix == ".jxl":  # Pillow reads none; the box is as it is, behind an offset
        _, found, data = path.read_bytes().partition(b"Exif\0\0\0\0")
        if found:
            exif.load(b"Exif\0\0" + data)
    else:
        with Image.open(path) as image:
            if path.suffix == ".png" and "dpi" in image.info:
                across, down = image.info["dpi"]
                return float(across), float(down)
            if path.suffix == ".jpg":  # of its own header; Pillow's "dpi" is 72 for none
                return image.info["jfif_density"] if image.info["jfif_unit"] == 1 else None
            exif = image.getexif()
    base = ExifTags.Base
    if exif.get(base.ResolutionUnit) != 2:  # inches
        return None
    return float(exif[base.XResolution]), float(exif[base.YResolution])


@pytest.mark.parametrize("recipe", [None, "a = 1"])
@pytest.mark.parametrize("dpi", [200.0, 72.5])
@pytest.mark.parametrize(
    ("name", "bits"),
    [
        *(("a.png", 8), ("a.png", 16), ("a.jpg", 8), ("a.tif", 8), ("a.tif", 16)),
        *(("a.webp", 8), ("a.avif", 8), ("a.jxl", 8), ("a.jxl", 16), ("a.exr", 8)),
    ],
)
def test_a_print_s_resolution_is_in_the_file(
    tmp_path: Path, name: str, bits: int, dpi: float, recipe: str | None
) -> None:
    path, picture = tmp_path / name, torch.rand(1, 3, 6, 5)
    images.save(picture, path, bits=bits, dpi=dpi, recipe=recipe)
    if path.suffix == ".jpg":
        dpi = round(dpi)  # its header has whole numbers
    assert resolution(path) == pytest.approx((dpi, dpi), abs=0.02)
    images.save(picture, path, bits=bits, recipe=recipe)
    assert resolution(path) is None
    if recipe is not None:
        assert images.read_recipe(path) == recipe

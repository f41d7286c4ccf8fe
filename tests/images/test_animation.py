"""Animated pictures: each frame whole, with its own delay; and the recipe that they carry."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from artgen import images
from artgen.errors import PictureError

DELAYS = [10, 20, 0, 50, 100, 40]
KINDS = ["a.gif", "a.webp", "a.png"]


def animated(path: Path, *, alpha: int = 255, delays: list[int] = DELAYS) -> Path:
    """Frames that get redder, of which every second one has an alpha."""
    made = [
        Image.new("RGBA", (16, 12), (40 * i, 100, 50, alpha if i % 2 else 255))
        for i in range(len(delays))
    ]
    more = {"disposal": 2} if path.suffix == ".gif" else {"lossless": True}
    made[0].save(path, save_all=True, append_images=made[1:], duration=delays, loop=0, **more)
    return path


@pytest.mark.parametrize("name", KINDS)
def test_each_frame_comes_with_its_delay(tmp_path: Path, name: str) -> None:
    path = animated(tmp_path / name)
    assert images.is_animated(path)
    told = images.animation(path)
    assert told.delays == (100, 20, 100, 50, 100, 40)  # as browsers take those of 0 and 10
    assert (told.size, told.alpha) == ((12, 16), False)
    found = [picture for picture, _ in images.animation_frames(path)]
    reds = [float(picture[0, 0].mean()) * 255 for picture in found]
    assert reds == pytest.approx([0, 40, 80, 120, 160, 200], abs=4)
    (last,) = [picture for picture, _ in images.animation_frames(path, 5)]
    assert (last == found[5]).all()


@pytest.mark.parametrize("name", ["a.webp", "a.png"])
def test_transparency_comes_along(tmp_path: Path, name: str) -> None:
    path = animated(tmp_path / name, alpha=128)
    assert images.animation(path).alpha
    found = [alpha for _, alpha in images.animation_frames(path)]
    assert found[0] is None
    assert found[1] is not None
    assert float(found[1].mean()) == pytest.approx(128 / 255, abs=0.01)


@pytest.mark.parametrize("name", KINDS)
def test_a_recipe_is_kept_in_the_file(tmp_path: Path, name: str) -> None:
    path = animated(tmp_path / name)
    before = images.animation(path)
    recipe = 'technique = "style"\n' + "# ä\n" * 200
    images.keep_recipe(path, recipe)
    assert images.read_recipe(path) == recipe
    assert images.animation(path) == before
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_picture_taken_as_one_says_that_it_is_the_first(tmp_path: Path) -> None:
    loaded = images.load(animated(tmp_path / "a.gif"))
    assert loaded.notes == ("a.gif is animated: only its first frame is used.",)
    Image.new("RGB", (8, 8)).save(tmp_path / "still.gif")
    assert images.load(tmp_path / "still.gif").notes == ()
    assert not images.is_animated(tmp_path / "still.gif")
    assert not images.is_animated(tmp_path / "nothing.gif")


def test_a_png_may_begin_with_a_picture_that_is_no_frame(tmp_path: Path) -> None:
    made = [Image.new("RGB", (8, 8), (60 * i, 0, 0)) for i in range(3)]
    more = {"append_images": made[1:], "default_image": True, "duration": 50}
    made[0].save(tmp_path / "a.png", save_all=True, **more)
    assert images.animation(tmp_path / "a.png").delays == (50, 50)


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png"])
def test_a_file_cut_short_ends_in_a_sentence(tmp_path: Path, name: str) -> None:
    path = animated(tmp_path / name)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4])
    with pytest.raises(PictureError, match=r"a\.\w+ .*(breaks off|cut short)"):
        list(images.animation_frames(path))

"""The gallery: a style by path or by name, the path first, and help for an unknown name."""

from __future__ import annotations

from pathlib import Path

import pytest

from artgen.errors import PictureError
from artgen.runs import gallery
from artgen.runs.gallery import find_style, find_styles, shipped_styles

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folder of the package and of the checkout, two styles in the latter; we are elsewhere."""
    package, checkout, elsewhere = (tmp_path / n for n in ("package", "checkout", "elsewhere"))
    for folder in (package, checkout, elsewhere):
        folder.mkdir()
    for name in ("wave.jpg", "mosaic.jpg", "README.md"):
        (checkout / name).touch()
    monkeypatch.setattr(gallery, "_folders", lambda: [package, checkout])
    monkeypatch.chdir(elsewhere)
    return [package, checkout]


def test_styles_are_listed_by_name(folders: list[Path]) -> None:
    checkout = folders[1]
    assert list(shipped_styles()) == ["mosaic", "wave"]
    assert shipped_styles()["wave"] == checkout / "wave.jpg"


def test_an_installed_package_comes_first(folders: list[Path]) -> None:
    (folders[0] / "dots.jpg").touch()
    assert list(shipped_styles()) == ["dots"]


def test_a_name_finds_its_style(folders: list[Path]) -> None:
    assert find_style("mosaic") == folders[1] / "mosaic.jpg"


@pytest.mark.parametrize("name", ["wave", "wave.jpg", "my painting"])
@pytest.mark.usefixtures("folders")
def test_a_file_comes_before_a_style(name: str) -> None:
    Path(name).touch()
    assert find_style(name) == Path(name)


def test_a_folder_does_not_hide_a_style(folders: list[Path]) -> None:
    Path("wave").mkdir()
    assert find_style("wave") == folders[1] / "wave.jpg"


@pytest.mark.parametrize("name", ["missing.png", "some/where.tif", "."])
@pytest.mark.usefixtures("folders")
def test_what_looks_like_a_path_is_left_to_who_opens_it(name: str) -> None:
    assert find_style(name) == Path(name)


@pytest.mark.parametrize(
    ("name", "guess"), [("wafe", "'wave'"), ("mosaik", "'mosaic'"), ("x", None)]
)
@pytest.mark.usefixtures("folders")
def test_an_unknown_name_gets_a_guess_and_the_list(name: str, guess: str | None) -> None:
    with pytest.raises(PictureError, match=f"{name!r} is neither a file nor a shipped") as caught:
        find_style(name)
    assert caught.value.hint.endswith("Known: mosaic, wave.")
    assert ("Did you mean" in caught.value.hint) == (guess is not None)
    assert (guess or "") in caught.value.hint


def test_no_styles_at_all_is_no_disaster(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(gallery, "_folders", lambda: [tmp_path / "nowhere"])
    assert shipped_styles() == {}
    with pytest.raises(PictureError, match="neither a file"):
        find_style("wave")


def test_the_nine_that_ship() -> None:
    styles = shipped_styles()
    assert len(styles) == 9
    for name, path in styles.items():
        assert path.is_file()
        assert find_style(name) == path
        assert name.islower()
        assert name.isidentifier() or "-" in name


def test_the_checkouts_folder_is_among_those_searched() -> None:
    assert ROOT / "styles" in gallery._folders()


def test_a_folder_is_all_its_pictures(folders: list[Path]) -> None:
    Path("mine").mkdir()
    for name in ("b.PNG", "a.jpg", "notes.txt"):
        Path("mine", name).touch()
    assert find_styles("mine") == [Path("mine/a.jpg"), Path("mine/b.PNG")]
    assert find_styles("mine/a.jpg") == [Path("mine/a.jpg")]
    assert find_styles("wave") == [folders[1] / "wave.jpg"]
    Path("bare").mkdir()
    with pytest.raises(PictureError, match="no picture in the folder bare"):
        find_styles("bare")


@pytest.mark.usefixtures("folders")
def test_an_address_is_refused_as_it_was_given() -> None:
    with pytest.raises(PictureError, match=r"https://example.org/a.jpg is an address"):
        find_style("https://example.org/a.jpg")


def test_a_preset_is_no_style(folders: list[Path]) -> None:
    (folders[1] / "etching.toml").touch()
    with pytest.raises(
        PictureError, match=r"is a preset and not a style\. Give it as --preset etching"
    ):
        find_style("etching")

"""Style pictures by name: those that ship with artgen, and the user's own."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_data_path

from artgen.core.files import PACKAGE_DATA, is_ordinary
from artgen.errors import PictureError, did_you_mean
from artgen.images.reading import check_local

__all__ = [
    "examples",
    "find_style",
    "find_styles",
    "folders",
    "own_folder",
    "shipped_styles",
    "styles",
]

KINDS = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff"}


def _shipped(kind: str) -> list[Path]:
    """In the installed package, and in the checkout of an editable install."""
    return [PACKAGE_DATA / kind, PACKAGE_DATA.parents[2] / kind]


def _folders() -> list[Path]:
    return _shipped("styles")


def own_folder() -> Path:
    """The folder for the user's own styles and presets; it need not exist."""
    home = os.environ.get("ARTGEN_HOME")
    return (Path(home).expanduser() if home else user_data_path("artgen", False)) / "styles"


def folders() -> list[Path]:
    """The folders with styles and presets, the user's own first."""
    return [own_folder(), *_folders()]


def styles() -> dict[str, Path]:
    """Name -> file of all styles, sorted; the user's own replace shipped ones of the same name."""
    own = {path.stem: path for path in _pictures_in(own_folder())}
    return dict(sorted((shipped_styles() | own).items()))


def _pictures_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*")) if path.suffix.lower() in KINDS]


def shipped_styles() -> dict[str, Path]:
    """Name -> file, sorted."""
    return _first(_folders())


def examples() -> dict[str, Path]:
    """Name -> file of the example photos, sorted."""
    return _first(_shipped("examples"))


def _first(folders: list[Path]) -> dict[str, Path]:
    for folder in folders:
        if found := {path.stem: path for path in sorted(folder.glob("*.jpg"))}:
            return found
    return {}


def find_style(text: str) -> Path:
    """The file of a style, given by path or name.

    Raises:
        PictureError: if it is neither; the hint lists the names.
    """
    check_local(text)
    path = Path(text)
    if is_ordinary(path):
        return path
    if text in (known := styles()):
        return known[text]
    if path.suffix or os.path.lexists(path):
        return path  # reading it will fail with the reason
    if any(is_ordinary(folder / f"{text}.toml") for folder in folders()):
        raise PictureError(f"{text!r} is a preset and not a style.", f"Give it as --preset {text}.")
    raise PictureError(
        f"{text!r} is neither a file nor a shipped style.", did_you_mean(text, known)
    )


def find_styles(text: str) -> list[Path]:
    """The file of a style, given by path or name, or all pictures of a folder, sorted.

    Raises:
        PictureError: if it is none of these, or the folder has no picture.
    """
    path = Path(text)
    if not path.is_dir() or text in styles():
        return [find_style(text)]
    if found := _pictures_in(path):
        return found
    raise PictureError(f"There is no picture in the folder {text}.", "Name one that has some.")

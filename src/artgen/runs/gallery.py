"""Style pictures found by name: those that ship with artgen, and the user's own."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from platformdirs import user_data_path

from artgen.errors import PictureError, did_you_mean

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
    """Inside the installed package, and in the checkout that an editable install runs from."""
    package = Path(str(resources.files("artgen")))
    return [package / "data" / kind, package.parents[1] / kind]


def _folders() -> list[Path]:
    return _shipped("styles")


def own_folder() -> Path:
    """Where the user keeps styles and presets; it need not exist."""
    home = os.environ.get("ARTGEN_HOME")
    return (Path(home).expanduser() if home else user_data_path("artgen", False)) / "styles"


def folders() -> list[Path]:
    """Where styles and presets are looked for, the user's own first."""
    return [own_folder(), *_folders()]


def styles() -> dict[str, Path]:
    """Name -> picture, by name, of all styles; the user's own hide shipped ones of their name."""
    own = {path.stem: path for path in _pictures_in(own_folder())}
    return dict(sorted((shipped_styles() | own).items()))


def _pictures_in(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*")) if path.suffix.lower() in KINDS]


def shipped_styles() -> dict[str, Path]:
    """Name -> picture, by name."""
    return _first(_folders())


def examples() -> dict[str, Path]:
    """Name -> picture, by name, of the photos to try things on."""
    return _first(_shipped("examples"))


def _first(folders: list[Path]) -> dict[str, Path]:
    for folder in folders:
        if found := {path.stem: path for path in sorted(folder.glob("*.jpg"))}:
            return found
    return {}


def find_style(text: str) -> Path:
    """A style by path or by its name.

    Raises:
        PictureError: if it is neither; the hint lists the names.
    """
    path, known = Path(text), styles()
    if path.is_file():
        return path
    if text in known:
        return known[text]
    if path.suffix or path.exists():
        return path  # whoever opens it will say what is wrong with it
    raise PictureError(
        f"{text!r} is neither a file nor a shipped style.", did_you_mean(text, known)
    )


def find_styles(text: str) -> list[Path]:
    """A style by path or by its name, or all the pictures of a folder, by name.

    Raises:
        PictureError: if it is none of these, or the folder has no picture.
    """
    path = Path(text)
    if not path.is_dir() or text in styles():
        return [find_style(text)]
    if found := _pictures_in(path):
        return found
    raise PictureError(f"There is no picture in the folder {text}.", "Name one that has some.")

"""Style pictures found by name: those that ship with artgen, and the user's own."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

from platformdirs import user_data_path

from artgen.errors import PictureError, did_you_mean

__all__ = ["find_style", "folders", "own_folder", "shipped_styles", "styles"]

KINDS = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff"}


def _folders() -> list[Path]:
    """Inside the installed package, and in the checkout that an editable install runs from."""
    package = Path(str(resources.files("artgen")))
    return [package / "data" / "styles", package.parents[1] / "styles"]


def own_folder() -> Path:
    """Where the user keeps styles and presets; it need not exist."""
    home = os.environ.get("ARTGEN_HOME")
    return (Path(home).expanduser() if home else user_data_path("artgen", False)) / "styles"


def folders() -> list[Path]:
    """Where styles and presets are looked for, the user's own first."""
    return [own_folder(), *_folders()]


def styles() -> dict[str, Path]:
    """Name -> picture, by name, of all styles; the user's own hide shipped ones of their name."""
    own = {path.stem: path for path in sorted(own_folder().glob("*")) if path.suffix in KINDS}
    return dict(sorted((shipped_styles() | own).items()))


def shipped_styles() -> dict[str, Path]:
    """Name -> picture, by name."""
    for folder in _folders():
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

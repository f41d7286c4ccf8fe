"""The style pictures that ship with artgen, found by name."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from artgen.errors import PictureError, did_you_mean

__all__ = ["find_style", "shipped_styles"]


def _folders() -> list[Path]:
    """Inside the installed package, and in the checkout that an editable install runs from."""
    package = Path(str(resources.files("artgen")))
    return [package / "data" / "styles", package.parents[1] / "styles"]


def shipped_styles() -> dict[str, Path]:
    """Name -> picture, by name."""
    for folder in _folders():
        if found := {path.stem: path for path in sorted(folder.glob("*.jpg"))}:
            return found
    return {}


def find_style(text: str) -> Path:
    """A style by path or by a shipped style's name.

    Raises:
        PictureError: if it is neither; the hint lists the names.
    """
    path, styles = Path(text), shipped_styles()
    if path.is_file():
        return path
    if text in styles:
        return styles[text]
    if path.suffix or path.exists():
        return path  # whoever opens it will say what is wrong with it
    raise PictureError(
        f"{text!r} is neither a file nor a shipped style.", did_you_mean(text, styles)
    )

"""The recipe of a file, and the present paths of the files that it was made from."""

from __future__ import annotations

import glob
import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artgen import images, video
from artgen.core.files import is_ordinary, opened
from artgen.core.schema import fields_of, files_in, renamed
from artgen.core.toml import read_text
from artgen.errors import PictureError, RecipeError
from artgen.runs.gallery import shipped_styles, styles
from artgen.runs.recipes import Origin, Recipe
from artgen.techniques import technique

__all__ = ["file_settings", "find_input", "recipe_called", "recipe_of"]

TOML = ".toml"


def recipe_of(file: Path) -> Recipe:
    """The recipe that a picture carries, or that of a .toml file.

    Raises:
        RecipeError: if there is none, or one that cannot be read.
        PictureError: if the file cannot be read.
    """
    if file.suffix.lower() == TOML:
        return Recipe.loads(read_text(file))
    film = video.is_film(file) and file.is_file()
    text = video.read_recipe(file) if film else images.read_recipe(file)
    if text is None:
        raise RecipeError(
            f"{file} carries no recipe.",
            "Either artgen has not made it, or a service or program that saved it anew has dropped "
            "the recipe: take the file that artgen wrote.",
        )
    return Recipe.loads(text)


def recipe_called(name: str) -> tuple[Recipe, Path]:
    """The recipe of a file, or of a shipped style by its name; and its folder."""
    shipped = shipped_styles()
    if name in shipped and not Path(name).exists():
        return Recipe("style", {}, inputs=[Origin("style", name)]), shipped[name].parent
    return recipe_of(Path(name)), Path(name).parent


def file_settings(
    recipe: Recipe, paths: Mapping[str, list[str]], folders: list[Path]
) -> dict[str, Any]:
    """The settings that name files, with the files' present paths.

    Raises:
        RecipeError: for a file that is missing, or that no input stands for.
    """
    changes: dict[str, Any] = {}
    for field in fields_of(technique(recipe.technique)):
        value = recipe.settings.get(field.name, field.default)
        value = tuple(value) if isinstance(value, list) else value
        if wanted := files_in(field, value):
            for role, count in Counter(one.role for one in wanted).items():
                if len(paths.get(role, ())) != count:
                    raise RecipeError(
                        f"This is no recipe of artgen: {field.flag} names {count} files, and its "
                        f"inputs have {len(paths.get(role, ()))} for {role!r}."
                    )
            changes[field.name] = renamed(field, value, paths)
        if field.option.local and recipe.settings.get(field.name):
            name = str(recipe.settings[field.name])
            origin = Origin(field.name, name, recipe.network.get("sha256", ""))
            changes[field.name] = str(find_input(origin, folders))
    return changes


def find_input(origin: Origin, folders: list[Path], technique_name: str = "") -> Path:
    """The file of an input, by its name and its hash, in the folders or among the styles.

    Args:
        origin: the input.
        folders: to look in.
        technique_name: that the input is of; where it takes a folder of pictures, that may be one.

    Raises:
        RecipeError: if there is no such file, or only ones that have changed.
    """
    candidates = [folder / origin.name for folder in folders]
    if "?" in origin.name:  # replaces what is not Unicode in recipes; the hash decides
        pattern = glob.escape(origin.name).replace("[?]", "?")
        candidates += [path for folder in folders for path in folder.glob(pattern)]
    known = styles().items()
    candidates += [path for name, path in known if origin.name in (name, path.name)]
    folder = bool(technique_name) and any(
        one.folder for one in technique(technique_name).inputs if one.name == origin.role
    )
    there = [one for one in candidates if is_ordinary(one) or (folder and one.is_dir())]
    for path in there:
        if not origin.sha256 or _digest(path) == origin.sha256:
            return path
    if there:
        raise RecipeError(
            f"{there[0]} is not what was used: its SHA-256 differs.",
            "Name the folder of the right one with --inputs DIR.",
        )
    raise RecipeError(
        f"The file {origin.name!r} (for {origin.role}) is not here.",
        "Name the folder it is in with --inputs DIR.",
    )


def _digest(path: Path) -> str:
    """The SHA-256 of a file, or of the pictures of a folder; empty if there are none."""
    if not path.is_dir():
        digest = hashlib.sha256()
        with opened(path) as file:
            while block := file.read(1 << 20):
                digest.update(block)
        return digest.hexdigest()
    try:
        return images.load_folder(path).sha256
    except PictureError:
        return ""

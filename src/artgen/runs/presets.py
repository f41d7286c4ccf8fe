"""Presets: incomplete recipes, kept beside the style pictures and found by name.

A preset names its technique, some of the settings, and the pictures that belong to it; settings it
does not have keep their defaults, and missing pictures have to be given. The recipe of any picture
is a preset, too: `artgen info picture.png > mine.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import tomli_w

from artgen.core.files import is_ordinary, write_whole
from artgen.core.schema import fields_of, files_in, renamed
from artgen.core.toml import MOST_INPUTS, read_text, table_of
from artgen.errors import ArtgenError, RecipeError, UsageError, did_you_mean
from artgen.runs.gallery import find_style, folders, own_folder, shipped_styles
from artgen.runs.recipes import Origin, Recipe, check_names, names_in, settings_from
from artgen.techniques import technique

__all__ = ["Preset", "find_preset", "presets", "save_preset"]

OF_A_RECIPE = {field.name for field in fields(Recipe)} | {"artgen"}
INPUT = ("role", "name", "sha256")


@dataclass(frozen=True)
class Preset:
    """Settings and pictures with a name.

    Attributes:
        path: its file.
        about: one line.
        technique: its name.
        settings: some of the technique's; files among them are paths.
        pictures: input -> paths, of inputs that need not be given any more.
        seed: None if it has none.
    """

    path: Path
    about: str
    technique: str
    settings: Mapping[str, Any]
    pictures: Mapping[str, Sequence[str]]
    seed: int | None = None

    @classmethod
    def read(cls, path: Path) -> Preset:
        """Read a file.

        Raises:
            RecipeError: if it is not a preset, or has an unknown key; the hint has the closest one.
            UsageError: for a setting outside its limits.
        """
        text = read_text(path)
        try:
            return cls._of(path, table_of(text))
        except ArtgenError as error:
            raise type(error)(f"The preset {path}: {error.message}", error.hint) from error

    @classmethod
    def _of(cls, path: Path, table: Mapping[str, Any]) -> Preset:
        _known("preset", table, {"about", *OF_A_RECIPE})
        name, settings = table.get("technique"), table.get("settings", {})
        if not isinstance(name, str) or not isinstance(settings, dict):
            raise RecipeError("It has no technique, or its settings are no table.")
        settings_from(name, settings)  # raises for settings that a run would refuse
        check_names(names_in(technique(name), settings))
        seed = table.get("seed")
        if not isinstance(seed, int | None) or not isinstance(about := table.get("about", ""), str):
            raise RecipeError("Its seed is no number, or what it is about is no text.")
        return cls(
            path,
            about,
            name,
            _with_paths(name, settings, path.parent),
            _pictures(name, table.get("inputs", []), path.parent),
            seed,
        )


def _known(what: str, table: Mapping[str, Any], keys: Sequence[str] | set[str]) -> None:
    for key in table:
        if key not in keys:
            raise RecipeError(f"A {what} has no {key!r}.", did_you_mean(key, sorted(keys)))


def _with_paths(name: str, settings: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The settings, with files beside the preset as paths from the current folder.

    Others keep their names, and are looked for in the current folder.
    """
    found = {}
    for field in fields_of(technique(name)):
        if field.name in settings:
            value = settings[field.name]
            value = tuple(value) if isinstance(value, list) else value
            paths: dict[str, list[str]] = {}
            for named in files_in(field, value):
                beside = folder / named.path
                paths.setdefault(named.role, []).append(
                    str(beside) if is_ordinary(beside) else named.path
                )
            found[field.name] = renamed(field, value, paths)
            if field.option.local and value and is_ordinary(beside := folder / str(value)):
                found[field.name] = str(beside)
    return found


def _pictures(name: str, inputs: Any, folder: Path) -> dict[str, list[str]]:
    """The pictures for the technique's own inputs, beside the preset or among the styles.

    Only style pictures: with another picture's recipe, the photo is the user's own.
    """
    styles = {one.name for one in technique(name).inputs if one.style}
    found: dict[str, list[str]] = {}
    if isinstance(inputs, list) and len(inputs) > MOST_INPUTS:
        raise RecipeError(f"It has {len(inputs)} inputs, and {MOST_INPUTS} are the most.")
    for table in inputs if isinstance(inputs, list) else [inputs]:
        if not isinstance(table, dict) or not all(isinstance(one, str) for one in table.values()):
            raise RecipeError("Its inputs are no list of tables with a role and a name.")
        _known("preset's input", table, INPUT)
        role, text = table.get("role", ""), table.get("name", "")
        check_names([text])
        if role in styles:
            beside = folder / text
            path = beside if is_ordinary(beside) else find_style(Path(text).stem)
            found.setdefault(role, []).append(str(path))
    return found


def presets() -> dict[str, Path]:
    """Name -> file, sorted; the user's own come before those that ship."""
    found: dict[str, Path] = {}
    for folder in folders():
        for path in sorted(folder.glob("*.toml")):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def find_preset(text: str, wanted: str = "") -> Preset:
    """A preset by its name or its file.

    Args:
        text: name or file.
        wanted: the technique that it has to be for; any if empty.

    Raises:
        RecipeError: if there is none, or it is for another technique.
    """
    known = presets()
    path = Path(text) if Path(text).suffix == ".toml" else known.get(text)
    if path is None:
        raise RecipeError(f"There is no preset called {text!r}.", did_you_mean(text, known))
    preset = Preset.read(path)
    if wanted and preset.technique != wanted:
        command = preset.technique.replace("_", " ")
        raise RecipeError(
            f"{text!r} is a preset of artgen {command}.", f"Give it to artgen {command}."
        )
    return preset


def save_preset(name: str, recipe: Recipe, about: str, find: Callable[[Origin], Path]) -> Path:
    """Write a recipe as a preset into the user's own folder; returns its file.

    Pictures that it needs, other than the photo and the shipped styles, are copied beside it.

    Args:
        name: of the preset: letters, digits, hyphens and underscores.
        recipe: of a picture.
        about: one line; may be empty.
        find: returns the present file of one of the recipe's inputs.

    Raises:
        UsageError: for a name that cannot be one, or is taken by another preset of the user's own.
        RecipeError: if a picture is missing.
    """
    folder = own_folder()
    path = folder / f"{name}.toml"
    if not re.fullmatch(r"[A-Za-z0-9][\w-]{0,99}", name, re.ASCII):
        raise UsageError(
            f"{name!r} cannot be a preset's name.", "Take letters, digits and hyphens."
        )
    if path.exists():
        raise UsageError(f"There is a preset called {name} already: {path}.", "Take another name.")
    photos = {one.name for one in technique(recipe.technique).inputs if not one.style}
    kept = [origin for origin in recipe.inputs if origin.role not in photos]
    known = {file.name for file in shipped_styles().values()}
    files = {origin.name: find(origin) for origin in kept if origin.name not in known}
    folder.mkdir(parents=True, exist_ok=True)
    for origin in kept:
        place = folder / origin.name
        if origin.name in files and not place.exists():
            write_whole(place, files[origin.name].read_bytes())
    table = {
        **({"about": about} if about else {}),
        "technique": recipe.technique,
        "settings": dict(recipe.settings),
        "inputs": [{"role": origin.role, "name": origin.name} for origin in kept],
    }
    write_whole(path, tomli_w.dumps(table).encode())
    return path

"""The description of techniques, styles and presets from which the page builds its controls.

All of it is generated from the settings' dataclasses, as the command's options are.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import torch

from artgen import images
from artgen.core.schema import Field, fields_of, files_in
from artgen.errors import ArtgenError, RecipeError
from artgen.fast import model_files
from artgen.networks.zoo import all_networks
from artgen.runs import gallery
from artgen.runs.presets import Preset, presets, save_preset
from artgen.runs.recipes import Origin, Recipe
from artgen.studio.clips import MOST_CLIP_BYTES
from artgen.studio.kinds import FollowFilm, allowed, kind, known_fields, offered
from artgen.studio.orders import Order, resolve
from artgen.studio.pictures import MOST_BYTES, PictureFile, PictureStore
from artgen.techniques import technique
from artgen.techniques.base import HasCells, Input

__all__ = ["controls", "layers", "painter_styles", "save_as_preset", "spoken_help"]

FEW = 3  # settings shown at first, of a technique that marks none


def controls() -> dict[str, Any]:
    """Everything that the page is built from, in a form that JSON can hold."""
    return {
        "techniques": _techniques(),
        "styles": [*gallery.styles()],
        "fast": painter_styles(),
        "examples": [*gallery.examples()],
        "presets": _presets(),
        "nets": [*all_networks()],
        "layers": layers(),
        "bytes": {"picture": MOST_BYTES, "film": MOST_CLIP_BYTES},
    }


@cache
def painter_styles() -> list[str]:
    """The styles of the shipped painter."""
    try:
        return [*model_files.load(model_files.SHIPPED).painter.styles[1:]]
    except ArtgenError:  # using it will fail with the reason
        return []


@cache
def _techniques() -> list[dict[str, Any]]:
    return [_technique(name, about) for name, about in offered().items()]


def _technique(name: str, about: str) -> dict[str, Any]:
    settings, known = kind(name), known_fields(name)
    few = [one.name for one in known if one.option.first]
    few = few or [one.name for one in known if not one.option.file][:FEW]
    return {
        "name": name,
        "about": about,
        "inputs": [_input(one) for one in settings.inputs],
        "fields": [{**_field(one), "first": one.name in few} for one in known],
        "sheet": issubclass(settings, HasCells),
        "film": settings is FollowFilm,
    }


@cache
def layers() -> dict[str, list[str]]:
    """Network -> the names of its layers."""
    networks = all_networks()
    with torch.device("meta"):
        return {
            name: [layer for layer, _ in networks.get(name).build().named_children()]
            for name in networks
        }


def save_as_preset(name: str, order: Order, made: PictureFile, store: PictureStore) -> bool:
    """Save the settings and styles of a picture as a preset of the user's own.

    Args:
        name: of the preset.
        order: of the picture.
        made: the picture, which carries its recipe.
        store: finds the order's pictures.

    Returns:
        Whether the page can offer it: all its styles have names.

    Raises:
        UsageError: for a name that cannot be one, or is taken.
        RecipeError: if the picture carries no recipe, or a style is gone.
    """
    text = images.read_recipe(made.path)
    if text is None:
        raise RecipeError(f"{made.name} carries no recipe.", "Paint it once more.")
    files = {one.name: one.path for many in resolve(order, store).sources.values() for one in many}

    def find(one: Origin) -> Path:
        if one.name not in files:
            raise RecipeError(f"The painting {one.name} is gone.", "Paint it once more.")
        return files[one.name]

    path = save_preset(name, Recipe.loads(text), "", find)
    return _preset(path, path.stat().st_mtime_ns) is not None


def spoken_help(text: str) -> str:
    """The help of a setting without words of the command line: `each mask` for `each --mask`."""
    parts = [part for part in text.split("; ") if not re.search(r"artgen |\s-o\b|given more", part)]
    said = re.sub(r"--([a-z-]+)", lambda flag: flag[1].replace("-", " "), "; ".join(parts))
    return re.sub(r"\b(STYLE|PHOTO)\b", lambda word: word[0].lower(), said)


def _input(one: Input) -> dict[str, Any]:
    kept = ("name", "help", "many", "style", "optional", "frame")
    return {key: getattr(one, key) for key in kept}


def _field(one: Field) -> dict[str, Any]:
    option = one.option
    return {
        "name": one.name,
        "label": one.word.replace("-", " "),
        "help": spoken_help(option.help),
        "kind": _kind(one),
        "default": one.default,
        "least": option.least,
        "most": option.most,
        "choices": option.choices,
        "paired": bool(option.paired),
        "several": isinstance(one.default, tuple),
        "metavar": option.metavar,
        "group": option.group,
        "positional": option.positional,
    }


def _kind(one: Field) -> str:
    """Which control it needs: `switch`, `picture`, `choice`, `whole`, `number`, `numbers`, `text`,
    `texts`.
    """
    if one.option.file:
        return "picture"
    if one.option.choices:
        return "choice"
    kinds = {bool: "switch", int: "whole", float: "number", tuple[str, ...]: "texts"}
    if isinstance(one.default, tuple) and one.type != tuple[str, ...]:
        return "numbers"
    return kinds.get(one.type, "text")


def _presets() -> list[dict[str, Any]]:
    """The presets that the page can use; each is read again once its file has changed."""
    found = [_preset(path, path.stat().st_mtime_ns) for path in presets().values()]
    return [one for one in found if one]


@lru_cache(256)
def _preset(path: Path, _: int) -> dict[str, Any] | None:
    """A preset as the page needs it; None if its pictures are not named styles."""
    try:
        found = Preset.read(path)
    except ArtgenError:  # a broken one of the user's own: artgen presets says how
        return None
    known = {style: name for name, style in gallery.styles().items()}
    pictures = {
        role: [f"style:{known[Path(one)]}" for one in many if Path(one) in known]
        for role, many in found.pictures.items()
    }
    whole = all(len(pictures[role]) == len(many) for role, many in found.pictures.items())
    fields = {one.name: one for one in fields_of(technique(found.technique))}
    if found.technique not in offered() or not whole:
        return None
    settings = {k: v for k, v in found.settings.items() if v != fields[k].default}
    if any(not allowed(fields[k]) or files_in(fields[k], v) for k, v in settings.items()):
        return None
    return {
        "name": path.stem,
        "about": found.about,
        "technique": found.technique,
        "settings": settings,
        "pictures": pictures,
        "seed": found.seed,
    }

"""Whether a file is the picture that a job asks for: by its own recipe, and complete."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artgen import images, video
from artgen.core.schema import fields_of
from artgen.errors import ArtgenError, PictureError
from artgen.jobs.messages import Job, Made, Order, digest
from artgen.jobs.storage import Outputs, fetched, sha256
from artgen.jobs.todo import FileState, Recognise, job_digest
from artgen.runs.recipes import Recipe, portable
from artgen.techniques import technique

__all__ = ["hash_of", "recogniser"]


def hash_of(order: Order) -> str:
    """One hash of an order, with the bytes of the files it names, and without their folders."""
    said = {
        "technique": order.technique,
        "settings": _portable(order),
        "local": _files(order),
        "seed": order.seed,
        "fixed": {role: [sha256(one) for one in many] for role, many in order.fixed.items()},
        "precision": order.precision,
        "written": [order.bits, order.quality, order.keep_exif],
    }
    if order.exposure:  # left out where there is none, so that older ledgers still hold
        said["exposure"] = order.exposure
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def recogniser(order: Order, outputs: Outputs) -> Recognise:
    """A function that reads the file at a job's output."""
    wanted, files = _portable(order), set(_files(order).values())
    fixed = {role: [sha256(one) for one in many] for role, many in order.fixed.items()}

    def recognise(job: Job) -> FileState:
        try:
            with fetched(outputs.source(job.output)) as path:
                text, pixels = _film(path) if video.is_film(path) else _picture(path)
                recipe = Recipe.loads(text) if text is not None else None
                size = path.stat().st_size
        except (PictureError, OSError):
            return FileState()  # there is no file to lose
        except ArtgenError:
            return FileState(foreign=True)
        mine = recipe is not None and (
            recipe.technique == order.technique
            and _plain(recipe.settings) == wanted
            and recipe.seed == order.seed
            and not recipe.interrupted
            and files <= {recipe.network.get("sha256", "")}
            and _inputs(recipe) == digest({**fixed, **_hashes(job)})
        )
        if not mine:
            return FileState(foreign=True)
        return FileState(Made(0.0, size, job_digest(job), pixels))

    return recognise


def _picture(path: Path) -> tuple[str | None, int]:
    """A picture's recipe and pixel count; decodes it all, to see whether it is complete."""
    picture = images.load(path).picture
    return images.read_recipe(path), picture.shape[-2] * picture.shape[-1]


def _film(path: Path) -> tuple[str | None, int]:
    """The same for a film, which cannot be read at all if its end is missing."""
    clip = video.probe(path)
    return video.read_recipe(path), clip.size[0] * clip.size[1] * clip.count


def _hashes(job: Job) -> dict[str, list[str]]:
    return {role: [sha256(one) for one in many] for role, many in job.inputs.items()}


def _inputs(recipe: Recipe) -> str:
    found: dict[str, list[str]] = {}
    for origin in recipe.inputs:
        found.setdefault(origin.role, []).append(origin.sha256)
    return digest(found)


def _portable(order: Order) -> Mapping[str, Any]:
    """The settings as a recipe holds them."""
    return _plain(portable(technique(order.technique), order.settings))


def _files(order: Order) -> dict[str, str]:
    """The SHA-256 of this machine's files that settings name."""
    values = {
        field.name: str(order.settings.get(field.name, field.default))
        for field in fields_of(technique(order.technique))
        if field.option.local
    }
    return {name: sha256(value) for name, value in values.items() if value}


def _plain(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """As JSON has them: a tuple is a list there."""
    plain: Mapping[str, Any] = json.loads(json.dumps(dict(values)))
    return plain

"""One picture or many: the options for many pictures, and what a command's words name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from artgen.cli.common import Common
from artgen.errors import RecipeError, UsageError
from artgen.jobs.expand import Found, find, is_many
from artgen.jobs.storage import is_url
from artgen.runs.presets import Preset
from artgen.runs.recipe_files import file_settings, find_input
from artgen.runs.recipes import Recipe, settings_from
from artgen.techniques import technique
from artgen.techniques.base import Technique

__all__ = [
    "OF_ONE_PICTURE",
    "Batch",
    "BatchRequest",
    "is_batch",
    "one_picture",
    "wanted_as",
    "wanted_by",
]

MANY = "Many pictures"  # a heading of `--help`
OF_ONE_PICTURE = ("save_every", "preview", "checkpoint", "record", "open")  # options of Common


@dataclass(frozen=True)
class Batch:
    """The options that matter only for a folder or a glob; see Common."""

    each: Annotated[
        bool,
        typer.Option(
            "--each",
            help="one picture for each style (or sample), instead of one with all of them",
            metavar="",
            rich_help_panel=MANY,
        ),
    ] = False
    pattern: Annotated[
        str,
        typer.Option(
            help="file names of the pictures in -o, such as {content}-{style}.png",
            metavar="NAME",
            rich_help_panel=MANY,
            show_default=False,
        ),
    ] = ""
    redo: Annotated[
        str,
        typer.Option(
            help="make failed pictures again, or all; by default, only what is missing or changed",
            metavar="failed|all",
            rich_help_panel=MANY,
            show_default=False,
        ),
    ] = ""
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="show what would be made, and how long it would take; make nothing",
            metavar="",
            rich_help_panel=MANY,
        ),
    ] = False
    report: Annotated[
        bool,
        typer.Option(
            "--report",
            help="write OUT/report.html: every picture before and after, and what failed",
            metavar="",
            rich_help_panel=MANY,
        ),
    ] = False
    exclude: Annotated[
        list[str],
        typer.Option(
            help="leave out files and folders of this name, such as 'drafts' or '*-old.*'; may be "
            "given more than once",
            metavar="GLOB",
            rich_help_panel=MANY,
            show_default=False,
        ),
    ] = field(default_factory=list)
    workers: Annotated[
        str,
        typer.Option(
            help="number of worker processes; auto for one on each GPU, or on a CPU one for every "
            "four threads",
            metavar="NUMBER|auto",
            rich_help_panel=MANY,
        ),
    ] = "auto"

    cluster: Annotated[
        str,
        typer.Option(
            help="make the pictures on a Ray cluster; inputs and -o in shared folders, or URLs",
            metavar="ray://HOST:PORT|auto|local",
            rich_help_panel=MANY,
            show_default=False,
        ),
    ] = ""

    def __post_init__(self) -> None:
        """Check values that are wrong for any batch."""
        if self.redo not in ("", "failed", "all"):
            raise UsageError(f"--redo cannot be {self.redo!r}.", "It can be failed or all.")
        if self.workers != "auto" and not (self.workers.isdecimal() and int(self.workers)):
            raise UsageError(f"--workers cannot be {self.workers!r}.", "Give a number, or auto.")

    @property
    def count(self) -> int:
        """The number of workers; 0 for auto."""
        return 0 if self.workers == "auto" else int(self.workers)

    @property
    def asked(self) -> bool:
        """Whether an option was given that is only for many pictures."""
        return self != Batch(workers=self.workers)


@dataclass(frozen=True)
class BatchRequest:
    """The technique of a batch, and the words given for its inputs."""

    name: str
    settings: Technique
    words: Mapping[str, Sequence[str]]


def is_batch(wanted: BatchRequest, common: Common, batch: Batch) -> bool:
    """Whether a command makes several pictures, or one into a folder, instead of one file."""
    takes = [one for one in wanted.settings.inputs if not one.folder]
    single = [wanted.words[one.name] for one in takes if not one.many]
    into = common.out.endswith(("/", os.sep)) or is_url(common.out) or os.path.isdir(common.out)
    several = any(len(words) > 1 or any(map(is_many, words)) for words in single)
    given = any(wanted.words[one.name] for one in takes)
    return given and (several or into or batch.asked)


def one_picture(wanted: BatchRequest) -> dict[str, list[str]]:
    """The inputs of a single picture; all styles of a folder are blended."""
    several = {one.name: one.style for one in wanted.settings.inputs if one.many}
    return {
        name: [
            found.source
            for word in words
            for found in (find(word, style=several[name]) if is_many(word) else [Found(word, "")])
        ]
        if name in several
        else list(words)
        for name, words in wanted.words.items()
    }


def wanted_as(preset: Preset, photos: list[str]) -> BatchRequest:
    """The batch of a preset and photos.

    Raises:
        RecipeError: if the preset has no picture for another input.
    """
    kind = technique(preset.technique)
    first, *others = kind.inputs
    words = {one.name: list(preset.pictures.get(one.name, ())) for one in others}
    missing = [one.name for one in others if not (words[one.name] or one.optional)]
    if missing:
        raise RecipeError(
            f"The preset {preset.path.stem} has no picture for {missing[0]!r}.", "Take another."
        )
    settings = settings_from(preset.technique, preset.settings)
    return BatchRequest(preset.technique, settings, {first.name: photos, **words})


def wanted_by(recipe: Recipe, photos: list[str], folders: list[Path]) -> BatchRequest:
    """The batch of a recipe and other photos.

    Raises:
        UsageError: if its technique takes no photo.
        RecipeError: if one of its other inputs is missing, or has changed.
    """
    kind = technique(recipe.technique)
    if not kind.inputs or kind.inputs[0].folder:
        raise UsageError(
            f"{recipe.technique} takes no single pictures.", "Run its command instead."
        )
    first = kind.inputs[0].name
    words: dict[str, list[str]] = {one.name: [] for one in kind.inputs} | {first: photos}
    files: dict[str, list[str]] = {}
    for origin in recipe.inputs:
        if origin.role != first:
            place = words if origin.role in words else files
            place.setdefault(origin.role, []).append(
                str(find_input(origin, folders, recipe.technique))
            )
    missing = [one.name for one in kind.inputs if not (words[one.name] or one.optional)]
    if missing:
        raise RecipeError(
            f"The recipe has no picture for {missing[0]!r}.", "Name it under [[inputs]]."
        )
    settings = recipe.build(**file_settings(recipe, files, folders))
    return BatchRequest(recipe.technique, settings, words)

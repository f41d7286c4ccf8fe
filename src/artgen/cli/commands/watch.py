"""Watch a folder, and make a picture of every photo that is copied into it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any

import typer

from artgen.cli.batch import OF_ONE_PICTURE, Batch, wanted_as, wanted_by
from artgen.cli.common import Common
from artgen.cli.session import run_watch
from artgen.cli.technique import given_signature, options_of, unwrapped
from artgen.errors import UsageError
from artgen.jobs.storage import is_url
from artgen.runs.presets import Preset, presets
from artgen.runs.recipe_files import recipe_called

HELP = """Watch a folder, and make a picture of every photo that is copied into it.

Photos that are there already come first. A new photo is processed, with the settings of --preset,
once it has been copied completely. Ctrl-C ends it.

Example: artgen watch inbox/ -o out/ --preset starry
"""
USELESS = {"seed", *OF_ONE_PICTURE, "each", "dry_run", "report", "redo"}
EVERY = 1.0  # seconds between two checks of the folder


def _watch(**given: Any) -> None:
    name, photos = given["preset"], [given["folder"]]
    if not is_url(given["folder"]) and not Path(given["folder"]).is_dir():
        raise UsageError(
            f"There is no folder {given['folder']}.", "Name one that is there, or make it first."
        )
    if name in presets():
        preset = Preset.read(presets()[name])
        wanted, seed = wanted_as(preset, photos), preset.seed or 0
    else:
        recipe, place = recipe_called(name)
        wanted, seed = wanted_by(recipe, photos, [place, Path()]), recipe.seed
    common = {key: given[key] for key in Common.__dataclass_fields__ if key in given}
    batch = Batch(**{key: given[key] for key in Batch.__dataclass_fields__ if key in given})
    raise typer.Exit(run_watch(wanted, Common(**common, seed=seed), batch, EVERY))


def _app() -> typer.Typer:
    folder = typer.Argument(help="the folder to watch", metavar="FOLDER", show_default=False)
    preset = typer.Option(
        help="the settings to use: a name that artgen presets or artgen styles lists, a recipe "
        "file, or a picture made by artgen",
        metavar="NAME",
        show_default=False,
    )
    word, only = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    own = [
        inspect.Parameter("folder", word, annotation=Annotated[str, folder]),
        inspect.Parameter("preset", only, annotation=Annotated[str, preset]),
    ]
    options = [one for one in (*options_of(Common), *options_of(Batch)) if one.name not in USELESS]
    given_signature(_watch, [*own, *options])
    made = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    made.command(help=unwrapped(HELP), context_settings={"help_option_names": ["-h", "--help"]})(
        _watch
    )
    return made


app = _app()

"""Apply a recipe to every picture in a folder."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any

import typer

from artgen.cli.batch import OF_ONE_PICTURE, Batch, wanted_by
from artgen.cli.common import Common
from artgen.cli.session import run_batch
from artgen.cli.technique import given_signature, options_of, unwrapped
from artgen.runs.recipe_files import recipe_of

HELP = """Apply a recipe to every picture in a folder.

RECIPE is a picture made by artgen, which carries its recipe, or a recipe file as artgen info prints
it: its technique, settings and style are applied to each of PHOTOS. Style pictures are searched for
beside RECIPE, in the current folder, among the shipped styles and in --inputs. artgen batch status
OUT shows how far a batch is.

Example: artgen batch favourite.png holiday/ -o out/
"""


def recipe_arguments() -> list[inspect.Parameter]:
    """The arguments RECIPE, PHOTOS and --inputs."""
    recipe = typer.Argument(
        help="a recipe file, or a picture made by artgen", metavar="RECIPE", show_default=False
    )
    photos = typer.Argument(
        help="folders, quoted globs or files", metavar="PHOTOS", show_default=False
    )
    folders = typer.Option(
        help="a folder with the recipe's other inputs; may be given more than once",
        metavar="DIR",
        show_default=False,
    )
    word, only = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter("recipe", word, annotation=Annotated[Path, recipe]),
        inspect.Parameter("photos", word, annotation=Annotated[list[str], photos]),
        inspect.Parameter(
            "inputs", only, default=None, annotation=Annotated[list[Path] | None, folders]
        ),
    ]


def _batch(**given: Any) -> None:
    file: Path = given["recipe"]
    recipe = recipe_of(file)
    folders = [file.parent, Path(), *(given["inputs"] or [])]
    wanted = wanted_by(recipe, given["photos"], folders)
    common = {key: given[key] for key in Common.__dataclass_fields__ if key in given}
    batch = Batch(**{key: given[key] for key in Batch.__dataclass_fields__ if key in given})
    raise typer.Exit(run_batch(wanted, Common(**common, seed=recipe.seed), batch))


def _app() -> typer.Typer:
    options = [one for one in options_of(Common) if one.name not in ("seed", *OF_ONE_PICTURE)]
    options += [one for one in options_of(Batch) if one.name != "each"]
    given_signature(_batch, [*recipe_arguments(), *options])
    made = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    made.command(help=unwrapped(HELP), context_settings={"help_option_names": ["-h", "--help"]})(
        _batch
    )
    return made


app = _app()

"""Make a picture again from the recipe it carries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from artgen.cli.common import Common
    from artgen.core.events import State
    from artgen.runs.recipes import Recipe

Picture: TypeAlias = Annotated[
    Path,
    typer.Argument(
        help="a picture or film made by artgen, or the OUT.part of an unfinished one",
        metavar="PICTURE",
    ),
]
Out: TypeAlias = Annotated[
    str,
    typer.Option(*("-o", "--out"), help="the picture to write", metavar="FILE", show_default=False),
]
Size: TypeAlias = Annotated[
    str,
    typer.Option(
        *("-s", "--size"),
        help="another size, in the form that the technique's own --size has",
        metavar="SIZE",
        show_default=False,
    ),
]
Print: TypeAlias = Annotated[
    str,
    typer.Option(
        "--print",
        help="enlarge the picture to a print, as --print of artgen style does",
        metavar="SIZE",
        show_default=False,
    ),
]
Cell: TypeAlias = Annotated[
    int,
    typer.Option(
        help="make this cell of a sheet of artgen explore, in full",
        metavar="NUMBER",
        show_default=False,
    ),
]
Folders: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option(help="a folder with the inputs; may be given more than once", metavar="DIR"),
]
Device: TypeAlias = Annotated[
    str, typer.Option(help="run on another device", metavar="NAME", show_default=False)
]
Precision: TypeAlias = Annotated[
    str, typer.Option(help="run in another precision", metavar="NAME", show_default=False)
]
Preview: TypeAlias = Annotated[
    bool, typer.Option("--preview", help="show the unfinished picture in the terminal", metavar="")
]
Quiet: TypeAlias = Annotated[
    bool,
    typer.Option("-q", "--quiet", help="print only errors, and the path on stdout", metavar=""),
]
Json: TypeAlias = Annotated[
    bool, typer.Option("--json", help="print JSON events on stdout, one on each line", metavar="")
]

GRAPHS = "onnxruntime"  # whose version the recipe of a picture made by graphs has

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    help="Make a picture again from the recipe it carries: the same to the last bit, or at another "
    "size."
)
def again(
    picture: Picture,
    out: Out = "",
    size: Size = "",
    print: Print = "",
    cell: Cell = 0,
    inputs: Folders = None,
    device: Device = "",
    precision: Precision = "",
    preview: Preview = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Find the inputs, check them, and run the recipe."""
    from artgen.cli.common import Common
    from artgen.cli.messages import say
    from artgen.cli.run import run_technique
    from artgen.errors import UsageError
    from artgen.runs.checkpoint import SUFFIX
    from artgen.runs.recipe_files import file_settings, find_input

    unfinished = picture.suffix == SUFFIX
    if unfinished and (size or print):
        raise UsageError(
            "A run cannot go on at another size.", "Finish it, and then make it again larger."
        )
    recipe, state, out, bits = _read(picture, out, cell)
    recipe.check_inputs()
    folders = [picture.parent, Path(), *(inputs or [])]
    common = Common(
        out=out,
        bits=bits,
        seed=recipe.seed,
        device=device or str(recipe.machine.get("device", "auto")),
        precision=precision or str(recipe.machine.get("precision", "auto")),
        tile="auto" if size else str(recipe.machine.get("tile", "auto")),
        preview=preview,
        quiet=quiet,
        json=json,
        exposure=recipe.exposure,
    )
    if recipe.follow:
        _sizes("fast_follow", size, print)
        raise typer.Exit(_followed(recipe, folders, common))
    paths: dict[str, list[str]] = {}
    for origin in recipe.inputs:
        paths.setdefault(origin.role, []).append(str(find_input(origin, folders, recipe.technique)))
    changes = file_settings(recipe, paths, folders)
    settings = recipe.build(**changes, **_sizes(recipe.technique, size, print))
    if not quiet and recipe.interrupted and not unfinished:
        say(f"artgen: it was interrupted at iteration {recipe.interrupted}; this one is whole.")
    graphs = GRAPHS in recipe.machine
    if not quiet:
        for difference in differences(recipe, _here(graphs, common)):
            say(f"artgen: {difference}")
    raise typer.Exit(run_technique(recipe.technique, settings, paths, common, state, graphs=graphs))


def _followed(recipe: Recipe, folders: list[Path], common: Common) -> int:
    """Train again, and make the film that follows painted keys; returns the exit code."""
    from artgen.cli.following import follow_again  # imports torch

    return follow_again(recipe, folders, common)


def _here(graphs: bool, common: Common) -> Mapping[str, str | int]:
    """What a picture is made with here, by graphs or by torch, as a recipe has it."""
    if graphs:
        from artgen.graph_runtime import GraphRuntime

        return GraphRuntime().machine()
    from artgen.runtime import Runtime

    return Runtime(common.device, common.precision).machine()


def _read(picture: Path, out: str, cell: int) -> tuple[Recipe, State | None, str, int]:
    """The recipe of a picture or of a cell, the state to go on from, the output, bits a channel."""
    from artgen import images, video
    from artgen.runs.checkpoint import SUFFIX, read_checkpoint
    from artgen.runs.recipe_files import recipe_of

    if picture.suffix == SUFFIX:
        recipe, state, bits = read_checkpoint(picture)
        return recipe, state, out or str(picture.with_suffix("")), bits
    recipe = recipe_of(picture)
    recipe = recipe.cell(cell) if cell else recipe
    ending = f"-{cell}" if cell else "-again"
    filmed = video.is_film(picture) or picture.suffix.lower() in video.SUFFIXES
    suffix = ".png" if cell and filmed else picture.suffix
    out = out or str(images.free_name(Path(), picture.stem + ending, suffix))
    same = Path(out).suffix == picture.suffix and not video.is_film(picture)
    return recipe, None, out, 16 if same and images.load(picture).deep else 8


def _sizes(name: str, size: str, print: str) -> dict[str, str | int]:
    """The sizes that are given, as the technique takes them: of its picture, and of a print.

    Raises:
        UsageError: if it takes a number and the size is not one, or has no such setting.
    """
    from artgen.core.schema import fields_of
    from artgen.errors import UsageError
    from artgen.techniques import summaries, technique

    fields = fields_of(technique(name)) if name in summaries() else ()
    kinds = {field.name: field.type for field in fields}
    given: dict[str, str | int] = {
        key: text for key, text in (("size", size), ("print", print)) if text
    }
    for key in given:
        if key not in kinds:
            raise UsageError(f"{name.replace('_', ' ')} has no --{key}.", "Leave it out.")
    if size and kinds["size"] is int:
        if not size.isdecimal():
            raise UsageError(f"--size is {size!r}.", f"For {name} it is a whole number of pixels.")
        given["size"] = int(size)
    return given


def differences(recipe: Recipe, here: Mapping[str, str | int]) -> list[str]:
    """Reasons why the picture may differ from the original in its last bits."""
    return [
        f"it was made with {key} {was}, this is {here[key]}: the last bits may differ."
        for key, was in recipe.machine.items()
        if key in here and here[key] != was and key != "tile"  # the tile is taken from the recipe
    ]


__all__ = ["app", "differences"]

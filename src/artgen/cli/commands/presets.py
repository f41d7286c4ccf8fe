"""List the presets: named settings, some with style pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback(
    invoke_without_command=True,
    help="List the presets that --preset takes: those that ship with artgen, and your own; save "
    "saves one.",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def presets(
    context: typer.Context,
    paths: Annotated[
        bool, typer.Option("--paths", help="print the paths of their files", metavar="")
    ] = False,
) -> None:
    """Print names, commands and descriptions; then the folder for the user's own."""
    if context.invoked_subcommand is None:
        _list(paths=paths)


def _list(*, paths: bool) -> None:
    from artgen.cli.messages import complain, say
    from artgen.errors import ArtgenError
    from artgen.runs.gallery import own_folder
    from artgen.runs.presets import Preset
    from artgen.runs.presets import presets as known

    found = known()
    if paths:
        print(*found.values(), sep="\n")
        return
    wide = max(map(len, found), default=0)
    for name, path in found.items():
        try:
            preset = Preset.read(path)
        except ArtgenError as error:  # one of the user's own is broken; list the others
            complain(error)
            continue
        command = preset.technique.replace("_", " ")
        print(f"{name:{wide}}  {command:8} {preset.about}".rstrip())
    say(f"Your own are looked for in {own_folder()}")


@app.command(
    help="Save the settings and styles of a picture as a preset.\n\n"
    "Example: artgen presets save dusk photo-starry.png",
    context_settings={"help_option_names": ["-h", "--help"]},
)
def save(
    name: Annotated[str, typer.Argument(help="the preset's name", metavar="NAME")],
    picture: Annotated[
        Path, typer.Argument(help="a picture made by artgen, or a recipe file", metavar="PICTURE")
    ],
    about: Annotated[
        str, typer.Option(help="what artgen presets says about it", metavar="TEXT")
    ] = "",
) -> None:
    """Write the preset to the user's own folder, with the style pictures that it needs."""
    from artgen.cli.messages import say
    from artgen.runs.presets import save_preset
    from artgen.runs.recipe_files import find_input, recipe_of

    recipe = recipe_of(picture)
    path = save_preset(name, recipe, about, lambda one: find_input(one, [picture.parent, Path()]))
    print(path)
    say(f"Use it as in: artgen {recipe.technique.replace('_', ' ')} PHOTO --preset {name}")

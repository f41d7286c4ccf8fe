"""List the presets: named settings, some with style pictures."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    help="List the presets that --preset takes: those that ship with artgen, and your own."
)
def presets(
    paths: Annotated[
        bool, typer.Option("--paths", help="print the paths of their files", metavar="")
    ] = False,
) -> None:
    """Print names, commands and descriptions; then the folder for the user's own."""
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

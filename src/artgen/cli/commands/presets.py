"""List the presets: settings and pictures that have a name."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(help="List the presets, each of which --preset takes: those that ship, and your own.")
def presets(
    paths: Annotated[
        bool, typer.Option("--paths", help="print their files' paths", metavar="")
    ] = False,
) -> None:
    """Prints names, commands and what each is about; then where one's own are looked for."""
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
        except ArtgenError as error:  # one's own may be broken; the others are not
            complain(error)
            continue
        command = preset.technique.replace("_", " ")
        print(f"{name:{wide}}  {command:8} {preset.about}".rstrip())
    say(f"Your own are looked for in {own_folder()}")

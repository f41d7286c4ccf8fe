"""List the styles that can be given by name."""

from __future__ import annotations

from typing import Annotated

import typer

from artgen.runs import gallery

PRESETS = "Presets, which --preset takes and artgen presets describes: {}."

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    help="List the styles that can be given by name: those that ship with artgen, and your own."
)
def styles(
    paths: Annotated[
        bool, typer.Option("--paths", help="print the paths of their files", metavar="")
    ] = False,
) -> None:
    """Print names, in a terminal under a thumbnail of each; and where the presets are."""
    from rich.columns import Columns
    from rich.console import Console
    from rich.text import Text

    from artgen.cli.messages import say
    from artgen.runs.presets import presets

    console = Console(highlight=False, markup=False)
    found = gallery.styles()
    if paths or not console.is_terminal:
        for name, path in found.items():
            print(path if paths else name)
        if not paths:
            say(PRESETS.format(", ".join(presets())))
        return
    from artgen import images
    from artgen.cli.progress_bar import blocks

    # One text a cell: a line of its own below a thumbnail is lost in a grid of rich 15.
    cells = [
        Text.assemble(blocks(images.thumbnail(path, 24), 24, 9), (f"{name}\n", "bold"))
        for name, path in found.items()
    ]
    console.print(Columns(cells, padding=(0, 2)))
    say(PRESETS.format(", ".join(presets())))

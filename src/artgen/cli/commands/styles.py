"""List the styles that can be given by name."""

from __future__ import annotations

from typing import Annotated

import typer

from artgen.runs import gallery

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    help="List the styles that can be given by name: those that ship with artgen, and your own."
)
def styles(
    paths: Annotated[
        bool, typer.Option("--paths", help="print the paths of their files", metavar="")
    ] = False,
) -> None:
    """Print names; in a terminal with a thumbnail beside each."""
    from rich.columns import Columns
    from rich.console import Console, Group
    from rich.text import Text

    console = Console(highlight=False, markup=False)
    found = gallery.styles()
    if paths or not console.is_terminal:
        for name, path in found.items():
            print(path if paths else name)
        return
    from artgen import images
    from artgen.cli.view import blocks

    cells = [
        Group(blocks(images.thumbnail(path, 24), 24, 9), Text(name + "\n", style="bold"))
        for name, path in found.items()
    ]
    console.print(Columns(cells, padding=(0, 2)))

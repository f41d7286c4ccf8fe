"""Import a style network that PyTorch's fast_neural_style example has trained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from artgen.cli.messages import say
from artgen.cli.technique import unwrapped

HELP = """Import a style network that PyTorch's fast_neural_style example has trained.

The checkpoint (.pth or .model, with the layers of Johnson's network) is read without running
anything in it. It has one style and was not trained for a strength: with it, --strength of
artgen fast apply blends the painted picture with the photo.

Example: artgen fast import mosaic.pth -o mosaic.safetensors
"""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(help=unwrapped(HELP), context_settings={"help_option_names": ["-h", "--help"]})
def import_checkpoint(
    checkpoint: Annotated[
        Path,
        typer.Argument(
            help="a checkpoint of PyTorch's fast_neural_style example",
            metavar="FILE",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("-o", "--out", help="the network to write: NAME.safetensors", metavar="FILE"),
    ],
    name: Annotated[
        str,
        typer.Option(
            help="name of its style; by default, the checkpoint's file name",
            metavar="NAME",
            show_default=False,
        ),
    ] = "",
    quiet: Annotated[
        bool,
        typer.Option("-q", "--quiet", help="print only errors, and the path on stdout", metavar=""),
    ] = False,
) -> None:
    """Print the file's path, and how to paint with it."""
    from artgen.fast import model_files  # imports torch

    model_files.check(out)
    style = model_files.take(checkpoint, out, name)
    if not quiet:
        say(f"artgen fast apply PHOTO {style} --painter {out}")
    print(out)

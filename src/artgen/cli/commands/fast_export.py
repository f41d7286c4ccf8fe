"""Export a trained network for other programs, as ONNX or as a PyTorch exported program."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from artgen.cli.technique import unwrapped
from artgen.errors import UsageError, did_you_mean

HELP = """Export a trained network for other programs, as ONNX or as a PyTorch exported program.

Its inputs are `picture` (1, 3, H, W), RGB in [0, 1] with H and W at least 16, and `mix`
(1, styles), shares of the styles that add up to 1; its output `painted` is a picture again. All
are float32. The file lists the styles in order, of which the first, `photo`, is the picture as it
is: so its share is what --strength leaves.

Example: artgen fast export shipped --to onnx -o painter.onnx
"""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(help=unwrapped(HELP), context_settings={"help_option_names": ["-h", "--help"]})
def export(
    network: Annotated[
        str,
        typer.Argument(
            help="a network of artgen fast train, or shipped for the one in the package",
            metavar="FILE|shipped",
            show_default=False,
        ),
    ],
    to: Annotated[
        str, typer.Option(help="format: onnx, or pt2 for torch.export.load", metavar="KIND")
    ],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="the file to write: NAME.KIND", metavar="FILE")
    ],
) -> None:
    """Print the file's path."""
    from artgen.fast import export as exporting  # imports torch
    from artgen.fast import model_files

    if to not in exporting.KINDS:
        raise UsageError(f"--to cannot be {to!r}.", did_you_mean(to, exporting.KINDS))
    if out.suffix != f".{to}":
        raise UsageError(f"-o is {out}.", f"With --to {to} its name ends in .{to}.")
    trained = model_files.load(model_files.SHIPPED if network == "shipped" else Path(network))
    exporting.export(trained.painter, to, out)
    print(out)

"""The networks: list them, fetch, verify or import their weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from artgen.features import NetworkSpec

app = typer.Typer(
    help="The networks that look at pictures: list them, fetch, verify or import their weights.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _specs() -> list[NetworkSpec]:
    from artgen.networks import all_networks

    registry = all_networks()
    return [registry.get(name) for name in registry]


@app.command("list")
def list_networks() -> None:
    """All networks: where their weights stand, how large they are, under which licence."""
    from artgen import weights

    for spec in _specs():
        status = weights.status(spec.name, spec.source)
        size = status.size if status.present else status.download
        state = "here" if status.present else "to be fetched"
        state = "random weights" if status.kind == "random" else f"{state}, {size / 1e6:.1f} MB"
        print(f"{spec.name:11} {state:24} {spec.summary}")
        print(f"{'':11} {spec.source.licence}")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="a network of `artgen nets list`", metavar="NAME")],
) -> None:
    """Download the weights of a network into the cache."""
    import torch

    from artgen import weights
    from artgen.cli.view import TerminalView, watcher
    from artgen.networks import all_networks

    spec = all_networks().get(name)
    with torch.device("meta"):  # only the layers' shapes are asked for
        chain = spec.build()
    with TerminalView(preview=False) as shown:
        status = weights.fetch(spec.name, spec.source, chain, watcher(shown))
    print(status.file)


@app.command()
def where() -> None:
    """Print the folder in which weights are kept."""
    from artgen import weights

    print(weights.where())


@app.command()
def verify(
    name: Annotated[
        str, typer.Argument(help="one network; all that are here if left out", metavar="NAME")
    ] = "",
) -> None:
    """Check that cached weights are still what was fetched."""
    from artgen import weights
    from artgen.networks import all_networks

    specs = [all_networks().get(name)] if name else _specs()
    for spec in specs:
        status = weights.status(spec.name, spec.source)
        if name or (status.present and status.file is not None):
            verified = weights.verify(spec.name, spec.source)
            print(f"{spec.name}: {verified.sha256}")


@app.command("import")
def import_weights(
    file: Annotated[
        Path, typer.Argument(help="a .pth or .safetensors file from elsewhere", metavar="FILE")
    ],
) -> None:
    """Take a weights file from elsewhere into the cache; whose it is shows by itself."""
    from artgen import weights

    print(weights.import_file(file, _specs()))

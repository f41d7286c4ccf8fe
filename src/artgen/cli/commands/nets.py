"""The networks: list them, and download, verify or import their weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from artgen.networks.catalogue import Kept

app = typer.Typer(
    help="The networks: list them, and download, verify or import their weights.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command("list")
def list_networks() -> None:
    """List all networks: where their weights are, their size and licence."""
    from artgen.networks import catalogue, weights

    for spec in catalogue.networks():
        status = weights.status(spec.name, spec.source)
        size = status.size if status.present else status.download
        state = "here" if status.present else "to be fetched"
        state = "random weights" if status.kind == "random" else f"{state}, {size / 1e6:.1f} MB"
        print(f"{spec.full_name:11} {state:24} {spec.summary}{_head(spec)}{_earlier(spec)}")
        print(f"{'':11} {spec.source.licence}")


def _earlier(spec: Kept) -> str:
    """Its earlier versions."""
    names = ", ".join(one.full_name for one in spec.earlier)
    return f"; earlier: {names}" if names else ""


def _head(spec: Kept) -> str:
    """Whether its classifier head is in the cache, or how to get it."""
    from artgen.networks import weights

    parts = spec.parts(head=True)
    if not parts or weights.status(spec.name, spec.source).kind == "random":
        return ""
    here = all(weights.status(part.name, part.source).present for part in parts)
    on_request = spec.head is not None and spec.head.on_request
    return "; with its head" if here else "; its head with --head" * on_request


@app.command()
def classes(
    word: Annotated[
        str, typer.Argument(help="only classes with this in their name", metavar="WORD")
    ] = "",
) -> None:
    """List the classes that a network with a head distinguishes: number and name."""
    from artgen.networks.imagenet import classes as names

    for number, name in enumerate(names()):
        if word.lower() in name.lower():
            print(f"{number:3} {name}")


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="a network of `artgen nets list`", metavar="NAME")],
    head: Annotated[bool, typer.Option("--head", help="keep a large classifier head, too")] = False,
) -> None:
    """Download the weights of a network into the cache."""
    import torch

    from artgen.cli.view import TerminalView, watcher
    from artgen.networks import catalogue, weights

    spec = catalogue.named(name)
    with torch.device("meta"):  # only the layers' shapes are needed
        chain = spec.build()
    with TerminalView(preview=False) as shown:
        status = weights.fetch(spec.name, spec.source, chain, watcher(shown), spec.parts(head=head))
    print(status.file)


@app.command()
def where() -> None:
    """Print the folder in which weights are cached."""
    from artgen.networks import weights

    print(weights.where())


@app.command()
def verify(
    name: Annotated[
        str, typer.Argument(help="one network; by default, all in the cache", metavar="NAME")
    ] = "",
) -> None:
    """Check that cached weights are unchanged."""
    from artgen.networks import catalogue, weights

    every = [one for spec in catalogue.networks() for one in (*spec.earlier, spec)]
    for spec in [catalogue.named(name)] if name else every:
        for part in (spec.name, *(part.name for part in spec.parts(head=True))):
            status = weights.status(part, spec.source)
            wanted = status.present and status.file is not None
            asked = bool(name) and part == spec.name
            if wanted or asked:
                shown = spec.full_name if part == spec.name else part
                print(f"{shown}: {weights.verify(part, spec.source).sha256}")


@app.command("import")
def import_weights(
    file: Annotated[
        Path,
        typer.Argument(help="a .pth, .safetensors, .h5 or .keras file", metavar="FILE"),
    ],
    head: Annotated[bool, typer.Option("--head", help="keep a large classifier head, too")] = False,
    preprocessing: Annotated[
        str,
        typer.Option(
            help="pixels that a VGG was trained on: torchvision (normalised RGB), caffe (BGR less "
            "a mean, as Keras has it), or auto: by the names in the file",
            metavar="WHICH",
        ),
    ] = "auto",
) -> None:
    """Copy a weights file into the cache; its network is recognised by its contents.

    VGG-16 and VGG-19 may be torchvision's, Keras's (.h5 and .keras need h5py) or Caffe's; raft,
    for the optical flow of films, is torchvision's raft_small.
    """
    from artgen.cli.messages import say
    from artgen.networks import catalogue, weights

    known, watcher = catalogue.networks(), weights.Watcher(note=say)
    print(weights.import_file(file, known, head=head, preprocessing=preprocessing, watcher=watcher))

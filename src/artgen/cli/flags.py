"""Options that several commands have, each defined once; and the headings of `--help`."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = [
    "MACHINE",
    "OUTPUT",
    "Device",
    "Json",
    "PaintingPreview",
    "Quiet",
    "Seed",
    "ThreadCount",
]

OUTPUT, MACHINE = "Output", "Machine"  # headings of `--help`

Quiet = Annotated[
    bool,
    typer.Option(
        *("-q", "--quiet"),
        help="print only errors, and the path on stdout",
        metavar="",
        rich_help_panel=OUTPUT,
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json",
        help="print JSON events on stdout, one on each line",
        metavar="",
        rich_help_panel=OUTPUT,
    ),
]
Device = Annotated[
    str,
    typer.Option(
        help="device to run on: auto, cpu, cuda, cuda:1, mps or xpu",
        metavar="NAME",
        rich_help_panel=MACHINE,
    ),
]
ThreadCount = Annotated[
    str,
    typer.Option(
        "--threads",
        help="CPU threads to use at most; auto for as many as other processes leave free",
        metavar="NUMBER|auto",
        rich_help_panel=MACHINE,
    ),
]
Seed = Annotated[
    int,
    typer.Option(help="seed of all random numbers", metavar="NUMBER", rich_help_panel=MACHINE),
]
PaintingPreview = Annotated[
    bool,
    typer.Option(
        "--preview",
        help="show what it paints in the terminal",
        metavar="",
        rich_help_panel=OUTPUT,
    ),
]

"""The options of every technique: where the picture goes, how it is shown, what it runs on."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from artgen.cli.flags import MACHINE, OUTPUT, Device, Json, Quiet, ThreadCount
from artgen.core.defaults import EXPOSURE_LIMIT, MAX_PIXELS, QUALITY
from artgen.errors import UsageError

__all__ = ["Common"]

NUMBER = "NUMBER"


@dataclass(frozen=True)
class Common:
    """The options of every technique: where the picture goes, how it is shown, what it runs on."""

    out: Annotated[
        str,
        typer.Option(
            *("-o", "--out"),
            help="the picture to write, or - for PNG on stdout; by default, a file in the current "
            "folder, named after the inputs; for many pictures, a folder",
            metavar="FILE",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = ""
    save_every: Annotated[
        int,
        typer.Option(
            help="save the unfinished picture every this many iterations",
            metavar=NUMBER,
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = 0
    record: Annotated[
        str,
        typer.Option(
            help="record the run as a film: .mp4, .webm or .gif",
            metavar="FILE",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = ""
    bits: Annotated[
        int,
        typer.Option(
            help="bits for each colour channel; 16 in PNG, TIFF, JPEG XL and EXR only",
            metavar="8|16",
            rich_help_panel=OUTPUT,
        ),
    ] = 8
    quality: Annotated[
        int,
        typer.Option(
            help="quality of JPEG, WebP, AVIF and JPEG XL, from 1 to 100",
            metavar=NUMBER,
            rich_help_panel=OUTPUT,
        ),
    ] = QUALITY
    keep_exif: Annotated[
        bool,
        typer.Option(
            "--keep-exif",
            help="keep the photo's EXIF, including where it was taken",
            metavar="",
            rich_help_panel=OUTPUT,
        ),
    ] = False
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help="show the unfinished picture in the terminal",
            metavar="",
            rich_help_panel=OUTPUT,
        ),
    ] = False
    quiet: Quiet = False
    json: Json = False
    seed: Annotated[
        int,
        typer.Option(help="seed of all random numbers", metavar=NUMBER, rich_help_panel=MACHINE),
    ] = 0
    device: Device = "auto"
    precision: Annotated[
        str,
        typer.Option(
            help="precision of the network: auto, float32, bfloat16, float16 or float64",
            metavar="NAME",
            rich_help_panel=MACHINE,
        ),
    ] = "auto"
    tile: Annotated[
        str,
        typer.Option(
            help="side of the tiles of a large picture, in pixels; auto fits them into memory",
            metavar="PIXELS|auto|off",
            rich_help_panel=MACHINE,
        ),
    ] = "auto"
    threads: ThreadCount = "auto"
    checkpoint: Annotated[
        float,
        typer.Option(
            help="minutes between checkpoints of a long run, in OUT.part, which artgen again "
            "continues; 0 for none",
            metavar=NUMBER,
            rich_help_panel=OUTPUT,
        ),
    ] = 10.0
    max_pixels: Annotated[
        int,
        typer.Option(
            help="refuse input pictures with more pixels than this",
            metavar=NUMBER,
            rich_help_panel=MACHINE,
        ),
    ] = MAX_PIXELS

    exposure: Annotated[
        float,
        typer.Option(
            help="stops by which input pictures in linear light (EXR, HDR, floats) are exposed "
            "more; at 0 their 1 is white",
            metavar=NUMBER,
            rich_help_panel=MACHINE,
        ),
    ] = 0.0

    def __post_init__(self) -> None:
        """Check values that are wrong for any run."""
        if self.bits not in (8, 16):
            raise UsageError(f"--bits is {self.bits}.", "It can be 8 or 16.")
        if not 1 <= self.quality <= 100:
            raise UsageError(f"--quality is {self.quality}.", "It can be 1 to 100.")
        if not abs(self.exposure) <= EXPOSURE_LIMIT:
            raise UsageError(
                f"--exposure is {self.exposure:g}.",
                f"It can be -{EXPOSURE_LIMIT:g} to {EXPOSURE_LIMIT:g}.",
            )
        if self.save_every < 0:
            raise UsageError(f"--save-every is {self.save_every}.", "It cannot be less than 0.")
        if not 0 <= self.checkpoint < 1e6:
            raise UsageError(f"--checkpoint is {self.checkpoint}.", "Give minutes, or 0.")
        if self.out == "-" and self.json:
            raise UsageError("-o - and --json both write to stdout.", "Give -o a file.")
        if self.out == "-" and sys.stdout.isatty():
            raise UsageError(
                "-o - writes a PNG to stdout, which is a terminal here.",
                "Send it on, as in: artgen … -o - > picture.png",
            )
        if self.max_pixels < 1:
            raise UsageError(f"--max-pixels is {self.max_pixels}.", "It has to be at least 1.")

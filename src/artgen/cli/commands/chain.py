"""Apply several presets in a row, each to the result of the one before."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from artgen.runs.presets import Preset

__all__ = ["app", "chain"]

Steps: TypeAlias = Annotated[
    list[str],
    typer.Argument(
        help="presets, in the order in which they are applied: names that artgen presets lists, "
        "TOML files, or a command that needs nothing but the photo, such as dream",
        metavar="PRESET...",
        show_default=False,
    ),
]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(
    help="Apply several presets in a row, each to the result of the one before. Every picture on "
    "the way is kept, with its recipe: PHOTO-dream.png, PHOTO-dream-style.png."
)
def chain(
    photo: Annotated[str, typer.Argument(help="the photo", metavar="PHOTO", show_default=False)],
    steps: Steps,
    out: Annotated[
        str,
        typer.Option(*("-o", "--out"), help="the last picture", metavar="FILE", show_default=False),
    ] = "",
    size: Annotated[
        int,
        typer.Option(
            *("-s", "--size"),
            help="long side of every picture, in pixels; by default, as the presets say",
            metavar="NUMBER",
            show_default=False,
        ),
    ] = 0,
    seed: Annotated[
        int, typer.Option(help="seed of all random numbers", metavar="NUMBER", show_default=False)
    ] = -1,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, …", metavar="NAME")] = "auto",
    quiet: Annotated[
        bool,
        typer.Option("-q", "--quiet", help="only errors, and the paths on stdout", metavar=""),
    ] = False,
) -> None:
    """Run the presets, each on the picture before."""
    from artgen.cli.common import Common
    from artgen.cli.run import run_technique
    from artgen.core.schema import fields_of
    from artgen.runs.recipes import settings_from
    from artgen.techniques import technique

    stages = [_stage(text) for text in steps]  # all are read before the first is run
    jobs = []
    for stage in stages:
        values = dict(stage.settings)
        if size and {f.name: f.type for f in fields_of(technique(stage.technique))}["size"] is int:
            values["size"] = size
        jobs.append(settings_from(stage.technique, values))
    last = Path(out or "")
    suffix, stem = last.suffix or ".png", last.stem or Path(photo).stem
    picture = photo
    for number, (stage, settings) in enumerate(zip(stages, jobs, strict=True), start=1):
        stem = f"{stem}-{stage.technique.rpartition('_')[2]}"
        final = out and number == len(jobs)
        here = out if final else str(_free(last.parent, stem, suffix))
        common = Common(
            out=here,
            seed=seed if seed >= 0 else stage.seed or 0,
            device=device,
            quiet=quiet,
        )
        paths = {role: list(several) for role, several in stage.pictures.items()}
        paths[_frame(stage.technique)] = [picture]
        if code := run_technique(stage.technique, settings, paths, common):
            raise typer.Exit(code)
        picture = here


def _free(folder: Path, stem: str, suffix: str) -> Path:
    from artgen import images

    return images.free_name(folder, stem, suffix)


def _stage(text: str) -> Preset:
    """A preset by its name or file, or a technique with all its defaults.

    Raises:
        RecipeError: if it is none of them.
        UsageError: if it needs more than one picture.
    """
    from artgen.errors import UsageError
    from artgen.runs.presets import Preset, find_preset, presets
    from artgen.techniques import summaries, technique

    name = text.replace("-", "_")
    if name in summaries() and text not in presets():
        stage = Preset(Path(text), "", name, {}, {})
    else:
        stage = find_preset(text)
    frame = _frame(stage.technique)
    for one in technique(stage.technique).inputs:
        if one.name != frame and not stage.pictures.get(one.name) and not one.optional:
            raise UsageError(
                f"{text!r} does not say which {one.name} it takes.",
                "Name a preset that does; artgen presets lists them.",
            )
    return stage


def _frame(name: str) -> str:
    """The input of a technique that gets the picture before.

    Raises:
        UsageError: if it has none.
    """
    from artgen.errors import UsageError
    from artgen.techniques import technique

    for one in technique(name).inputs:
        if one.frame:
            return one.name
    raise UsageError(f"artgen {name.replace('_', ' ')} takes no photo.", "Leave it out.")

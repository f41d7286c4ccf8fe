"""A film that follows painted frames, at the command line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from artgen.cli.common import Common
from artgen.cli.filming import make_film
from artgen.cli.flags import OUTPUT, Device, Json, PaintingPreview, Quiet, Seed, ThreadCount
from artgen.cli.interrupts import Interrupted, Interrupts
from artgen.cli.messages import say, say_left
from artgen.cli.view import View, view, watcher
from artgen.core.defaults import QUALITY
from artgen.errors import RecipeError, UsageError
from artgen.fast import model_files
from artgen.fast.keys import KEY
from artgen.optim.threads import Threads
from artgen.runs import films
from artgen.runs.followed_film import FollowedFilm, Painted
from artgen.runs.following import Following
from artgen.runs.inputs import Read
from artgen.runs.output import film_path
from artgen.runs.recipe_files import find_input
from artgen.runs.recipes import Origin, Recipe, built, check_names, settings_from
from artgen.runtime import Runtime
from artgen.techniques.fast_apply import FastApply

__all__ = ["RunOptions", "follow", "follow_again"]


@dataclass(frozen=True)
class RunOptions:
    """What following needs besides its settings; the annotations are the command's options."""

    clip: Annotated[Path, typer.Argument(help="the film", metavar="FILM", show_default=False)]
    key: Annotated[
        list[str],
        typer.Option(
            help="a painted frame, of the film's proportions; 0=a.png or 2.5s=b.png says which "
            "frame it is, by number or time, and else the one most like it is found; can be "
            "repeated",
            metavar="[PLACE=]FILE",
            show_default=False,
        ),
    ]
    mask: Annotated[
        list[str],
        typer.Option(
            help="white where the key is painted, and black where the film stays nearly as it is; "
            "once for each key, in their order",
            metavar="FILE",
            show_default=False,
        ),
    ] = field(default_factory=list)
    out: Annotated[
        str,
        typer.Option(
            *("-o", "--out"),
            help="the film to write; by default, FILM-key.mp4 in the current folder",
            metavar="FILE",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = ""
    keep: Annotated[
        Path | None,
        typer.Option(
            help="also write the trained network, NAME.safetensors, with which artgen fast apply "
            "--painter paints further films of the same scene",
            metavar="FILE",
            rich_help_panel=OUTPUT,
            show_default=False,
        ),
    ] = None
    propagate: Annotated[
        bool,
        typer.Option(
            help="put the keys themselves, moved along the optical flow, where frames show what "
            "they show; or let the network paint all"
        ),
    ] = True
    quality: Annotated[
        int,
        typer.Option(
            help="quality of the film, from 1 to 100", metavar="NUMBER", rich_help_panel=OUTPUT
        ),
    ] = QUALITY
    checkpoint: Annotated[
        float,
        typer.Option(
            help="minutes between checkpoints of the training, in OUT.part",
            metavar="NUMBER",
            rich_help_panel=OUTPUT,
        ),
    ] = 0.5
    seed: Seed = 0
    device: Device = "auto"
    threads: ThreadCount = "auto"
    preview: PaintingPreview = False
    quiet: Quiet = False
    json: Json = False

    def __post_init__(self) -> None:
        """Check the options now, not after minutes of training."""
        if not self.key:
            raise UsageError("There is no --key to follow.", "Name a painted frame of the film.")
        if self.keep is not None:
            model_files.check(self.keep, "--keep")
        if not 0 < self.checkpoint < 1e6:
            raise UsageError(f"--checkpoint is {self.checkpoint}.", "Give minutes, more than 0.")


class _Following:
    """The film of one command."""

    def __init__(self, settings: Following, painted: FastApply, place: RunOptions) -> None:
        self.painted, self.place = painted, place
        self.common = Common(
            quality=place.quality,
            preview=place.preview,
            quiet=place.quiet,
            json=place.json,
            seed=place.seed,
            device=place.device,
            threads=place.threads,
        )
        if place.clip.is_file() and not films.moves(str(place.clip), place.out):
            raise UsageError(
                f"{place.clip} is no film.",
                "A picture is painted by artgen style, or artgen fast apply --painter.",
            )
        clip, first = films.load(place.clip)
        self.read: Read = {"content": [first]}
        path = film_path("fast_apply", FastApply(style=KEY), self.read, place.out, clip.path)
        if not path.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {path.parent}.", "Make it first.")
        keys = Painted(place.key, place.mask, propagate=place.propagate)
        self.film = FollowedFilm(settings, clip, first, keys, path, path.with_suffix(".key.png"))

    def train(self, shown: View, interrupts: Interrupts) -> bool:
        """Train the painter, or go on with it; whether it is done."""
        place = self.place
        runtime = Runtime(
            *(place.device, "auto", place.seed),
            watcher=watcher(shown),
            threads=Threads(place.threads),
        )
        flow, minutes = self.painted.flow, place.checkpoint
        done = self.film.train(runtime, flow, minutes, shown, interrupts)
        if last := interrupts.last:
            say_left(last.index)
        return done

    def paint(self, interrupts: Interrupts) -> int:
        """Paint the film; returns the exit code."""
        film, common = self.film, replace(self.common, out=str(self.film.path))
        settings = film.painting(self.painted, self.place.keep)
        return make_film(
            *("fast_apply", settings, self.read, film.clip, common, interrupts),
            known=film.known,
            follow=film.about,
        )


def follow(settings: Following, painted: FastApply, place: RunOptions) -> int:
    """Make the film, or go on with it; returns 0, or 130 or 143 if it was interrupted.

    `painted` says how the film is painted, but for the painter and its style.
    """
    with Interrupts() as interrupts:
        try:
            following = _Following(settings, painted, place)
            with view(quiet=place.quiet, as_json=place.json, preview=place.preview) as shown:
                trained = following.train(shown, interrupts)
            return following.paint(interrupts) if trained else interrupts.code
        except Interrupted as stop:
            say("artgen: Interrupted; what the last checkpoint has is kept.")
            return stop.code


def follow_again(recipe: Recipe, folders: list[Path], common: Common) -> int:
    """Make a film anew that followed painted keys; returns the exit code of `follow`.

    Args:
        recipe: of the film.
        folders: where the film and the keys are looked for.
        common: the film to write, seed, device, and how it is shown.

    Raises:
        RecipeError: for a recipe that is none, or a file that is missing or has changed.
    """
    table = dict(recipe.follow)
    keys, propagate = table.pop("keys", None), table.pop("propagate", True)
    settings = built(Following, "fast follow", table)
    read = {name: recipe.settings[name] for name in ("steady", "flow") if name in recipe.settings}
    painted = settings_from("fast_apply", {**read, "style": KEY})
    try:
        (film,) = recipe.inputs
        painting = [(int(one["frame"]), _origin("key", one)) for one in keys]
        masks = [_origin("mask", one["mask"]) for one in keys if "mask" in one]
    except (KeyError, TypeError, ValueError) as error:
        raise RecipeError("This is no recipe of a film that follows painted keys.") from error
    place = RunOptions(
        clip=find_input(film, folders),
        key=[f"{frame}={find_input(one, folders)}" for frame, one in painting],
        mask=[str(find_input(one, folders)) for one in masks],
        out=common.out,
        propagate=bool(propagate),
        seed=common.seed,
        device=common.device,
        preview=common.preview,
        quiet=common.quiet,
        json=common.json,
    )
    return follow(settings, cast("FastApply", painted), place)


def _origin(role: str, table: Any) -> Origin:
    """A file as a recipe names it; KeyError or TypeError if it does not."""
    name = str(table["name"])
    check_names([name])
    return Origin(role, name, str(table["sha256"]))

"""A film that follows painted frames: a painter is trained for it, and paints what they lack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, cast

import torch
import typer
from torch import Tensor

from artgen.cli.common import Common
from artgen.cli.filming import make_film
from artgen.cli.flags import OUTPUT, Device, Json, PaintingPreview, Quiet, Seed, ThreadCount
from artgen.cli.interrupts import Interrupted, Interrupts
from artgen.cli.messages import say
from artgen.cli.training import TrainingSession, check_same
from artgen.cli.view import View, view, watcher
from artgen.core.defaults import QUALITY
from artgen.core.events import Note
from artgen.errors import RecipeError, UsageError
from artgen.fast import model_files
from artgen.fast.inference import paint
from artgen.fast.keys import KEY
from artgen.fast.multi_style import Painter
from artgen.optim.threads import Threads
from artgen.runs import films
from artgen.runs.following import Following
from artgen.runs.inputs import Read
from artgen.runs.key_frames import KeyFrame, read_keys
from artgen.runs.output import film_path
from artgen.runs.propagation import Propagation
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
    """One film: a painter is trained for it, and then paints it.

    The folder OUT.part has all that is unfinished: the checkpoint, the painter, the film.
    """

    def __init__(self, settings: Following, painted: FastApply, place: RunOptions) -> None:
        self.settings, self.painted, self.place = settings, painted, place
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
        self.clip, first = films.load(place.clip)
        self.read: Read = {"content": [first]}
        self.path = film_path(
            "fast_apply", FastApply(style=KEY), self.read, place.out, self.clip.path
        )
        if not self.path.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {self.path.parent}.", "Make it first.")
        self.parts = self.path.with_name(self.path.name + ".part")
        self.network = self.parts / "painter.safetensors"
        self.known: films.Known = films.nothing_known
        self.about: dict[str, Any] = {}  # see `Recipe.follow`

    def train(self, shown: View, interrupts: Interrupts) -> bool:
        """Train the painter, or go on with it; whether it is done."""
        place = self.place
        runtime = Runtime(
            *(place.device, "auto", place.seed),
            watcher=watcher(shown),
            threads=Threads(place.threads),
        )
        keys = []
        for one in read_keys(self.clip, place.key, place.mask, runtime, self.settings.net):
            if isinstance(one, Note):
                shown.note(one.sentence)
            else:
                keys.append(one)
        self.about = {
            **asdict(self.settings),
            "propagate": place.propagate,
            "keys": [_named(key) for key in keys],
        }
        about = self._trained_on(keys)
        propagation = Propagation(self.clip, keys, runtime.flow(self.painted.flow))
        if place.propagate:
            self.known = propagation
        if self.network.exists():
            check_same(model_files.load(self.network).said, about, self.network)
            return True
        beside = list(propagation.beside())
        session = TrainingSession(
            self.settings.trainer(keys, beside, runtime),
            self.network,
            about,
            place.checkpoint,
            lambda painter: _learnt(painter, keys),
            self.path.with_suffix(".key.png"),
        )
        self.parts.mkdir(exist_ok=True)
        session.go_on(shown)
        return session.run(runtime, shown, interrupts) is not None

    def _trained_on(self, keys: Sequence[KeyFrame]) -> dict[str, Any]:
        """What the painter's training depends on."""
        (film,) = self.read["content"]
        return {
            **asdict(self.settings),
            "seed": self.place.seed,
            "propagate": self.place.propagate,
            "film": getattr(film, "sha256", ""),
            "keys": {str(key.index): " ".join(file.sha256 for file in key.files) for key in keys},
        }

    def paint(self, interrupts: Interrupts) -> int:
        """Paint the film; returns the exit code."""
        network, keep = self.network, self.place.keep
        if keep is not None:
            model_files.write(network.read_bytes(), keep)
            network = keep
        settings = replace(self.painted, style=KEY, painter=str(network))
        common = replace(self.common, out=str(self.path))
        return make_film(
            *("fast_apply", settings, self.read, self.clip, common, interrupts),
            known=self.known,
            follow=self.about,
        )


def _named(key: KeyFrame) -> dict[str, Any]:
    """A key as a recipe has it."""
    painted, *masks = ({"name": one.path.name, "sha256": one.sha256} for one in key.files)
    return {"frame": key.index, **painted, **({"mask": masks[0]} if masks else {})}


def _learnt(painter: Painter, keys: Sequence[KeyFrame]) -> Tensor:
    """Each key, and its frame as a painter has learnt to paint it: (1, 3, H, W)."""
    rows = []
    for key in keys:
        frame = key.frame.to(painter.photo_gain.device)
        *_, (_, _, made) = paint(painter, frame, painter.mix({KEY: 1.0}))
        rows.append(torch.cat([key.painted, made.cpu()], -1))
    return torch.cat(rows, -2)


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

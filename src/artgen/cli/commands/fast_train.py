"""Train a network that paints in one pass, in styles of your own."""

from __future__ import annotations

import hashlib
import inspect
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from artgen import images
from artgen.cli.flags import MACHINE, OUTPUT, Device, Json, Quiet, ThreadCount
from artgen.cli.interrupts import Interrupted, Interrupts
from artgen.cli.messages import say
from artgen.cli.technique import given_signature, option, settings_of, unwrapped
from artgen.cli.view import View, view, watcher
from artgen.core.events import Step
from artgen.core.listeners import Listener
from artgen.core.schema import fields_of
from artgen.errors import RecipeError, UsageError
from artgen.fast import model_files
from artgen.fast.inference import sheet
from artgen.fast.trainer import Trainer
from artgen.optim.threads import Threads
from artgen.runs.checkpoint import Checkpoint, read_state
from artgen.runs.execute import execute
from artgen.runs.gallery import find_style
from artgen.runs.teaching import Training, photos_in
from artgen.runtime import Runtime

HELP = """Train a network that paints in one pass, in styles of your own.

It takes style pictures (files, or names that artgen styles lists) and a folder of a few hundred
photos. It can be stopped at any time: the same command continues from the last checkpoint. At every
checkpoint, and at the end, OUT.png shows a photo in every style.

Example: artgen fast train waves.jpg forest.jpg --photos holiday/ -o mine.safetensors --minutes 90
"""


@dataclass(frozen=True)
class RunOptions:
    """What a training needs besides its settings; the annotations are the command's options."""

    styles: Annotated[
        list[str],
        typer.Argument(
            help="style pictures: files, or names that artgen styles lists",
            metavar="STYLE...",
            show_default=False,
        ),
    ]
    photos: Annotated[Path, typer.Option(help="a folder of photos to learn from", metavar="DIR")]
    out: Annotated[
        Path,
        typer.Option(
            *("-o", "--out"),
            help="the network to write: NAME.safetensors",
            metavar="FILE",
            rich_help_panel=OUTPUT,
        ),
    ]
    onto: Annotated[
        str,
        typer.Option(
            help="a trained network to add these styles to, or shipped for the one in the package: "
            "only the new styles' own parameters are trained, in minutes",
            metavar="FILE|shipped",
            show_default=False,
        ),
    ] = ""
    checkpoint: Annotated[
        float,
        typer.Option(
            help="minutes between checkpoints, in OUT.part",
            metavar="NUMBER",
            rich_help_panel=OUTPUT,
        ),
    ] = 5.0
    seed: Annotated[
        int,
        typer.Option(help="seed of all random numbers", metavar="NUMBER", rich_help_panel=MACHINE),
    ] = 0
    device: Device = "auto"
    threads: ThreadCount = "auto"
    preview: Annotated[
        bool,
        typer.Option(
            "--preview",
            help="show what it paints in the terminal",
            metavar="",
            rich_help_panel=OUTPUT,
        ),
    ] = False
    quiet: Quiet = False
    json: Json = False

    def __post_init__(self) -> None:
        """Check the paths now, not after hours of training."""
        model_files.check(self.out)
        if not 0 < self.checkpoint < 1e6:
            raise UsageError(f"--checkpoint is {self.checkpoint}.", "Give minutes, more than 0.")


class _Session(Listener):
    """One training: the trainer, its checkpoint and its output."""

    def __init__(self, settings: Training, place: RunOptions, shown: View) -> None:
        self.settings, self.place, self.shown = settings, place, shown
        loaded = [images.load(find_style(text)) for text in place.styles]
        names = [one.path.stem for one in loaded]
        if len(set(names)) != len(names):
            raise UsageError("Two of the paintings have the same name.", "Rename one of them.")
        files = photos_in(place.photos)
        runtime = Runtime(
            *(place.device, "float32", place.seed),
            watcher=watcher(shown),
            threads=Threads(place.threads),
        )
        self.runtime = runtime
        learnt = None
        if place.onto:
            base = model_files.SHIPPED if place.onto == "shipped" else Path(place.onto)
            learnt = model_files.load(base)
        self.trainer: Trainer = settings.trainer(
            {name: one.picture for name, one in zip(names, loaded, strict=True)},
            files,
            runtime,
            model_files.learner(learnt) if learnt else None,
        )
        self.said = {
            "training": json.dumps(
                {
                    **asdict(settings),
                    "seed": place.seed,
                    "styles": {n: o.sha256 for n, o in zip(names, loaded, strict=True)},
                    "photos": hashlib.sha256("\n".join(f.name for f in files).encode()).hexdigest(),
                    "onto": learnt.origin.sha256 if learnt else "",
                }
            )
        }
        self.sample = images.load(files[0]).picture
        self.checkpoint = Checkpoint(place.out, place.checkpoint)

    def go_on(self) -> None:
        """Continue from an earlier checkpoint, if there is one.

        Raises:
            UsageError: if that was another training.
        """
        part = self.checkpoint.path
        if part is None or not part.exists():
            return
        said, state = read_state(part)
        was, now = (json.loads(one.get("training", "{}")) for one in (said, self.said))
        if was != now:
            others = ", ".join(f"{key} {was[key]}" for key in was if was[key] != now.get(key))
            raise UsageError(
                f"{part} is of a training with other settings, styles or photos: {others}.",
                "Give these, remove it, or choose another -o.",
            )
        try:
            self.trainer.load(state)
        except (KeyError, IndexError, RuntimeError, TypeError, ValueError) as error:
            raise RecipeError(
                f"{part} is damaged, or of another training.", "Remove it to begin once more."
            ) from error
        self.shown.note(f"Going on after iteration {self.trainer.index}, from {part}.")

    def run(self, interrupts: Interrupts) -> None:
        """Train to the end, or until a signal."""
        execute(self.runtime, self.trainer.run(), self.shown, self, control=interrupts)
        if last := interrupts.last:
            say(f"artgen: Interrupted at iteration {last.index}; the same command goes on there.")
            return
        with interrupts.writing():
            painter = self.trainer.finish()
            model_files.save(painter, self.place.out, self.said)
            self._show()
            self.checkpoint.remove()
        if not self.place.quiet:
            self.shown.note(
                f"artgen fast apply PHOTO {painter.styles[-1]} --painter {self.place.out}"
            )

    def keep(self, step: Step, leaving: bool) -> None:
        if leaving or self.checkpoint.due():
            self.checkpoint.write(step, self.said)
            self._show()

    def _show(self) -> None:
        """Write a photo in every style, beside the network."""
        picture = sheet(self.trainer.averaged(), self.sample)
        images.save(picture.cpu(), self.place.out.with_suffix(".png"))


def _train(settings: Training, place: RunOptions) -> int:
    with (
        Interrupts() as interrupts,
        view(quiet=place.quiet, as_json=place.json, preview=place.preview) as shown,
    ):
        try:
            session = _Session(settings, place, shown)
            session.go_on()
            session.run(interrupts)
        except Interrupted as stop:
            say("artgen: Interrupted; what the last checkpoint has is kept.")
            return stop.code
        if not interrupts.code and place.out.exists():
            print(place.out, flush=True)
        return interrupts.code


def _app() -> typer.Typer:
    fields = fields_of(Training)

    def train(**given: Any) -> None:
        settings = Training(**settings_of(fields, given))
        place = RunOptions(**{key: given[key] for key in RunOptions.__dataclass_fields__})
        raise typer.Exit(_train(settings, place))

    annotations = inspect.get_annotations(RunOptions, eval_str=True)
    own = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=annotations[name],
            default=inspect.Parameter.empty
            if name in ("styles", "photos", "out")
            else field.default,
        )
        for name, field in RunOptions.__dataclass_fields__.items()
    ]
    given_signature(train, [*own[:4], *map(option, fields), *own[4:]])
    made = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    made.command(help=unwrapped(HELP), context_settings={"help_option_names": ["-h", "--help"]})(
        train
    )
    return made


app = _app()

"""Train a network that paints in one pass, in styles of your own."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from artgen import images
from artgen.cli.flags import OUTPUT, Device, Json, PaintingPreview, Quiet, Seed, ThreadCount
from artgen.cli.interrupts import Interrupted, Interrupts
from artgen.cli.messages import say, say_left
from artgen.cli.technique import given_signature, option, options_of, settings_of, unwrapped
from artgen.cli.view import view, watcher
from artgen.core.schema import fields_of
from artgen.errors import UsageError
from artgen.fast import model_files
from artgen.fast.inference import sheet
from artgen.optim.threads import Threads
from artgen.runs.gallery import find_style
from artgen.runs.teaching import Training, photos_in
from artgen.runs.training_session import TrainingSession
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
    seed: Seed = 0
    device: Device = "auto"
    threads: ThreadCount = "auto"
    preview: PaintingPreview = False
    quiet: Quiet = False
    json: Json = False

    def __post_init__(self) -> None:
        """Check the paths now, not after hours of training."""
        model_files.check(self.out)
        if not 0 < self.checkpoint < 1e6:
            raise UsageError(f"--checkpoint is {self.checkpoint}.", "Give minutes, more than 0.")


def _session(settings: Training, place: RunOptions, runtime: Runtime) -> TrainingSession:
    """The training that a command asks for."""
    loaded = [images.load(find_style(text)) for text in place.styles]
    names = [one.path.stem for one in loaded]
    if len(set(names)) != len(names):
        raise UsageError("Two of the paintings have the same name.", "Rename one of them.")
    files = photos_in(place.photos)
    learnt = None
    if place.onto:
        base = model_files.SHIPPED if place.onto == "shipped" else Path(place.onto)
        learnt = model_files.load(base)
    trainer = settings.trainer(
        {name: one.picture for name, one in zip(names, loaded, strict=True)},
        files,
        runtime,
        model_files.learner(learnt) if learnt else None,
    )
    about = {
        **asdict(settings),
        "seed": place.seed,
        "styles": {n: o.sha256 for n, o in zip(names, loaded, strict=True)},
        "photos": hashlib.sha256("\n".join(f.name for f in files).encode()).hexdigest(),
        "onto": learnt.origin.sha256 if learnt else "",
    }
    sample, beside = images.load(files[0]).picture, place.out.with_suffix(".png")
    return TrainingSession(
        trainer, place.out, about, place.checkpoint, lambda one: sheet(one, sample), beside
    )


def _train(settings: Training, place: RunOptions) -> int:
    with (
        Interrupts() as interrupts,
        view(quiet=place.quiet, as_json=place.json, preview=place.preview) as shown,
    ):
        runtime = Runtime(
            *(place.device, "float32", place.seed),
            watcher=watcher(shown),
            threads=Threads(place.threads),
        )
        try:
            session = _session(settings, place, runtime)
            session.go_on(shown)
            painter = session.run(runtime, shown, interrupts)
            if last := interrupts.last:
                say_left(last.index)
        except Interrupted as stop:
            say("artgen: Interrupted; what the last checkpoint has is kept.")
            return stop.code
        if painter and not place.quiet:
            shown.note(f"artgen fast apply PHOTO {painter.styles[-1]} --painter {place.out}")
        if not interrupts.code and place.out.exists():
            print(place.out, flush=True)
        return interrupts.code


def _app() -> typer.Typer:
    fields = fields_of(Training)

    def train(**given: Any) -> None:
        settings = Training(**settings_of(fields, given))
        place = RunOptions(**{key: given[key] for key in RunOptions.__dataclass_fields__})
        raise typer.Exit(_train(settings, place))

    own = options_of(RunOptions)
    given_signature(train, [*own[:4], *map(option, fields), *own[4:]])
    made = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    made.command(help=unwrapped(HELP), context_settings={"help_option_names": ["-h", "--help"]})(
        train
    )
    return made


app = _app()

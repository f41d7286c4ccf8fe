"""The techniques as functions: pictures in, a picture out, the same names and defaults.

    import artgen

    picture = artgen.style("photo.jpg", "starry", size=768)
    picture.save("out.png")

Settings are those of the command, with underscores; `make docs` writes them into docs/reference.md,
and their types into `__init__.pyi`, where editors and type checkers find them.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from artgen import images
from artgen.core.defaults import QUALITY
from artgen.core.events import Note, Result, Step
from artgen.core.listeners import Listener
from artgen.core.schema import fields_of
from artgen.errors import PictureError, UsageError
from artgen.graph_runtime import GraphRuntime
from artgen.images import Picture, Source
from artgen.optim.threads import Threads
from artgen.runs import gallery
from artgen.runs.at_once import at_once
from artgen.runs.execute import Run, execute
from artgen.runs.given import filled, read_given, sized
from artgen.runs.inputs import Read
from artgen.runs.output import PICTURE, Encoder
from artgen.runs.own_style import with_own_style
from artgen.runs.presets import find_preset
from artgen.runs.recipes import settings_from
from artgen.runs.word_order import in_order
from artgen.runtime import Runtime
from artgen.techniques import description, summaries, technique
from artgen.techniques.base import Engine, Input, Technique

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["RUNTIME", "Source", "function", "info", "load", "save", "steps", "styles"]

# Arguments besides a technique's settings -> their default, and what they are.
RUNTIME: dict[str, tuple[Any, str]] = {
    "preset": ("", "settings, and style pictures, that have a name, or a TOML file's path"),
    "seed": (0, "seed of all random numbers"),
    "device": ("auto", "auto, cpu, cuda, cuda:1, mps or xpu"),
    "precision": ("auto", "of the network: auto, float32, bfloat16, float16 or float64"),
    "tile": ("auto", "side of the tiles of a large picture, in pixels; auto, or off"),
    "threads": ("auto", "CPU threads to use at most; auto for as many as are free"),
    "runtime": (None, "a Runtime, which replaces the five before, to load networks only once"),
    "progress": (None, "is called with each Step of the run"),
}


def function(name: str) -> Callable[..., Picture]:
    """A technique as a function: `function("style")("photo.jpg", "starry", size=768)`.

    Its arguments are the technique's inputs in their order (several pictures, or a list of them,
    for the last one where it takes several), then settings by name, and those of RUNTIME. It
    returns a Picture.

    Raises:
        UsageError: if there is no technique of that name.
    """
    kind = technique(name)

    def make(*pictures: Any, **settings: Any) -> Picture:
        progress = settings.pop("progress", None)
        run = _prepared(name, pictures, settings)
        listeners = [_Progress(progress)] if progress else []
        result = execute(run.runtime, map(_in_tensors, run.events()), *listeners)
        assert result is not None, "a run ends with its result"
        found = {key: one.cpu() for key, one in result.pictures.items()}
        made = found.pop(PICTURE)
        alpha = Encoder(run.settings, run.read, run.size).alpha_of(made)
        cover = None if alpha is None else torch.as_tensor(alpha).cpu()
        return Picture(made[:, :3], run.recipe(result), found, cover, result.pages, result.files)

    make.__name__ = make.__qualname__ = name
    make.__doc__ = documentation(name)
    make.__signature__ = _signature(kind)  # type: ignore[attr-defined]
    return make


def steps(name: str, *pictures: Any, **settings: Any) -> Iterator[Step | Note | Result]:
    """The events of a run, to watch a picture grow, or to stop it.

    Each Step has `index`, `total`, `scale`, `losses` and `picture()`; the last event is the Result.

    Raises:
        UsageError: for too few or too many pictures, or an unknown setting.
    """
    run = _prepared(name, pictures, settings)
    yield from run.runtime.paced(map(_in_tensors, run.events()))


def load(source: Any) -> Picture:
    """A picture of any kind, upright and in sRGB, with its alpha and its file's recipe, if any.

    Raises:
        PictureError: if it cannot be read.
    """
    recipe = ""
    if isinstance(source, str | Path):
        recipe = images.read_recipe(source) or ""
    loaded = images.load_any(source, "picture")
    return Picture(loaded.picture, recipe, alpha=loaded.alpha)


def save(picture: Any, path: str | Path, *, bits: int = 8, quality: int = QUALITY) -> None:
    """Write a picture in the format of the path's extension; a Picture keeps its recipe.

    Raises:
        PictureError, UsageError: if it cannot be written.
    """
    if not isinstance(picture, Picture):
        loaded = images.load_any(picture, "picture")
        picture = Picture(loaded.picture, alpha=loaded.alpha)
    picture.save(path, bits=bits, quality=quality)


def info(path: str | Path) -> dict[str, Any]:
    """The recipe that a picture's file carries: technique, settings, seed, inputs, network.

    Raises:
        PictureError: if the file cannot be read, or carries no recipe.
    """
    text = images.read_recipe(path)
    if text is None:
        raise PictureError(f"{path} carries no recipe.", "Was it made by artgen, and not resaved?")
    return tomllib.loads(text)


def styles() -> dict[str, Path]:
    """Name -> file of the styles: those that ship with artgen, and your own."""
    return gallery.styles()


def documentation(name: str) -> str:
    """The docstring of a technique's function: all its arguments, with their units."""
    kind = technique(name)
    lines = [f"{one.name}: {one.help}" + "; or several" * one.many for one in kind.inputs]
    lines += [f"{field.name}: {field.option.help}" for field in fields_of(kind)]
    lines += [f"{key}: {text}" for key, (_, text) in RUNTIME.items()]
    listed = "\n".join(f"    {line}." for line in lines)
    return f"{summaries()[name]}.\n\n{description(name)}\n\nArgs:\n{listed}\n"


def _in_tensors(event: Step | Note | Result) -> Step | Note | Result:
    """An event whose pictures are tensors: those of graphs are arrays."""
    if isinstance(event, Result):
        pictures = {name: torch.as_tensor(one) for name, one in event.pictures.items()}
        return replace(event, pictures=pictures)
    if isinstance(event, Step):
        picture = event.picture
        return replace(event, picture=lambda: torch.as_tensor(picture()))
    return event


class _Progress(Listener):
    def __init__(self, tell: Callable[[Step], object]) -> None:
        self.tell = tell

    def step(self, step: Step) -> None:
        self.tell(step)


def _prepared(name: str, pictures: tuple[Any, ...], settings: dict[str, Any]) -> Run:
    """The run that a function's arguments ask for."""
    kind = technique(name)
    asked, given = _asked(settings)
    positional = [field.name for field in fields_of(kind) if field.option.positional]
    count = max(len(pictures) - len(positional), 0)
    settings |= dict(zip(positional, pictures[count:], strict=False))
    words = _assigned(kind.inputs, pictures[:count])
    if preset := settings.pop("preset", ""):
        found = find_preset(str(preset), name)
        settings = {**found.settings, **settings}
        words = {**found.pictures, **words}
    if any(not (one.optional or words.get(one.name)) for one in kind.inputs) or (
        count > len(kind.inputs) and not any(one.many for one in kind.inputs[-1:])
    ):
        wanted = ", ".join(one.name for one in kind.inputs)
        raise UsageError(f"{name} takes {len(kind.inputs)} pictures: {wanted}.")
    settings, ordered = in_order(kind, settings, words)
    settings = with_own_style(kind, settings, ordered)
    read: dict[str, Any] = {
        one.name: read_given(one, _alone(ordered[one.name]))
        for one in kind.inputs
        if ordered.get(one.name)
    }
    settings, named = filled(kind, sized(kind, settings))
    checked, built = {**read, **named}, settings_from(name, settings)
    return Run(name, built, checked, given or _engine(built, checked, asked))


def _assigned(inputs: Sequence[Input], pictures: Sequence[Any]) -> dict[str, Sequence[Any]]:
    """Input -> its pictures: one each in their order, and all that are left for the last."""
    words: dict[str, Sequence[Any]] = {
        one.name: [it] for one, it in zip(inputs, pictures, strict=False)
    }
    for one in inputs[-1:]:
        if one.many and one.name in words:
            words[one.name] = [
                source
                for given in pictures[len(inputs) - 1 :]
                for source in ([given] if images.is_source(given) else given)
            ]
    return words


def _alone(many: Sequence[Any]) -> Any:
    """The only one of several, or all of them."""
    return many[0] if len(many) == 1 else many


def _asked(settings: dict[str, Any]) -> tuple[dict[str, Any], Runtime | None]:
    """What a runtime is made of, and the one that is given, both taken from the arguments.

    Raises:
        UsageError: for a `runtime` that is none.
    """
    named = ("seed", "device", "precision", "tile", "threads")
    asked = {key: settings.pop(key, RUNTIME[key][0]) for key in named}
    runtime = settings.pop("runtime", None)
    if runtime and not isinstance(runtime, Runtime):
        raise UsageError("'runtime' is no Runtime.", "Make one with artgen.runtime.Runtime().")
    return {**asked, "tile": str(asked["tile"])}, runtime


def _engine(settings: Technique, read: Read, asked: Mapping[str, Any]) -> Engine:
    """What makes the pictures: graphs where they can, as for the command."""
    seed, threads = asked["seed"], asked["threads"]
    place = {key: asked[key] for key in ("device", "precision", "tile")}
    if at_once(settings, read, **place):
        return GraphRuntime(seed, Threads(threads, torch=False))
    return Runtime(seed=seed, threads=Threads(threads), **place)


def _signature(kind: type[Technique]) -> inspect.Signature:
    """The signature that `help()` shows."""
    parameter = inspect.Parameter
    positional = [field.name for field in fields_of(kind) if field.option.positional]
    many = bool(kind.inputs) and kind.inputs[-1].many and not positional
    names = [one.name for one in kind.inputs] + positional
    parameters = [
        parameter(
            key,
            parameter.VAR_POSITIONAL if many and key == names[-1] else parameter.POSITIONAL_ONLY,
        )
        for key in names
    ]
    defaults = {f.name: f.default for f in fields_of(kind) if not f.option.positional}
    defaults |= {key: default for key, (default, _) in RUNTIME.items()}
    parameters += [
        parameter(key, parameter.KEYWORD_ONLY, default=value) for key, value in defaults.items()
    ]
    return inspect.Signature(parameters, return_annotation=Picture)

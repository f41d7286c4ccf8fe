"""The techniques as functions: pictures in, a picture out, the same names and defaults.

    import artgen

    picture = artgen.style("photo.jpg", "starry", size=768)
    artgen.save(picture, "out.png")

Settings are those of the command, with underscores; `make docs` writes them into
docs/reference.md.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor

from artgen.core.events import Note, Result, Step
from artgen.core.schema import fields_of
from artgen.errors import UsageError
from artgen.optim.threads import Threads
from artgen.runs.execute import execute
from artgen.runs.inputs import Given, Source, filled, pictures_of
from artgen.runs.output import PICTURE
from artgen.runs.presets import find_preset
from artgen.runs.recipes import settings_from
from artgen.runtime import Runtime
from artgen.techniques import description, summaries, technique
from artgen.techniques.base import Inputs, Technique

__all__ = ["Source", "function", "steps"]


def function(name: str) -> Callable[..., Tensor]:
    """A technique as a function: `function("style")("photo.jpg", "starry", size=768)`.

    Its arguments are the technique's inputs in their order (a list where several are allowed),
    then settings by name, and `seed`, `device`, `precision`, `tile` or a whole `runtime`; `preset`
    names settings, and style pictures for inputs that are left out. It returns the picture
    (1, 3, H, W), RGB in [0, 1], on the CPU.

    Raises:
        UsageError: if there is no technique of that name.
    """
    kind = technique(name)

    def make(*pictures: Given, **settings: object) -> Tensor:
        made, inputs, runtime = _prepared(name, pictures, settings)
        result = execute(runtime, made.run(inputs, runtime))
        assert result is not None, "a run ends with its result"
        return result.pictures[PICTURE][:, :3].cpu()

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"{summaries()[name]}.\n\n{description(name)}"
    make.__signature__ = _signature(kind)  # type: ignore[attr-defined]
    return make


def steps(name: str, *pictures: Given, **settings: object) -> Iterator[Step | Note | Result]:
    """The events of a run, to watch a picture grow, or to stop it.

    Raises:
        UsageError: for too few or too many pictures, or an unknown setting.
    """
    made, inputs, runtime = _prepared(name, pictures, settings)
    yield from runtime.paced(made.run(inputs, runtime))


def _prepared(
    name: str, pictures: tuple[Given, ...], settings: dict[str, Any]
) -> tuple[Technique, Inputs, Runtime]:
    """The run's technique, its input pictures (1, 3, H, W), and its runtime."""
    kind = technique(name)
    asked = {key: settings.pop(key) for key in RUNTIME if key in settings}
    threads = Threads(settings.pop("threads", "auto"))
    runtime = settings.pop("runtime", None) or Runtime(threads=threads, **asked)
    if not isinstance(runtime, Runtime):
        raise UsageError("'runtime' is no Runtime.", "Make one with artgen.runtime.Runtime().")
    positional = [field.name for field in fields_of(kind) if field.option.positional]
    if preset := settings.pop("preset", ""):
        found = find_preset(str(preset), name)
        settings = {**found.settings, **settings}
        missing = kind.inputs[len(pictures) - len(positional) :]
        pictures += tuple(found.pictures[x.name] for x in missing if x.name in found.pictures)
    settings |= dict(zip(positional, pictures, strict=False))
    inputs = dict(_inputs(name, kind, pictures[len(positional) :]))
    settings, named = filled(kind, settings)
    inputs |= named
    return settings_from(name, settings), inputs, runtime


RUNTIME = ("seed", "device", "precision", "tile")


def _inputs(
    name: str, kind: type[Technique], pictures: Sequence[Given]
) -> Iterator[tuple[str, Sequence[Tensor]]]:
    """Each input's name and pictures."""
    optional = sum(one.optional for one in kind.inputs)
    if not len(kind.inputs) - optional <= len(pictures) <= len(kind.inputs):
        wanted = ", ".join(one.name for one in kind.inputs)
        raise UsageError(f"{name} takes {len(kind.inputs)} pictures: {wanted}.")
    for one, given in zip(kind.inputs, pictures, strict=False):
        yield one.name, pictures_of(one, given)


def _signature(kind: type[Technique]) -> inspect.Signature:
    """The signature that `help()` shows."""
    first = [field.name for field in fields_of(kind) if field.option.positional]
    first += [one.name for one in kind.inputs]
    parameters = [inspect.Parameter(key, inspect.Parameter.POSITIONAL_ONLY) for key in first]
    defaults: Mapping[str, object] = {
        **{f.name: f.default for f in fields_of(kind) if not f.option.positional},
        "preset": "",
        **{key: Runtime.__dataclass_fields__[key].default for key in RUNTIME},
    }
    parameters += [
        inspect.Parameter(key, inspect.Parameter.KEYWORD_ONLY, default=value)
        for key, value in defaults.items()
    ]
    return inspect.Signature(parameters, return_annotation=Tensor)

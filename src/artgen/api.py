"""The techniques as functions: pictures in, a picture out, the same names and defaults.

    import artgen

    picture = artgen.style("photo.jpg", "starry", size=768)
    artgen.save(picture, "out.png")

Settings are those of the command, with underscores; `make docs` writes them into
docs/reference.md.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from torch import Tensor

from artgen import images
from artgen.core.events import Note, Result, Step
from artgen.core.schema import Field, fields_of, files_in
from artgen.errors import UsageError
from artgen.optim.threads import Threads
from artgen.runs.gallery import find_style, find_styles
from artgen.runs.presets import find_preset
from artgen.runs.recipes import settings_from
from artgen.runtime import Runtime
from artgen.techniques import description, summaries, technique
from artgen.techniques.base import Input, Technique

__all__ = ["Source", "function", "steps"]

Source: TypeAlias = "str | Path | Tensor"
"""A picture: a file, a shipped style's name, or a tensor (1, 3, H, W), RGB in [0, 1]."""


def function(name: str) -> Callable[..., Tensor]:
    """A technique as a function: `function("style")("photo.jpg", "starry", size=768)`.

    Its arguments are the technique's inputs in their order (a list where there may be several),
    then settings by name, and `seed`, `device`, `precision`, `tile` or a whole `runtime`; `preset`
    names some of the settings, and style pictures for an argument that is left out. What it returns
    is the picture (1, 3, H, W), RGB in [0, 1], on the CPU.

    Raises:
        UsageError: if there is no technique of that name.
    """
    kind = technique(name)

    def make(*pictures: Source | Sequence[Source], **settings: object) -> Tensor:
        result = None
        for event in steps(name, *pictures, **settings):
            result = event
        assert isinstance(result, Result)
        return result.pictures["picture"].cpu()

    make.__name__ = make.__qualname__ = name
    make.__doc__ = f"{summaries()[name]}.\n\n{description(name)}"
    make.__signature__ = _signature(kind)  # type: ignore[attr-defined]
    return make


def steps(
    name: str, *pictures: Source | Sequence[Source], **settings: object
) -> Iterator[Step | Note | Result]:
    """The events of a run, for who wants to see a picture grow, or to stop it.

    Raises:
        UsageError: for pictures too few or too many, or a setting that the technique has not.
    """
    kind = technique(name)
    asked = {key: settings.pop(key) for key in RUNTIME if key in settings}
    threads = Threads(settings.pop("threads", "auto"))  # type: ignore[arg-type]
    runtime = settings.pop("runtime", None) or Runtime(threads=threads, **asked)  # type: ignore[arg-type]
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
    for field in fields_of(kind):
        value = settings.get(field.name)
        if field.option.file and not (value is None or _other(field, value)):
            many = isinstance(field.default, tuple)
            named = _named(field, value if many else [value])  # type: ignore[arg-type, list-item]
            settings[field.name] = named[0] if many else named[0][0]
            inputs |= named[1]
    yield from runtime.paced(settings_from(name, settings).run(inputs, runtime))


RUNTIME = ("seed", "device", "precision", "tile")


def _inputs(
    name: str, kind: type[Technique], pictures: Sequence[Source | Sequence[Source]]
) -> Iterator[tuple[str, Sequence[Tensor]]]:
    """Each input's name and pictures."""
    optional = sum(one.optional for one in kind.inputs)
    if not len(kind.inputs) - optional <= len(pictures) <= len(kind.inputs):
        wanted = ", ".join(one.name for one in kind.inputs)
        raise UsageError(f"{name} takes {len(kind.inputs)} pictures: {wanted}.")
    for one, given in zip(kind.inputs, pictures, strict=False):
        yield one.name, _several(one, given)


def _named(
    field: Field, values: Iterable[Source | Sequence[Source]]
) -> tuple[tuple[str, ...], dict[str, list[Tensor]]]:
    """What a setting that names pictures says, and the pictures by input.

    Where one goes with another, as a mask with its painting, they are a pair, or `mask.png=starry`.
    """
    roles = [role for role in (field.option.file, field.option.paired) if role]
    said, inputs = [], dict[str, list[Tensor]]((role, []) for role in roles)
    for value in values:
        if field.option.mixture and isinstance(value, str):
            for one in files_in(field, value):
                inputs[one.role] += _load(one.path, one.style)
            said.append(value)
            continue
        parts: Sequence[Source]
        if isinstance(value, str) and len(roles) > 1:
            parts = [one.path for one in files_in(field, (value,))]
        else:
            parts = [value] if isinstance(value, str | Path | Tensor) else value
        if len(parts) != len(roles):
            raise UsageError(f"{field.name!r} takes pairs.", f"Each is {' and '.join(roles)}.")
        for role, part in zip(roles, parts, strict=True):
            inputs[role] += _load(part, True)
        # A tensor has no name, and nobody reads a file of this one.
        said.append(
            "=".join(
                f"{r}.png" if isinstance(p, Tensor) else str(p)
                for r, p in zip(roles, parts, strict=True)
            )
        )
    return tuple(said), inputs


def _other(field: Field, value: object) -> bool:
    """Whether a value names no picture, where it could: it is one of the choices, or a mixture."""
    if not isinstance(value, str):
        return False
    return value in field.option.choices or bool(
        field.option.mixture and not files_in(field, value)
    )


def _several(one: Input, given: Source | Sequence[Source]) -> Sequence[Tensor]:
    if one.folder and isinstance(given, str | Path):
        return images.load_folder(given).pictures
    alone = isinstance(given, str | Path | Tensor)
    if not alone and not ((one.many or one.folder) and given):
        raise UsageError(f"{one.name!r} is one picture.", "Give it alone.")
    found: list[Tensor] = []
    for source in [given] if isinstance(given, str | Path | Tensor) else given:
        several: Sequence[Source] = [source]
        if one.many and one.style and not isinstance(source, Tensor):
            several = find_styles(str(source))
        found += [picture for each in several for picture in _load(each, one.style)]
    return found


def _load(source: Source, style: bool) -> list[Tensor]:
    if isinstance(source, Tensor):
        if source.dim() != 4 or source.shape[:2] != (1, 3) or not source.is_floating_point():
            raise UsageError(
                f"A picture of shape {tuple(source.shape)} cannot be used.",
                "Its shape has to be (1, 3, height, width), and its values floats in [0, 1].",
            )
        return [source.detach().float()]
    return [images.load(find_style(str(source)) if style else source).picture]


def _signature(kind: type[Technique]) -> inspect.Signature:
    """What `help()` shows."""
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

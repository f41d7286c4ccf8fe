"""The types of artgen's functions, for editors and type checkers: `src/artgen/__init__.pyi`.

Written by `scripts/docs.py`, from where settings and their defaults are written.
"""

from __future__ import annotations

from artgen.api import RUNTIME
from artgen.core.schema import Field, fields_of
from artgen.techniques import summaries, technique

HEAD = '''"""artgen: art from pictures with convolutional networks.

Written by `make docs` from the settings of the techniques.
"""

from collections.abc import Callable, Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Literal

from artgen.core.events import Note as Note
from artgen.core.events import Result as Result
from artgen.core.events import Step as Step
from artgen.errors import ArtgenError as ArtgenError
from artgen.images import Picture as Picture
from artgen.images import Source as Source
from artgen.runtime import Runtime as Runtime

__version__: str

def info(path: str | Path) -> dict[str, Any]: ...
def load(source: Source) -> Picture: ...
def save(
    picture: Source, path: str | Path, *, bits: int = 8, quality: int = 95
) -> None: ...
def styles() -> dict[str, Path]: ...
def steps(name: str, *pictures: Any, **settings: Any) -> Iterator[Step | Note | Result]: ...
'''
TYPES = {
    "preset": "str | PathLike[str]",
    "seed": "int",
    "device": "str",
    "precision": 'Literal["auto", "float32", "bfloat16", "float16", "float64"]',
    "tile": "str | int",
    "threads": "str | int",
    "runtime": "Runtime | None",
    "progress": "Callable[[Step], object] | None",
}


def _type(field: Field) -> str:
    """The type of a setting as its function takes it."""
    option = field.option
    if option.paired:
        return "str | Sequence[str | tuple[Source, Source]]"
    if field.type == tuple[str, ...]:
        return "Sequence[Source]" if option.file else "Sequence[str]"
    if field.type == tuple[float, ...]:
        return "float | Sequence[float]"
    if option.file:
        return "Source"
    if option.choices:
        return f"Literal[{', '.join(_text(choice) for choice in option.choices)}]"
    if field.name == "size" and field.type is str:
        return "str | int | tuple[int, int]"
    if option.local:
        return "str | PathLike[str]"
    return str(field.type.__name__)


def _text(value: object) -> str:
    """A default as ruff writes it."""
    return '"' + value.replace('"', '\\"') + '"' if isinstance(value, str) else repr(value)


def _function(name: str) -> str:
    kind = technique(name)
    positional = [field for field in fields_of(kind) if field.option.positional]
    words = []
    for number, one in enumerate(kind.inputs):
        last = number == len(kind.inputs) - 1 and not positional
        if one.many and last:
            words.append(f"*{one.name}: Source | Sequence[Source]")
        else:
            several = " | Sequence[Source]" if one.folder else ""
            words.append(f"{one.name}: Source{several}" + " = ..." * one.optional)
    words += [f"{field.name}: {_type(field)}" for field in positional]
    if words and not words[-1].startswith("*"):
        words += ["/", "*"]
    elif words:
        words[-1:-1] = ["/"] * (len(words) > 1)
    else:
        words = ["*"]
    words += [
        f"{field.name}: {_type(field)} = {_text(field.default)}"
        for field in fields_of(kind)
        if not field.option.positional
    ]
    words += [f"{key}: {TYPES[key]} = {_text(default)}" for key, (default, _) in RUNTIME.items()]
    inside = "".join(f"    {word},\n" for word in words)
    return f"def {name}(\n{inside}) -> Picture: ...\n"


def stubs() -> str:
    """The whole file."""
    return HEAD + "".join(map(_function, summaries()))

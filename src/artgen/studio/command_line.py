"""An order as a command line that makes the same picture."""

from __future__ import annotations

import os
import shlex
import subprocess
from typing import Any

from artgen.core.schema import Field, fields_of, files_in, renamed
from artgen.studio.kinds import kind as kind_of
from artgen.studio.orders import Order
from artgen.studio.pictures import PictureStore
from artgen.techniques.base import Input

__all__ = ["spoken"]


def spoken(order: Order, store: PictureStore, out: str) -> str:
    """The command, with the present paths of its pictures and only changed settings.

    Args:
        order: the request.
        store: finds its pictures.
        out: the name of the file to write.

    Raises:
        PictureError: for a missing picture.
    """
    kind = kind_of(order.technique)
    words = ["artgen", *order.technique.split("_", 1)]
    known = fields_of(kind)
    values = {one.name: order.settings.get(one.name, one.default) for one in known}
    for one in kind.inputs:
        words += [_word(reference, one, store) for reference in order.pictures.get(one.name, ())]
    words += [str(_found(one, values[one.name], store)) for one in known if one.option.positional]
    for field in known:
        value = values[field.name]
        value = tuple(value) if isinstance(value, list) else value
        if not field.option.positional and value != field.default:
            words += _option(field, value, store)
    if order.seed:
        words += ["--seed", str(order.seed)]
    words += ["-o", out]
    return subprocess.list2cmdline(words) if os.name == "nt" else shlex.join(words)


def _word(reference: str, one: Input, store: PictureStore) -> str:
    """A style by its name, any other picture by its path."""
    source = store.find(reference)  # a style may be missing, too
    kind, _, name = reference.partition(":")
    return name if kind == "style" and one.style else str(source.path)


def _found(field: Field, value: Any, store: PictureStore) -> Any:
    """A setting's value with the paths of its pictures."""
    paths: dict[str, list[str]] = {}
    for named in files_in(field, value):
        paths.setdefault(named.role, []).append(str(store.find(named.path).path))
    return renamed(field, value, paths)


def _option(field: Field, value: Any, store: PictureStore) -> list[str]:
    """A changed setting: an option, given once or several times."""
    value = _found(field, value, store)
    if isinstance(value, bool):
        return [field.flag] if value else [f"--no-{field.word}"]
    if field.type == tuple[str, ...]:
        return [word for one in value for word in (field.flag, one)]
    if isinstance(value, tuple):
        value = ",".join(map(str, value))
    # A value that begins with a dash would be parsed as an option.
    text = repr(value) if isinstance(value, float) else str(value)
    return [f"{field.flag}={text}"] if text.startswith("-") else [field.flag, text]

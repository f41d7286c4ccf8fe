"""Pictures as Python gives them: files, names, arrays, tensors, for inputs and for settings."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from artgen import images
from artgen.core.schema import Field, Reads, fields_of, files_in
from artgen.errors import UsageError
from artgen.images import Loaded, LoadedFolder, Source, is_source, load_any
from artgen.runs.gallery import find_style
from artgen.runs.inputs import files_for
from artgen.techniques.base import Input, Technique

__all__ = ["Given", "filled", "read_given", "sized"]

Given: TypeAlias = "Source | Sequence[Source]"
"""The value of an input: a picture, or several."""


def read_given(one: Input, given: Any) -> Sequence[Loaded | LoadedFolder]:
    """The pictures of an input, read from files, names, arrays, tensors and open files.

    Raises:
        UsageError: for several pictures where one is expected, or an object that is no picture.
        PictureError: for a file that cannot be read.
    """
    if one.folder and isinstance(given, str | os.PathLike):
        return [images.load_folder(os.fspath(given))]
    alone = is_source(given)
    if not alone and not ((one.many or one.folder) and isinstance(given, Iterable) and given):
        raise UsageError(f"{one.name!r} is one picture.", "Give it alone.")
    found: list[Loaded] = []
    for source in [given] if alone else given:
        if isinstance(source, str | os.PathLike):
            words = [os.fspath(source)]
            found += [images.load(file, reads=one.reads) for file in files_for(one, words)]
        else:
            found.append(load_any(source, one.name, reads=one.reads))
    return found


def sized(kind: type[Technique], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings, with a size given as a number or as (width, height) in the form that they have."""
    values = dict(settings)
    size = values.get("size")
    if any(field.name == "size" and field.type is str for field in fields_of(kind)):
        if isinstance(size, int) and not isinstance(size, bool):
            values["size"] = str(size)
        elif isinstance(size, tuple | list) and len(size) == 2:
            values["size"] = "x".join(map(str, size))
    return values


def filled(
    kind: type[Technique], settings: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, list[Loaded]]]:
    """Settings, and by input the pictures that were given as their values.

    Raises:
        UsageError: for a picture where a pair is expected, or an object that is no picture.
        PictureError: for a file that cannot be read.
    """
    values, inputs = dict(settings), dict[str, list[Loaded]]()
    for field in fields_of(kind):
        value = values.get(field.name)
        if not field.option.file or value is None or _names_none(field, value):
            continue
        many = isinstance(field.default, tuple)
        several = value if many and isinstance(value, list | tuple) else [value]
        said, found = _named(field, several)
        values[field.name] = said if many else said[0]
        inputs |= found
    return values, inputs


def _names_none(field: Field, value: object) -> bool:
    """Whether a value names no picture: it is empty, one of the choices, or a mixture."""
    if not isinstance(value, str):
        return False
    mixed = field.option.mixture and not files_in(field, value)
    return not value or value in field.option.choices or bool(mixed)


def _named(field: Field, values: Iterable[Any]) -> tuple[tuple[str, ...], dict[str, list[Loaded]]]:
    """The value of a setting that names pictures, and the pictures by input.

    A mask and its style picture are given as a pair, or as `mask.png=starry`.
    """
    option = field.option
    styles = {option.file: option.named} | ({option.paired: True} if option.paired else {})
    said, inputs = [], dict[str, list[Loaded]]((role, []) for role in styles)
    for value in values:
        if option.mixture and isinstance(value, str):
            for one in files_in(field, value):
                inputs[one.role].append(_picture(one.path, one.role, one.style, option.reads))
            said.append(value)
            continue
        parts: Sequence[Any]
        if isinstance(value, str) and len(styles) > 1:
            parts = [one.path for one in files_in(field, (value,))]
        else:
            parts = [value] if is_source(value) else value
        if len(parts) != len(styles) or not all(parts[n] is not None for n in range(len(parts))):
            raise UsageError(f"{field.name!r} takes pairs.", f"Each is {' and '.join(styles)}.")
        names = []
        for role, part in zip(styles, parts, strict=True):
            reads = option.reads if role == option.file else "picture"
            read = _picture(part, role, styles[role], reads)
            inputs[role].append(read)
            # What is no file has no name; its role stands for it.
            text = isinstance(part, str | os.PathLike)
            names.append(os.fspath(part) if text else read.path.name)
        said.append("=".join(names))
    return tuple(said), dict(inputs)


def _picture(source: Any, role: str, style: bool, reads: Reads) -> Loaded:
    if style and isinstance(source, str | os.PathLike):
        source = find_style(os.fspath(source))
    return load_any(source, role, reads=reads)

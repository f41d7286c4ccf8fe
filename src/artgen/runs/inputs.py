"""The inputs of a run: from names to files, from files to pictures, from pictures to tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from torch import Tensor

from artgen import images
from artgen.core.schema import Field, Reads, fields_of, files_in
from artgen.errors import UsageError
from artgen.images import Loaded, LoadedFolder
from artgen.runs.gallery import find_style, find_styles
from artgen.techniques.base import Input, Technique, reads_of

__all__ = [
    "Given",
    "Read",
    "Source",
    "files_for",
    "files_named",
    "files_of",
    "filled",
    "frame_of",
    "notes_of",
    "pictures_of",
    "read_each",
    "read_files",
    "tensors",
]

Source: TypeAlias = "str | Path | Tensor"
"""A picture: a file, a shipped style's name, or a tensor (1, 3, H, W), RGB in [0, 1]."""
Given: TypeAlias = "Source | Sequence[Source]"
"""The value of an input: a picture, or several."""
Read: TypeAlias = "Mapping[str, Sequence[Loaded | LoadedFolder]]"
"""Input -> its pictures as read, each with its file's name, hash and transparency."""

From = TypeVar("From")
To = TypeVar("To")
MENTIONED = 5  # unreadable files of a folder that are named


def files_for(one: Input, words: Iterable[str]) -> list[str]:
    """The files that an input's words name: styles by name, folders of styles as all their files.

    Raises:
        PictureError: for a word that is neither a file nor a style, or an empty folder of styles.
    """
    if not one.style:
        return list(words)
    several = (find_styles(word) if one.many else [find_style(word)] for word in words)
    return [str(path) for found in several for path in found]


def files_named(settings: Technique) -> dict[str, list[str]]:
    """Input -> the files that settings name for it (`--init FILE`).

    Raises:
        PictureError: for a name that is not a style's.
    """
    found: dict[str, list[str]] = {}
    for field in fields_of(type(settings)):
        for named in files_in(field, getattr(settings, field.name)):
            path = str(find_style(named.path)) if named.style else named.path
            found.setdefault(named.role, []).append(path)
    return found


def files_of(settings: Technique, words: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Input -> its files: those that its words name, and those that settings name.

    Raises:
        PictureError: as `files_for`.
    """
    found = {one.name: files_for(one, words.get(one.name, ())) for one in settings.inputs}
    for role, many in files_named(settings).items():
        found.setdefault(role, []).extend(many)
    return found


def read_each(
    sources: Mapping[str, Sequence[From]], reader: Callable[[str, From], To]
) -> dict[str, list[To]]:
    """Every picture of every input, read by the function given, which gets the input's name too."""
    return {role: [reader(role, one) for one in many] for role, many in sources.items()}


def read_files(
    settings: Technique,
    files: Mapping[str, Sequence[str]],
    max_pixels: int,
    exposure: float = 0.0,
) -> Read:
    """Every input picture, linear light exposed; the pictures of a folder are not read yet.

    Raises:
        PictureError: for a file that cannot be read, or has more than `max_pixels` pixels.
    """
    folders = {one.name for one in settings.inputs if one.folder}
    reads = reads_of(settings)
    read: dict[str, Sequence[Loaded | LoadedFolder]] = {}
    for role, many in files.items():
        if role in folders:
            read[role] = [images.load_folder(path, max_pixels=max_pixels) for path in many]
        else:
            read[role] = [
                images.load(
                    path,
                    max_pixels=max_pixels,
                    exposure=exposure,
                    reads=reads.get(role, "picture"),
                )
                for path in many
            ]
    return read


def tensors(read: Read) -> dict[str, Sequence[Tensor]]:
    """The inputs as a technique takes them: name -> pictures, (1, 3, H, W) each."""
    return {
        role: many[0].pictures
        if len(many) == 1
        else [picture for one in many for picture in one.pictures]
        for role, many in read.items()
    }


def frame_of(settings: Technique, read: Read) -> Loaded | LoadedFolder | None:
    """The picture that a result takes proportions, transparency and EXIF from; None without one."""
    return next((read[one.name][0] for one in settings.inputs if one.frame), None)


def notes_of(read: Read) -> Iterator[str]:
    """Sentences on what was left out of folders, or read in another way than it is stored."""
    for many in read.values():
        for one in many:
            if isinstance(one, Loaded):
                yield from one.notes
            elif one.skipped:
                names = [path.name for path in one.skipped]
                shown = ", ".join(names[:MENTIONED]) + " and others" * (len(names) > MENTIONED)
                yield f"Left out of {one.path.name}, for no picture can be read: {shown}."


def pictures_of(one: Input, given: Given) -> Sequence[Tensor]:
    """The pictures of an input, (1, 3, H, W) each, from files, names and tensors.

    Raises:
        UsageError: for several pictures where one is expected, or a tensor that is not a picture.
        PictureError: for a file that cannot be read.
    """
    if one.folder and isinstance(given, str | Path):
        return images.load_folder(given).pictures
    alone = isinstance(given, str | Path | Tensor)
    if not alone and not ((one.many or one.folder) and given):
        raise UsageError(f"{one.name!r} is one picture.", "Give it alone.")
    found: list[Tensor] = []
    for source in [given] if isinstance(given, str | Path | Tensor) else given:
        if isinstance(source, Tensor):
            found.append(_checked(source))
        else:
            found += [images.load(file).picture for file in files_for(one, [str(source)])]
    return found


def filled(
    kind: type[Technique], settings: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Sequence[Tensor]]]:
    """Settings, and the pictures, (1, 3, H, W) each by input, that were given as their values.

    Raises:
        UsageError: for a picture where a pair is expected, or a tensor that is not a picture.
        PictureError: for a file that cannot be read.
    """
    values, inputs = dict(settings), dict[str, Sequence[Tensor]]()
    for field in fields_of(kind):
        value = values.get(field.name)
        if not field.option.file or value is None or _names_none(field, value):
            continue
        many = isinstance(field.default, tuple)
        said, found = _named(field, value if many else [value])
        values[field.name] = said if many else said[0]
        inputs |= found
    return values, inputs


def _names_none(field: Field, value: object) -> bool:
    """Whether a value names no picture: it is one of the choices, or a mixture."""
    if not isinstance(value, str):
        return False
    mixed = field.option.mixture and not files_in(field, value)
    return value in field.option.choices or bool(mixed)


def _named(
    field: Field, values: Iterable[Given]
) -> tuple[tuple[str, ...], dict[str, Sequence[Tensor]]]:
    """The value of a setting that names pictures, and the pictures by input.

    A mask and its style picture are given as a pair, or as `mask.png=starry`.
    """
    option = field.option
    styles = {option.file: option.named} | ({option.paired: True} if option.paired else {})
    said, inputs = [], dict[str, list[Tensor]]((role, []) for role in styles)
    for value in values:
        if option.mixture and isinstance(value, str):
            for one in files_in(field, value):
                inputs[one.role].append(_picture(one.path, one.style))
            said.append(value)
            continue
        parts: Sequence[Source]
        if isinstance(value, str) and len(styles) > 1:
            parts = [one.path for one in files_in(field, (value,))]
        else:
            parts = [value] if isinstance(value, str | Path | Tensor) else value
        if len(parts) != len(styles):
            raise UsageError(f"{field.name!r} takes pairs.", f"Each is {' and '.join(styles)}.")
        for role, part in zip(styles, parts, strict=True):
            reads = option.reads if role == option.file else "picture"
            inputs[role].append(_picture(part, styles[role], reads))
        # A tensor has no file name; this one is a placeholder.
        said.append(
            "=".join(
                f"{role}.png" if isinstance(part, Tensor) else str(part)
                for role, part in zip(styles, parts, strict=True)
            )
        )
    return tuple(said), dict(inputs)


def _picture(source: Source, style: bool, reads: Reads = "picture") -> Tensor:
    if isinstance(source, Tensor):
        return _checked(source)
    return images.load(find_style(str(source)) if style else source, reads=reads).pictures[0]


def _checked(picture: Tensor) -> Tensor:
    if picture.dim() != 4 or picture.shape[:2] != (1, 3) or not picture.is_floating_point():
        raise UsageError(
            f"A picture of shape {tuple(picture.shape)} cannot be used.",
            "Its shape has to be (1, 3, height, width), and its values floats in [0, 1].",
        )
    return picture.detach().float()

"""The inputs of a run: from names to files, from files to pictures, from pictures to tensors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from artgen import images
from artgen.core.schema import fields_of, files_in
from artgen.images import Loaded, LoadedFolder
from artgen.runs.gallery import find_style, find_styles
from artgen.techniques.base import Input, Inputs, Technique, reads_of

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "Read",
    "files_for",
    "files_named",
    "files_of",
    "frame_of",
    "notes_of",
    "read_each",
    "read_files",
    "taken",
    "tensors",
]

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


def taken(read: Read, graphs: bool) -> Inputs:
    """The inputs as a run takes them: tensors, or arrays where graphs make it without torch."""
    if not graphs:
        return tensors(read)
    found: dict[str, Any] = {
        role: [array for one in many if isinstance(one, Loaded) for array in one.arrays]
        for role, many in read.items()
    }
    return found


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

"""Folders and globs expanded to jobs: one for each picture, each with an output of its own."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from artgen.core.files import is_litter
from artgen.core.schema import fields_of, worded
from artgen.errors import PictureError, UsageError, did_you_mean
from artgen.images.formats import for_output, suffixes
from artgen.jobs.output_names import PLACEHOLDER, OutputNames, speakable
from artgen.jobs.storage import is_url, remote
from artgen.runs.films import moves, suffix_of
from artgen.runs.gallery import find_style
from artgen.techniques.base import Input, Technique
from artgen.video import FILMS, is_film

if TYPE_CHECKING:
    from artgen.jobs.messages import Job

__all__ = ["Found", "default_pattern", "expand", "find", "fixed_inputs", "is_many"]

SUFFIXES = suffixes()
MAGIC = re.compile(r"[*?[]")


@dataclass(frozen=True)
class Found:
    """An input picture: its path or URL, and its place below the folder it is in."""

    source: str
    name: str


def is_many(word: str) -> bool:
    """Whether a word may name several pictures: a folder, or a glob that is not a file's name."""
    if is_url(word):
        return bool(MAGIC.search(word)) or not _is_wanted(word, film=True)
    return os.path.isdir(word) or bool(MAGIC.search(word) and not os.path.lexists(word))


def find(
    word: str,
    *,
    style: bool = False,
    film: bool = False,
    without: str = "",
    exclude: Sequence[str] = (),
) -> list[Found]:
    """The pictures that a word names, sorted by name.

    Folders in which systems keep copies and deleted files (LITTER) are left out.

    Args:
        word: a file, folder, glob or URL, or with `style` a shipped style's name.
        style: whether style names are allowed.
        film: whether to include films.
        without: the output folder, which is excluded where it lies among the inputs.
        exclude: globs of names, and of folders, to leave out.

    Raises:
        PictureError: for a folder or a glob without a picture.
    """
    if not is_many(word):
        source = word if is_url(word) or not style else str(find_style(word))
        return [Found(source, PurePosixPath(source).name if is_url(word) else Path(source).name)]
    there = _remote_files(word) if is_url(word) else _local_files(word, without)
    found = [
        one
        for one in there
        if _is_wanted(one.name, film=film) and not _is_excluded(one.name, exclude)
    ]
    if not found:
        kinds = ", ".join(sorted(SUFFIXES | (FILMS if film else set())))
        raise PictureError(
            f"There is no picture in {word}.", f"Looked for files ending in {kinds}."
        )
    return sorted(found, key=lambda one: one.name)


def _is_wanted(name: str, *, film: bool) -> bool:
    path = PurePosixPath(name)
    known = path.suffix.lower() in SUFFIXES or (film and is_film(name))
    return known and not path.name.startswith(".")


def _is_excluded(name: str, globs: Sequence[str]) -> bool:
    """Whether a name, its last part or a folder that it is in matches, or is litter."""
    path = PurePosixPath(name)
    folders = [one for one in path.parents if one.name]
    if any(is_litter(one.name) for one in folders):
        return True
    tried = [text for one in (path, *folders) for text in (one.as_posix(), one.name)]
    return any(fnmatchcase(text, glob.rstrip("/")) for glob in globs for text in tried)


def _local_files(word: str, without: str) -> Iterator[Found]:
    """Files below a folder, or of a glob; links to folders are not followed."""
    if os.path.isdir(word):
        root, starts = word, [word]
    else:
        fixed = list(Path(word).parts[:-1])
        while any(MAGIC.search(part) for part in fixed):
            fixed.pop()
        root, starts = str(Path(*fixed)), glob.glob(word, recursive=True)
    apart = _apart(root, without)
    paths = (path for one in starts for path in (_below(one) if os.path.isdir(one) else [one]))
    for path in dict.fromkeys(paths):
        if apart not in Path(os.path.realpath(path)).parents:
            yield Found(path, Path(path).relative_to(root).as_posix())


def _below(start: str) -> Iterator[str]:
    for folder, folders, files in os.walk(start):
        folders[:] = [one for one in folders if not one.startswith(".")]
        yield from (os.path.join(folder, name) for name in files)


def _apart(root: str, without: str) -> Path | None:
    """The output folder, if it lies in the folder of the inputs and has to be excluded."""
    if not without or is_url(without):
        return None
    whole, out = Path(os.path.realpath(root)), Path(os.path.realpath(without))
    return out if whole in out.parents else None


def _remote_files(word: str) -> Iterator[Found]:
    system, path = remote(word)
    magic = MAGIC.search(path)
    root = path[: magic.start()].rpartition("/")[0] if magic else path
    for one in system.glob(path) if magic else system.find(path):
        if not system.isdir(one):
            name = one.removeprefix(root).lstrip("/")
            yield Found(system.unstrip_protocol(one), name)


def expand(
    kind: type[Technique],
    settings: Technique,
    words: Mapping[str, Sequence[str]],
    pattern: str,
    *,
    each: bool = False,
    without: str = "",
    exclude: Sequence[str] = (),
    recorded: Mapping[str, str] | None = None,
) -> list[Job]:
    """The jobs: one for every picture that the word of a single-picture input names.

    Pictures of an input that takes several are used together and are no jobs of their own, unless
    `each` makes one of each. The subfolders of the first input are kept.

    Args:
        kind, settings: the technique.
        words: input -> files, folders, globs, URLs.
        pattern: of the outputs' names: `{content}-{style}.png`.
        each: one picture for each style (or sample), instead of one with all of them.
        without: the output folder.
        exclude: globs of names to leave out.
        recorded: output -> name of the job that it was made for. It stays that job's, also where
            another picture of the same name is there now, or the job's own is gone.

    Raises:
        PictureError: for a folder without pictures.
        UsageError: for a pattern that gives all outputs the same name.
    """
    from artgen.jobs.messages import Job

    known: dict[str, str] = dict(_positional(settings))
    axes: list[tuple[Input, list[Found]]] = []
    for one in kind.inputs:
        found = _all(one, words[one.name], without, exclude)
        if one.many and not each:
            known[one.name] = _stem(found[0].name)
        else:
            axes.append((one, found))
    _check(pattern, [one.name for one, found in axes if len(found) > 1], {*known, *words})
    names, kinds = OutputNames(pattern, recorded or {}), [one for one, _ in axes]
    jobs = []
    for chosen in product(*(found for _, found in axes)):
        mine = dict(zip((one.name for one, _ in axes), chosen, strict=True))
        inputs = {role: (got.source,) for role, got in mine.items()}
        stems = {role: _stem(got.name) for role, got in mine.items()}
        first = chosen[0].name if chosen else ""  # all pictures of this input are used together
        filmed = (
            suffix_of(got.source)
            for one, got in zip(kinds, chosen, strict=True)
            if one.film and _moves(got.source, pattern)
        )
        shown = speakable(" + ".join(got.name for got in chosen))
        output = names.free(first, known | stems, shown, film=next(filmed, ""))
        jobs.append(Job(output, shown or PurePosixPath(output).stem, inputs))
    return jobs


def fixed_inputs(
    kind: type[Technique], words: Mapping[str, Sequence[str]], *, each: bool = False
) -> dict[str, tuple[str, ...]]:
    """The pictures that are the same for all jobs: those of inputs that take several."""
    several = [one for one in kind.inputs if one.many and not each]
    return {one.name: tuple(got.source for got in _all(one, words[one.name])) for one in several}


def _all(
    one: Input, words: Sequence[str], without: str = "", exclude: Sequence[str] = ()
) -> list[Found]:
    """The pictures of one input, without duplicates."""
    many = (
        find(word, style=one.style, film=one.film, without=without, exclude=exclude)
        for word in words
    )
    return list({picture.source: picture for some in many for picture in some}.values())


def default_pattern(name: str, kind: type[Technique]) -> str:
    """`{content}-{style}.png`, or with one placeholder only, `{content}-dream.png`."""
    found = [one.name for one in kind.inputs]
    found += [field.name for field in fields_of(kind) if field.option.positional]
    parts = [f"{{{one}}}" for one in found]
    return "-".join(parts if len(parts) > 1 else [*parts, name.rpartition("_")[2]]) + ".png"


def _moves(source: str, pattern: str) -> bool:
    """Whether a film is made of an input, as of an animated picture unless a pattern forbids it."""
    suffix = PurePosixPath(pattern).suffix.lower()
    return moves(source, "", still=suffix not in (".png", ".webp"))


def _positional(settings: Technique) -> Iterator[tuple[str, str]]:
    """The settings that appear in a picture's name, as text."""
    for field in fields_of(type(settings)):
        if field.option.positional:
            yield field.name, worded(field, getattr(settings, field.name))


def _check(pattern: str, several: Sequence[str], known: set[str]) -> None:
    """Check that a pattern can work, before anything is made."""
    asked = PLACEHOLDER.findall(pattern)
    for one in asked:
        if one not in known:
            raise UsageError(
                f"--pattern has {{{one}}}, which nothing stands for.", did_you_mean(one, known)
            )
    missing = [one for one in several if one not in asked]
    if missing:
        raise UsageError(
            f"With --pattern {pattern!r} several pictures would have the same name.",
            f"Put {{{missing[0]}}} in it.",
        )
    path = PurePosixPath(pattern.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or is_url(pattern):
        raise UsageError(
            f"--pattern {pattern!r} leads out of the output folder.",
            "Write names and folders below it.",
        )
    for_output(Path(pattern))


def _stem(name: str) -> str:
    return speakable(PurePosixPath(name).stem)

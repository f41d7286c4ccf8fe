"""Names of outputs: a free one for each job, and the one that is recorded for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import PurePosixPath

__all__ = ["PLACEHOLDER", "OutputNames", "speakable"]

PLACEHOLDER = re.compile(r"\{(\w+)\}")
LONGEST = 200  # bytes of a name without its extension; file systems allow 255


def speakable(name: str) -> str:
    """The name without unprintable characters: line feeds, control codes, invalid Unicode."""
    return "".join(
        char if char.isprintable() and not 0xD800 <= ord(char) <= 0xDFFF else "_" for char in name
    )


class OutputNames:
    """Gives each job a unique output, also on systems where `A` and `a` are the same name."""

    def __init__(self, pattern: str, recorded: Mapping[str, str]) -> None:
        self.pattern = pattern.replace("\\", "/")
        self.taken: set[str] = set()
        self.recorded = {output.casefold() for output in recorded}
        self.own: dict[str, list[str]] = {}  # job -> the outputs that are recorded for it
        self.stems: dict[str, list[str]] = {}  # stem, without a number -> outputs named after it
        for output, name in recorded.items():
            self.own.setdefault(name, []).append(output)
            if name == PurePosixPath(output).stem:
                for stem in {name, re.sub(r"-\d+$", "", name)}:
                    self.stems.setdefault(stem, []).append(output)

    def free(self, name: str, known: Mapping[str, str], job: str, *, film: str = "") -> str:
        """The output for a content: in its own folder, named by the pattern; or by a film's suffix.

        If one of its possible outputs is recorded for `job`, it is that one. A film becomes an MP4,
        and an animated picture stays of its kind.
        """
        suffix = PurePosixPath(self.pattern).suffix
        filled = PLACEHOLDER.sub(
            # A placeholder is replaced once, whatever the name contains.
            lambda found: re.sub(r"[/\\\0]", "_", known[found[1]]),
            self.pattern[: -len(suffix)],
        )
        suffix = film or suffix
        folders = [speakable(part) for part in PurePosixPath(name).parts[:-1]]
        *inner, last = filled.split("/")
        parts = [_harmless(part) for part in (*folders, *inner)]
        place = "/".join([*parts, _cut(last) or "_"])
        kind = PurePosixPath(name).suffix.lstrip(".")
        return self._first(place, suffix, [f"-{speakable(kind)}"] if kind else [], job)

    def _first(self, place: str, suffix: str, endings: Sequence[str], job: str) -> str:
        def tries() -> Iterator[str]:
            yield from ("", *endings)
            number = 2
            while True:
                yield f"-{number}"
                number += 1

        stem = PurePosixPath(place).name
        stems = [stem, *(stem + ending for ending in endings)]
        named = chain(*(self.stems.get(one, ()) for one in stems))
        own = self.own.get(job, ()) if job else named
        fitting = (one for one in own if _made_of(one, place, suffix, endings))
        possible = (f"{place}{ending}{suffix}" for ending in tries())
        free = (one for one in possible if one.casefold() not in self.recorded)
        for output in chain(fitting, free):
            if output.casefold() not in self.taken:
                self.taken.add(output.casefold())
                return output
        raise AssertionError("numbers do not end")


def _made_of(output: str, place: str, suffix: str, endings: Sequence[str]) -> bool:
    """Whether an output is one of a picture's possible ones."""
    if not (output.startswith(place) and output.endswith(suffix)):
        return False
    ending = output[len(place) : len(output) - len(suffix)]
    return ending in ("", *endings) or bool(re.fullmatch(r"-\d+", ending))


def _harmless(part: str) -> str:
    """A safe folder name: never `..`, never empty, never hidden."""
    return re.sub(r"^\.+", lambda dots: "_" * len(dots[0]), _cut(part)) or "_"


def _cut(name: str) -> str:
    raw = name.encode()
    return name if len(raw) <= LONGEST else raw[:LONGEST].decode("utf-8", "ignore")

"""Settings of techniques: dataclass fields that carry their own help, limits and choices.

A default is written once, in the dataclass. The command's option, its help, the recipe's key and
the reference come from there.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypeAlias,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from artgen.core.parsing import LARGEST, weighted_parts
from artgen.errors import UsageError, did_you_mean

__all__ = [
    "Field",
    "Named",
    "Option",
    "Reads",
    "fields_of",
    "files_in",
    "fits",
    "renamed",
    "unusual",
    "validate",
    "worded",
]

Reads: TypeAlias = Literal["picture", "layer", "mask", "data"]
WORDS: dict[Any, str] = {
    int: "a whole number",
    float: "a number",
    str: "text",
    bool: "true or false",
    tuple[str, ...]: "a list of texts",
}


FAR = 1000  # times the default, from which a weight is remarked upon


@dataclass(frozen=True)
class Option:
    """Help, limits and other properties of one setting, besides its type and default.

    Attributes:
        help: one line, without a full stop.
        short: a one-letter option name.
        choices: the only words allowed.
        former: choices of earlier versions, which recipes have, and what they are called now.
        before: what it was in effect before it existed, for recipes that are older; None for its
            default.
        file: name of the input that the value fills where it is a picture's path and no choice; a
            list of texts fills it with several pictures.
        reads: how that picture is read: as a `picture`; as a `layer`, a picture with alpha as a
            fourth channel where it has any; as a `mask`, in which transparent counts as black; or
            as `data`, whose numbers stay what they are, with alpha as a fourth channel, too.
        paired: name of a second input, of style pictures, filled by the text after an equals sign:
            `mask.png=starry.jpg`.
        placed: whether a place may be before the picture, with an equals sign: `60=key.png`.
        named: whether the picture may be one of the shipped styles, by name.
        mixture: suffixes of pictures, where the value is a list with weights: all its names are
            pictures, `a.jpg=0.6,wave=0.4`, as soon as one of them has such a suffix.
        positional: whether it is a required positional argument, after the pictures.
        local: whether it is a path on this machine, of which a recipe keeps only the name.
        folder: whether it makes a folder of files, for which the studio has no place.
        network: whether it is the name of a network, with which a recipe keeps the version.
        least, most: limits, inclusive.
        film: whether it makes a film, as an output path with a film's suffix does, too.
        draft: its value for a quick draft; None if a draft does not change it. A technique has
            drafts where one of these values is neither 0 nor empty.
        first: whether it is among the few that the studio's page shows at once.
        group: heading under which `--help` lists it.
        metavar: placeholder of its value in `--help`.
    """

    help: str
    short: str = ""
    choices: tuple[str, ...] = ()
    former: tuple[tuple[str, str], ...] = ()
    before: float | str | None = None
    file: str = ""
    reads: Reads = "picture"
    paired: str = ""
    placed: bool = False
    named: bool = False
    mixture: tuple[str, ...] = ()
    positional: bool = False
    local: bool = False
    folder: bool = False
    network: bool = False
    least: float | None = None
    most: float | None = None
    film: bool = False
    draft: int | str | None = None
    first: bool = False
    group: str = "Settings"
    metavar: str = ""


@dataclass(frozen=True)
class Field:
    """One setting: name, type (without its annotation), default, and Option."""

    name: str
    type: Any
    default: Any
    option: Option

    @property
    def word(self) -> str:
        """Name on the command line, without the `_` after a Python keyword (`class_`, `as_`)."""
        return self.name.rstrip("_").replace("_", "-")

    @property
    def flag(self) -> str:
        """Its name as an option, `--word`."""
        return f"--{self.word}"


def fields_of(settings: type) -> list[Field]:
    """The settings of a technique's dataclass, in order: its own, and then those it inherits."""
    hints = get_type_hints(settings, include_extras=True)
    found = []
    said = [inspect.get_annotations(kind) for kind in settings.__mro__]

    def distance(field: dataclasses.Field[Any]) -> int:
        return next(n for n, names in enumerate(said) if field.name in names)

    for field in sorted(dataclasses.fields(settings), key=distance):
        hint = hints[field.name]
        if get_origin(hint) is not Annotated:
            raise TypeError(f"{settings.__name__}.{field.name} has no Option")
        kind, option = get_args(hint)
        found.append(Field(field.name, kind, field.default, option))
    return found


class Named(NamedTuple):
    """A picture named by a setting: the input that it fills, and its path or name."""

    role: str
    path: str
    style: bool  # whether it may be one of the shipped styles


def files_in(field: Field, value: Any) -> list[Named]:
    """The pictures that a setting's value names, in order; none where it is one of the choices."""
    option, found = field.option, []
    if not option.file or not value or value in option.choices or not fits(value, field.type):
        return []
    if option.mixture:
        parts = [name for name, _, _ in weighted_parts(value)]
        # By its suffix, or as a reference of the studio: upload:KEY.
        pictures = any(name.lower().endswith(option.mixture) or ":" in name for name in parts)
        return [Named(option.file, name, option.named) for name in parts if pictures]
    for text in value if isinstance(value, tuple) else (value,):
        path, _, style = text.rpartition("=") if option.paired else (text, "", "")
        path = path.rpartition("=")[2] if option.placed else path
        found.append(Named(option.file, path, option.named))
        if option.paired:
            found.append(Named(option.paired, style, True))
    return found


def renamed(field: Field, value: Any, paths: Mapping[str, list[str]]) -> Any:
    """The value with other paths for its pictures: `paths` is input name -> paths, in order."""
    if not files_in(field, value):
        return value
    if field.option.mixture:
        several = zip(paths[field.option.file], weighted_parts(value), strict=True)
        return ",".join(path + equals + weight for path, (_, equals, weight) in several)
    parts = [paths[role] for role in (field.option.file, field.option.paired) if role]
    texts = tuple("=".join(one) for one in zip(*parts, strict=True))
    if field.option.placed:
        heads = ("".join(text.rpartition("=")[:2]) for text in value)
        texts = tuple(head + text for head, text in zip(heads, texts, strict=True))
    return texts if isinstance(value, tuple) else texts[0]


def worded(field: Field, value: str) -> str:
    """A value as part of a file's name: starry=0.6,wave=0.4 is starry-0-6-wave-0-4.

    A picture's path is reduced to its stem.
    """
    stems: dict[str, list[str]] = {}
    for named in files_in(field, value):
        stems.setdefault(named.role, []).append(Path(named.path).stem)
    return "-".join(re.findall(r"\w+", str(renamed(field, value, stems))))


def fits(value: Any, kind: Any) -> bool:
    """Whether a value is of an annotated type; an int does for a float, a bool only for a bool."""
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if origin is tuple:
        return isinstance(value, tuple) and all(fits(one, inner[0]) for one in value)
    if origin is Mapping:
        return isinstance(value, Mapping) and all(fits(one, inner[1]) for one in value.values())
    if isinstance(value, bool):
        return kind is bool
    return isinstance(value, (int, float) if kind is float else kind)


def _check_number(flag: str, value: float, option: Option) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError(f"{flag} is {value}.", "It has to be a finite number.")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise UsageError(f"{flag} is {value}.", f"It must be at most {LARGEST}.")
    if option.least is not None and value < option.least:
        raise UsageError(f"{flag} is {value}.", f"It must be at least {option.least:g}.")
    if option.most is not None and value > option.most:
        raise UsageError(f"{flag} is {value}.", f"It must be at most {option.most:g}.")


def validate(settings: Any) -> None:
    """Raises UsageError for a value of the wrong type, or outside its limits or choices.

    To be called in `__post_init__`.
    """
    for field in fields_of(type(settings)):
        value, option = getattr(settings, field.name), field.option
        flag = field.flag
        if not fits(value, field.type):
            word = WORDS.get(field.type, "a list of numbers")
            raise UsageError(f"{flag} cannot be {value!r}.", f"It has to be {word}.")
        for number in value if isinstance(value, tuple) else (value,):
            if isinstance(number, int | float) and not isinstance(number, bool):
                _check_number(flag, number, option)
        for text in value if option.paired else ():
            if not all(named.path.strip() for named in files_in(field, (text,))):
                raise UsageError(
                    f"{flag} has a part that cannot be read: {text!r}.",
                    f"Write it as in {flag} {option.metavar}.",
                )
        if option.choices and value not in option.choices and not _names_a_file(value, option):
            hint = did_you_mean(value, option.choices)
            raise UsageError(
                f"{flag} cannot be {value!r}.", hint + " Or name a file." * bool(option.file)
            )


def unusual(settings: Any) -> Iterator[str]:
    """Sentences on values that are allowed, and hardly what is meant: of another program's scale.

    A share between 0 and 1 where the scale ends at 100, and a weight a thousand times the default.
    """
    for field in fields_of(type(settings)):
        value, option = getattr(settings, field.name), field.option
        if field.type is not float or value == field.default:
            continue
        if option.least == 0 and option.most == 100 and 0 < value <= 1:
            yield f"{field.flag} {value:g} is next to nothing: it goes from 0 to 100."
        if field.name.endswith("weight") and field.default and value >= FAR * field.default:
            times = value / field.default
            yield f"{field.flag} {value:g} is {times:g} times the default, {field.default:g}."


def _names_a_file(value: str, option: Option) -> bool:
    """Whether a value that is no choice may be a path; one spelt nearly like a choice is a typo."""
    if not option.file or not value:
        return False
    near = get_close_matches(value, option.choices, n=1, cutoff=0.7)
    return not near or Path(value).suffix != "" or Path(value).exists()

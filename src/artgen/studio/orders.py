"""The page's requests (orders), checked and resolved for the worker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from artgen.core.schema import fields_of, files_in, fits, renamed
from artgen.errors import ArtgenError, UsageError
from artgen.studio import kinds
from artgen.studio.history import Entry
from artgen.studio.kinds import FollowFilm
from artgen.studio.pictures import PictureFile, PictureStore
from artgen.techniques.base import HasCells, Input, Technique

__all__ = [
    "Order",
    "ResolvedOrder",
    "cell",
    "drafted",
    "labels",
    "larger",
    "lasting",
    "onward",
    "resolve",
]

DRAFT_SIDE, DRAFT_ITERATIONS = 256, 24  # of a draft
FAST_SIDE = 480  # of a draft made in one pass
FAST = "fast_apply"


@dataclass(frozen=True)
class Order:
    """A request for a picture or film.

    Attributes:
        technique: its name, or what else the page offers.
        settings: those that differ from the defaults; pictures in them are references.
        pictures: input -> references.
        seed: of all random numbers.
    """

    technique: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    pictures: Mapping[str, Sequence[str]] = field(default_factory=dict)
    seed: int = 0

    @classmethod
    def read(cls, table: Any) -> Order:
        """An order from a request's JSON.

        Raises:
            UsageError: if it is not an order.
        """
        known = {one.name for one in fields(cls)}
        good = (
            isinstance(table, dict)
            and table.keys() <= known
            and fits(table.get("technique"), str)
            and fits(table.get("seed", 0), int)
            and 0 <= table.get("seed", 0) < 2**63
            and all(isinstance(table.get(key, {}), dict) for key in ("settings", "pictures"))
            and all(_references(many) for many in table.get("pictures", {}).values())
        )
        if not good:
            raise UsageError("The page asked for something that cannot be read.", "Reload it.")
        return cls(**table)

    @classmethod
    def of(cls, entry: Entry) -> Order:
        """The order of a job."""
        return cls(entry.technique, entry.settings, entry.pictures, entry.seed)


@dataclass(frozen=True)
class ResolvedOrder:
    """An order that has been checked, with its pictures found.

    Attributes:
        technique: its name.
        settings: constructed, with the names of pictures in them.
        sources: role -> pictures, including those that settings name.
        seed: of all random numbers.
        title: its title on the page.
        stem: the stem of its file's name.
    """

    technique: str
    settings: Technique | FollowFilm
    sources: Mapping[str, Sequence[PictureFile]]
    seed: int
    title: str
    stem: str


def resolve(order: Order, store: PictureStore) -> ResolvedOrder:
    """Check an order and find its pictures.

    Raises:
        UsageError: for unknown settings or values outside their limits, or too few or too many
            pictures.
        PictureError: for a missing picture.
    """
    if order.technique not in kinds.offered():
        raise UsageError(f"There is no technique {order.technique!r} on this page.", "Reload it.")
    kind = kinds.kind(order.technique)
    sources = {one.name: [*map(store.find, _given(one, order))] for one in kind.inputs}
    values, known = dict(order.settings), kinds.known_fields(order.technique)
    for one in fields_of(kind):
        if one.name not in values:
            continue
        if one not in known and values[one.name] != one.default:
            raise UsageError(f"{one.flag} cannot be set on this page.", "Take the command line.")
        value = values[one.name]
        value = tuple(value) if isinstance(value, list) else value
        names: dict[str, list[str]] = {}
        for named in files_in(one, value):
            source = store.find(named.path)
            sources.setdefault(named.role, []).append(source)
            names.setdefault(named.role, []).append(source.name)
        values[one.name] = renamed(one, value, names)
    if issubclass(kind, HasCells):
        values["separate"] = True  # so that each cell can be shown alone
    _check_films(kind, sources)
    settings = kinds.settings(order.technique, values)
    unknown = order.pictures.keys() - {one.name for one in kind.inputs}
    if unknown:
        raise UsageError(f"{order.technique} takes no {min(unknown)!r}.", "Reload the page.")
    title = _title(order.technique, settings, sources)
    return ResolvedOrder(order.technique, settings, sources, order.seed, title, _stem(title))


def _check_films(kind: Any, sources: Mapping[str, Sequence[PictureFile]]) -> None:
    """Check that there are films where one is asked for, and nowhere else.

    Raises:
        UsageError: if not.
    """
    films = {one.name for one in kind.inputs if one.film} if kind is FollowFilm else set()
    for role, many in sources.items():
        for one in many:
            if one.film != (role in films):
                what = ("a picture", "a film")
                raise UsageError(
                    f"{one.name} is {what[one.film]}, and {what[not one.film]} belongs here.",
                    "Take a frame of it." if one.film else "Drop a film on the page.",
                )


def lasting(order: Order, store: PictureStore) -> Order:
    """The order with copies of results in it, whose jobs may be deleted."""
    values = dict(order.settings)
    for one in fields_of(kinds.kind(order.technique)) if order.technique in kinds.offered() else ():
        value = values.get(one.name)
        value = tuple(value) if isinstance(value, list) else value
        names: dict[str, list[str]] = {}
        for named in files_in(one, value):
            names.setdefault(named.role, []).append(store.keep(named.path))
        if names:
            values[one.name] = renamed(one, value, names)
    pictures = {role: [*map(store.keep, many)] for role, many in order.pictures.items()}
    return replace(order, settings=values, pictures=pictures)


def larger(order: Order, size: tuple[int, int]) -> Order:
    """The same picture (H, W), twice as large on each side.

    Raises:
        UsageError: if the technique has no size.
    """
    types = {one.name: one.type for one in fields_of(kinds.kind(order.technique))}
    height, width = (2 * side for side in size)
    value: Any = f"{width}x{height}" if types.get("size") is str else max(height, width)
    if "size" not in types:
        raise UsageError("This has no size of its own.", "Take a picture that has one.")
    return replace(order, settings={**order.settings, "size": value})


def cell(order: Order, number: int, size: int, store: PictureStore) -> Order:
    """A cell of a sheet as an order of its own, `size` px long.

    Raises:
        UsageError: if it is no sheet, or has no such cell.
    """
    made = resolve(order, store)
    if not isinstance(made.settings, HasCells):
        raise UsageError("This is no sheet whose cells can be painted.", "Explore some styles.")
    cut = made.settings.cell(number, {role: len(many) for role, many in made.sources.items()})
    pictures = {
        role: [order.pictures[role][index] for index in kept] for role, kept in cut.inputs.items()
    }
    settings = {
        one.name: cut.settings[one.name]
        for one in fields_of(kinds.kind(cut.technique))
        if one.name in cut.settings and cut.settings[one.name] != one.default
    }
    return Order(cut.technique, {**settings, "size": size}, pictures, order.seed)


def _described(cut: Order, store: PictureStore) -> str:
    """The label of a cell: its styles and settings."""
    names = [store.find(one).name.rpartition(".")[0] for one in cut.pictures.get("style", ())]
    words = [
        f"{key.replace('_', ' ')} {_number(value)}"
        for key, value in cut.settings.items()
        if key not in ("size", "net")
    ]
    return ", ".join([*names, *words])


def labels(order: Order, names: Sequence[str], store: PictureStore) -> list[str]:
    """The label of each picture that an order has made, if it is a cell of a sheet."""
    found = []
    for name in names:
        number = name.removeprefix("cell-")
        if number == name or not number.isdecimal():
            found.append("")
            continue
        try:
            found.append(_described(cell(order, int(number), 1, store), store))
        except ArtgenError:  # a style has been removed meanwhile
            found.append(name)
    return found


def onward(order: Order, reference: str) -> Order:
    """An order that starts from a picture: as its initial picture, or else as its photo.

    Raises:
        UsageError: if it takes neither.
    """
    kind = kinds.kind(order.technique)
    if any(one.name == "init" and one.option.file for one in fields_of(kind)):
        return replace(order, settings={**order.settings, "init": reference})
    for one in kind.inputs:
        if one.frame:
            return replace(order, pictures={**order.pictures, one.name: [reference]})
    raise UsageError(
        f"{order.technique.replace('_', ' ')} begins with no picture.", "Take another technique."
    )


def drafted(order: Order, styles: Iterable[str]) -> Order | None:
    """A small, quick version of an order; None if there is none.

    Args:
        order: a picture in full.
        styles: of the shipped painter: their drafts are made in one pass.
    """
    known = set(styles)
    settings, painted = dict(order.settings), order.pictures.get("style", [])
    quick = all(one.startswith("style:") and one[6:] in known for one in painted)
    if order.technique == "style" and painted and quick and not settings.get("mask"):
        weights = settings.get("style_weights") or [1] * len(painted)
        pairs = zip(painted, weights, strict=False)
        fast: dict[str, Any] = {
            "style": ",".join(
                one[6:] if weight == 1 else f"{one[6:]}={weight}" for one, weight in pairs
            ),
            # The default strength of style, 50, gives about the painter's full strength.
            "strength": min(2 * settings.get("strength", 50), 100),
            "color": "keep" if settings.get("color") == "keep" else "style",
        }
        return Order(FAST, fast | {"size": FAST_SIDE}, {"content": order.pictures["content"]})
    if order.technique not in ("style", "dream", FAST):
        return None
    side = FAST_SIDE if order.technique == FAST else DRAFT_SIDE
    settings["size"] = min(settings.get("size") or side, side)
    if order.technique == "style":
        settings["iterations"] = min(settings.get("iterations", DRAFT_ITERATIONS), DRAFT_ITERATIONS)
    return replace(order, settings=settings)


def _references(many: Any) -> bool:
    return isinstance(many, list | tuple) and all(isinstance(one, str) for one in many)


def _given(one: Input, order: Order) -> Sequence[str]:
    """The references of an input, as many as it takes."""
    many = order.pictures.get(one.name, ())
    if not many and not one.optional:
        raise UsageError(f"There is no {one.name} yet.", f"Choose {one.help}.")
    if len(many) > 1 and not one.many:
        raise UsageError(f"{one.name} is one picture.", "Choose one.")
    return many


def _title(
    name: str, settings: Technique | FollowFilm, sources: Mapping[str, Sequence[PictureFile]]
) -> str:
    """`frog, starry`, or without input pictures, `see kernels`."""
    roles = [one.name for one in settings.inputs if sources.get(one.name)]
    words = [one.name.rpartition(".")[0] for role in roles for one in sources[role]]
    words += [
        str(getattr(settings, one.name))
        for one in fields_of(type(settings))
        if one.option.positional
    ]
    alone = len(words) < 2
    return ", ".join([*words, name.replace("_", " ")] if alone else words)


def _stem(title: str) -> str:
    """`frog-starry`."""
    kept = "".join(char if char.isalnum() or char in "-_" else "-" for char in title)
    return "-".join(filter(None, kept.split("-")))[:60] or "picture"


def _number(value: Any) -> str:
    if isinstance(value, tuple | list):
        return " ".join(map(_number, value))
    return f"{value:g}" if isinstance(value, float) else str(value)

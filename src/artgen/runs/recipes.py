"""Recipes: a technique's settings as TOML, with everything needed to make the picture again."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

import tomli_w

from artgen._version import __version__
from artgen.core.events import Provenance, Result, Step
from artgen.core.files import is_name
from artgen.core.schema import Field, fields_of, files_in, fits, renamed
from artgen.core.toml import MOST_INPUTS, table_of
from artgen.errors import ArtgenError, RecipeError, UsageError, did_you_mean
from artgen.images import Loaded, LoadedFolder
from artgen.techniques import summaries, technique
from artgen.techniques.base import Engine, HasCells, Technique

__all__ = [
    "Origin",
    "Recipe",
    "built",
    "check_names",
    "names_in",
    "portable",
    "settings_from",
]


Built = TypeVar("Built")


@dataclass(frozen=True)
class Origin:
    """One input: its name in the technique, its file's name without folders, the bytes' SHA-256.

    A recipe written by hand may leave out the hash: then any file of that name is accepted.
    """

    role: str
    name: str
    sha256: str = ""


@dataclass(frozen=True)
class Recipe:
    """Everything needed to make a picture again.

    Attributes:
        technique: its name.
        settings: name -> value, complete, since later versions may have other defaults.
        seed: of all random numbers.
        inputs: the pictures it was made from.
        network: name, with its version, and the weights' SHA-256; and by its name that of each
            further network.
        machine: device, precision, tile, and the versions that affect the last bit.
        interrupted: the iteration at which the run was stopped, 0 if it was completed.
        exposure: stops by which inputs in linear light were exposed; 0 if none was.
        measured: numbers found in the finished picture.
        follow: of a film that follows painted keys, how it was trained, and a table for each key:
            `frame`, `name` and `sha256`, and those of its `mask`. Empty for all else.
    """

    technique: str
    settings: Mapping[str, Any]
    seed: int = 0
    inputs: Sequence[Origin] = ()
    network: Mapping[str, str] = field(default_factory=dict)
    machine: Mapping[str, str | int] = field(default_factory=dict)
    interrupted: int = 0
    exposure: float = 0.0
    measured: Mapping[str, float] = field(default_factory=dict)
    follow: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        name: str,
        settings: Technique,
        runtime: Engine,
        pictures: Mapping[str, Sequence[Loaded | LoadedFolder]],
        event: Step | Result | None = None,
    ) -> Recipe:
        """The recipe of a run as of an event: its result, or a step at which it was interrupted.

        Without an event it does not have the network.
        """
        values = {f.name: getattr(settings, f.name) for f in fields_of(type(settings))}
        values = portable(type(settings), values)
        inputs = [
            Origin(role, loaded.path.name, loaded.sha256)
            for role, many in pictures.items()
            for loaded in many
        ]
        by = event.provenance if event else Provenance()
        looked = {"name": by.network, "sha256": by.sha256} if by.network else {}
        looked |= dict(by.beside)
        interrupted = event.index if isinstance(event, Step) else 0
        here = runtime.machine(by.tile)
        all_read = [loaded for many in pictures.values() for loaded in many]
        exposure = next((one.exposure for one in all_read if one.exposure), 0.0)
        found = event.measured if isinstance(event, Result) else {}
        return cls(name, values, runtime.seed, inputs, looked, here, interrupted, exposure, found)

    def dumps(self) -> str:
        """The recipe as TOML."""
        table = dataclasses.asdict(self) | {"artgen": __version__}
        for key in ("interrupted", "exposure", "measured", "follow"):
            if not table[key]:
                del table[key]
        # A file's name may be invalid Unicode; TOML may not.
        return tomli_w.dumps(table).encode("utf-8", "replace").decode()

    @classmethod
    def loads(cls, text: str) -> Recipe:
        """Read what `dumps` wrote.

        Raises:
            RecipeError: if it is not TOML, or not a recipe, or names files by paths.
        """
        table = table_of(text)
        complete = table.pop("artgen", None) is not None  # and not written by hand
        origins = table.pop("inputs", [])
        if not isinstance(origins, list):
            raise RecipeError("This is no recipe of artgen: 'inputs' is no list of tables.")
        if len(origins) > MOST_INPUTS:
            raise RecipeError(
                f"This recipe has {len(origins)} inputs, and {MOST_INPUTS} are the most."
            )
        inputs = [Origin(**_fitting(Origin, origin)) for origin in origins]
        read = cls(**_fitting(cls, table), inputs=inputs)
        check_names([origin.name for origin in inputs])
        if read.technique in summaries():
            check_names(names_in(technique(read.technique), read.settings))
        read._check_machine()
        told = read._versions() | (read._before() if complete else {})
        return dataclasses.replace(read, settings={**read.settings, **told})

    def _before(self) -> dict[str, Any]:
        """What the settings were in effect that did not exist when it was written."""
        if self.technique not in summaries():
            return {}
        new = [f for f in fields_of(technique(self.technique)) if f.name not in self.settings]
        return {f.name: f.option.before for f in new if f.option.before is not None}

    def _versions(self) -> dict[str, str]:
        """Versions for the networks of a recipe without them: told by the weights."""
        from artgen.networks.zoo import all_networks, network, versions

        used, digest = self.network.get("name", ""), self.network.get("sha256", "")
        if used not in all_networks():
            return {}
        known = {one.source.digest: one.full_name for one in versions(network(used))}
        asked = [f.name for f in fields_of(technique(self.technique)) if f.option.network]
        named = [name for name in asked if self.settings.get(name) == used]
        return {name: known[digest] for name in named if digest in known}

    def _check_machine(self) -> None:
        """Refuse values that no machine can have: a recipe may come from anybody."""
        known: dict[str, type] = {"device": str, "precision": str, "tile": str}
        for key, kind in known.items():
            if key in self.machine and not fits(self.machine[key], kind):
                raise RecipeError(f"This is no recipe of artgen: {key!r} is {self.machine[key]!r}.")

    def check_inputs(self) -> None:
        """Check that the inputs are those that the technique takes.

        Raises:
            RecipeError: for a missing input, one too many, or an unknown one.
        """
        kind = technique(self.technique)
        given = Counter(origin.role for origin in self.inputs)
        allowed = {
            one.name: (int(not one.optional), len(self.inputs) if one.many else 1)
            for one in kind.inputs
        }
        for setting in fields_of(kind):
            value = _said(setting, self.settings)
            named = Counter(one.role for one in files_in(setting, value))
            for role in filter(None, (setting.option.file, setting.option.paired)):
                allowed[role] = (named[role], named[role])
        for role in {**allowed, **given}:
            least, most = allowed.get(role, (0, 0))
            if not least <= given[role] <= most:
                raise RecipeError(
                    f"This is no recipe of artgen: for {role!r} it names {given[role]} pictures "
                    f"where {max(least, most)} belong."
                )

    def build(self, **changes: Any) -> Technique:
        """The technique with these settings, some of them changed."""
        return settings_from(self.technique, {**self.settings, **changes})

    def cell(self, number: int) -> Recipe:
        """The recipe of one cell of a sheet, at full size.

        Raises:
            RecipeError: if the picture is not a sheet whose cells can be made on their own.
            UsageError: if it has no such cell.
        """
        sheet, given = self.build(), Counter(origin.role for origin in self.inputs)
        if not isinstance(sheet, HasCells):
            raise RecipeError(
                f"A picture of artgen {self.technique.replace('_', ' ')} has no cells.",
                "Leave --cell out.",
            )
        cut = sheet.cell(number, given)
        roles = {role: [one for one in self.inputs if one.role == role] for role in given}
        inputs = [roles[role][index] for role, kept in cut.inputs.items() for index in kept]
        settings = settings_from(cut.technique, cut.settings)
        values = {f.name: getattr(settings, f.name) for f in fields_of(type(settings))}
        return dataclasses.replace(self, technique=cut.technique, settings=values, inputs=inputs)


def _fitting(kind: type[Recipe | Origin], table: Any) -> dict[str, Any]:
    """The table, if it has the keys of `kind` and values of their types; else a RecipeError."""
    if not isinstance(table, dict):
        raise RecipeError(f"This is no recipe of artgen: {table!r} is no table.")
    hints = get_type_hints(kind)
    for key, value in table.items():
        if key not in hints:
            raise RecipeError(f"A recipe of artgen has no {key!r}.", did_you_mean(key, hints))
        if not fits(value, hints[key]):
            raise RecipeError(f"This is no recipe of artgen: {key!r} cannot be {value!r}.")
    for one in dataclasses.fields(kind):
        needed = one.default is one.default_factory is dataclasses.MISSING
        if needed and one.name not in table:
            raise RecipeError(f"This is no recipe of artgen: it has no {one.name!r}.")
    return table


def check_names(names: Iterable[str]) -> None:
    """Check that files are named, and not places: a recipe may come from anybody.

    Raises:
        RecipeError: for a path, or for `..`.
    """
    for name in names:
        if not is_name(name):
            raise RecipeError(
                f"{name!r} is no name of a file: it has a folder.",
                "A recipe names files, which are looked for beside it and with --inputs.",
            )


def names_in(kind: type[Technique], settings: Mapping[str, Any]) -> Iterator[str]:
    """The names of files in the settings of a recipe."""
    for setting in fields_of(kind):
        value = _said(setting, settings)
        yield from (one.path for one in files_in(setting, value) if one.path)
        if setting.option.local and value:
            yield str(value)


def _said(setting: Field, settings: Mapping[str, Any]) -> Any:
    """A setting's value as the technique takes it."""
    value = settings.get(setting.name, setting.default)
    return tuple(value) if isinstance(value, list) else value


def portable(kind: type[Technique], values: Mapping[str, Any]) -> dict[str, Any]:
    """Settings as a recipe holds them: files without folders, networks with their versions.

    Raises:
        UsageError: for an unknown network.
    """
    found = dict(values)
    for setting in fields_of(kind):
        value, names = found.get(setting.name, setting.default), dict[str, list[str]]()
        for named in files_in(setting, value):
            names.setdefault(named.role, []).append(Path(named.path).name)
        found[setting.name] = renamed(setting, value, names)
        if setting.option.local:
            found[setting.name] = Path(value).name
        if setting.option.network:
            from artgen.networks.zoo import network  # imports torch

            found[setting.name] = network(value).full_name
    return found


def settings_from(name: str, values: Mapping[str, Any]) -> Technique:
    """A technique from settings by name, as a recipe holds them.

    Raises:
        RecipeError: for an unknown setting; the hint has the closest one.
        UsageError: for values outside their limits.
    """
    return built(technique(name), name, values)


def built(kind: type[Built], name: str, values: Mapping[str, Any]) -> Built:
    """Settings of a kind that is called `name`, from a table.

    Raises:
        RecipeError: for an unknown setting; the hint has the closest one.
        UsageError: for values outside their limits.
    """
    known = {f.name: f for f in fields_of(kind)}
    converted = {}
    for key, value in values.items():
        if key not in known:
            raise RecipeError(f"{name!r} has no setting {key!r}.", did_you_mean(key, known))
        if known[key].type == tuple[float, ...] and fits(value, float):
            value = (value,)  # one number is a list of one
        if isinstance(value, str):
            value = dict(known[key].option.former).get(value, value)
        converted[key] = tuple(value) if isinstance(value, list) else value
    try:
        return kind(**converted)
    except ArtgenError:
        raise
    except TypeError as error:
        raise UsageError(f"The settings of {name!r} do not fit: {error}.") from error

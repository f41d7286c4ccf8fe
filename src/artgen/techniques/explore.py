"""Try styles and settings on a photo: one sheet of small, quick pictures.

Every cell is a style transfer with fewer steps. With its number it can be made in full:
`artgen again photo-explore.png --cell 3 --size 1024`. Rows are styles; columns are what `--vary`
varies. With `--sweep` they go from one style to another, and `-o sweep.gif` or `.mp4` makes a film
of that.

Example: artgen explore photo.jpg starry wave --vary strength=20,50,80
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from artgen.core.defaults import MOST_CELL
from artgen.core.events import Note, Result, State, Step
from artgen.core.schema import Field, Option, fields_of, validate
from artgen.errors import UsageError, did_you_mean
from artgen.ops.resize import fit, resize
from artgen.techniques import technique
from artgen.techniques.base import TECHNIQUES, CellRun, Input, Inputs
from artgen.techniques.common.options import FILM, RUN, Net
from artgen.techniques.common.sheet import SheetSettings

if TYPE_CHECKING:
    from torch import Tensor

    from artgen.figures.progressive import Place
    from artgen.runtime import Runtime

__all__ = ["Explore"]

STYLE = "style"  # the technique that makes every cell
OWN = ("size", "iterations", "net")  # settings that the sheet has for all its cells
MOST_SWEEP = 1000  # cells from one style to another


@dataclass(frozen=True)
class _Variant:
    """One cell: the styles it takes, the settings that differ, and its label."""

    styles: tuple[int, ...]
    changes: Mapping[str, Any]

    @property
    def label(self) -> str:
        return " ".join(f"{key} {_shown(value)}" for key, value in self.changes.items())


@dataclass(frozen=True)
class Explore(SheetSettings):
    """Settings of a sheet of style transfers."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the photo"),
        Input("style", "the style pictures, a row each", many=True, style=True),
    )

    vary: Annotated[
        tuple[str, ...],
        Option(
            "a setting of artgen style and its values, one column for each; may be given more than "
            "once",
            metavar="NAME=VALUE,…",
            first=True,
        ),
    ] = ()
    fixed: Annotated[
        tuple[str, ...],
        Option(
            "a setting of artgen style, for all cells; may be given more than once",
            metavar="NAME=VALUE",
        ),
    ] = ()
    sweep: Annotated[
        int,
        Option(
            "number of cells that go from the first style to the second, in equal steps",
            least=0,
            most=MOST_SWEEP,
        ),
    ] = 0
    film: Annotated[
        bool,
        Option(
            "make a film of the sweep; -o sweep.gif or .mp4 does so, too",
            film=True,
            group=FILM,
        ),
    ] = False
    fps: Annotated[float, Option("frames in a second", least=1, most=60, group=FILM)] = 12.0
    size: Annotated[
        int, Option("long side of each cell, in pixels", "s", least=1, most=MOST_CELL, first=True)
    ] = 192
    iterations: Annotated[
        int, Option("iterations for each cell", "n", least=1, group=RUN, first=True)
    ] = 80
    net: Net = "slim"

    def __post_init__(self) -> None:
        validate(self)
        if self.sweep == 1:
            raise UsageError("--sweep is 1.", "From one style to another takes 2 cells at least.")
        if self.film and (not self.sweep or self.vary or self.separate):
            raise UsageError(
                "A film goes from one style to another, and shows nothing else.",
                "Ask for it as in: artgen explore PHOTO starry wave --sweep 24 -o sweep.gif",
            )
        self._varied()
        self._base()

    @property
    def frames_a_second(self) -> Fraction | None:
        """Of a film; None for a sheet."""
        return Fraction(self.fps).limit_denominator(1001) if self.film else None

    def result_size(self, inputs: Inputs) -> tuple[int, int] | None:
        """(H, W) of a film, or None for a sheet; `inputs` are pictures (1, 3, H, W)."""
        return self._cell_size(inputs) if self.film else None

    def _cell_size(self, inputs: Inputs) -> tuple[int, int]:
        height, width = inputs["content"][0].shape[-2:]
        return fit((height, width), self.size)

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Make one cell after the other.

        Args:
            inputs: `content` (one picture), `style` (one or more).
            runtime: device, precision, tiles and seed.
            state: that of a film's frame to go on from; a sheet cannot be resumed.

        Raises:
            UsageError: for settings that artgen style does not have, or values it refuses.
        """
        from artgen.figures.progressive import PendingCell, drawn  # imports torch
        from artgen.figures.sheet import Cell

        size = self._cell_size(inputs)
        if self.film:
            yield from self._frames(inputs, runtime, size, int(state["frame"]) if state else 0)
            return
        places: list[Place] = []
        variants = self._variants(len(inputs["style"]))
        columns = len(variants) if self.sweep else len(variants) // len(inputs["style"]) + 1
        for number, variant in enumerate(variants, 1):
            first = inputs["style"][variant.styles[0]]
            if not self.sweep and (number - 1) % (columns - 1) == 0:
                places.append(Cell(f"style-{variant.styles[0] + 1}", "", _thumbnail(first, size)))
            make = partial(self._make, variant, inputs, runtime)
            label = f"{number}: {variant.label}" if variant.changes else str(number)
            places.append(
                PendingCell(f"cell-{number}", _constantly(label), size, self.iterations, make)
            )
        yield Note(f"{len(variants)} cells of {size[1]} x {size[0]} px.")
        lay_out = self.lay_out(columns=columns)
        cells, provenance = yield from drawn(places, lay_out, self.background)
        yield Result(self.pictures(cells, lay_out), provenance)

    def _frames(
        self, inputs: Inputs, runtime: Runtime, size: tuple[int, int], done: int
    ) -> Iterator[Step | Note | Result]:
        """The film of a sweep: a Step is a frame, and the state is their number."""
        import torch

        variants = self._variants(len(inputs["style"]))
        yield Note(f"{len(variants)} frames of {size[1]} x {size[0]} px.")
        last: Step | None = None
        for index, variant in enumerate(variants[done:], done + 1):
            *_, last = self._make(variant, inputs, runtime)
            frame = last.picture().cpu()
            kept = {"frame": torch.tensor(index)}
            yield Step(*(index, len(variants), size, {}, frame.clone, kept.copy), last.provenance)
        if last is None:  # all frames are there already; the result is the last of them
            *_, last = self._make(variants[-1], inputs, runtime)
        yield Result({"picture": last.picture().cpu()}, last.provenance)

    def cell(self, number: int, counts: Mapping[str, int]) -> CellRun:
        """A cell of the sheet, at the size and with the iterations of a picture in full.

        Args:
            number: from 1.
            counts: the number of pictures of each input of the sheet.

        Raises:
            UsageError: if there is no such cell.
        """
        variants = self._variants(counts["style"])
        if not 1 <= number <= len(variants):
            raise UsageError(
                f"The sheet has no cell {number}.", f"Its cells are 1 to {len(variants)}."
            )
        variant = variants[number - 1]
        settings = {"net": self.net, **self._base(), **variant.changes}
        return CellRun(STYLE, settings, {"content": [0], "style": variant.styles})

    def _variants(self, count: int) -> list[_Variant]:
        """Every cell, row by row."""
        varied = self._varied()
        mixed = [dict(zip(varied, values, strict=True)) for values in product(*varied.values())]
        if not self.sweep:
            return [_Variant((style,), one) for style in range(count) for one in mixed]
        if count != 2:
            raise UsageError(f"--sweep takes two styles, and there are {count}.")
        shares = [index / (self.sweep - 1) for index in range(self.sweep)]
        return [
            _Variant((0, 1), {**one, "style_weights": (round(1 - to, 3), round(to, 3))})
            for one in mixed
            for to in shares
        ]

    def _make(self, variant: _Variant, inputs: Inputs, runtime: Runtime) -> Iterator[Step]:
        """The steps of one cell, without the notes."""
        own = {key: getattr(self, key) for key in OWN}
        settings = technique(STYLE)(**{**own, **self._base(), **variant.changes})
        styles = [inputs["style"][index] for index in variant.styles]
        for event in settings.run({"content": inputs["content"], "style": styles}, runtime):
            if isinstance(event, Step):
                yield event

    def _varied(self) -> dict[str, list[Any]]:
        """Setting -> its values."""
        found: dict[str, list[Any]] = {}
        for text in self.vary:
            field, values = _read(text, "--vary")
            found[field.name] = [_value(field, one) for one in values.split(",")]
        return found

    def _base(self) -> dict[str, Any]:
        """The settings of all cells."""
        read = [_read(text, "--fixed") for text in self.fixed]
        return {field.name: _value(field, text) for field, text in read}


def _read(text: str, flag: str) -> tuple[Field, str]:
    """`strength=20,50` as a setting of artgen style and the text after the equals sign."""
    name, equals, values = text.partition("=")
    known = {
        field.name: field
        for field in fields_of(technique(STYLE))
        if field.name not in OWN and not field.option.paired
    }
    key = name.strip().replace("-", "_")
    if not equals or not values or key not in known:
        raise UsageError(
            f"{flag} has a part that cannot be read: {text!r}.", did_you_mean(key, known)
        )
    return known[key], values


def _value(field: Field, text: str) -> Any:
    """A value of a setting; refused if artgen style would refuse it."""
    several = field.type == tuple[float, ...]
    kind = float if several else field.type
    value: Any = text.strip()
    if kind is bool:
        value = {"true": True, "false": False}.get(value.lower(), value)
    elif kind in (int, float):
        with suppress(ValueError):  # what is not a number is refused below, with a message
            value = kind(value)
    value = (value,) if several else value
    technique(STYLE)(**{field.name: value})
    return value


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(map(_shown, value))
    return f"{value:g}" if isinstance(value, float) else f"{value}"


def _constantly(label: str) -> Callable[[Tensor], str]:
    return lambda _: label


def _thumbnail(picture: Tensor, size: tuple[int, int]) -> Tensor:
    """A style picture (1, 3, h, w), as large as fits into a cell."""
    height, width = picture.shape[-2:]
    factor = min(size[0] / height, size[1] / width)
    return resize(picture, (max(round(height * factor), 1), max(round(width * factor), 1)))


TECHNIQUES.add("explore", Explore)

"""Prints: a size on paper as a setting, and pictures enlarged to it at the end of a run.

Strokes are right at the size for which a style is looked at, and cost time with every pixel: a
picture for the wall is painted at that size, and then enlarged by `artgen enlarge`'s network.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from artgen.core.events import Note, Result, Step
from artgen.core.parsing import print_size
from artgen.core.schema import Option, validate
from artgen.errors import UsageError
from artgen.ops.resize import fit

if TYPE_CHECKING:
    from artgen.runtime import Runtime

__all__ = ["DETAIL", "Printed", "enlarged", "tile_of"]

DETAIL = 70.0  # from faithful (0) to inventive (100)


@dataclass(frozen=True)
class Printed:
    """The setting `--print`: the long side of a print."""

    print: Annotated[
        str,
        Option(
            "long side of a print to which the picture is enlarged, in pixels, or as in "
            "60cm@200dpi, which is written into the file",
            metavar="SIZE",
            draft="",
        ),
    ] = ""

    def __post_init__(self) -> None:
        validate(self)
        if self.print:
            print_size(self.print, "--print")

    @property
    def dots_per_inch(self) -> float:
        """The print's resolution; 0 where none is given."""
        return print_size(self.print, "--print")[1] if self.print else 0.0

    def printed_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """The size (H, W) of the print of a picture (H, W); its own without a print.

        Raises:
            UsageError: for a print that is smaller.
        """
        if not self.print:
            return size
        side, _ = print_size(self.print, "--print")
        if side < max(size):
            raise UsageError(
                f"--print {self.print} is a long side of {side} px, and the picture has "
                f"{max(size)} px before.",
                "Take a larger print, or a smaller --size.",
            )
        return fit(size, side)


def tile_of(runtime: Runtime) -> int | None:
    """The side of an enlargement's tiles, in pixels of the smaller picture; None for one piece."""
    from artgen.fast import enlarging

    tile = {"auto": enlarging.TILE, "off": None}.get(runtime.tile, runtime.tile)
    return None if tile is None else int(tile)


def enlarged(
    events: Iterator[Step | Note | Result],
    before: tuple[int, int],
    size: tuple[int, int],
    runtime: Runtime,
) -> Iterator[Step | Note | Result]:
    """The events of a run, whose picture is then enlarged, with a further step for each tile.

    Args:
        events: of the run, the last one its result.
        before: (H, W) of its picture.
        size: (H, W) of the enlargement.
        runtime: device, precision and tiles.

    Raises:
        OutOfMemory: if a picture of that size does not fit into memory.
    """
    from artgen.fast import enlarging
    from artgen.optim.memory import reused

    runtime.check_room(size)
    tile = tile_of(runtime)
    more, index = enlarging.count(before, size, tile), 0
    for event in events:
        if isinstance(event, Step):
            index = event.index
            yield replace(event, total=None if event.total is None else event.total + more)
        elif isinstance(event, Result):
            by, painted = event.provenance, event.pictures["picture"]
            enlarger, _ = runtime.enlarger()
            passes = enlarging.enlarge(enlarger, painted, size, DETAIL / 100, tile)
            with reused():
                for number, total, made in passes:
                    here = (made.shape[-2], made.shape[-1])
                    yield Step(index + number, index + total, here, {}, made.clone, provenance=by)
            yield replace(event, pictures={**event.pictures, "picture": made})
        else:
            yield event

"""Sheets whose pictures are optimised one after the other, as one run with one count of steps."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from artgen.core.events import Note, Provenance, Step
from artgen.figures.sheet import Cell, LayOut, blank, enlarged
from artgen.ops.resize import resample

__all__ = ["PendingCell", "drawn"]


@dataclass(frozen=True)
class PendingCell:
    """A cell of a sheet whose picture is still to be optimised.

    Attributes:
        name: as of a Cell.
        label: picture (1, 3, H, W) -> the text under it.
        size: (H, W) of the picture, in pixels.
        iterations: number of steps that `make` yields.
        make: begins the run that makes the picture.
        sharp: whether smaller pictures are enlarged without interpolation.
    """

    name: str
    label: Callable[[Tensor], str]
    size: tuple[int, int]
    iterations: int
    make: Callable[[], Iterator[Step | Note]]
    sharp: bool = False

    def cell(self, picture: Tensor) -> Cell:
        """The cell with a picture (1, 3, h, w) resized to `size`: it may be of a coarser scale."""
        larger = enlarged(picture, max(self.size)) if self.sharp else picture
        made = resample(larger.detach(), self.size).clamp(0, 1).cpu()
        return Cell(self.name, self.label(made), made)


Place = PendingCell | Cell | None


def drawn(
    places: Sequence[Place],
    lay_out: LayOut,
    background: str,
) -> Generator[Step | Note, None, tuple[list[Cell | None], Provenance]]:
    """Makes every pending cell in turn; returns the cells, and the provenance of the last run.

    Args:
        places: the sheet, row by row; cells that are made already, and None, stay as they are.
        lay_out: cells -> the sheet (1, 3, H, W), for the pictures of the steps.
        background: `dark` or `light`, for cells that have not begun.

    Yields:
        Steps numbered through all cells, each with the sheet so far as its picture; and Notes.
    """
    cells = [
        Cell(place.name, "", blank(place.size, background))
        if isinstance(place, PendingCell)
        else place
        for place in places
    ]
    total = sum(place.iterations for place in places if isinstance(place, PendingCell))
    before, provenance = 0, Provenance()
    for number, place in enumerate(places):
        if not isinstance(place, PendingCell):
            continue
        picture: Callable[[], Tensor] | None = None
        for event in place.make():
            if isinstance(event, Note):
                yield event
                continue
            picture, provenance = event.picture, event.provenance

            def so_far(pending: PendingCell = place, at: int = number, now: Step = event) -> Tensor:
                return lay_out([*cells[:at], pending.cell(now.picture()), *cells[at + 1 :]])

            # A run cannot be resumed in the middle of a sheet: no state.
            yield replace(
                event, index=before + event.index, total=total, picture=so_far, state=dict
            )
        if picture is not None:
            cells[number] = place.cell(picture())
        before += place.iterations
    return cells, provenance

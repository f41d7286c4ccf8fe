"""A sheet whose pictures are optimised one after the other: one run with one count of steps."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from torch import Tensor

from artgen.core.events import Note, Provenance, Step
from artgen.figures.sheet import Cell, LayOut, blank, enlarged
from artgen.ops.resize import resample

__all__ = ["Plate", "drawn"]


@dataclass(frozen=True)
class Plate:
    """A cell of a sheet whose picture is still to be made.

    Attributes:
        name: as of a Cell.
        label: what stands under a picture, once it is there.
        size: (H, W) of the picture.
        iterations: steps that `make` yields.
        make: the run that makes it, begun when it is its turn.
        sharp: whether a smaller picture is enlarged with every pixel a square.
    """

    name: str
    label: Callable[[Tensor], str]
    size: tuple[int, int]
    iterations: int
    make: Callable[[], Iterator[Step | Note]]
    sharp: bool = False

    def cell(self, picture: Tensor) -> Cell:
        """The cell with a picture, brought to its size where a coarser one is all there is yet."""
        larger = enlarged(picture, max(self.size)) if self.sharp else picture
        made = resample(larger.detach(), self.size).clamp(0, 1).cpu()
        return Cell(self.name, self.label(made), made)


Place = Plate | Cell | None


def drawn(
    places: Sequence[Place],
    lay_out: LayOut,
    background: str,
) -> Generator[Step | Note, None, tuple[list[Cell | None], Provenance]]:
    """Makes every plate in turn; its generator returns the cells, and what made the last of them.

    Args:
        places: of the sheet, row by row; what is a Cell or None stays as it is.
        lay_out: cells -> the sheet, for the pictures of the steps.
        background: of the plates whose turn has not come yet.

    Yields:
        Steps numbered through all plates, each with the sheet so far as its picture; and Notes.
    """
    cells = [
        Cell(place.name, "", blank(place.size, background)) if isinstance(place, Plate) else place
        for place in places
    ]
    total = sum(place.iterations for place in places if isinstance(place, Plate))
    before, provenance = 0, Provenance()
    for number, place in enumerate(places):
        if not isinstance(place, Plate):
            continue
        picture: Callable[[], Tensor] | None = None
        for event in place.make():
            if isinstance(event, Note):
                yield event
                continue
            picture, provenance = event.picture, event.provenance

            def so_far(plate: Plate = place, at: int = number, now: Step = event) -> Tensor:
                return lay_out([*cells[:at], plate.cell(now.picture()), *cells[at + 1 :]])

            # Nothing can go on in the middle of a sheet: no state.
            yield replace(
                event, index=before + event.index, total=total, picture=so_far, state=dict
            )
        if picture is not None:
            cells[number] = place.cell(picture())
        before += place.iterations
    return cells, provenance

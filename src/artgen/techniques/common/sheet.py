"""Settings of a labelled sheet, and helpers of the techniques that make one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from artgen.core.events import Provenance, Step
from artgen.core.schema import validate
from artgen.errors import UsageError
from artgen.techniques.common.network import NetworkSettings
from artgen.techniques.common.options import Background, Separate

if TYPE_CHECKING:
    from torch import Tensor

    from artgen.figures.sheet import Cell, LayOut

__all__ = ["SeeSettings", "SheetSettings", "given", "seen"]


@dataclass(frozen=True)
class SheetSettings:
    """Settings of a labelled sheet."""

    background: Background = "dark"
    separate: Separate = False

    def lay_out(self, title: str = "", columns: int = 0) -> LayOut:
        """A function that lays out cells as a sheet."""
        from artgen.figures.sheet import sheet  # imports torch

        return partial(sheet, title=title, columns=columns, background=self.background)

    def pictures(self, cells: Sequence[Cell | None], lay_out: LayOut) -> dict[str, Tensor]:
        """The result's pictures, (1, 3, H, W) each: the sheet, and each cell if wanted."""
        from artgen.figures.sheet import pictures  # imports torch

        return pictures(cells, lay_out, separate=self.separate)


@dataclass(frozen=True)
class SeeSettings(SheetSettings, NetworkSettings):
    """Settings that every `artgen see` has; `--help` lists them after its own."""

    def __post_init__(self) -> None:
        validate(self)

    def result_size(self, inputs: Mapping[str, Sequence[Tensor]]) -> None:
        """None: a sheet's size is known only once it is laid out.

        `inputs` maps names to pictures (1, 3, H, W).
        """


def seen(picture: Tensor, provenance: Provenance, index: int = 1, total: int = 1) -> Step:
    """The step of a technique that optimises nothing; `picture` (1, 3, H, W) is its sheet."""
    size = (picture.shape[-2], picture.shape[-1])
    return Step(index, total, size, {}, picture.clone, provenance=provenance)


def given(photos: Sequence[Tensor], init: str) -> Tensor | None:
    """The photo (1, 3, H, W) to use; None if `init` is `noise`.

    Raises:
        UsageError: if there is no photo, or one is given with noise.
    """
    if init == "noise":
        if photos:
            raise UsageError("--init noise takes no photo.", "Leave one of them out.")
        return None
    if not photos:
        raise UsageError("There is no photo to look at.", "Name one, or take --init noise.")
    return photos[0]

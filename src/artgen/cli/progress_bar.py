"""The progress bar of a run on a terminal, under a preview of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from artgen.ops.resize import resize
from artgen.ops.samples import to_bytes

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["ProgressBar", "blocks"]


class ProgressBar:
    """A bar on stderr, which is a terminal; shown from its first update on."""

    def __init__(self) -> None:
        self.console = Console(stderr=True, highlight=False, markup=False)
        self.preview: RenderableType = ""
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[detail]}"),
            TimeRemainingColumn(compact=True),
            console=self.console,
        )
        self.live = Live(console=self.console, auto_refresh=False, transient=True)
        self.task = self.progress.add_task("", total=None, detail="")

    def draw(self, picture: Tensor) -> None:
        """Show a picture (1, 3, H, W) above the bar from the next update on."""
        cells = self.console.size
        self.preview = blocks(picture, cells.width, cells.height - 3)

    def update(self, done: int, total: int | None, what: str, detail: str) -> None:
        """Show how much is done."""
        self.progress.update(
            self.task, completed=done, total=total, description=what, detail=detail
        )
        self.live.start()
        self.live.update(Group(self.preview, self.progress), refresh=True)


def blocks(picture: Tensor, columns: int, lines: int) -> Text:
    """A picture (1, 3, H, W) in terminal cells: each an upper half block over a colour."""
    height, width = picture.shape[-2:]
    factor = min(columns / width, 2 * max(lines, 1) / height)
    size = (max(2, round(height * factor) // 2 * 2), max(1, round(width * factor)))
    pixels = to_bytes(resize(picture, size))
    text = Text(no_wrap=True, end="")
    for row in range(0, size[0], 2):
        for upper, lower in zip(pixels[row], pixels[row + 1], strict=True):
            colour = "rgb({},{},{}) on rgb({},{},{})".format(*upper, *lower)
            text.append("▀", style=colour)
        text.append("\n")
    return text

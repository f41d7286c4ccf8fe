"""Views of a run: a progress bar with losses, a picture in the terminal, or JSON events."""

from __future__ import annotations

import json
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text
from torch import Tensor

from artgen.cli.messages import say
from artgen.core.events import Step
from artgen.core.listeners import Listener
from artgen.networks.weights import Offer, Watcher
from artgen.ops.resize import resize
from artgen.ops.samples import to_bytes
from artgen.optim.threads import Threads
from artgen.runtime import Runtime

if TYPE_CHECKING:
    from typing_extensions import Self

    from artgen.cli.common import Common

__all__ = [
    "JsonView",
    "QuietView",
    "TerminalView",
    "View",
    "blocks",
    "runtime_of",
    "view",
    "watcher",
]

OFTEN, SELDOM = 0.25, 1.0  # seconds between two updates of the numbers, and of the preview


class View(Listener):
    """Is called with the events of a run, and shows nothing; entered while it runs."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def saved(self, path: str, size: tuple[int, int], seconds: float, *, last: bool) -> None:
        """A picture (H, W) was written to a path, or to stdout if that is `-`."""

    def offer(self, offer: Offer) -> None:
        """Weights are about to be downloaded."""

    def download(self, done: int, size: int) -> None:
        """Progress of the download: bytes so far, and in all."""


class QuietView(View):
    """Prints only errors, and the path of the result on stdout."""

    def saved(self, path: str, size: tuple[int, int], seconds: float, *, last: bool) -> None:
        if last and path != "-":
            print(path, flush=True)


class JsonView(View):
    """Prints JSON events on stdout, one on each line."""

    def _event(self, event: str, **values: Any) -> None:
        print(json.dumps({"event": event, **values}), flush=True)

    def step(self, step: Step) -> None:
        losses = {name: float(loss) for name, loss in step.losses.items()}
        height, width = step.scale
        self._event(
            "step",
            index=step.index,
            total=step.total,
            scale={"width": width, "height": height},
            losses=losses,
        )

    def saved(self, path: str, size: tuple[int, int], seconds: float, *, last: bool) -> None:
        height, width = size
        self._event(
            "saved",
            path=path,
            width=width,
            height=height,
            seconds=round(seconds, 2),
            finished=last,
        )

    def offer(self, offer: Offer) -> None:
        self._event("download", network=offer.name, licence=offer.licence, size=offer.size)

    def note(self, sentence: str) -> None:
        self._event("note", text=sentence)


class TerminalView(View):
    """A progress bar on stderr if that is a terminal, or else plain lines."""

    def __init__(self, *, preview: bool) -> None:
        self.console = Console(stderr=True, highlight=False, markup=False)
        self.preview: RenderableType = ""
        self.draws = preview
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[detail]}"),
            TimeRemainingColumn(compact=True),
            console=self.console,
        )
        self.live = Live(console=self.console, auto_refresh=False, transient=True)
        self.task = self.progress.add_task("", total=None, detail="")
        self.told = self.drawn = 0.0

    def __enter__(self) -> Self:
        if self.console.is_terminal:
            self.live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.live.stop()

    def step(self, step: Step) -> None:
        now = time.monotonic()
        if not self.console.is_terminal or (now - self.told < OFTEN and step.index != step.total):
            return  # numbers are read back from the device only when they are shown
        self.told = now
        height, width = step.scale
        losses = " ".join(f"{name} {float(value):.3f}" for name, value in step.losses.items())
        self.progress.update(
            self.task,
            completed=step.index,
            total=step.total,
            description=f"{width} x {height}  {step.index}/{step.total}",
            detail=losses,
        )
        if self.draws and now - self.drawn >= SELDOM:
            self.drawn = now
            cells = self.console.size
            self.preview = blocks(step.picture(), cells.width, cells.height - 3)
        self.live.update(Group(self.preview, self.progress), refresh=True)

    def saved(self, path: str, size: tuple[int, int], seconds: float, *, last: bool) -> None:
        height, width = size
        self.live.stop()
        where = "stdout" if path == "-" else path
        say(f"{where}: {width} x {height} px, {seconds:.1f} s")
        if last and path != "-" and not sys.stdout.isatty():
            print(path, flush=True)
        elif not last and self.console.is_terminal:
            self.live.start()

    def offer(self, offer: Offer) -> None:
        megabytes = offer.size / 1e6
        say(f"Downloading the weights of {offer.name}: {megabytes:.0f} MB, {offer.licence}.")

    def download(self, done: int, size: int) -> None:
        now = time.monotonic()
        if not self.console.is_terminal or (now - self.told < OFTEN and done != size):
            return
        self.told = now
        detail = f"{done / 1e6:.0f} of {size / 1e6:.0f} MB" if size else f"{done / 1e6:.0f} MB"
        self.progress.update(
            self.task, completed=done, total=size or None, description="weights", detail=detail
        )
        self.live.update(self.progress, refresh=True)

    def note(self, sentence: str) -> None:
        say(sentence)


def blocks(picture: Tensor, columns: int, lines: int) -> Text:
    """A picture (1, 3, H, W) in terminal cells: each an upper half block over a colour."""
    height, width = picture.shape[-2:]
    factor = min(columns / width, 2 * max(lines, 1) / height)
    size = (max(2, round(height * factor) // 2 * 2), max(1, round(width * factor)))
    pixels = to_bytes(resize(picture.cpu(), size))
    text = Text(no_wrap=True, end="")
    for row in range(0, size[0], 2):
        for upper, lower in zip(pixels[row], pixels[row + 1], strict=True):
            colour = "rgb({},{},{}) on rgb({},{},{})".format(*upper, *lower)
            text.append("▀", style=colour)
        text.append("\n")
    return text


def watcher(shown: View) -> Watcher:
    """A watcher that reports downloads, and what was assumed about a file, to a view."""
    return Watcher(
        announce=shown.offer,
        progress=lambda done, size: shown.download(done, size or 0),
        waiting=lambda name: shown.note(f"Another process is fetching {name}; waiting for it."),
        note=shown.note,
    )


def runtime_of(common: Common, shown: View) -> Runtime:
    """The runtime of a run's options; it reports downloads to the view.

    Raises:
        DeviceError: if this machine does not have the device or precision.
        UsageError: for an invalid seed, tile or number of threads.
    """
    threads = Threads(common.threads)
    if threads.trouble:
        shown.note(threads.trouble)
    return Runtime(
        *(common.device, common.precision, common.seed, common.tile, watcher(shown), threads)
    )


def view(*, quiet: bool, as_json: bool, preview: bool) -> View:
    """The view that the options ask for."""
    if as_json:
        return JsonView()
    return QuietView() if quiet else TerminalView(preview=preview)

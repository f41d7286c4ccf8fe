"""Views of a run: a progress bar with losses, a picture in the terminal, or JSON events."""

from __future__ import annotations

import json
import sys
import time
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any

from artgen.cli.messages import say
from artgen.core.events import Step
from artgen.core.listeners import Listener
from artgen.optim.threads import Threads

if TYPE_CHECKING:
    from typing_extensions import Self

    from artgen.cli.common import Common
    from artgen.cli.progress_bar import ProgressBar
    from artgen.graph_runtime import GraphRuntime
    from artgen.networks.weights import Offer, Watcher
    from artgen.runtime import Runtime

__all__ = [
    "JsonView",
    "QuietView",
    "TerminalView",
    "View",
    "graph_runtime_of",
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
        self.draws = preview
        self.shows = sys.stderr.isatty()
        self.told = self.drawn = 0.0

    @cached_property
    def bar(self) -> ProgressBar:
        """The bar, on a terminal. A picture in one step ends before rich would be imported."""
        from artgen.cli.progress_bar import ProgressBar

        return ProgressBar()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clear()

    def _clear(self) -> None:
        """Remove the bar, if there is one."""
        if "bar" in self.__dict__:
            self.bar.live.stop()

    def step(self, step: Step) -> None:
        now = time.monotonic()
        alone = step.total == 1 and not self.draws
        if not self.shows or alone or (now - self.told < OFTEN and step.index != step.total):
            return  # numbers are read back from the device only when they are shown
        self.told = now
        height, width = step.scale
        losses = " ".join(f"{name} {float(value):.3f}" for name, value in step.losses.items())
        if self.draws and now - self.drawn >= SELDOM:
            self.drawn = now
            self.bar.draw(step.picture())
        what = f"{width} x {height}  {step.index}/{step.total}"
        self.bar.update(step.index, step.total, what, losses)

    def saved(self, path: str, size: tuple[int, int], seconds: float, *, last: bool) -> None:
        height, width = size
        self._clear()
        where = "stdout" if path == "-" else path
        say(f"{where}: {width} x {height} px, {seconds:.1f} s")
        if last and path != "-" and not sys.stdout.isatty():
            print(path, flush=True)

    def offer(self, offer: Offer) -> None:
        megabytes = offer.size / 1e6
        say(f"Downloading the weights of {offer.name}: {megabytes:.0f} MB, {offer.licence}.")

    def download(self, done: int, size: int) -> None:
        now = time.monotonic()
        if not self.shows or (now - self.told < OFTEN and done != size):
            return
        self.told = now
        detail = f"{done / 1e6:.0f} of {size / 1e6:.0f} MB" if size else f"{done / 1e6:.0f} MB"
        self.bar.update(done, size or None, "weights", detail)

    def note(self, sentence: str) -> None:
        say(sentence)


def watcher(shown: View) -> Watcher:
    """A watcher that reports downloads, and what was assumed about a file, to a view."""
    from artgen.networks.weights import Watcher

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
    from artgen.runtime import Runtime

    threads = _threads(common, shown, torch=True)
    return Runtime(
        *(common.device, common.precision, common.seed, common.tile, watcher(shown), threads)
    )


def graph_runtime_of(common: Common, shown: View) -> GraphRuntime:
    """The same, for a picture that graphs make."""
    from artgen.graph_runtime import GraphRuntime

    return GraphRuntime(common.seed, _threads(common, shown, torch=False))


def _threads(common: Common, shown: View, *, torch: bool) -> Threads:
    threads = Threads(common.threads, torch=torch)
    if threads.trouble:
        shown.note(threads.trouble)
    return threads


def view(*, quiet: bool, as_json: bool, preview: bool) -> View:
    """The view that the options ask for."""
    if as_json:
        return JsonView()
    return QuietView() if quiet else TerminalView(preview=preview)

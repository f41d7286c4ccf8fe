"""A run without torch: networks as graphs on the CPU, whose pictures are arrays.

To import torch takes longer than to paint a photo of ordinary size. What `Runtime` does for all
techniques, this does for pictures in one pass that need no tiles.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypeAlias, TypeVar

from artgen.core.events import Provenance
from artgen.core.last import LastMade
from artgen.core.parsing import checked_seed
from artgen.fast import array_files, graph_inference, onnx_graph
from artgen.fast.graph_inference import MISFITS, Paints
from artgen.fast.onnx_graph import Array
from artgen.fast.shared import DECODER, SHIPPED
from artgen.optim import memory
from artgen.optim.threads import Threads

__all__ = ["GraphRuntime"]

Event = TypeVar("Event")
Passes: TypeAlias = "Callable[[Array, int | None], Iterator[tuple[int, int, Array]]]"


@dataclass
class GraphRuntime:
    """Threads and seed of a run without torch; its device is the CPU, its precision float32.

    Attributes:
        seed: of all random numbers, from 0 to 2^63 - 1; graphs use none, and recipes have it.
        threads: how many a graph uses.
        tile: always `auto`: a picture is painted in one piece.

    Raises:
        UsageError: for a seed that is none.
    """

    graphs: ClassVar[bool] = True  # pictures are arrays

    seed: int = 0
    threads: Threads = field(default_factory=lambda: Threads(torch=False))
    tile: str = "auto"

    def __post_init__(self) -> None:
        checked_seed(self.seed)
        self._last: LastMade[tuple[Passes, Provenance]] = LastMade()

    def stacked(self, most: int) -> int:
        """How many pictures are made at once: one."""
        return 1

    def check_room(self, size: tuple[int, int]) -> None:
        """See `Runtime.check_room`."""
        memory.check_room(size)

    def paced(self, events: Iterator[Event]) -> Iterator[Event]:
        """The same events: a graph keeps the number of threads that it began with."""
        return events

    def machine(self, tile: int | None = None) -> dict[str, str | int]:
        """What else, beside the settings and inputs, affects the last bit of a picture."""
        return {
            "device": "cpu",
            "precision": "float32",
            "tile": "off",
            "onnxruntime": onnx_graph.runtime_version(),
            "system": platform.system(),
            "processor": platform.machine(),
        }

    def placed(self, picture: Array) -> Array:
        """The picture (1, 3, H, W) itself."""
        return picture

    def trained(
        self,
        shares: Mapping[str, float],
        strength: float,
        file: Path | None = None,
        *,
        exact: bool = False,
    ) -> tuple[Passes, Provenance]:
        """See `Runtime.trained`; in one piece all moments are exact."""
        file = file or SHIPPED

        def made() -> tuple[Passes, Provenance]:
            try:
                weights = array_files.read(file)
                paints = graph_inference.trained(weights, shares, strength, self.threads.count)
            except MISFITS as error:
                raise self._explained(error, file) from error
            return self._passes(paints, file), Provenance(file.stem, weights.sha256)

        return self._last.get((file, tuple(shares.items()), strength), (), made)

    def any_style(
        self, styles: Sequence[Array], weights: Sequence[float], strength: float
    ) -> tuple[Passes, Provenance]:
        """See `Runtime.any_style`."""

        def made() -> tuple[Passes, Provenance]:
            decoder, count = array_files.read(DECODER), self.threads.count
            paints = graph_inference.any_style(decoder, styles, weights, strength, count)
            return self._passes(paints, DECODER), Provenance("decoder", decoder.sha256)

        return self._last.get((tuple(weights), strength), styles, made)

    def _passes(self, paints: Paints, file: Path) -> Passes:
        def paint(photo: Array, tile: int | None) -> Iterator[tuple[int, int, Array]]:
            try:
                yield 1, 1, paints(photo)
            except MISFITS as error:
                raise self._explained(error, file) from error

        return paint

    def _explained(self, error: Exception, file: Path) -> Exception:
        """What is wrong with a file that no graph could be made of, as torch's reader says it."""
        from artgen.fast import model_files

        model_files.load(file)
        return error

"""Device, precision, threads and seed of a run in torch, and its networks, each loaded once."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, TypeAlias, TypeVar

import torch
from torch import Tensor

from artgen.core.events import Provenance
from artgen.core.last import LastMade
from artgen.core.parsing import checked_seed
from artgen.errors import DeviceError, UsageError
from artgen.fast import any_style_inference, inference, model_files
from artgen.fast.any_style import Decoder
from artgen.fast.any_style_inference import StyleStatistics
from artgen.fast.enlarger import Enlarger
from artgen.fast.model_files import Trained
from artgen.fast.prior import Prior
from artgen.networks import zoo
from artgen.networks.classifier import Classifier
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.raft import RAFT, Raft
from artgen.networks.weights import Origin, Watcher, load
from artgen.ops.optical_flow import Estimate, search
from artgen.optim import memory
from artgen.optim.plan import Plan, Work, make_plan
from artgen.optim.threads import Threads

__all__ = ["PRECISIONS", "Runtime", "devices"]

Event = TypeVar("Event")
Passes: TypeAlias = "Callable[[Tensor, int | None], Iterator[tuple[int, int, Tensor]]]"
"""Photo and tile side -> number of the tile just painted, how many there are, picture so far."""

FRAME = 800  # bytes a pixel that a frame takes while it is made; 525 were measured
PRECISIONS = {
    "float32": torch.float32,
    "bfloat16": torch.bfloat16,
    "float16": torch.float16,
    "float64": torch.float64,
}


def devices() -> list[str]:
    """The devices of this machine, best first; the last is always the CPU."""
    found = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        found += [f"xpu:{index}" for index in range(torch.xpu.device_count())]
    if torch.backends.mps.is_available():
        found.append("mps")
    return [*found, "cpu"]


def _device(name: str) -> torch.device:
    """The device of a name: `auto` is the best there is, `cuda` the first CUDA device."""
    there = devices()
    if name == "auto":
        return torch.device(there[0])
    wanted = f"{name}:0" if name in ("cuda", "xpu") else name
    if wanted not in there:
        raise DeviceError(
            f"There is no device {name!r} here.",
            f"This machine has: {', '.join(there)}. --device auto takes the first.",
        )
    return torch.device(wanted)


def _fast_bfloat16(device: torch.device) -> bool:
    """Whether the device computes in bfloat16 itself; emulated it is much slower than float32.

    On a CPU the environment variable ARTGEN_BFLOAT16 (0 or 1) overrides what is detected.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        if said := os.environ.get("ARTGEN_BFLOAT16"):
            return said != "0"
        return bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())
    return False


def _precision(name: str, device: torch.device) -> torch.dtype:
    if name == "auto":
        return torch.bfloat16 if _fast_bfloat16(device) else torch.float32
    if name not in PRECISIONS:
        raise DeviceError(
            f"There is no precision {name!r}.", f"Known: auto, {', '.join(PRECISIONS)}."
        )
    if name == "float64" and device.type == "mps":
        raise DeviceError("Apple's GPU has no float64.", "Take --precision float32.")
    return PRECISIONS[name]


@dataclass
class Runtime:
    """Device, precision and seed, and a cache of networks shared by all runs.

    Attributes:
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`, `xpu`.
        precision: `auto`, `float32`, `bfloat16`, `float16` or `float64`: of the convolutions only.
        seed: of all random numbers, from 0 to 2^63 - 1.
        tile: side of the tiles in pixels, `auto` for what fits into memory, `off` for one piece.
        watcher: called before and during a download of weights.
        threads: sets the number of CPU threads by the machine's load; None for torch's default.

    Raises:
        DeviceError: if this machine does not have the device or the precision.
        UsageError: for a seed or a tile that is none.
    """

    graphs: ClassVar[bool] = False  # pictures are tensors

    device: str = "auto"
    precision: str = "auto"
    seed: int = 0
    tile: str = "auto"
    watcher: Watcher = field(default_factory=Watcher)
    threads: Threads | None = None

    def __post_init__(self) -> None:
        checked_seed(self.seed)
        if self.tile not in ("auto", "off") and not (self.tile.isdecimal() and int(self.tile)):
            raise UsageError(
                f"The tile cannot be {self.tile!r}.", "Give its side in pixels, auto, or off."
            )
        self.torch_device = _device(self.device)
        self.dtype = _precision(self.precision, self.torch_device)
        self._extractors: dict[tuple[str, str, str, Path | None], FeatureExtractor] = {}
        self._painters: dict[Path, Trained] = {}
        self._decoder: tuple[Decoder, Origin] | None = None
        self._style: LastMade[StyleStatistics] = LastMade()
        self._enlarger: tuple[Enlarger, Origin] | None = None
        self._prior: tuple[Prior, Origin] | None = None
        self._raft: Raft | None = None
        self._classifiers: dict[tuple[str, Path | None], Classifier] = {}

    @property
    def precision_name(self) -> str:
        """The precision in use, `auto` resolved."""
        return str(self.dtype).removeprefix("torch.")

    def generator(self) -> torch.Generator:
        """A fresh generator with the run's seed, on the CPU: the same noise on every device."""
        return torch.Generator().manual_seed(self.seed)

    def stacked(self, most: int) -> int:
        """How many of `most` pictures of one size to make as one batch.

        All of them on a CUDA device. One on a CPU, which a single picture keeps busy, and whose
        kernels round differently in a batch: the last bits of a picture would depend on it.
        """
        return most if self.torch_device.type == "cuda" else 1

    def side_by_side(self, size: tuple[int, int]) -> int:
        """How many frames of a size (H, W) to make at the same time, each by a single thread.

        On a CPU as many as there are threads, if memory suffices: then no thread waits for another
        at the end of each operation. One on a CUDA device, and one by all threads otherwise.
        """
        if self.threads is None or self.torch_device.type != "cpu":
            return 1
        needed = self.threads.count * size[0] * size[1] * FRAME
        return self.threads.count if needed <= memory.available() else 1

    def plan(self, work: Work) -> Plan:
        """How a run is tiled so that it fits into memory.

        Raises:
            OutOfMemory: if it does not fit, however small the tiles.
        """
        made = make_plan(work, int(self.tile) if self.tile.isdecimal() else self.tile)
        if self.threads is not None and self.torch_device.type == "cpu":
            made = replace(made, sentence=f"{made.sentence} {self.threads.sentence}")
        return made

    def check_room(self, size: tuple[int, int]) -> None:
        """Check that pictures of a size (H, W) fit into memory, before one is made.

        Raises:
            OutOfMemory: if they do not.
        """
        memory.check_room(size, self.torch_device)

    def paced(self, events: Iterator[Event]) -> Iterator[Event]:
        """The same events; before each, the number of threads is set to the free processors."""
        try:
            yield from events if self.threads is None else self.threads.between(events)
        except Exception:
            if self.torch_device.type == "cuda":
                torch.cuda.empty_cache()  # after an out-of-memory error, for the next run
            raise

    def machine(self, tile: int | None = None) -> dict[str, str | int]:
        """What else, beside the settings and inputs, affects the last bit of a picture."""
        return {
            "device": self.torch_device.type,
            "precision": self.precision_name,
            "tile": "off" if tile is None else str(tile),
            "torch": torch.__version__,
            "system": platform.system(),
            "processor": torch.backends.cpu.get_cpu_capability(),
        }

    def placed(self, picture: Tensor) -> Tensor:
        """The picture (1, 3, H, W) on the run's device."""
        return picture.to(self.torch_device)

    def extractor(
        self,
        network: str,
        *,
        padding: str = "replicate",
        pooling: str = "max",
        file: Path | None = None,
    ) -> FeatureExtractor:
        """The extractor of a registered network, built once for each set of arguments."""
        spec = zoo.network(network)
        key = (spec.full_name, padding, pooling, file)
        if key not in self._extractors:
            extractor = FeatureExtractor(
                spec, padding=padding, pooling=pooling, file=file, watcher=self.watcher
            )
            self._extractors[key] = extractor.to(self.torch_device).half_precision(self.dtype)
        return self._extractors[key]

    def classifier(self, network: str, file: Path | None = None) -> Classifier:
        """A registered network with its head, built once.

        Raises:
            UsageError: for a network that has none.
        """
        key = (network, file)
        if key not in self._classifiers:
            extractor = self.extractor(network, padding="zero", file=file)
            classifier = Classifier(extractor, file, self.watcher)
            classifier.head.to(self.torch_device, self.dtype)
            self._classifiers[key] = classifier
        return self._classifiers[key]

    def painter(self, file: Path | None = None) -> Trained:
        """A trained network for fast style transfer, the shipped one by default, loaded once."""
        file = file or model_files.SHIPPED
        if file not in self._painters:
            trained = model_files.load(file)
            trained.painter.to(self.torch_device).half_precision(self.dtype)
            self._painters[file] = trained
        return self._painters[file]

    def decoder(self) -> tuple[Decoder, Origin]:
        """The decoder for arbitrary styles, from features of slim, and its origin; loaded once."""
        if self._decoder is None:
            self._decoder = model_files.load_decoder()
            self._decoder[0].to(self.torch_device).half_precision(self.dtype)
        return self._decoder

    def enlarger(self) -> tuple[Enlarger, Origin]:
        """The network that enlarges pictures, and its origin; loaded once."""
        if self._enlarger is None:
            self._enlarger = model_files.load_enlarger()
            self._enlarger[0].to(self.torch_device).half_precision(self.dtype)
        return self._enlarger

    def prior(self) -> tuple[Prior, Origin]:
        """The network that makes pictures from features of slim, and its origin; loaded once."""
        if self._prior is None:
            self._prior = model_files.load_prior()
            self._prior[0].to(self.torch_device).half_precision(self.dtype)
        return self._prior

    def flow(self, name: str) -> Estimate:
        """What estimates optical flow: `dis`, or the network `raft`, in float32.

        Raises:
            WeightsError: if its weights cannot be had.
        """
        if name != RAFT.name:
            return search
        if self._raft is None:
            self._raft = RAFT.build()
            load(RAFT.name, RAFT.source, self._raft, watcher=self.watcher)
            self._raft.to(self.torch_device)
        raft = self._raft

        def estimated(after: Tensor, before: Tensor) -> Tensor:
            found: Tensor = raft(self.placed(after), self.placed(before))
            return found.to(after)

        return estimated

    def trained(
        self,
        shares: Mapping[str, float],
        strength: float,
        file: Path | None = None,
        *,
        exact: bool = False,
    ) -> tuple[Passes, Provenance]:
        """How a network paints that was trained for styles; see `fast.inference.paint`.

        Args:
            shares: style -> share.
            strength: from the photo (0) to the styles (1).
            file: of the network; the shipped one if None.
            exact: whether moments are always those of the picture itself.

        Raises:
            UsageError: for a style that the network does not have, or shares that are no mixture.
            WeightsError: for a file that is not a painter.
        """
        trained = self.painter(file)
        painter = trained.painter
        mix = painter.mix(shares, strength)

        def paint(photo: Tensor, tile: int | None) -> Iterator[tuple[int, int, Tensor]]:
            return inference.paint(painter, photo, mix, tile, exact=exact)

        return paint, trained.provenance

    def any_style(
        self, styles: Sequence[Tensor], weights: Sequence[float], strength: float
    ) -> tuple[Passes, Provenance]:
        """How the decoder paints in the style of pictures (1, 3, H, W), mixed by their weights."""
        extractor = self.extractor(any_style_inference.EXTRACTOR)
        decoder, origin = self.decoder()
        statistics = self._style.get(
            (tuple(weights), strength),
            styles,
            lambda: any_style_inference.style_statistics(
                extractor, decoder, styles, weights, strength=strength
            ),
        )

        def paint(photo: Tensor, tile: int | None) -> Iterator[tuple[int, int, Tensor]]:
            return any_style_inference.paint(extractor, decoder, photo, statistics, tile)

        return paint, Provenance("decoder", origin.sha256)

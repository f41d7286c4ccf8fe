"""Where work runs: the device, the precision, the seed, and extractors built once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import torch

from artgen.errors import DeviceError, UsageError
from artgen.fast import model_files
from artgen.fast.any_style import Decoder
from artgen.fast.model_files import Trained
from artgen.networks import zoo
from artgen.networks.classifier import Classifier
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.weights import Origin, Watcher
from artgen.optim.plan import Plan, Work, make_plan
from artgen.optim.threads import Threads

__all__ = ["PRECISIONS", "Runtime", "devices"]

Event = TypeVar("Event")

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
    """`auto` is the best there is; `cuda` is the first CUDA device."""
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
    """Whether bfloat16 is arithmetic here and not an emulation, many times slower than float32.

    ARTGEN_BFLOAT16, 0 or 1, says so in the processor's place, to try the one where the other is.
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
    """One device and precision, one seed, and a cache of extractors shared by all that runs on it.

    Attributes:
        device: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`, `xpu`.
        precision: `auto`, `float32`, `bfloat16`, `float16` or `float64`: of the convolutions only.
        seed: of every random number.
        tile: side of the tiles in pixels, `auto` for what memory takes, `off` for one piece.
        watcher: is told before and while weights are downloaded.
        threads: how many a CPU's work takes, as others leave them; None for torch's own number.

    Raises:
        DeviceError: if this machine has not what is asked for.
        UsageError: for a seed that no generator takes.
    """

    device: str = "auto"
    precision: str = "auto"
    seed: int = 0
    tile: str = "auto"
    watcher: Watcher = field(default_factory=Watcher)
    threads: Threads | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.seed < 2**63:
            raise UsageError(f"The seed cannot be {self.seed}.", "Take one from 0 to 2^63 - 1.")
        if self.tile not in ("auto", "off") and not (self.tile.isdecimal() and int(self.tile)):
            raise UsageError(
                f"The tile cannot be {self.tile!r}.", "Give its side in pixels, auto, or off."
            )
        self.torch_device = _device(self.device)
        self.dtype = _precision(self.precision, self.torch_device)
        self._extractors: dict[tuple[str, str, str, Path | None], FeatureExtractor] = {}
        self._painters: dict[Path, Trained] = {}
        self._decoder: tuple[Decoder, Origin] | None = None
        self._classifiers: dict[tuple[str, Path | None], Classifier] = {}

    @property
    def precision_name(self) -> str:
        """The precision in use, `auto` resolved."""
        return str(self.dtype).removeprefix("torch.")

    def generator(self) -> torch.Generator:
        """A fresh generator with the run's seed, on the CPU: the same noise on every device."""
        return torch.Generator().manual_seed(self.seed)

    def stacked(self, most: int) -> int:
        """Of `most` pictures of one size, how many are best made in one go.

        A GPU is busy with several. A processor is with one, and its kernels round otherwise where
        there are more: alone and in a batch a picture would not be the same to the last bit.
        """
        return most if self.torch_device.type == "cuda" else 1

    def plan(self, work: Work) -> Plan:
        """How a run is cut so that it fits into memory.

        Raises:
            OutOfMemory: if it does not, however it is cut.
        """
        made = make_plan(work, int(self.tile) if self.tile.isdecimal() else self.tile)
        if self.threads is not None and self.torch_device.type == "cpu":
            made = replace(made, sentence=f"{made.sentence} {self.threads.sentence}")
        return made

    def paced(self, events: Iterator[Event]) -> Iterator[Event]:
        """The same events, each made with as many threads as are free at that time."""
        return events if self.threads is None else self.threads.between(events)

    def extractor(
        self,
        network: str,
        *,
        padding: str = "replicate",
        pooling: str = "max",
        file: Path | None = None,
    ) -> FeatureExtractor:
        """The extractor of a registered network, built once for each way of asking."""
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
        """A trained painter, the shipped one where no file is named, read once."""
        file = file or model_files.SHIPPED
        if file not in self._painters:
            trained = model_files.load(file)
            trained.painter.to(self.torch_device).half_precision(self.dtype)
            self._painters[file] = trained
        return self._painters[file]

    def decoder(self) -> tuple[Decoder, Origin]:
        """The decoder of any style, and its file, read once; it goes with slim."""
        if self._decoder is None:
            self._decoder = model_files.load_decoder()
            self._decoder[0].to(self.torch_device).half_precision(self.dtype)
        return self._decoder

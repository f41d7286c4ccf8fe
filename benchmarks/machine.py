"""What a figure was measured on, and networks to measure with that need no download."""

from __future__ import annotations

import dataclasses
import os
import platform
from pathlib import Path

import torch

from artgen.networks import weights
from artgen.networks.spec import NetworkSpec
from artgen.networks.zoo import all_networks

__all__ = ["at_hand", "finished", "machine", "seeded"]

ROOT = Path(__file__).parents[1]


def machine() -> str:
    """Processor or GPU, threads and versions, in a line."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text().splitlines()
        names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        name = names[0] if names else name
    if torch.cuda.is_available():
        name += f", {torch.cuda.get_device_name()}"
    capability = torch.backends.cpu.get_cpu_capability()
    threads = f"{torch.get_num_threads()} threads of {os.cpu_count()}"
    return f"{name}, {capability}, {threads}, torch {torch.__version__}, {platform.system()}"


def seeded(network: str) -> NetworkSpec:
    """A registered network; with random weights where its own would have to be fetched."""
    spec = all_networks().get(network)
    if spec.source.url is None:
        return spec
    source = dataclasses.replace(spec.source, url=None, seed=1, convert=None)
    return dataclasses.replace(spec, source=source)


def at_hand(network: str) -> tuple[NetworkSpec, Path | None]:
    """A registered network and the file of its own weights, None for artgen's own place.

    They are looked for in artgen's cache, in ARTGEN_SHARED, and in shared/ within the checkout and
    beside it; where there are none, they are random, and the source has a seed.
    """
    spec = all_networks().get(network)
    if weights.status(spec.name, spec.source).present:
        return spec, None
    for folder in (os.environ.get("ARTGEN_SHARED"), ROOT / "shared", ROOT.parent / "shared"):
        file = Path(folder or ROOT, "weights", f"{network}.safetensors")
        if file.is_file():
            return spec, file
    return seeded(network), None


def finished(device: torch.device) -> None:
    """Waits until a GPU has done all that it was told."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)

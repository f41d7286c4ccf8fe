"""Start-up: `artgen style` at 64 px, one iteration, over importing torch and loading slim.

    python benchmarks/bench_start.py

Each in a process of its own, in alternating pairs; the ratio is the median of the pairs'.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import machine

ROOT = Path(__file__).parents[1]
SLIM = ROOT / "src" / "artgen" / "data" / "slim.safetensors"
BARE = f"import torch; from safetensors.torch import load_file; load_file({str(SLIM)!r})"


def seconds(command: list[str], **environment: str) -> float:
    """How long a command takes."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=os.environ | environment)
    return time.perf_counter() - began


def main() -> None:
    """Prints both medians and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        photo, style = ROOT / "examples" / "frog.jpg", ROOT / "styles" / "starry.jpg"
        words = ["style", str(photo), str(style), "--size", "64", "-n", "1", "-q"]
        whole = [sys.executable, "-m", "artgen", *words, "-o", f"{folder}/out.png"]
        pairs = [
            (seconds(whole), seconds([sys.executable, "-c", BARE]))
            for _ in range(options.pairs + 1)
        ][1:]
    ours, bare = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"start-up  ours {ours:.2f} s  torch and slim {bare:.2f} s  ratio {ratio:.2f}")


if __name__ == "__main__":
    main()

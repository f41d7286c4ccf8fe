"""The studio: time to the first draft, the page's answers under full load, memory after many jobs.

    python benchmarks/bench_studio.py
    python benchmarks/bench_studio.py --jobs 50 --load 4

A server is started as `artgen studio` starts one, in a folder of its own, and asked over HTTP. Full
load: as many processes as `--load` says count beside the worker, which paints. The memory of the
server and of its worker is taken after the first tenth of the jobs, when all caches are filled, and
at the end; no larger picture is painted before, which would leave room that hides a leak.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
from machine import machine

ROOT = Path(__file__).parents[1]
SMALL = {"size": 96, "iterations": 6}
LONG = {"size": 512, "iterations": 100_000}
PICTURES = {"content": ["example:frog"], "style": ["style:starry"]}


class Client:
    """A page without a browser."""

    def __init__(self, address: str) -> None:
        self.base, _, token = address.partition("/?token=")
        cookie = f"artgen-{self.base.rpartition(':')[2]}={token}"
        self.headers = {"Cookie": cookie, "Origin": self.base}

    def ask(self, method: str, path: str, body: Any = None, name: str = "") -> Any:
        """The answer, as JSON where it is some."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body else None
        more = {"X-Name": name} if name else {}
        request = urllib.request.Request(self.base + path, data, self.headers | more, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = answer.read()
        return json.loads(content) if answer.headers["Content-Type"].endswith("json") else content

    def events(self) -> Any:
        """Each event as (kind, more)."""
        request = urllib.request.Request(self.base + "/api/events", headers=self.headers)
        with urllib.request.urlopen(request, timeout=600) as stream:
            kind = ""
            for line in stream:
                text = line.decode().rstrip("\n")
                if text.startswith("event: "):
                    kind = text[7:]
                elif text.startswith("data: "):
                    yield kind, json.loads(text[6:])


def until(events: Any, kind: str, **wanted: Any) -> dict[str, Any]:
    """The next event of a kind with these values."""
    for found, more in events:
        if found == kind and all(more.get(key) == value for key, value in wanted.items()):
            return dict(more)
    raise SystemExit("The studio has ended.")


def first_draft(client: Client, events: Any) -> list[float]:
    """Seconds from a photo that is dropped to its draft, seen: the first is the coldest."""
    found = []
    for number, photo in enumerate(sorted((ROOT / "examples").glob("*.jpg"))[:5]):
        began = time.perf_counter()
        given = client.ask("POST", "/api/pictures", photo.read_bytes(), photo.name)
        pictures = {**PICTURES, "content": [given["of"]]}
        order = {"technique": "style", "pictures": pictures, "page": f"bench {number}"}
        wanted = client.ask("POST", "/api/drafts", order)["number"]
        until(events, "draft", number=wanted)
        client.ask("GET", f"/draft/{wanted}.jpg")
        found.append(time.perf_counter() - began)
    return found


def count() -> None:
    """Keeps a processor busy."""
    while True:
        sum(range(10_000))


def answers(client: Client, events: Any, load: int, rounds: int) -> list[float]:
    """Seconds of each answer while the worker paints and `load` processes count."""
    order = {"technique": "style", "pictures": PICTURES, "settings": LONG}
    job = client.ask("POST", "/api/jobs", order)["id"]
    until(events, "step", id=job)
    busy = [multiprocessing.Process(target=count, daemon=True) for _ in range(load)]
    for one in busy:
        one.start()
    paths = [
        "/",
        "/api/controls",
        "/page/main.js",
        "/picture?of=style:wave&side=240",
        "/live/1.jpg",
    ]
    for path in paths:
        client.ask("GET", path)
    found = []
    for _ in range(rounds):
        for path in paths:
            began = time.perf_counter()
            client.ask("GET", path)
            found.append(time.perf_counter() - began)
        time.sleep(0.05)
    for one in busy:
        one.kill()
    return found


def memory(server: psutil.Process) -> tuple[float, float]:
    """MB of the server and of its worker."""
    children = server.children(recursive=True)
    worker = max((one.memory_info().rss for one in children), default=0)
    return server.memory_info().rss / 2**20, worker / 2**20


def many(client: Client, events: Any, jobs: int, server: psutil.Process) -> list[Any]:
    """What server and worker hold after a tenth of the jobs, and after all."""
    found = []
    for number in range(1, jobs + 1):
        settings = {**SMALL, "strength": 30 + number % 60}
        order = {"technique": "style", "pictures": PICTURES, "settings": settings, "seed": number}
        job = client.ask("POST", "/api/jobs", order)["id"]
        until(events, "job", id=job, state="done")
        if number in (max(jobs // 10, 1), jobs):
            found.append(memory(server))
    return found


def main() -> None:
    """Prints the three figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--load", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as home:
        words = [sys.executable, "-m", "artgen", "studio", "--no-browser"]
        began = time.perf_counter()
        server = subprocess.Popen(
            words, stdout=subprocess.PIPE, env=os.environ | {"ARTGEN_HOME": home}, text=True
        )
        assert server.stdout is not None
        client = Client(server.stdout.readline().strip())
        events = client.events()
        state, opened = until(events, "state"), time.perf_counter() - began
        if not state["worker"]["ready"]:
            until(events, "worker", ready=True)
        ready = time.perf_counter() - began
        print(f"open      the page after {opened:.1f} s, the worker ready after {ready:.1f} s")
        first, *rest = first_draft(client, events)
        print(f"draft     the first {first:.2f} s, then {statistics.median(rest):.2f} s (median)")
        early, late = many(client, events, options.jobs, psutil.Process(server.pid))
        for name, before, after in zip(("server", "worker"), early, late, strict=True):
            growth = 100 * (after / before - 1)
            said = f"{before:.0f} MB, {after:.0f} MB after {options.jobs} jobs, {growth:+.1f} %"
            print(f"memory    {name}: {said}")
        took = sorted(answers(client, events, options.load, options.rounds))
        print(
            f"answers   under {options.load} busy processes and the worker: median "
            f"{1000 * statistics.median(took):.0f} ms, 95 of 100 within "
            f"{1000 * took[int(0.95 * len(took))]:.0f} ms, the longest {1000 * took[-1]:.0f} ms"
        )
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()

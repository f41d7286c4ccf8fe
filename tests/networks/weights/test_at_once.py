"""Several that want the same weights at once: one fetches, the others wait."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from artgen.networks import weights

from .server import Site
from .toys import DEPTHS, WIDTHS, chain


def test_of_two_at_once_one_fetches_and_the_other_waits(site: Site) -> None:
    site.gate = threading.Event()
    waited: list[str] = []
    results: list[weights.Origin] = []

    def waiting(name: str) -> None:
        waited.append(name)
        assert site.gate is not None
        site.gate.set()  # only now may the first one's download go on

    def work() -> None:
        watcher = weights.Watcher(waiting=waiting)
        results.append(weights.load("toy", site.source(), chain(), watcher=watcher))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert waited == ["toy"]
    assert len(site.seen) == 1
    assert len(results) == 2
    assert results[0] == results[1]


@pytest.mark.slow
def test_two_processes_at_once(site: Site) -> None:
    source = site.source()
    script = (
        "from artgen.networks import weights; from artgen.networks.vgg_blocks import *\n"
        f"s = weights.Source('x', url={source.url!r}, digest={source.digest!r},"
        f" convert=torchvision_convolutions({DEPTHS}))\n"
        f"print(weights.load('toy', s, vgg_chain({WIDTHS}, {DEPTHS})).sha256)"
    )
    path = os.pathsep.join([str(Path(weights.__file__).parents[3]), *sys.path])
    jobs = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    told = {job.communicate(timeout=120)[0].strip() for job in jobs}
    assert told == {weights.status("toy", source).sha256}
    assert len(site.seen) == 1

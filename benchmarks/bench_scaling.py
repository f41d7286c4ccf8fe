"""Pictures a second on a Ray cluster on this machine, with more and more workers that only sleep.

    python benchmarks/bench_scaling.py --workers 1,4,16,64

A simulated technique sleeps two seconds and imports no torch, so that 64 workers fit on two cores:
what is measured is the driver, its ledger, Ray, and the results coming back. Actors are there
before the clock starts. Linear is so many times the throughput of one worker that never waits.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from artgen.jobs.backlog import Backlog
from artgen.jobs.cluster import Cluster
from artgen.jobs.ledger import Ledger, where
from artgen.jobs.messages import Job, JobDone, Made, Share
from artgen.jobs.storage import Folder
from artgen.jobs.todo import FileState, make_plan, run

SECONDS = 2.0
BYTES = 300_000  # of a picture


@dataclass(frozen=True)
class Sleeper:
    """A workshop and its maker: a picture takes its time and no processor."""

    root: str
    together: int = 1

    def __call__(self, share: Share) -> Sleeper:
        return self

    def aside(self) -> None:
        """Nothing to prepare."""

    def load(self, job: Job) -> bytes:
        return Path(job.inputs["content"][0]).read_bytes()

    def alike(self, one: bytes, other: bytes) -> bool:
        return False

    def make(
        self, jobs: Sequence[Job], loaded: Sequence[bytes], tell: Callable[[int, int | None], None]
    ) -> Sequence[bytes]:
        time.sleep(SECONDS)
        return loaded

    def save(self, job: Job, made: bytes) -> Made:
        Folder(self.root).write(job.output, made)
        return Made(0.0, len(made), "", 1)


def wait_until_ready(pool: Cluster, workers: int) -> None:
    """Starts the actors and waits for them: their start is no part of what is measured."""
    pool._start_actors(workers)
    while pool._waiting:
        list(pool._hear(Backlog([])))


def measure(workers: int, each: int) -> float:
    """Seconds that `each` pictures for every worker take, from the plan to the last result."""
    from ray.cluster_utils import Cluster as Nodes

    args = {"num_cpus": workers, "include_dashboard": False, "object_store_memory": 100_000_000}
    nodes = Nodes(initialize_head=True, head_node_args=args)
    with tempfile.TemporaryDirectory() as folder:
        photo, out = Path(folder, "photo"), Path(folder, "out")
        photo.write_bytes(os.urandom(BYTES))
        names = [f"{number}.out" for number in range(workers * each)]
        jobs = [Job(name, name, {"content": (str(photo),)}) for name in names]
        with Cluster("auto", Sleeper(str(out)), workers) as pool, Ledger(where(str(out))) as ledger:
            wait_until_ready(pool, workers)
            began = time.perf_counter()
            plan = make_plan(jobs, "recipe", {}, Folder(str(out)), lambda job: FileState())
            ledger.expect(plan.news)
            done = sum(isinstance(event, JobDone) for event in run(plan.todo, ledger, pool))
            took = time.perf_counter() - began
        assert done == len(jobs)
    nodes.shutdown()
    return took


def main() -> None:
    """Prints a line for each number of workers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", default="1,4,16,64")
    parser.add_argument("--each", type=int, default=8, help="pictures for each worker")
    options = parser.parse_args()
    here = str(Path(__file__).parent)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))
    for workers in map(int, options.workers.split(",")):
        took = measure(workers, options.each)
        pictures, linear = workers * options.each, options.each * SECONDS
        print(
            f"{workers:3} workers: {pictures:4} pictures in {took:6.2f} s, "
            f"{pictures / took:6.2f} a second, {linear / took:.3f} of linear",
            flush=True,
        )


if __name__ == "__main__":
    main()

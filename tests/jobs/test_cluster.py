"""A Ray cluster of two nodes on this machine, one of which is killed in the middle."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from simulated import Simulated, closed, jobs_of, known, whole

from artgen.errors import ArtgenError, UsageError
from artgen.jobs.cluster import Cluster
from artgen.jobs.ledger import Ledger, where
from artgen.jobs.messages import Event, JobDone, JobFailed, JobRetried, PoolWaiting
from artgen.jobs.storage import Folder
from artgen.jobs.todo import make_plan, run

COUNT = 24


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes with two processors each; the driver lives on the first."""
    pytest.importorskip("ray", reason="needs Ray")
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")  # of Ray's own modules
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))  # of the nodes' workers
        from ray.cluster_utils import Cluster as Nodes

        size = {"num_cpus": 2, "object_store_memory": 80_000_000}
        nodes = Nodes(initialize_head=True, head_node_args={**size, "include_dashboard": False})
        nodes.add_node(**size)
        yield nodes
        nodes.shutdown()


class Busy:
    """Holds processors of the cluster."""

    def ready(self) -> bool:
        return True


def occupied(ray: Any) -> list[Any]:
    """Actors that hold all processors of the cluster: another one finds no place."""
    held = []
    while True:
        one = ray.remote(num_cpus=2)(Busy).remote()
        placed, _ = ray.wait([one.ready.remote()], timeout=20)
        if not placed:
            ray.kill(one)
            return held
        held.append(one)


def batch(photos: Path, out: Path, seconds: float, tries: Path) -> Iterator[Event | PoolWaiting]:
    """A whole batch, on the cluster that runs on this machine."""
    with Ledger(where(str(out))) as ledger:
        place = Folder(str(out))
        plan = make_plan(jobs_of(photos), "recipe", ledger.entries(), place, known(str(out)))
        ledger.expect(plan.news)
        with Cluster("auto", Simulated(str(out), seconds, str(tries)), workers=4) as pool:
            yield from run(plan.todo, ledger, pool, str(out))


@pytest.mark.ray
def test_a_node_that_dies_costs_no_picture(
    cluster: Any, photos: Path, out: Path, tmp_path: Path
) -> None:
    for number in range(COUNT):
        (photos / f"{number}.txt").write_text(f"content {number}")
    (photos / "2.txt").write_text("broken")
    (photos / "5.txt").write_text("killed")
    tries = tmp_path / "tries"
    tries.mkdir()
    events: list[Event | PoolWaiting] = []
    for event in batch(photos, out, 0.4, tries):
        events.append(event)
        done = sum(isinstance(one, JobDone) for one in events)
        if isinstance(event, JobDone) and done == 6:
            cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)
    names = {event.job.name for event in events if isinstance(event, JobDone)}
    failed = {event.job.name: event.error for event in events if isinstance(event, JobFailed)}
    again = {event.job.name for event in events if isinstance(event, JobRetried)}
    assert set(failed) == {"2.txt", "5.txt"}
    assert "2.txt is broken" in failed["2.txt"]
    assert "died" in failed["5.txt"]
    assert len(names) == COUNT - 2
    assert again - set(failed), "nothing was in the hands of the node that died"
    for job in jobs_of(photos):
        if job.name not in failed:
            assert whole(out / job.output, Path(job.inputs["content"][0]))
    with Ledger(where(str(out))) as ledger:
        states = [entry.state for entry in ledger.entries().values()]
    assert (states.count("done"), states.count("failed")) == (COUNT - 2, 2)
    finished = names - again
    assert all(len(list(tries.glob(f"{name[:-4]}.out.*"))) == 1 for name in finished)


@pytest.mark.ray
def test_a_cluster_without_room_is_waited_for_and_says_so(
    cluster: Any, photos: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    monkeypatch.setattr("artgen.jobs.cluster.LONG", 2.0)
    with Cluster("auto", Simulated(str(out)), workers=1) as pool:
        others = occupied(ray)
        events = []
        for event in pool.make(jobs_of(photos)):
            events.append(event)
            if isinstance(event, PoolWaiting):
                ray.kill(others[0])
    notes = [event.sentence for event in events if isinstance(event, PoolWaiting)]
    assert len(notes) == 1
    assert "no room for a worker (2 CPUS)" in notes[0]
    assert sum(isinstance(event, JobDone) for event in events) == 6


@pytest.mark.ray
def test_a_studio_that_cannot_open_stops_the_batch(cluster: Any, photos: Path) -> None:
    with (
        Cluster("auto", closed, workers=1) as pool,
        pytest.raises(ArtgenError, match=r"There are no weights\. Fetch them\."),
    ):
        list(pool.make(jobs_of(photos)))


@pytest.mark.ray
def test_no_cluster_is_one_sentence() -> None:
    pytest.importorskip("ray", reason="needs Ray")
    with pytest.raises(ArtgenError, match="no Ray cluster at ray:"):
        Cluster("ray://127.0.0.1:9", closed).__enter__()


def test_an_address_that_is_none() -> None:
    with pytest.raises(UsageError, match="ray://HOST:PORT"):
        Cluster("somewhere", closed)

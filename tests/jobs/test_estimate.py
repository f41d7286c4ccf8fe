"""What a batch will take: sizes from headers alone, seconds from what is made or tried."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
from pictures import smooth

from artgen import images
from artgen.jobs.estimate import known_rate, result_size, tried_rate
from artgen.jobs.ledger import Entry
from artgen.jobs.messages import Job, Order, Share
from artgen.optim.plan import Cost
from artgen.techniques.style import Style

SETTINGS = Style(net="tiny", size=48, iterations=2)


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """A style transfer, its painting in the folder."""
    images.save(smooth(40, 30, seed=1), tmp_path / "style.png")
    return Order("style", asdict(SETTINGS), fixed={"style": (str(tmp_path / "style.png"),)})


def job(tmp_path: Path, name: str) -> Job:
    return Job(f"out/{name}", name, {"content": (str(tmp_path / name),)})


def test_a_size_is_told_by_the_header(tmp_path: Path, order: Order) -> None:
    images.save(smooth(30, 60, seed=2), tmp_path / "a.png")
    (tmp_path / "b.png").write_text("none")
    assert result_size(SETTINGS, order, job(tmp_path, "a.png")) == (24, 48)
    assert result_size(SETTINGS, order, job(tmp_path, "b.png")) is None


def test_only_what_this_order_has_made_tells_its_rate() -> None:
    made = [
        Entry("a", "a", "this", "", "done", seconds=2.0, pixels=100),
        Entry("b", "b", "this", "", "done", seconds=4.0, pixels=200),
        Entry("c", "c", "other", "", "done", seconds=9.0, pixels=1),
        Entry("d", "d", "this", "", "waiting"),
    ]
    assert known_rate(made, "this") == pytest.approx(0.02)
    assert known_rate(made, "none") is None


def test_the_first_readable_picture_is_tried(tmp_path: Path, order: Order) -> None:
    images.save(smooth(30, 60, seed=2), tmp_path / "a.png")
    (tmp_path / "b.png").write_text("none")
    jobs = [job(tmp_path, "b.png"), job(tmp_path, "a.png")]
    tried = tried_rate(order, Share("cpu", 1), jobs)
    assert tried is not None
    assert tried[0] > 0
    assert tried[1] == "about"  # it was over before patience was
    assert tried_rate(order, Share("cpu", 1), jobs[:1]) is None


def test_a_run_that_says_what_it_takes_is_believed(
    tmp_path: Path, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One estimate for one run: of a dry run, and of the run itself."""
    images.save(smooth(30, 60, seed=2), tmp_path / "a.png")
    monkeypatch.setattr("artgen.optim.plan.QUICK", 0)
    monkeypatch.setattr("artgen.optim.plan.measure", lambda _: Cost(1, 1.0, 0.0))
    tried = tried_rate(order, Share("cpu", 1), [job(tmp_path, "a.png")])
    assert tried == (pytest.approx(SETTINGS.iterations), "about")

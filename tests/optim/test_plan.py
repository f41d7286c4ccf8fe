"""The plan: measured, cut until it fits, and said in one sentence."""

from __future__ import annotations

import dataclasses
import time

import pytest

from artgen.core.defaults import MOST_SIDE
from artgen.errors import OutOfMemory, UsageError
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import all_networks
from artgen.optim import memory
from artgen.optim.plan import SPARE, Cost, Work, make_plan, measure
from artgen.optim.pyramid import Scale
from artgen.runtime import Runtime

LAYERS = ("relu1_1", "relu3_1", "relu5_1")


@pytest.fixture
def cost(monkeypatch: pytest.MonkeyPatch) -> Cost:
    """A machine on which a pixel takes 1000 bytes and a microsecond."""
    made = Cost(1000, 1e-6, 0.01)
    monkeypatch.setattr("artgen.optim.plan.measure", lambda *_: made)
    monkeypatch.setattr(memory, "used", lambda _: 0)
    return made


def work(extractor: FeatureExtractor, side: int, optimizer: str = "lbfgs") -> Work:
    return Work(extractor, LAYERS, optimizer, [Scale((side * 3 // 4, side), 100)])


def with_room(monkeypatch: pytest.MonkeyPatch, gigabytes: float) -> None:
    monkeypatch.setattr(memory, "available", lambda _: int(gigabytes * 1e9))


def test_what_fits_stays_whole(
    tiny: FeatureExtractor, cost: Cost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_room(monkeypatch, 16)
    plan = make_plan(work(tiny, 2048))
    assert (plan.tile, plan.optimizer, plan.history) == (None, "lbfgs", 10)
    pixels = 1536 * 2048
    assert plan.bytes == pytest.approx(SPARE + pixels * (1000 + 12 * (20 + 7 + 4)))
    assert plan.seconds == pytest.approx(100 * (0.01 + pixels * 1e-6))
    assert plan.sentence == "2048 x 1536 px, in one piece, about 4.7 GB, about 5 min."


def test_a_picture_that_a_network_makes_counts(
    tiny: FeatureExtractor, cost: Cost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_room(monkeypatch, 16)
    plain = dataclasses.replace(work(tiny, 512, "adam"), result=(1024, 2048))
    costly = dataclasses.replace(plain, canvas=lambda _: pytest.fail("it is tried by measure"))
    by = dataclasses.replace(cost, made=(500, 2e-6))
    monkeypatch.setattr("artgen.optim.plan.measure", lambda *_: by)
    without, plan = make_plan(plain), make_plan(costly)
    assert plan.bytes - without.bytes == pytest.approx(500 * 1024 * 2048)
    assert plan.seconds - without.seconds == pytest.approx(100 * 2e-6 * 1024 * 2048)
    with_room(monkeypatch, 1)
    with pytest.raises(OutOfMemory):
        make_plan(costly)


def test_what_does_not_fit_is_cut(
    tiny: FeatureExtractor, cost: Cost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_room(monkeypatch, 4)
    plan = make_plan(work(tiny, 2048))
    assert (plan.tile, plan.optimizer, plan.history) == (1536, "lbfgs", 10)
    assert plan.sentence.startswith("2048 x 1536 px, 2 tiles of 1536, ")
    assert plan.bytes <= 4e9


@pytest.mark.parametrize(
    ("room", "optimizer", "history"),
    [(8, "lbfgs", 10), (4.5, "lbfgs", 5), (3.3, "lbfgs", 3), (2.5, "adam", 0)],
)
def test_the_optimiser_gives_way_before_tiles_get_small(
    tiny: FeatureExtractor,
    cost: Cost,
    monkeypatch: pytest.MonkeyPatch,
    room: float,
    optimizer: str,
    history: int,
) -> None:
    with_room(monkeypatch, room)
    plan = make_plan(work(tiny, 4096))
    assert (plan.optimizer, plan.history) == (optimizer, history)
    assert plan.tile is not None
    assert plan.tile >= 512
    assert plan.bytes <= room * 1e9
    if optimizer == "adam":
        assert "Adam instead of L-BFGS" in plan.sentence
    else:
        assert ("remembers" in plan.sentence) == (history < 10)


def test_what_never_fits_is_refused(
    tiny: FeatureExtractor, cost: Cost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_room(monkeypatch, 0.1)
    with pytest.raises(OutOfMemory, match="4096 x 3072 px take more than"):
        make_plan(work(tiny, 4096))
    assert make_plan(work(tiny, 4096), "off").tile is None  # whoever says off means it


def test_a_tile_that_was_asked_for_is_taken(
    tiny: FeatureExtractor, cost: Cost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_room(monkeypatch, 64)
    assert make_plan(work(tiny, 1024), 256).tile == 256


def test_a_short_run_is_not_forecast(
    tiny: FeatureExtractor, cost: Cost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_room(monkeypatch, 64)
    plan = make_plan(Work(tiny, LAYERS, "adam", [Scale((96, 128), 2)]))
    assert (plan.tile, plan.seconds) == (None, 0)
    assert plan.sentence == "128 x 96 px."
    assert "about" in make_plan(Work(tiny, LAYERS, "adam", [Scale((96, 128), 2)]), 64).sentence


def test_the_measure_is_of_this_network() -> None:
    small, large = (
        measure(Work(FeatureExtractor(all_networks().get(name)), LAYERS, "adam", []))
        for name in ("tiny", "slim")
    )
    assert large.bytes > 3 * small.bytes
    assert large.seconds > small.seconds > 0
    # slim holds 171 numbers a pixel behind its convolutions and as many before, with their padding.
    assert 171 * 4 < large.bytes < 20 * 171 * 4
    assert small.fixed >= 0


@pytest.mark.slow
def test_weights_are_no_bytes_of_a_pixel() -> None:
    """On a small picture vgg16's would be half as many again as all that it answers."""
    spec = all_networks().get("vgg16")
    source = dataclasses.replace(spec.source, url=None, seed=3, convert=None)
    extractor = FeatureExtractor(dataclasses.replace(spec, source=source))
    # A pixel has 266 numbers behind convolutions, 30 places of maxima at two numbers each, and
    # three times the widest layer's 64; what is left are the moments.
    assert 4 * 518 < measure(Work(extractor, LAYERS, "adam", [])).bytes < 4 * 600


def test_a_plan_is_checked_against_what_is_free_then(
    tiny: FeatureExtractor, cost: Cost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_room(monkeypatch, 16)
    plan, asked = make_plan(work(tiny, 2048)), make_plan(work(tiny, 2048), 1024)
    insisted = make_plan(work(tiny, 2048), "off")
    size = (1536, 2048)
    assert plan.fits(size, None)
    with_room(monkeypatch, 3)
    assert not plan.fits(size, None)
    assert plan.fits(size, 512)
    assert plan.fits((768, 1024), None)
    # What the run itself holds by now is its own to use.
    monkeypatch.setattr(memory, "used", lambda _: int(2e9))
    assert plan.fits(size, None)
    with_room(monkeypatch, 0)
    assert not asked.fits(size, 1024)
    assert insisted.fits(size, None)  # whoever says off means it


@pytest.mark.parametrize("tile", ["0", "-1", "large", "1.5", ""])
def test_a_tile_that_is_none_is_refused(tile: str) -> None:
    with pytest.raises(UsageError, match="The tile cannot be"):
        Runtime("cpu", tile=tile)


def test_a_runtime_cuts_as_it_is_told(tiny: FeatureExtractor) -> None:
    assert Runtime("cpu", tile="64").plan(work(tiny, 128)).tile == 64
    assert Runtime("cpu").plan(work(tiny, 128)).tile is None


def test_what_comes_after_the_last_iteration_counts(
    tiny: FeatureExtractor, cost: Cost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_room(monkeypatch, 16)
    plan = make_plan(dataclasses.replace(work(tiny, 2048), finish=lambda: 1000.0))
    assert plan.seconds == pytest.approx(make_plan(work(tiny, 2048)).seconds + 1000)


def test_a_disturbed_trial_does_not_promise_the_impossible(
    tiny: FeatureExtractor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both trials take a second: the small one was held up, and a pixel still takes its time."""
    clock = iter(range(1000))
    monkeypatch.setattr("artgen.optim.plan.time.perf_counter", lambda: float(next(clock)))
    found = measure(work(tiny, 512))
    assert found.seconds == pytest.approx(0.5 / 208**2)
    assert found.fixed == pytest.approx(0.5)


def test_what_nobody_would_see_the_end_of_is_refused(
    tiny: FeatureExtractor, cost: Cost, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_room(monkeypatch, 1e12)
    with pytest.raises(UsageError, match=r"would take about \d+ days here"):
        make_plan(work(tiny, 2**20))


@pytest.mark.parametrize("side", [MOST_SIDE, 10**9])
def test_a_plan_takes_no_longer_for_a_large_picture(
    tiny: FeatureExtractor, cost: Cost, monkeypatch: pytest.MonkeyPatch, side: int
) -> None:
    with_room(monkeypatch, 16)
    before = time.process_time()
    with pytest.raises(OutOfMemory, match=r"more than the 16\.0 GB"):
        make_plan(work(tiny, side))
    assert time.process_time() - before < 2

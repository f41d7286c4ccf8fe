"""Activation maximisation: what is maximised rises, on either canvas, from the same seed alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from artgen.core.events import Step
from artgen.losses.activation import filling_term
from artgen.networks.extractor import FeatureExtractor
from artgen.runtime import Runtime
from artgen.techniques.common.maximization import (
    CANVASES,
    FORM,
    SEEDS,
    MaximisationSettings,
    VariedSettings,
)


def steps(tiny: FeatureExtractor, runtime: Runtime, canvas: str) -> list[Step]:
    settings = MaximisationSettings(net="tiny", canvas=canvas, octaves=2, iterations=8, jitter=2)
    scales = settings.scales(48, tiny.smallest("conv2_1"))
    term = filling_term("conv2_1", 3, torch.tensor(1.0))
    events = settings.maximise(tiny, scales, term, runtime)
    return [event for event in events if isinstance(event, Step)]


@pytest.mark.parametrize("canvas", CANVASES)
def test_it_climbs(tiny: FeatureExtractor, runtime: Runtime, canvas: str) -> None:
    found = [
        (float(sum(step.losses.values())), step.picture()) for step in steps(tiny, runtime, canvas)
    ]
    assert len(found) == 16
    assert found[-1][0] < found[0][0]
    assert found[-1][1].shape == (1, 4 if canvas == "phase" else 3, 48, 48)
    assert torch.equal(found[-1][1], steps(tiny, runtime, canvas)[-1].picture())


def test_phases_have_one_size_and_the_steps_of_all() -> None:
    (scale,) = MaximisationSettings(canvas="phase", octaves=4, iterations=5).scales(100, 60)
    assert (scale.size, scale.iterations) == ((100, 100), 20)


def test_a_spectrum_goes_on_from_the_picture_of_a_code(
    tiny: FeatureExtractor, runtime: Runtime
) -> None:
    both = steps(tiny, runtime, "prior+fourier")
    form = round(len(both) * FORM)
    alone = MaximisationSettings(net="tiny", canvas="prior", octaves=1, iterations=form)
    term = filling_term("conv2_1", 3, torch.tensor(1.0))
    *_, last = alone.maximise(tiny, alone.scales(48, 1), term, runtime)
    assert isinstance(last, Step)
    first = last.picture()
    assert torch.equal(both[form - 1].picture(), first)  # of the code as it was left
    assert 0.01 < (both[-1].picture() - first).abs().mean() < 0.2
    assert [step.index for step in both] == list(range(1, 17))


def test_few_crops_at_once_draw_the_same_picture(tiny: FeatureExtractor, runtime: Runtime) -> None:
    """Where memory is short, the crops of a step are evaluated one after the other."""
    settings = MaximisationSettings(net="tiny", canvas="phase", octaves=1, iterations=4, crops=4)
    scales = settings.scales(48, tiny.smallest("conv2_1"))
    term = filling_term("conv2_1", 3, torch.tensor(1.0))
    whole = settings.plan(tiny, ["conv2_1"], scales, 1, runtime)
    made = []
    for plan in (whole, replace(whole, tile=96)):
        *_, last = settings.maximise(tiny, scales, term, runtime, plan)
        assert isinstance(last, Step)
        made.append(last.picture()[:, :3])
    assert torch.allclose(*made, atol=0.02)
    assert not torch.equal(*made)


def test_pictures_of_other_seeds_differ(tiny: FeatureExtractor, runtime: Runtime) -> None:
    settings = VariedSettings(net="tiny", canvas="phase", vary="seed")
    assert settings.seeds(runtime) == [
        (f"seed {n}", Runtime("cpu", "float32", seed=n)) for n in range(SEEDS)
    ]
    assert VariedSettings().seeds(runtime) == [("", runtime)]


def test_sizes_go_from_small_to_large_and_none_is_too_small() -> None:
    scales = MaximisationSettings(octaves=4, iterations=5).scales(100, 60)
    assert scales[-1].size == (100, 100)
    assert min(scale.side for scale in scales) >= 60
    assert [scale.side for scale in scales] == sorted(scale.side for scale in scales)

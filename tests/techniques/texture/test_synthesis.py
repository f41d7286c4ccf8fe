"""Texture synthesis at work: samples at each scale, terms that do not mind where they begin."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.losses.evaluate import evaluate
from artgen.ops.resize import resample
from artgen.optim.pyramid import Scale
from artgen.runtime import Runtime
from artgen.techniques.common.options import STYLE_LOSSES
from artgen.techniques.texture import Texture
from artgen.techniques.texture.run import TextureRun
from artgen.techniques.texture.synthesis import Synthesis

from .textures import texture


@pytest.fixture
def sample() -> Tensor:
    return smooth(60, 90, seed=2) * torch.tensor([1.0, 0.6, 0.3]).view(1, 3, 1, 1)


def _job(settings: Texture, runtime: Runtime, *samples: Tensor) -> Synthesis:
    return TextureRun(settings, {"sample": samples}, runtime).synthesis()


@pytest.mark.parametrize("tileable", [False, True])
@pytest.mark.parametrize("size", ["500x410", "64", "257x300"])
def test_samples_become_smaller_as_the_canvas_does(
    size: str, tileable: bool, runtime: Runtime
) -> None:
    settings = texture(size=size, tileable=tileable, scale=1.5, iterations=40)
    job = _job(settings, runtime, smooth(200, 300, seed=1))
    size = settings.result_size({})
    margin = settings.margin(size)
    assert margin == ((0, 0) if tileable else tuple(min(n // 16, 24) for n in size))
    height, width = size[0] + 2 * margin[0], size[1] + 2 * margin[1]
    for scale in job.scales:
        shape = job.reduced(job.material.samples[0], scale).shape
        assert shape[2] == pytest.approx(200 * 1.5 * scale.size[0] / height, abs=0.5)
        assert shape[3] == pytest.approx(300 * 1.5 * scale.size[1] / width, abs=0.5)
        assert not tileable or scale.size[0] % 16 == scale.size[1] % 16 == 0
        assert min(shape[2:]) >= 64  # the coarsest still shows something to the deepest layer
    assert sum(scale.iterations for scale in job.scales) == 40
    last = job.scales[-1].size
    assert height <= last[0] < height + 16
    assert width <= last[1] < width + 16


@pytest.mark.parametrize("shift", [(16, 0), (0, 16), (32, -48)])
@pytest.mark.parametrize("loss", STYLE_LOSSES)
def test_where_a_tileable_texture_begins_changes_no_loss(
    loss: str, shift: tuple[int, int], sample: Tensor
) -> None:
    runtime = Runtime("cpu", "float64")
    job = _job(texture(size="96x112", tileable=True, loss=loss), runtime, sample)
    picture = smooth(112, 96, seed=5).double()
    several = job.terms(Scale((112, 96), 1), None, picture)
    assert [term.name for term in several] == ["texture", "structure", "tv"]
    here, there = (
        evaluate(one, job.canvas_extractor, several)
        for one in (picture, picture.roll(shift, (2, 3)))
    )
    for name, value in here[0].items():
        assert float(there[0][name]) == pytest.approx(float(value), rel=1e-6)
    moved = here[2].roll(shift, (2, 3))
    assert float((there[2] - moved).norm() / moved.norm()) < 1e-5


@pytest.mark.parametrize("tileable", [False, True])
def test_correspondences_depend_on_no_tiles_and_on_no_picture(
    tileable: bool, sample: Tensor
) -> None:
    """A run in tiles has another rounding, and one that goes on begins with a finer scale."""
    settings = texture(match="patches", size="192x160", tileable=tileable, iterations=30)
    big = resample(sample, (160, 176))
    whole, tiled, resumed = (_job(settings, Runtime(seed=3), big) for _ in range(3))
    assert len(whole.scales) > 1
    picture = smooth(96, 80, seed=5)
    for scale in whole.scales:
        opening = resample(picture, scale.size)
        terms = whole.terms(scale, None, opening), tiled.terms(scale, 64, 1 - opening)
        losses, others = (
            evaluate(opening, whole.canvas_extractor, some, tile)[0]
            for some, tile in zip(terms, (None, 64), strict=True)
        )
        assert float(others["patches"]) == pytest.approx(float(losses["patches"]), rel=1e-5)
    resumed.terms(scale, 64, opening)
    assert set(whole.layouts) == set(tiled.layouts) == set(resumed.layouts)
    for rank, layout in whole.layouts.items():
        assert layout.centres.equal(tiled.layouts[rank].centres)
        assert layout.centres.equal(resumed.layouts[rank].centres)


def test_the_finest_scale_is_left_to_the_statistics(sample: Tensor) -> None:
    """More so where the sample has a direction, and is not turned: a part of it would be a copy."""
    big = resample(sample, (160, 176))
    rows = torch.linspace(0, 60, 160).sin()[:, None].expand(1, 3, 160, 176) / 2 + 0.5
    left = []
    for one, variety in ((big, 1.0), (rows, 1.0), (rows, 0.0)):
        settings = texture(match="patches", size="192x160", iterations=30, variety=variety)
        job = _job(settings, Runtime(), one)
        weights = [
            next(term.weight for term in job.terms(scale, None, one) if term.name == "patches")
            for scale in job.scales
        ]
        assert len(set(weights[:-1])) == 1
        left.append(weights[-1] / weights[0])
    assert 1 > left[0] > left[1] > 0
    assert left[2] >= left[0]  # asked to be the sample's own, to the pixel


def test_a_label_that_a_sample_lacks_is_made_of_the_others(runtime: Runtime) -> None:
    """Its statistics are those of the sample that has it, and not half of them."""
    plan = torch.zeros(1, 3, 96, 128)
    plan[..., 64:] = 1
    both, dark = smooth(96, 128, seed=1), 0.3 * smooth(96, 128, seed=2)
    settings = texture(size="", sample_guide=("a.png",), guide="g.png")
    inputs = {"guide": [plan], "sample": [both], "sample_guide": [plan]}
    alone = TextureRun(settings, inputs, runtime).synthesis()
    inputs |= {"sample": [both, dark], "sample_guide": [plan, plan.new_zeros(plan.shape)]}
    two = TextureRun(settings, inputs, runtime).synthesis()
    picture, scale = both, alone.scales[-1]
    losses = [
        evaluate(resample(picture, scale.size), job.canvas_extractor, job.terms(scale, None, both))
        for job in (alone, two)
    ]
    bright = [name for name in losses[0][0] if name.endswith(" 1")]  # the label of white
    assert bright
    for name in bright:
        assert float(losses[1][0][name]) == pytest.approx(float(losses[0][0][name]), rel=1e-4)

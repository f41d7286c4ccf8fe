"""Textures: any size, seamless where asked for, nearer to the sample than noise is."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen import images
from artgen.core.events import Note, Result, Step
from artgen.errors import OutOfMemory, UsageError
from artgen.losses.style import style_moments, style_term
from artgen.networks.extractor import POOLINGS
from artgen.networks.regions import whole
from artgen.ops.resize import resample
from artgen.optim import memory
from artgen.runtime import Runtime
from artgen.techniques.common.options import STYLE_LOSSES
from artgen.techniques.texture import Texture
from artgen.techniques.texture.run import TextureRun
from artgen.techniques.texture.synthesis import Synthesis

from .textures import events, made, texture


@pytest.fixture
def sample() -> Tensor:
    return smooth(60, 90, seed=2) * torch.tensor([1.0, 0.6, 0.3]).view(1, 3, 1, 1)


def distance(picture: Tensor, sample: Tensor, runtime: Runtime) -> float:
    """How far the picture is from the sample, as the test network sees it."""
    eye = runtime.extractor("tiny")
    layers = eye.role("texture").layers
    term = style_term(style_moments(eye, [sample], [1.0], tuple(layers)), layers, "moments", 1.0)
    with torch.no_grad():
        features = eye(picture, layers)
        return float(term.loss(term.statistics(features, whole(features))))


@pytest.mark.parametrize(
    ("optimizer", "loss", "pooling", "tileable"),
    [*product(("lbfgs", "adam"), STYLE_LOSSES, POOLINGS, (False, True))],
)
def test_every_combination_gives_a_picture_of_the_size_asked_for(
    optimizer: str, loss: str, pooling: str, tileable: bool, runtime: Runtime, sample: Tensor
) -> None:
    settings = texture(optimizer=optimizer, loss=loss, pooling=pooling, tileable=tileable)
    steps, pictures = events(settings, runtime, sample)
    assert [step.index for step in steps] == [1, 2, 3, 4]
    assert set(pictures) == {"picture"}
    assert pictures["picture"].shape == (1, 3, 49, 67)
    assert pictures["picture"].std() > 0.01


@pytest.mark.parametrize(
    ("changes", "shape", "message"),
    [
        ({"size": "15x40"}, (60, 60), "At 15 x 44 px the texture is too small"),
        ({}, (9, 400), "At 400 x 9 px the sample is too small"),
        ({"scale": 0.1}, (60, 60), "At 6 x 6 px the sample is too small"),
        ({"sample_weights": (1.0, 2.0)}, (60, 60), "There are 1 samples and 2 weights."),
        ({"sample_weights": (0.0,)}, (60, 60), "The sample weights are all zero."),
        ({"layers": "relu1_1,relu9_1"}, (60, 60), "The network 'tiny' has no layer 'relu9_1'."),
    ],
)
def test_what_cannot_be_is_refused_before_any_step(
    changes: dict[str, Any], shape: tuple[int, int], message: str, runtime: Runtime
) -> None:
    with pytest.raises(UsageError) as caught:
        next(texture(**changes).run({"sample": [smooth(*shape, seed=1)]}, runtime))
    assert caught.value.message.startswith(message)
    assert caught.value.hint


def test_it_comes_nearer_to_the_sample(runtime: Runtime, sample: Tensor) -> None:
    few, many = (
        distance(made(texture(iterations=n), runtime, sample), sample, runtime) for n in (1, 60)
    )
    assert many < 0.8 * few


def test_a_seed_decides(sample: Tensor) -> None:
    one, two, other = (made(texture(), Runtime("cpu", "float32", s), sample) for s in (7, 7, 8))
    assert one.equal(two)
    assert not one.equal(other)


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("tileable", [False, True])
def test_a_sample_of_one_colour_gives_that_colour(
    value: float, tileable: bool, runtime: Runtime
) -> None:
    flat = torch.full((1, 3, 50, 50), value)
    assert made(texture(tileable=tileable), runtime, flat).eq(value).all()


def test_colours_are_the_samples(runtime: Runtime, sample: Tensor) -> None:
    picture = made(texture(match_colors="yes"), runtime, sample)
    torch.testing.assert_close(picture.mean((2, 3)), sample.mean((2, 3)), atol=2e-3, rtol=0)
    assert not made(texture(match_colors="no"), runtime, sample).equal(picture)


def test_a_sample_that_weighs_nothing_says_nothing(runtime: Runtime, sample: Tensor) -> None:
    other = smooth(70, 50, seed=6)
    alone = made(texture(), runtime, sample)
    assert made(texture(sample_weights=(1.0, 0.0)), runtime, sample, other).equal(alone)
    equal = made(texture(), runtime, sample, other)
    assert not equal.equal(alone)
    assert made(texture(sample_weights=(2.0, 2.0)), runtime, sample, other).equal(equal)


def test_depth_is_how_many_layers_count(runtime: Runtime, sample: Tensor) -> None:
    pictures = [made(texture(depth=depth), runtime, sample) for depth in range(1, 6)]
    assert not any(one.equal(two) for one, two in pairwise(pictures))
    assert _job(texture(depth=2), runtime, sample).pull.layers.keys() == {
        "image",
        "relu1_1",
        "relu2_1",
    }
    # Where fewer layers look, less of a sample will do.
    made(texture(depth=1, size="5x3"), runtime, smooth(4, 4, seed=1))


def test_the_proof_is_the_picture_repeated(runtime: Runtime, sample: Tensor) -> None:
    _, pictures = events(texture(tileable=True, proof=3), runtime, sample)
    assert pictures["proof"].equal(pictures["picture"].repeat(1, 1, 3, 3))
    with pytest.raises(UsageError, match="--proof is 1"):
        texture(proof=1)


def _job(settings: Texture, runtime: Runtime, *samples: Tensor) -> Synthesis:
    return TextureRun(settings, {"sample": samples}, runtime).synthesis()


def seam_ranks(picture: Tensor, stride: int) -> list[float]:
    """For rows and columns: the share of borders that differ less than the one at the seam.

    Every `stride` pixels: cells of a pooling layer differ more than the pixels in them do.
    """
    ranks = []
    for axis in (2, 3):
        steps = (picture - picture.roll(1, axis)).abs().mean((1, 5 - axis)).flatten()
        ranks.append(float((steps[stride::stride] < steps[0]).float().mean()))
    return ranks


def seam_rank(**changes: Any) -> float:
    """Over the sixteen seams of eight textures: one alone is anywhere from 0 to 1 by chance."""
    ranks = []
    for size, seed in product(("96x112", "128x96"), range(4)):
        settings = texture(size=size, iterations=40, tv_weight=10.0, **changes)
        sample = smooth(100, 100, seed=3)
        ranks += seam_ranks(made(settings, Runtime("cpu", "float32", seed), sample), 16)
    return sum(ranks) / len(ranks)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_a_tileable_texture_has_no_seam(optimizer: str) -> None:
    assert 0.2 < seam_rank(optimizer=optimizer, tileable=True) < 0.8


def test_a_seam_is_seen_where_there_is_one() -> None:
    assert seam_rank(optimizer="adam") > 0.85


@pytest.mark.shared
def test_real_pebbles_have_no_seam_among_all_rows_and_columns(
    shared: Path, runtime: Runtime
) -> None:
    sample = images.load(shared / "data" / "textures" / "pebbles.jpg").picture
    settings = texture(net="slim", size="200x144", tileable=True, iterations=60)
    ranks = seam_ranks(made(settings, runtime, sample), 1)
    assert all(0.05 < rank < 0.95 for rank in ranks), ranks


def test_in_tiles_it_is_the_same_texture(sample: Tensor) -> None:
    settings = texture(size="128x96", tileable=True, iterations=3, match_colors="no")
    one, many = (
        made(settings, Runtime("cpu", "float64", tile=tile), sample) for tile in ("off", "48")
    )
    assert float((one - many).abs().max()) < 1e-3


def test_a_wall_is_planned_and_warned_of(
    runtime: Runtime, sample: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of its size is made before."""
    settings = texture(size="20000x20000", tileable=True)
    for gigabytes in (20, 100):
        monkeypatch.setattr(memory, "available", lambda _, n=gigabytes: int(n * 1e9))
        run = settings.run({"sample": [sample]}, runtime)
        if gigabytes == 20:
            with pytest.raises(OutOfMemory, match=r"20000 x 20000 px take more than the 20\.0 GB"):
                next(run)
            continue
        note = next(run)
        assert isinstance(note, Note)
        assert re.match(r"20000 x 20000 px, \d+ tiles of \d+, about \d\d.\d GB", note.sentence)


@pytest.mark.parametrize("match", ["statistics", "patches"])
def test_it_goes_on_where_it_stopped(match: str, runtime: Runtime, sample: Tensor) -> None:
    settings = texture(tileable=True, iterations=6, match=match)
    whole_run = made(settings, runtime, sample)
    for event in settings.run({"sample": [sample]}, runtime):
        if isinstance(event, Step) and event.index == 3:
            state = {name: value.clone() for name, value in event.state().items()}
            break
    *_, result = settings.run({"sample": [sample]}, runtime, state)
    assert isinstance(result, Result)
    assert result.pictures["picture"].equal(whole_run)


def test_a_size_that_is_no_multiple_is_resampled_round_the_edge(
    runtime: Runtime, sample: Tensor
) -> None:
    steps, pictures = events(
        texture(size="70x50", tileable=True, match_colors="no"), runtime, sample
    )
    assert steps[-1].scale == (64, 80)
    assert pictures["picture"].shape == (1, 3, 50, 70)
    raw = made(texture(size="80x64", tileable=True, match_colors="no"), runtime, sample)
    assert not resample(raw, (50, 70)).equal(pictures["picture"])


@pytest.mark.parametrize("fill", ["patches", "statistics"])
def test_only_the_hole_is_mended(runtime: Runtime, fill: str) -> None:
    photo, hole = smooth(64, 80, seed=2), torch.zeros(1, 3, 64, 80)
    hole[..., 20:44, 30:60] = 1
    spoilt = torch.where(hole > 0, torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1), photo)
    settings = texture(size="", inpaint="a.png", mask="b.png", fill=fill, iterations=20)
    assert settings.result_size({"inpaint": [spoilt]}) == (64, 80)
    picture = made(settings, runtime, inpaint=spoilt, mask=hole)
    assert picture[hole == 0].equal(photo[hole == 0])
    red = picture[..., 20:44, 30:60].mean((2, 3)).squeeze()
    assert float((red - photo.mean((2, 3)).squeeze()).abs().max()) < 0.12  # nothing of the paint


@pytest.mark.parametrize("fill", ["patches", "statistics"])
def test_a_picture_is_carried_on_around_itself(runtime: Runtime, fill: str) -> None:
    photo = smooth(40, 50, seed=2)
    settings = texture(size="90x64", extend="a.png", fill=fill, iterations=6)
    picture = made(settings, runtime, extend=photo)
    assert picture.shape == (1, 3, 64, 90)
    assert picture[..., 12:52, 20:70].equal(photo)
    assert picture[..., :20].std() > 0.01


@pytest.mark.parametrize("fill", ["patches", "statistics"])
def test_masks_of_other_proportions_are_told_and_stretched(runtime: Runtime, fill: str) -> None:
    photo, hole = smooth(40, 50, seed=2), torch.zeros(1, 3, 30, 30)
    hole[..., 10:20, 10:20] = 1
    settings = texture(size="", inpaint="a.png", mask="b.png", fill=fill, iterations=1)
    events = settings.run({"inpaint": [photo], "mask": [hole]}, runtime)
    assert next(events) == Note(
        "The mask 'b.png' has other proportions (30 x 30 px) than the picture (50 x 40), "
        "and is stretched over it."
    )


def test_a_hole_takes_patches_of_a_sample_and_a_mask_inside_out_is_named(
    runtime: Runtime,
) -> None:
    photo, sample, hole = smooth(40, 50, seed=2), smooth(30, 30, seed=3), torch.ones(1, 3, 40, 50)
    hole[..., :12, :] = 0
    settings = texture(inpaint="a.png", mask="b.png", size="", scale=0.8)
    inputs = {"inpaint": [photo], "mask": [hole], "sample": [sample]}
    notes = [event for event in settings.run(inputs, runtime) if isinstance(event, Note)]
    assert "70% of it from patches" in notes[0].sentence
    assert "is it inverted?" in notes[1].sentence


def test_maps_lie_as_the_colours_do(runtime: Runtime) -> None:
    """A map that is the picture's negative is so in what comes of it, too."""
    sample = smooth(80, 80, seed=2)
    settings = texture(size="64", with_=("normal.png",), iterations=40)
    _, pictures = events(settings, runtime, sample, with_=1 - sample)
    assert list(pictures) == ["picture", "normal"]
    both = torch.stack([pictures["picture"].flatten(), pictures["normal"].flatten()])
    assert torch.corrcoef(both)[0, 1] < -0.9


def test_maps_are_named_after_their_files(runtime: Runtime, sample: Tensor) -> None:
    settings = texture(with_=("a/rough.png", "b/rough.png", "proof.png"), proof=2, iterations=1)
    *_, result = settings.run({"sample": [sample], "with": [sample] * 3}, runtime)
    assert isinstance(result, Result)
    assert list(result.pictures) == ["picture", "rough", "rough-2", "proof-3", "proof", "distance"]
    assert [*result.data] == ["rough", "rough-2", "proof-3"]
    assert all(one.shape[1] == 3 for one in result.pictures.values())


def test_every_place_is_made_of_its_label(runtime: Runtime) -> None:
    dark, light = 0.3 * smooth(64, 32, seed=1), 0.6 + 0.4 * smooth(64, 32, seed=2)
    left = (torch.arange(64) < 32).float().expand(1, 3, 64, 64)
    plan = torch.cat([1 - left[:, :1], left[:, :1], left[:, :1]], 1)
    settings = texture(size="", guide="a.png", sample_guide=("b.png",), iterations=8)
    picture = made(
        settings, runtime, torch.cat([dark, light], 3), guide=plan.flip(3), sample_guide=plan
    )
    assert picture.shape == (1, 3, 64, 64)
    assert picture[..., :32].mean() > 0.6  # light is on the left now
    assert picture[..., 32:].mean() < 0.3


def test_what_a_sample_mask_hides_is_not_in_the_texture(runtime: Runtime) -> None:
    sample, mask = 0.4 * smooth(64, 64, seed=1), torch.ones(1, 3, 64, 64)
    sample[..., :20, :20] = torch.tensor([1.0, 1.0, 0]).view(1, 3, 1, 1)
    mask[..., :20, :20] = 0
    settings = texture(sample_mask=("m.png",), iterations=8)
    assert made(settings, runtime, sample, sample_mask=mask).max() <= 0.41
    assert made(texture(iterations=8), runtime, sample).max() > 0.9


def test_a_sample_mask_counts_for_the_sliced_loss_too(runtime: Runtime) -> None:
    sample, mask = 0.4 * smooth(64, 64, seed=1), torch.ones(1, 3, 64, 64)
    sample[..., :20, :20] = torch.tensor([1.0, 1.0, 0]).view(1, 3, 1, 1)
    mask[..., :20, :20] = 0
    settings = texture(
        sample_mask=("m.png",), loss="sliced", iterations=8, match_colors="no", structure_weight=0.0
    )
    clean = made(settings, runtime, sample, sample_mask=mask).mean()
    spoilt = made(replace(settings, sample_mask=()), runtime, sample).mean()
    assert clean < spoilt


@pytest.mark.parametrize("tileable", [False, True])
def test_patches_depend_on_the_seed_alone(tileable: bool) -> None:
    sample = smooth(60, 70, seed=4)
    settings = texture(match="patches", tileable=tileable, size="80x64", iterations=5)
    one, same, other = (made(settings, Runtime(seed=seed), sample) for seed in (1, 1, 2))
    assert one.equal(same)
    assert not one.equal(other)


def test_the_plan_says_that_a_texture_is_made_by_patches(runtime: Runtime) -> None:
    for match in ("statistics", "patches"):
        run = texture(match=match, iterations=2).run({"sample": [smooth(60, 70, seed=4)]}, runtime)
        said = [
            x.sentence.startswith("By patches, things varied: 67")
            for x in run
            if isinstance(x, Note)
        ]
        assert any(said) == (match == "patches")


def test_normals_are_not_turned(runtime: Runtime) -> None:
    """The plan says that things are as in the sample, and directions are refused."""
    sample, normals = smooth(60, 70, seed=4), torch.zeros(1, 3, 60, 70) + 0.5
    normals[:, 2] = 1
    settings = texture(match="patches", iterations=2, with_=("normal.png",))
    run = settings.run({"sample": [sample], "with": [normals]}, runtime)
    notes = [one.sentence for one in run if isinstance(one, Note)]
    assert any(one.startswith("By patches, things as they are") for one in notes)
    lines = torch.linspace(0, 40, 67).sin().expand(1, 3, 49, 67) / 2 + 0.5
    inputs = {"sample": [sample], "with": [normals], "direction": [lines]}
    with pytest.raises(UsageError, match="--direction turns the sample"):
        list(replace(settings, direction="lines.png").run(inputs, runtime))


def test_patches_follow_the_progress(runtime: Runtime) -> None:
    """The sample brightens to the right; the texture, as its map says, to the left."""
    ramp = torch.linspace(0, 1, 96).expand(1, 3, 64, 96)
    sample = 0.2 * smooth(64, 96, seed=1) + 0.8 * ramp
    settings = texture(
        match="patches",
        size="",
        iterations=24,
        layers="image=1,relu2_1=1",
        progress_="p.png",
        sample_progress=("s.png",),
    )
    picture = made(settings, runtime, sample, progress=ramp.flip(3), sample_progress=ramp)
    assert picture.shape[-2:] == (64, 96)
    assert float(picture[..., :24].mean()) > float(picture[..., -24:].mean()) + 0.3


def test_colours_of_patches_are_matched_only_on_request(runtime: Runtime) -> None:
    sample = smooth(60, 70, seed=4)
    auto, no, yes = (
        made(texture(match="patches", match_colors=one), runtime, sample)
        for one in ("auto", "no", "yes")
    )
    assert auto.equal(no)
    assert not auto.equal(yes)


def test_patches_go_with_labels_masks_maps_and_alpha(runtime: Runtime) -> None:
    """The left half is dark, opaque and low, the right one bright, clear and high."""
    plan = torch.zeros(1, 3, 64, 64)
    plan[..., 32:] = 1
    colours = 0.2 + 0.6 * plan + 0.1 * smooth(64, 64, seed=3)
    sample = torch.cat([colours, 1 - plan[:, :1]], 1)
    settings = texture(
        match="patches",
        size="64x64",
        iterations=16,
        with_=("height.png",),
        guide="g.png",
        sample_guide=("s.png",),
        sample_mask=("m.png",),
    )
    inputs = {"guide": plan.flip(3), "sample_guide": plan, "sample_mask": torch.ones_like(plan)}
    _, pictures = events(settings, runtime, sample, with_=plan, **inputs)
    for one in (pictures["picture"][:, :3], 1 - pictures["picture"][:, 3:], pictures["height"]):
        assert float(one[..., :24].mean()) > float(one[..., -24:].mean()) + 0.2


def test_patches_need_a_sample_of_a_patch(runtime: Runtime) -> None:
    settings = texture(match="patches", depth=3)
    with pytest.raises(UsageError, match="no patch of 20 x 20 px that may be used"):
        made(settings, runtime, smooth(19, 60, seed=1))

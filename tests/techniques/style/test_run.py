"""Style transfer: every way of asking gives a picture, or a sentence that says why not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.core.events import Note, Result, Step
from artgen.errors import UsageError
from artgen.losses.style import MOMENT_LOSSES, style_moments, style_term
from artgen.networks.extractor import POOLINGS
from artgen.networks.regions import whole
from artgen.ops.color import luma
from artgen.ops.resize import fit, resample
from artgen.runtime import Runtime
from artgen.techniques.common.options import BOTH, LOSSES
from artgen.techniques.style import Style

OPTIMISERS, INITS = ("lbfgs", "adam"), ("content", "noise", "style")


def style(**changes: Any) -> Style:
    return Style(**{"net": "tiny", "size": 67, "iterations": 4} | changes)


def events(
    settings: Style, runtime: Runtime, photo: Tensor, *paintings: Tensor, **more: list[Tensor]
) -> tuple[list[Step], Tensor]:
    """The steps of a run, and its picture."""
    inputs = {"content": [photo], "style": list(paintings), **more}
    *events, result = settings.run(inputs, runtime)
    assert isinstance(result, Result)
    steps = [event for event in events if isinstance(event, Step)]
    return steps, result.pictures["picture"]


def made(settings: Style, runtime: Runtime, *pictures: Tensor, **more: list[Tensor]) -> Tensor:
    return events(settings, runtime, *pictures, **more)[1]


def style_distance(picture: Tensor, painting: Tensor, runtime: Runtime) -> float:
    """How far the picture is from the painting, as the test network sees it."""
    extractor = runtime.extractor("tiny")
    layers = extractor.role("style").layers
    targets = style_moments(extractor, [painting], [1.0], tuple(layers))
    term = style_term(targets, layers, "moments", 1.0)
    with torch.no_grad():
        features = extractor(picture, layers)
        return term.loss(term.statistics(features, whole(features))).item()


@pytest.mark.parametrize(
    ("optimizer", "init", "style_loss", "pooling"),
    [*product(OPTIMISERS, INITS, LOSSES, POOLINGS)],
)
def test_every_combination_gives_a_picture(
    optimizer: str,
    init: str,
    style_loss: str,
    pooling: str,
    runtime: Runtime,
    photo: Tensor,
    painting: Tensor,
) -> None:
    settings = style(optimizer=optimizer, init=init, style_loss=style_loss, pooling=pooling)
    steps, picture = events(settings, runtime, photo, painting)
    assert [step.index for step in steps] == [1, 2, 3, 4]
    assert {step.total for step in steps} == {4}
    assert picture.shape == (1, 3, 49, 67)
    assert picture.isfinite().all()
    assert picture.min() >= 0
    assert picture.max() <= 1
    assert picture.std() > 0.01
    assert not picture.equal(photo)


@pytest.mark.parametrize("iterations", [1, 2, 4, 7])
@pytest.mark.parametrize("optimizer", OPTIMISERS)
def test_every_iteration_is_a_step_and_the_result_has_the_size_asked_for(
    optimizer: str, iterations: int, runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    settings = style(optimizer=optimizer, iterations=iterations, size=256)
    steps, picture = events(settings, runtime, photo, painting)
    assert [step.index for step in steps] == list(range(1, iterations + 1))
    assert picture.shape == (1, 3, 187, 256)
    sizes = [step.scale for step in steps]
    assert sizes == sorted(sizes)
    assert sizes[-1] == (187, 256)


@pytest.mark.parametrize(
    ("strength", "shape", "size"),
    [
        *product([0, 60], [(49, 67), (67, 49), (50, 50), (31, 77)], [67, 33]),
        (0, (85, 110), 1023),  # 790.5 exactly, where a factor rounded first falls short
    ],
)
def test_the_result_is_as_large_as_the_files_will_be(
    strength: int, shape: tuple[int, int], size: int, runtime: Runtime, painting: Tensor
) -> None:
    """The command line fits an alpha channel, and checks the output, with `images.fit`."""
    near = {"style_layers": "relu1_1", "content_layers": "relu2_1"}
    settings = style(size=size, iterations=1, strength=strength, **near)
    picture = made(settings, runtime, smooth(*shape, seed=4), painting)
    assert tuple(picture.shape[-2:]) == fit(shape, size)


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("optimizer", OPTIMISERS)
def test_a_seed_decides_noise_and_nothing_else(
    init: str, optimizer: str, photo: Tensor, painting: Tensor
) -> None:
    settings = style(init=init, optimizer=optimizer)
    one, two, other = (
        made(settings, Runtime("cpu", "float32", seed), photo, painting) for seed in (7, 7, 8)
    )
    assert one.equal(two)
    assert one.equal(other) == (init != "noise")


def test_strength_0_is_the_photo(runtime: Runtime, photo: Tensor, painting: Tensor) -> None:
    steps, picture = events(style(strength=0), runtime, photo, painting)
    assert steps == []
    assert picture.equal(photo)
    smaller = made(style(strength=0, size=30), runtime, photo, painting)
    assert smaller.equal(resample(photo, (22, 30)).clamp(0, 1))


def test_more_strength_is_more_style(runtime: Runtime, photo: Tensor, painting: Tensor) -> None:
    pictures = [
        made(style(strength=strength, iterations=12), runtime, photo, painting)
        for strength in (0, 25, 50, 75, 100)
    ]
    distances = [style_distance(picture, painting, runtime) for picture in pictures]
    assert all(more > less for more, less in pairwise(distances)), distances
    assert distances[-1] < 0.7 * distances[0]


def test_at_full_strength_the_photo_no_longer_pulls(
    runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    settings = style(strength=100, init="style")
    steps, picture = events(settings, runtime, photo, painting)
    assert {step.losses["content"].item() for step in steps} == {0}
    assert picture.equal(made(settings, runtime, smooth(49, 67, seed=9), painting))


@pytest.mark.parametrize("name", ["content", "style", "neighbours", "tv"])
def test_losses_are_told_by_name_and_scale_with_their_weights(
    name: str, runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    weight = f"{'style' if name == 'neighbours' else name}_weight"
    values = []
    for factor in (1, 3):
        settings = style(init="style", iterations=1, **{weight: 0.5 * factor})
        ((step,), _) = events(settings, runtime, photo, painting)
        assert list(step.losses) == ["style", "neighbours", "content", "tv"]
        values.append(step.losses[name].item())
    assert values[1] == pytest.approx(3 * values[0], rel=1e-5)
    assert values[0] > 0


@pytest.mark.parametrize("style_loss", [*MOMENT_LOSSES, "neighbours"])
def test_a_style_that_weighs_nothing_says_nothing(
    style_loss: str, runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    other = smooth(70, 40, seed=6)
    alone = made(style(style_loss=style_loss), runtime, photo, painting)
    first = style(style_loss=style_loss, style_weights=(1.0, 0.0))
    assert made(first, runtime, photo, painting, other).equal(alone)
    equal = made(style(style_loss=style_loss), runtime, photo, painting, other)
    assert not equal.equal(alone)
    ones = style(style_loss=style_loss, style_weights=(2.0, 2.0))
    assert made(ones, runtime, photo, painting, other).equal(equal)


def test_two_styles_are_nearer_to_each_than_the_other_alone(
    runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    other = smooth(70, 40, seed=6).flip(1).sqrt()
    settings = style(iterations=8, strength=100)
    one, two = (made(settings, runtime, photo, p) for p in (painting, other))
    both = made(settings, runtime, photo, painting, other)
    assert style_distance(both, painting, runtime) < style_distance(two, painting, runtime)
    assert style_distance(both, other, runtime) < style_distance(one, other, runtime)


@pytest.mark.parametrize(
    ("changes", "count", "message"),
    [
        ({"style_weights": (1.0,)}, 2, "There are 2 styles and 1 weights."),
        ({"style_weights": (1.0, 2.0, 3.0)}, 2, "There are 2 styles and 3 weights."),
        ({"style_weights": (1.0,) * 15}, 16, "There are 16 styles and 15 weights."),
        ({"style_weights": (0.0, 0.0)}, 2, "The style weights are all zero."),
        ({"style_layers": "relu1_1,relu9_1"}, 1, "The network 'tiny' has no layer 'relu9_1'."),
        ({"content_layers": "relu42=3"}, 1, "The network 'tiny' has no layer 'relu42'."),
        ({"style_layers": "relu1_1="}, 1, "--style-layers has a part that cannot be read:"),
        ({"content_layers": "relu1_1=0"}, 1, "The weights of --content-layers are all zero."),
    ],
)
def test_what_cannot_be_is_refused_before_any_step(
    changes: dict[str, Any],
    count: int,
    message: str,
    runtime: Runtime,
    photo: Tensor,
    painting: Tensor,
) -> None:
    run = style(**changes).run({"content": [photo], "style": [painting] * count}, runtime)
    with pytest.raises(UsageError) as caught:
        next(run)
    assert caught.value.message.startswith(message)
    assert caught.value.hint


@pytest.mark.parametrize("style_loss", LOSSES)
def test_sixteen_styles_of_all_shapes_make_one_picture(
    style_loss: str, runtime: Runtime, photo: Tensor
) -> None:
    paintings = [smooth(20 + 7 * n, 130 - 7 * n, seed=n) for n in range(16)]
    weights = tuple(float(n) for n in range(16))
    settings = style(style_loss=style_loss, style_weights=weights, iterations=2)
    picture = made(settings, runtime, photo, *paintings)
    assert picture.isfinite().all()
    without = replace(settings, style_weights=weights[1:])
    torch.testing.assert_close(made(without, runtime, photo, *paintings[1:]), picture)


def test_a_mask_of_other_proportions_is_told_and_stretched(
    runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    mask = torch.zeros(1, 3, 40, 40)
    mask[..., :20] = 1
    settings = style(protect="door.png", content_weight=0.01)
    inputs = {"content": [photo], "style": [painting], "protect": [mask]}
    first, *_, result = settings.run(inputs, runtime)
    assert isinstance(first, Note)
    assert first.sentence == (
        "The mask 'door.png' has other proportions (40 x 40 px) than the photo (67 x 49), "
        "and is stretched over it."
    )
    assert isinstance(result, Result)
    moved = (result.pictures["picture"] - photo).abs().mean((1, 2))[0]
    assert moved[:32].max() < 1e-3 < moved[36:].min()
    alike = resample(mask, (98, 135))  # half a pixel off is rounding
    said = [*settings.run({**inputs, "protect": [alike]}, runtime)]
    assert [e.sentence for e in said if isinstance(e, Note)] == ["67 x 49 px."]


@pytest.mark.parametrize(
    ("shape", "size", "named"),
    [((1, 1), 1, "1 x 1"), ((20_000, 10), 512, "1 x 512"), ((49, 67), 16, "16 x 12")],
)
def test_a_picture_too_small_is_refused_with_its_size(
    shape: tuple[int, int], size: int, named: str, runtime: Runtime, painting: Tensor
) -> None:
    photo = torch.full((1, 3, *shape), 0.5)
    with pytest.raises(UsageError) as caught:
        made(style(size=size), runtime, photo, painting)
    assert f"At {named} px the picture is too small" in caught.value.message
    assert "at least 16 px" in caught.value.message


def test_layers_nearer_to_the_picture_help(runtime: Runtime, painting: Tensor) -> None:
    settings = style(size=16, style_layers="relu1_1,relu2_1", content_layers="relu2_2")
    assert made(settings, runtime, smooth(49, 67, 0), painting).shape == (1, 3, 12, 16)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 3)])
def test_a_painting_too_small_is_enlarged(
    shape: tuple[int, int], runtime: Runtime, photo: Tensor
) -> None:
    picture = made(style(), runtime, photo, smooth(*shape, seed=8))
    assert picture.isfinite().all()
    assert picture.shape == (1, 3, 49, 67)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("name", ["one colour", "nearly grey", "black", "40 px"])
def test_any_painting_gives_a_picture(
    name: str, loss: str, runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    shown = {
        "one colour": torch.tensor([0.8, 0.3, 0.1]).view(1, 3, 1, 1).expand(1, 3, 50, 60),
        "nearly grey": painting.mean(1, keepdim=True) + 0.004 * (painting - 0.5),
        "black": torch.zeros(1, 3, 50, 60),
        "40 px": painting[..., :40, :40],
    }[name]
    steps, picture = events(style(style_loss=loss, iterations=6), runtime, photo, shown)
    assert all(value.isfinite() for step in steps for value in step.losses.values())
    assert picture.isfinite().all()
    assert picture.shape == photo.shape


@pytest.mark.parametrize("optimizer", OPTIMISERS)
@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_flat_photo_of_one_pixel_gives_a_picture(
    optimizer: str, value: float, runtime: Runtime, painting: Tensor
) -> None:
    flat = torch.full((1, 3, 1, 1), value)
    picture = made(style(size=40, optimizer=optimizer), runtime, flat, painting)
    assert picture.shape == (1, 3, 40, 40)
    assert picture.isfinite().all()


def test_the_coarse_scales_of_a_narrow_picture_are_left_out(
    runtime: Runtime, painting: Tensor
) -> None:
    """Where the coarsest scale has 128 px, this has 5 on its short side."""
    steps, picture = events(style(size=512), runtime, smooth(20, 512, seed=2), painting)
    assert len(steps) == 4
    assert min(step.scale for step in steps) >= (16, 0)
    assert picture.shape == (1, 3, 20, 512)


def test_it_may_start_from_a_file(runtime: Runtime, photo: Tensor, painting: Tensor) -> None:
    start = smooth(30, 90, seed=11)
    settings = style(init="/home/me/start.png", iterations=1)
    picture = made(settings, runtime, photo, painting, init=[start])
    assert picture.shape == (1, 3, 49, 67)
    there = (picture - resample(start, (49, 67))).abs().mean()
    assert there < 0.5 * (picture - photo).abs().mean()
    same = style(init="style", iterations=1)
    assert made(style(init="x.png", iterations=1), runtime, photo, painting, init=[painting]).equal(
        made(same, runtime, photo, painting)
    )


def test_style_scale_is_the_size_of_the_strokes(
    runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    one, two = (made(style(style_scale=(scale,)), runtime, photo, painting) for scale in (0.5, 2.0))
    assert not one.equal(two)
    with pytest.raises(UsageError, match="--style-scale is 0"):
        style(style_scale=(0.0,))


@pytest.mark.parametrize("style_loss", [*MOMENT_LOSSES, BOTH])
def test_float64_agrees(style_loss: str, runtime: Runtime, photo: Tensor, painting: Tensor) -> None:
    settings = style(style_loss=style_loss, iterations=6)
    single = made(settings, runtime, photo, painting)
    double = made(settings, Runtime("cpu", "float64"), photo, painting)
    assert double.dtype == single.dtype
    assert (single - double).abs().max() < 0.02
    assert (single - photo).abs().mean() > 5 * (single - double).abs().mean()


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
@pytest.mark.parametrize("optimizer", OPTIMISERS)
def test_half_precision_is_finite_and_gets_somewhere(
    precision: str, optimizer: str, runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    here = Runtime("cpu", precision)
    steps, picture = events(style(optimizer=optimizer, iterations=8), here, photo, painting)
    assert all(loss.isfinite() for step in steps for loss in step.losses.values())
    assert picture.isfinite().all()
    assert picture.dtype == torch.float32
    before, after = (style_distance(p, painting, runtime) for p in (photo, picture))
    assert after < 0.95 * before


def chroma(picture: Tensor) -> Tensor:
    return picture - luma(picture)


def test_kept_colours_are_the_photos(photo: Tensor, painting: Tensor, runtime: Runtime) -> None:
    muted = 0.3 + 0.3 * photo
    kept, free = (
        made(style(color=color, iterations=30, strength=90.0), runtime, muted, painting)
        for color in ("keep", "style")
    )
    apart = [float((chroma(one) - chroma(muted)).abs().mean()) for one in (kept, free)]
    assert 0 < apart[0] < 0.3 * apart[1]


def test_a_matched_painting_has_the_photos_mean(
    photo: Tensor, painting: Tensor, runtime: Runtime
) -> None:
    mean = photo.mean((2, 3))
    apart = [
        float((made(style(color=color), runtime, photo, painting).mean((2, 3)) - mean).abs().sum())
        for color in ("match", "style")
    ]
    assert apart[0] < apart[1]


def test_only_colours_are_the_paintings_on_the_photo_as_it_is(
    photo: Tensor, painting: Tensor, runtime: Runtime
) -> None:
    full = made(style(color="only", strength=100.0), runtime, photo, painting)
    assert (full.mean((2, 3)) - painting.mean((2, 3))).abs().max() < 0.03
    half = made(style(color="only", strength=50.0), runtime, photo, painting)
    torch.testing.assert_close(half, (photo + full) / 2, atol=1e-4, rtol=0)
    none = made(style(color="only", strength=0.0), runtime, photo, painting)
    torch.testing.assert_close(none, photo)


@pytest.mark.parametrize("tile", ["off", "32"])
def test_a_tileable_picture_has_no_seam(tile: str, photo: Tensor, painting: Tensor) -> None:
    """Rolled by half its size, the seam is in the middle: no place there differs from others."""
    settings = style(tileable=True, size=96, iterations=12, strength=70.0)
    picture = made(settings, Runtime("cpu", "float32", tile=tile), photo, painting)
    assert picture.shape == (1, 3, 70, 96)
    for axis in (2, 3):
        seam = (picture.roll(1, axis) - picture).abs().narrow(axis, 0, 1).mean()
        assert seam < 2 * picture.diff(dim=axis).abs().mean()
    plain = made(style(size=96, iterations=12, strength=70.0), Runtime("cpu"), photo, painting)
    apart = (plain[..., :1] - plain[..., -1:]).abs().mean()
    assert apart > 2 * plain.diff(dim=3).abs().mean()


def test_the_photo_pulls_less_at_larger_sizes(
    runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    """By as much as strokes need to outlive the finer scales; a flat start is as far away there."""
    grey = torch.full((1, 3, 8, 8), 0.5)
    settings = style(init="grey.png", iterations=1, content_layers="relu1_1")
    pulls = []
    for size in (128, 256):
        run = replace(settings, size=size).run(
            {"content": [photo], "style": [painting], "init": [grey]}, runtime
        )
        (step,) = (event for event in run if isinstance(event, Step))
        assert max(step.scale) == size
        pulls.append(step.losses["content"].item())
    assert pulls[0] / pulls[1] == pytest.approx(2, rel=0.05)

"""Dreams: they climb, keep the photo, come out the same in tiles, and can go on."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from clips import drifting, film_file
from pictures import smooth
from torch import Tensor

from artgen.core.choices import OBJECTIVES
from artgen.core.events import Note, Result, Step
from artgen.networks.channels import energies
from artgen.networks.extractor import POOLINGS, FeatureExtractor
from artgen.ops import color
from artgen.runs import films
from artgen.runtime import Runtime
from artgen.techniques.dream import Dream
from artgen.techniques.dream.run import octaves
from artgen.techniques.dream.settings import VARIED

from .dreams import dream, events, made


@pytest.mark.parametrize("objective", [name for name in OBJECTIVES if name != "neuron"])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_dream_maximises_and_keeps_the_photo(
    objective: str, pooling: str, runtime: Runtime, photo: Tensor
) -> None:
    settings = dream(objective=objective, pooling=pooling, layer="relu3_1")
    steps, picture = events(settings, runtime, photo)
    assert [step.index for step in steps] == [1, 2, 3, 4, 5, 6]
    assert [step.scale for step in steps] == [(35, 48)] * 3 + [(49, 67)] * 3
    extractor = runtime.extractor("tiny", pooling=pooling)
    before, after = (
        energies(extractor, p, ("relu3_1",))["relu3_1"].sum() for p in (photo, picture)
    )
    assert after > 1.2 * before
    both = torch.stack([picture.flatten(), photo.flatten()])
    assert torch.corrcoef(both)[0, 1] > 0.8


def test_a_layer_has_the_names_of_the_field(runtime: Runtime, photo: Tensor) -> None:
    block = made(dream(layer="block3"), runtime, photo)
    assert block.equal(made(dream(layer="relu3_2=7"), runtime, photo))
    assert not block.equal(made(dream(layer="block3=2,block2"), runtime, photo))


def test_the_networks_own_choice_is_the_default(runtime: Runtime, photo: Tensor) -> None:
    layers = runtime.extractor("tiny").role("dream").layers
    said = ",".join(f"{name}={weight}" for name, weight in layers.items())
    assert made(dream(), runtime, photo).equal(made(dream(layer=said), runtime, photo))


@pytest.mark.parametrize("side", [16, 32])
def test_tiles_give_the_same_dream(side: int, photo: Tensor) -> None:
    whole, tiled = (
        made(dream(), Runtime("cpu", "float64", tile=tile), photo) for tile in ("off", str(side))
    )
    assert (whole - photo).abs().mean() > 0.01
    assert (whole - tiled).abs().max() < 1e-4


@pytest.mark.parametrize("index", range(1, 7))
def test_a_run_that_goes_on_ends_in_the_same_bits(
    index: int, runtime: Runtime, photo: Tensor
) -> None:
    states = []
    expected = None
    for event in dream().run({"content": [photo]}, runtime):
        if isinstance(event, Step):
            states.append({key: value.clone() for key, value in event.state().items()})
        elif isinstance(event, Result):
            expected = event.pictures["picture"]
    *_, result = dream().run({"content": [photo]}, runtime, states[index - 1])
    assert isinstance(result, Result)
    assert expected is not None
    assert result.pictures["picture"].equal(expected)


def test_the_seed_decides_the_jitter_and_nothing_else(photo: Tensor) -> None:
    for jitter in (0, 8):
        one, other = (
            made(
                dream(jitter=jitter, rotation=0.0, scale_jitter=0.0),
                Runtime("cpu", "float32", s),
                photo,
            )
            for s in (1, 2)
        )
        assert one.equal(other) == (jitter == 0)


def test_colours_do_not_drift(runtime: Runtime) -> None:
    """Away from black and white, the mean of every channel stays where the photo has it."""
    photo = 0.3 + 0.4 * smooth(49, 67, seed=1)
    picture = made(dream(step=0.01, iterations=6), runtime, photo)
    assert (picture - photo).abs().mean() > 0.03
    assert (picture - photo).mean((2, 3)).abs().max() < 0.01


def test_no_step_is_the_photo(runtime: Runtime, photo: Tensor) -> None:
    assert (made(dream(step=0.0), runtime, photo) - photo).abs().max() < 1e-6


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_flat_photo_gives_a_picture(value: float, runtime: Runtime) -> None:
    picture = made(dream(size=40), runtime, torch.full((1, 3, 1, 1), value))
    assert picture.shape == (1, 3, 40, 40)
    assert picture.isfinite().all()


@pytest.mark.parametrize("precision", ["bfloat16", "float16", "float64"])
def test_every_precision_dreams(precision: str, photo: Tensor) -> None:
    steps, picture = events(dream(), Runtime("cpu", precision), photo)
    assert all(loss.isfinite() for step in steps for loss in step.losses.values())
    assert picture.dtype == torch.float32
    assert (picture - photo).abs().mean() > 0.005


def test_a_class_is_maximised(runtime: Runtime, photo: Tensor) -> None:
    """And more than it does where another one is dreamt of."""
    classifier = runtime.classifier("tiny")
    shares = {
        name: classifier.guesses(made(dream(class_=name, step=0.01), runtime, photo))[31]
        for name in ("tree frog", "toucan")
    }
    assert shares["tree frog"] > 1.001 * classifier.guesses(photo)[31]
    assert shares["tree frog"] > 1.001 * shares["toucan"]


def test_a_neuron_dreams_in_the_middle(runtime: Runtime, photo: Tensor) -> None:
    """With no channel named it is the strongest; before its ReLU, where it always climbs."""
    still = {"jitter": 0, "rotation": 0.0, "scale_jitter": 0.0, "octaves": 1, "smoothing": 0.0}
    settings = dream(objective="neuron", layer="block2", **still)
    picture = made(settings, runtime, photo)
    extractor = runtime.extractor("tiny")
    loud = energies(extractor, photo, ("conv2_2",))["conv2_2"]
    channel = int(loud.argmax())
    before, after = (
        extractor(p, ["conv2_2"])["conv2_2"][0, channel, 12, 16] for p in (photo, picture)
    )
    assert after > before + 0.5 * loud[channel].sqrt()
    moved = (picture - photo).abs().mean(1)[0]
    assert moved[20:29, 28:39].mean() > 4 * moved[:10].mean()
    named = made(replace(settings, channel=str(channel)), runtime, photo)
    assert picture.equal(named)


def test_noise_is_seeded_and_owes_the_photo_nothing(runtime: Runtime, photo: Tensor) -> None:
    settings = dream(init="noise")
    picture = made(settings, runtime, photo)
    assert picture.shape == photo.shape
    assert picture.equal(made(settings, runtime, smooth(49, 67, seed=9)))
    assert not picture.equal(made(settings, Runtime("cpu", "float32", seed=1), photo))


def test_kept_colours_are_the_photos(runtime: Runtime, photo: Tensor) -> None:
    steps, kept = events(dream(color="keep"), runtime, photo)
    free = made(dream(), runtime, photo)
    assert (color.luma(kept) - color.luma(free)).abs().max() < 1e-5
    assert steps[-1].picture().equal(kept)
    change, free_change = (
        ((p - color.luma(p)) - (photo - color.luma(photo))).abs().mean() for p in (kept, free)
    )
    assert change < 0.2 * free_change


def test_a_tileable_dream_of_noise_has_no_seam(runtime: Runtime) -> None:
    """The step over the edge is no larger than steps elsewhere."""
    photo = smooth(64, 64, seed=1)
    settings = dream(size=64, init="noise", tileable=True, iterations=6)
    picture = made(settings, runtime, photo)
    for axis in (2, 3):
        over = (picture.select(axis, 0) - picture.select(axis, -1)).abs().mean()
        assert over < 1.5 * picture.diff(dim=axis).abs().mean()


def test_a_mask_of_other_proportions_is_told_and_stretched(runtime: Runtime, photo: Tensor) -> None:
    inputs = {"content": [photo], "mask": [torch.ones(1, 3, 40, 40)]}
    settings = dream(mask="far/m.png", size=32, octaves=1, iterations=1)
    said = [one.sentence for one in settings.run(inputs, runtime) if isinstance(one, Note)]
    assert "mask 'm.png' has other proportions (40 x 40 px)" in said[-1]


def test_only_what_the_mask_shows_is_dreamt_on(runtime: Runtime, photo: Tensor) -> None:
    mask = torch.zeros(1, 3, 49, 67)
    mask[..., :30] = 1
    picture = made(dream(mask="m.png"), runtime, photo, mask=[mask])
    assert picture[..., 30:].equal(photo[..., 30:])
    alone = made(dream(), runtime, photo)
    moved, whole = (float((one - photo)[..., :30].abs().mean()) for one in (picture, alone))
    assert moved == pytest.approx(whole, rel=0.5)  # as far as without a mask


def test_a_dream_in_the_manner_of_a_painting_comes_nearer_to_it(
    runtime: Runtime, photo: Tensor, painting: Tensor
) -> None:
    plain = made(dream(step=0.02), runtime, photo)
    styled = made(dream(step=0.02, style="p.png"), runtime, photo, style=[painting])
    goal = painting.mean((2, 3))
    assert (styled.mean((2, 3)) - goal).norm() < 0.95 * (plain.mean((2, 3)) - goal).norm()


@pytest.mark.parametrize("optimizer", ["adam", "lbfgs"])
def test_other_optimisers_maximise_too(optimizer: str, runtime: Runtime, photo: Tensor) -> None:
    settings = dream(optimizer=optimizer, layer="relu3_1", iterations=6)
    picture = made(settings, runtime, photo)
    extractor = runtime.extractor("tiny")
    before, after = (
        energies(extractor, p, ("relu3_1",))["relu3_1"].sum() for p in (photo, picture)
    )
    assert after > 1.2 * before


@pytest.mark.parametrize("changes", [{"rotation": 10.0}, {"scale_jitter": 0.2}])
def test_turning_and_scaling_change_the_dream_and_not_its_place(
    changes: dict[str, float], runtime: Runtime, photo: Tensor
) -> None:
    picture, plain = (
        made(dream(**{"rotation": 0.0, "scale_jitter": 0.0} | c), runtime, photo)
        for c in (changes, {})
    )
    assert not picture.equal(plain)
    assert torch.corrcoef(torch.stack([picture.flatten(), photo.flatten()]))[0, 1] > 0.8


@pytest.mark.parametrize(("size", "count"), [(187, 1), (512, 4), (1024, 6), (64, 1)])
def test_octaves_follow_the_size(size: int, count: int, tiny: FeatureExtractor) -> None:
    """So the first one, which decides about the forms, is always about as large."""
    scales = octaves(Dream(size=size), tiny, ("relu3_1",), (size // 2, size))
    assert len(scales) == count
    assert size < 180 or scales[0].side == pytest.approx(187, rel=0.05)


def test_a_sheet_has_every_layer(runtime: Runtime, photo: Tensor) -> None:
    settings = dream(sheet=True, size=67, octaves=1, iterations=1, separate=True)
    assert settings.result_size({"content": [photo]}) is None
    *events, result = settings.run({"content": [photo]}, runtime)
    assert isinstance(result, Result)
    extractor = runtime.extractor("tiny")
    relus = [name for name in extractor.layers if name.startswith("relu")]
    assert list(result.pictures) == ["picture", *relus]
    assert result.pictures["relu2_1"].shape == photo.shape
    single = made(dream(layer="relu2_1", octaves=1, iterations=1), runtime, photo)
    assert result.pictures["relu2_1"].equal(single)
    steps = [event for event in events if isinstance(event, Step)]
    assert [step.index for step in steps] == list(range(1, len(relus) + 1))
    assert {step.total for step in steps} == {len(relus)}


@pytest.mark.parametrize("vary", [name for name in VARIED if name != "none"])
def test_a_sheet_of_dreams_that_differ(vary: str, runtime: Runtime, photo: Tensor) -> None:
    settings = dream(vary=vary, init="noise", size=32, octaves=1, iterations=2, separate=True)
    *_, result = settings.run({"content": [photo]}, runtime)
    assert isinstance(result, Result)
    _, *several = result.pictures.values()
    if vary == "net":  # those whose weights are here
        assert "slim" in result.pictures
    else:
        assert len(several) >= 5
    assert not any(one.equal(two) for one, two in pairwise(several))
    assert result.provenance.network == "tiny"


def test_a_films_dream_goes_on_as_strong_and_flickers_less(
    tmp_path: Path, runtime: Runtime
) -> None:
    clip, _ = films.load(film_file(tmp_path / "in.mp4", drifting(8, 72, 96)))
    settings = dream(layer="relu3_1", iterations=10, octaves=2, size=96)
    shown = {}
    for steady in (0.0, 70.0):
        events = films.shoot(replace(settings, steady=steady), {}, clip, runtime)
        shown[steady] = [event.picture() for event in events if isinstance(event, Step)]
    loud, flicker = {}, {}
    for steady, frames in shown.items():
        seen = [
            energies(runtime.extractor("tiny"), x, ("relu3_1",))["relu3_1"].sum() for x in frames
        ]
        loud[steady] = float(torch.stack(seen[4:]).mean())
        moved = [(b[..., :-2] - a[..., 2:]).abs().mean() for a, b in pairwise(frames)]
        flicker[steady] = float(torch.stack(moved[4:]).mean())
    assert loud[70.0] > 0.9 * loud[0.0]
    assert flicker[70.0] < 0.5 * flicker[0.0]


def test_a_zoom_goes_on_to_the_very_same_frames(runtime: Runtime, photo: Tensor) -> None:
    settings = dream(zoom=True, seconds=0.5, fps=8, octaves=1, loop=True, rotate=20.0)
    assert settings.frames_a_second == 8
    assert dream().frames_a_second is None
    frames, state = [], {}
    for event in settings.run({"content": [photo]}, runtime):
        if isinstance(event, Step):
            frames.append(event.picture())
            assert (event.index, event.total) == (len(frames), 4)
            if event.index == 2:
                state = {name: value.clone() for name, value in event.state().items()}
    assert len(frames) == 4
    later = [
        step.picture()
        for step in settings.run({"content": [photo]}, runtime, state)
        if isinstance(step, Step)
    ]
    assert all(one.equal(two) for one, two in zip(later, frames[2:], strict=True))
    assert frames[0].equal(made(dream(octaves=1), runtime, photo))


def test_a_second_of_film_dreams_as_far_at_any_rate(runtime: Runtime, photo: Tensor) -> None:
    """Where nothing moves, the dream alone changes the frames."""
    went = []
    for fps in (6, 12):
        settings = dream(
            zoom=True, seconds=1.0, zoom_rate=1.0, fps=fps, octaves=1, iterations=5, step=0.001
        )
        run = settings.run({"content": [photo]}, runtime)
        frames = [event.picture() for event in run if isinstance(event, Step)]
        assert len(frames) == fps
        went.append(float((frames[-1] - frames[0]).abs().mean()) * fps / (fps - 1))
    assert went[1] == pytest.approx(went[0], rel=0.25)
    assert went[0] > 0.005

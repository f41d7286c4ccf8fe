"""Enlargements: sizes asked for, films' frames, and what cannot be enlarged."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.core.events import Note, Result, Step
from artgen.errors import OutOfMemory, UsageError
from artgen.ops.resize import resample, resize
from artgen.optim import memory
from artgen.runtime import Runtime
from artgen.techniques.enlarge import Enlarge


def made(picture: Tensor, runtime: Runtime, **settings: Any) -> Tensor:
    *_, result = Enlarge(**settings).run({"content": [picture]}, runtime)
    assert isinstance(result, Result)
    return result.pictures["picture"]


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({}, (196, 268)),
        ({"times": 2.0}, (98, 134)),
        ({"times": 8.0}, (392, 536)),
        ({"times": 1.5}, (73, 100)),
        ({"size": 300}, (219, 300)),
        ({"times": 2.0, "size": 90}, (66, 90)),
    ],
)
def test_the_size_is_the_one_asked_for(
    photo: Tensor, runtime: Runtime, settings: dict[str, Any], size: tuple[int, int]
) -> None:
    assert Enlarge(**settings).result_size({"content": [photo]}) == size
    assert made(photo, runtime, **settings).shape[-2:] == size


def test_it_is_nearer_than_bicubic(runtime: Runtime) -> None:
    """An edge that was reduced becomes steep again, at every detail."""
    large = (resample(smooth(12, 15, seed=3), (512, 640)) > 0.5).float()
    large = resample(large, (128, 160)).clamp(0, 1)
    small = resample(large, (32, 40)).clamp(0, 1)
    plain = (resize(small, (128, 160)) - large).square().mean()
    for detail in (0.0, 70.0):
        wrong = (made(small, runtime, detail=detail) - large).square().mean()
        assert wrong < 0.8 * plain


def test_detail_sharpens(runtime: Runtime) -> None:
    picture = smooth(48, 64, seed=7)
    fine = [
        (one[..., 1:] - one[..., :-1]).abs().mean()
        for one in (made(picture, runtime, detail=detail) for detail in (0.0, 100.0))
    ]
    assert fine[0] < fine[1]


def test_a_flat_picture_stays_flat(runtime: Runtime) -> None:
    for colour in (0.0, 0.3, 1.0):
        flat = torch.full((1, 3, 40, 40), colour)
        assert (made(flat, runtime, times=2.0) - colour).abs().max() < 0.03


def test_tiles_are_noted_and_are_the_same_picture(photo: Tensor) -> None:
    whole = made(photo, Runtime("cpu", "float32", tile="off"))
    events = list(Enlarge().run({"content": [photo]}, Runtime("cpu", "float32", tile="24")))
    note, *steps, result = events
    assert isinstance(note, Note)
    assert note.sentence == "268 x 196 px, in tiles of 24 px of the picture."
    assert isinstance(result, Result)
    assert [step.index for step in steps if isinstance(step, Step)] == list(range(1, 10))
    assert result.provenance.tile == 24
    assert (result.pictures["picture"] - whole).abs().max() < 1e-5


def test_stacked_frames_are_what_they_are_alone(photo: Tensor, runtime: Runtime) -> None:
    both = made(torch.cat([photo, 1 - photo]), runtime, times=2.0)
    assert both.shape == (2, 3, 98, 134)
    assert (both[1:] - made(1 - photo, runtime, times=2.0)).abs().max() < 1e-5


@pytest.mark.parametrize("settings", [{"times": 1.0}, {"size": 67}, {"size": 20}, {"times": 1.001}])
def test_what_does_not_become_larger_is_refused(
    photo: Tensor, runtime: Runtime, settings: dict[str, Any]
) -> None:
    with pytest.raises(UsageError, match="67 x 49 px would not become larger") as caught:
        made(photo, runtime, **settings)
    assert "--size above 67" in caught.value.hint


@pytest.mark.parametrize("size", [(1, 1), (3, 80), (80, 3)])
def test_a_pixel_or_two_are_refused(runtime: Runtime, size: tuple[int, int]) -> None:
    with pytest.raises(UsageError, match=r"\d+ x \d+ px hold nothing"):
        made(torch.zeros(1, 3, *size), runtime)


def test_too_large_a_picture_is_refused() -> None:
    with pytest.raises(UsageError, match=r"--times 64 .* would have a side of 76800 px"):
        Enlarge(times=64.0).result_size({"content": [torch.empty(1, 3, 20, 1200, device="meta")]})


def test_too_little_memory_is_said_before_any_work(
    photo: Tensor, runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available", lambda _: 10**6)
    with pytest.raises(OutOfMemory, match="536 x 392 px"):
        next(Enlarge(times=8.0).run({"content": [photo]}, runtime))


def test_a_painting_draws_the_detail(photo: Tensor, painting: Tensor, runtime: Runtime) -> None:
    settings = Enlarge(times=2.0, style="painting.png", iterations=4, net="tiny")
    events = list(settings.run({"content": [photo], "style": [painting]}, runtime))
    steps, result = [one for one in events if isinstance(one, Step)], events[-1]
    assert isinstance(result, Result)
    assert [(step.index, step.total) for step in steps] == [(n, 5) for n in range(1, 6)]
    assert {step.provenance for step in steps} == {result.provenance}
    plain = made(photo, runtime, times=2.0)
    assert steps[0].picture().equal(plain)
    assert (result.pictures["picture"] - plain).abs().mean() > 0.002


def test_it_goes_on_from_a_step_to_the_same_bits(
    photo: Tensor, painting: Tensor, runtime: Runtime
) -> None:
    settings = Enlarge(times=2.0, style="painting.png", iterations=4, net="tiny")
    inputs = {"content": [photo], "style": [painting]}
    states = []
    for event in settings.run(inputs, runtime):
        if isinstance(event, Step):
            states.append({name: value.clone() for name, value in event.state().items()})
        elif isinstance(event, Result):
            whole = event.pictures["picture"]
    assert states[0] == {}  # the network's own tiles are quick
    *events, result = settings.run(inputs, runtime, states[2])
    assert isinstance(result, Result)
    assert [one.index for one in events if isinstance(one, Step)] == [4, 5]
    assert result.pictures["picture"].equal(whole)


def test_stacked_pictures_have_no_states(photo: Tensor, painting: Tensor, runtime: Runtime) -> None:
    settings = Enlarge(times=2.0, style="painting.png", iterations=1, net="tiny")
    inputs = {"content": [torch.cat([photo, photo])], "style": [painting]}
    assert not any(one.state() for one in settings.run(inputs, runtime) if isinstance(one, Step))


def test_a_style_that_was_not_given_is_missed(photo: Tensor, runtime: Runtime) -> None:
    with pytest.raises(UsageError, match=r"'gone.png' for 'style' was not given"):
        made(photo, runtime, style="gone.png")


def test_own_is_for_files(photo: Tensor, runtime: Runtime) -> None:
    with pytest.raises(UsageError, match="--style own is for a file that artgen wrote"):
        made(photo, runtime, style="own")

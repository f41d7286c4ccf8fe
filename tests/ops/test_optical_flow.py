"""Optical flow: motion that is known is found, and only what is seen twice is believed."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from clips import drifting
from pictures import smooth
from torch import Tensor

from artgen.ops import optical_flow
from artgen.ops.optical_flow import Frame, Steady, match_blocks, reliable, warp


@pytest.fixture(params=["dense inverse search", "blocks"])
def method(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of finding motion."""
    if request.param == "blocks":
        monkeypatch.setattr(optical_flow, "_dense_inverse_search", _not_there)
    else:
        pytest.importorskip("cv2")
    return str(request.param)


def _not_there(*_: Tensor) -> Tensor:
    raise ImportError


@pytest.mark.usefixtures("method")
@pytest.mark.parametrize("step", [1, 6])
def test_a_camera_that_drifts_is_found(step: int) -> None:
    before, after = drifting(2, 96, 128, step=step)
    found = optical_flow.flow(after, before)
    assert found.shape == (1, 2, 96, 128)
    inner = found[..., 16:-16, 16:-16]
    assert inner[:, 0].mean() == pytest.approx(step, abs=0.35)
    assert inner[:, 1].mean() == pytest.approx(0, abs=0.35)
    moved = warp(before, found)[..., 16:-16, 16:-16]
    assert (moved - after[..., 16:-16, 16:-16]).abs().mean() < 0.01


def test_motion_is_looked_for_in_smaller_frames_and_told_in_pixels() -> None:
    before, after = drifting(2, 100, 1280, step=12)
    found = optical_flow.flow(after, before)[..., 20:-20, 100:-100]
    assert found[:, 0].median() == pytest.approx(12, abs=1)


def test_blocks_stand_still_where_nothing_tells_them_apart() -> None:
    flat = torch.full((1, 1, 48, 48), 0.5)
    assert not match_blocks(flat, flat).any()


def test_warping_takes_each_pixel_from_where_it_was() -> None:
    picture = smooth(20, 30, seed=1)
    still = torch.zeros(1, 2, 20, 30)
    assert torch.allclose(warp(picture, still), picture, atol=1e-5)
    right = still.clone()
    right[:, 0] = 3
    assert torch.allclose(warp(picture, right)[..., :-3], picture[..., 3:], atol=1e-5)


def test_what_is_seen_twice_is_believed_and_a_cut_is_not() -> None:
    before, after = drifting(2, 96, 128, step=2)
    found = optical_flow.flow(after, before)
    assert reliable(after, before, found)[..., 8:-8, 8:-8].mean() > 0.9
    other = 1 - smooth(96, 128, seed=9)
    cut = optical_flow.flow(other, before)
    assert reliable(other, before, cut).mean() < 0.4


def test_what_comes_into_view_is_not_believed() -> None:
    before, after = drifting(2, 96, 128, step=8)
    exact = torch.zeros(1, 2, 96, 128)
    exact[:, 0] = 8
    assert not reliable(after, before, exact)[..., -8:].any()


def test_steady_frames_flicker_less() -> None:
    generator = torch.Generator().manual_seed(0)
    frames = drifting(6, 96, 128, step=1)
    noisy = [frame + 0.1 * torch.randn(frame.shape, generator=generator) for frame in frames]
    flicker = {}
    for share in (0.0, 0.8):
        steady = Steady(share)
        shown, before = [], None
        for frame, painted in zip(frames, noisy, strict=True):
            seen = Frame(frame)
            steady.moved(steady.motion(seen, before))
            shown.append(steady(frame, painted))
            before = seen
        apart = [(b[..., :-1] - a[..., 1:]).abs().mean() for a, b in pairwise(shown)]
        flicker[share] = float(torch.stack(apart[2:]).mean())
    assert flicker[0.8] < 0.5 * flicker[0.0]


def test_nothing_of_the_last_shot_is_seen_after_a_cut() -> None:
    first, second = smooth(96, 128, seed=1), 1 - smooth(96, 128, seed=9).pow(2)
    steady = Steady(1.0)
    steady.moved(steady.motion(Frame(first), None))
    steady(first, torch.zeros_like(first))
    steady.moved(steady.motion(Frame(second), Frame(first)))
    shown = steady(second, torch.ones_like(second))
    assert shown.mean() > 0.7


def test_a_frame_of_another_size_begins_anew() -> None:
    steady = Steady(1.0)
    first, second = (Frame(smooth(height, 64, seed=1)) for height in (48, 50))
    steady(first.whole, smooth(48, 64, seed=2))
    assert steady.motion(second, first) is None
    assert steady.moved(None) is None


def test_a_frame_is_reduced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = drifting(2, 96, 800, step=4)
    moved = optical_flow.flow(after, before)
    trust = reliable(after, before, moved)
    seen = [Frame(frame) for frame in (after, before)]
    assert [frame.small.shape for frame in seen] == 2 * [(1, 3, 77, 640)]
    monkeypatch.setattr(optical_flow, "resample", None)
    found = optical_flow.motion(*seen)
    assert found.flow.equal(moved)
    assert found.trust.equal(trust)

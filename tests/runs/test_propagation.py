"""Keys moved along the flow: strokes keep to things, and what no key shows is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from clips import drifting, film_file
from torch import Tensor

from artgen import video
from artgen.ops.optical_flow import Estimate, flow
from artgen.runs import propagation
from artgen.runs.key_frames import KeyFrame
from artgen.runs.propagation import Propagation

HEIGHT, WIDTH, STEP = 96, 128, 2


@pytest.fixture
def clip(tmp_path: Path) -> video.Clip:
    """A camera that drifts to the right, 24 frames at 12 a second."""
    return video.probe(film_file(tmp_path / "in.mp4", drifting(24, HEIGHT, WIDTH, step=STEP)))


def frame(clip: video.Clip, index: int) -> Tensor:
    return next(video.frames(clip, index))


def key(clip: video.Clip, index: int) -> KeyFrame:
    """The negative of a frame."""
    own = frame(clip, index)
    return KeyFrame(index, own, 1 - own, ())


def test_a_key_comes_back_as_it_is(clip: video.Clip) -> None:
    only = key(clip, 5)
    made, known = Propagation(clip, [only])(5, only.frame, torch.zeros_like(only.frame))
    assert known is not None
    assert known.eq(1).all()
    torch.testing.assert_close(made, only.painted, atol=1e-5, rtol=0)


@pytest.mark.parametrize("index", [8, 10, 15])  # a waypoint, one between two, one farther away
def test_a_key_moves_with_the_film(clip: video.Clip, index: int) -> None:
    moved, here = Propagation(clip, [key(clip, 0)]), frame(clip, index)
    made, known = moved(index, here, torch.full_like(here, 0.5))
    assert known is not None
    assert known.shape == (1, 1, HEIGHT, WIDTH)
    seen = slice(8, WIDTH - STEP * index - 16)  # the rest has come into view since the key
    assert known[..., 8:-8, seen].mean() > 0.8
    off = (made - (1 - here)).abs().mean(1, keepdim=True)
    assert off[known > 0.99].mean() < 0.02
    beyond = slice(WIDTH - STEP * index + 12, None)
    assert known[..., beyond].max() < 0.1
    assert (made[..., beyond] - 0.5).abs().max() < 0.1


def test_what_no_key_shows_is_painted_by_the_network(tmp_path: Path) -> None:
    shots = [*drifting(6, HEIGHT, WIDTH), *([torch.rand(1, 3, HEIGHT, WIDTH)] * 12)]
    clip = video.probe(film_file(tmp_path / "cut.mp4", shots))
    moved, here = Propagation(clip, [key(clip, 0)]), frame(clip, 16)
    made, known = moved(16, here, torch.zeros_like(here))
    assert known is None
    assert not made.any()
    assert [one.index for one in moved.waypoints] == [0, 4]


def test_what_is_not_painted_of_a_key_stays_as_the_frame_is(clip: video.Clip) -> None:
    own, here = frame(clip, 0), frame(clip, 8)
    share = torch.zeros(1, 1, HEIGHT, WIDTH)
    share[..., : HEIGHT // 2, :] = 1
    only = KeyFrame(0, own, torch.lerp(own, 1 - own, share), (), share)
    made, known = Propagation(clip, [only])(8, here, torch.full_like(here, 0.5))
    assert known is not None
    for rows, wanted, most in (
        (slice(HEIGHT // 2 + 3, None), here, 1e-6),
        (slice(HEIGHT // 2 - 3), 1 - here, 0.02),
    ):
        off = (made - wanted)[..., rows, :].abs().mean(1, keepdim=True)
        assert off[known[..., rows, :] > 0.999].mean() < most


def test_a_flat_sky_moves_with_what_is_around_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shots = drifting(5, HEIGHT, WIDTH, step=STEP)
    sky = (..., slice(24, 72), slice(32, 96))
    for shot in shots:
        shot[sky] = 0.5  # nothing is seen of its motion

    def guessed(after: Tensor, before: Tensor, by: Estimate) -> Tensor:
        found = flow(after, before, by)
        found[sky] = 9 * torch.rand(found[sky].shape, generator=torch.Generator().manual_seed(0))
        return found

    monkeypatch.setattr(propagation, "flow", guessed)
    clip = video.probe(film_file(tmp_path / "sky.mp4", shots))
    route = Propagation(clip, [key(clip, 0)]).waypoints[-1].routes[0]
    inner = (..., slice(30, 66), slice(38, 90))
    assert route.trust[inner].mean() > 0.9
    assert (route.motion[:, :1][inner] - 4 * STEP).abs().mean() < 1
    assert route.motion[:, 1:][inner].abs().mean() < 1


def test_the_nearer_of_two_keys_prevails(clip: video.Clip) -> None:
    white, black = (
        KeyFrame(index, frame(clip, index), torch.full((1, 3, HEIGHT, WIDTH), value), ())
        for index, value in ((4, 1.0), (12, 0.0))
    )
    moved = Propagation(clip, [white, black])
    levels = []
    for index in (4, 6, 8, 10, 12):
        made, known = moved(index, frame(clip, index), torch.full((1, 3, HEIGHT, WIDTH), 0.5))
        assert known is not None
        levels.append(float(made[known.expand_as(made) > 0.99].mean()))
    assert levels == sorted(levels, reverse=True)
    assert levels[0] > 0.9
    assert levels[-1] < 0.1


def test_frames_near_a_key_are_learnt_too(
    clip: video.Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = Propagation(clip, [key(clip, 4)])
    pairs = list(moved.beside())
    assert len(pairs) == len(moved.waypoints) - 1 == 5
    for pair in pairs:
        assert pair.counts is not None
        apart = (pair.painted.float() - (255 - pair.frame.float())).abs().mean(1, keepdim=True)
        assert apart[pair.counts].mean() < 6
    monkeypatch.setattr(propagation, "LEARNT", 0.5)
    assert len(list(moved.beside())) == 2  # frames 0 and 8; 10 is none


def test_waypoints_of_a_large_film_are_small(
    clip: video.Clip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(propagation, "LONGEST", 96)
    moved, here = Propagation(clip, [key(clip, 0)]), frame(clip, 6)
    assert moved.waypoints[1].frame.shape == (1, 3, 72, 96)
    made, known = moved(6, here, torch.zeros_like(here))
    assert known is not None
    off = (made - (1 - here)).abs().mean(1, keepdim=True)
    assert off[known > 0.99].mean() < 0.03


@pytest.mark.parametrize("gone", [False, True])
def test_nothing_jumps_half_way_between_two_waypoints(tmp_path: Path, gone: bool) -> None:
    shot = drifting(1, HEIGHT, WIDTH) * 25  # it stands still, at 24 a second
    still = video.probe(film_file(tmp_path / "still.mp4", shot, rate="24"))
    ramp = torch.linspace(0, 1, WIDTH).expand(1, 3, HEIGHT, WIDTH)
    moved = Propagation(still, [KeyFrame(0, frame(still, 0), ramp, ())])
    before, after = (one for one in moved.waypoints if one.index in (8, 16))
    there = after.routes[0]
    if gone:  # by way of the second one nothing is known
        after.routes[0] = there._replace(trust=there.trust * 0)
    else:  # or it is elsewhere
        after.routes[0] = there._replace(motion=before.routes[0].motion + 8)
    place = (..., HEIGHT // 2, WIDTH // 2)
    here, black = frame(still, 8), torch.zeros_like(shot[0])
    made = [moved(index, here, black)[0][place].mean() for index in range(8, 17)]
    steps = (made[-1] - made[0], [one - other for one, other in zip(made[1:], made, strict=False)])
    whole, each = abs(float(steps[0])), [abs(float(one)) for one in steps[1]]
    assert whole > 0.04
    assert max(each) < (0.6 if gone else 0.4) * whole
    assert sum(each) < 1.1 * whole, "it goes there, and not back and forth"

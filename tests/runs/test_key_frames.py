"""Key frames: which frame of a film each belongs to, and what of it is painted."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from clips import drifting, film_file
from pictures import smooth
from torch import Tensor

from artgen import images, video
from artgen.core.events import Note
from artgen.errors import PictureError, UsageError
from artgen.runs import key_frames
from artgen.runs.key_frames import (
    KeyFrame,
    Place,
    place_of,
    read_keys,
    typical_frames,
)
from artgen.runtime import Runtime

RUNTIME = Runtime("cpu", "float32")


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> video.Clip:
    """A film of 24 frames at 12 a second, in the current folder."""
    monkeypatch.chdir(tmp_path)
    return video.probe(film_file(Path("clip.mp4"), drifting(24, 48, 64, step=4)))


def frame(clip: video.Clip, index: int) -> Tensor:
    return next(video.frames(clip, index))


def key_file(name: str, picture: Tensor, alpha: Tensor | None = None) -> str:
    images.save(picture, name, alpha=alpha)
    return name


def read(
    clip: video.Clip, keys: list[str], masks: list[str] | None = None
) -> tuple[list[KeyFrame], list[str]]:
    found = list(read_keys(clip, keys, masks or [], RUNTIME, "slim"))
    notes = [one.sentence for one in found if isinstance(one, Note)]
    return [one for one in found if isinstance(one, KeyFrame)], notes


def test_a_place_is_a_number_or_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert place_of("0=a.png") == Place("a.png", index=0)
    assert place_of("12=b=c.png") == Place("b=c.png", index=12)
    assert place_of("2.5s=a.png") == Place("a.png", seconds=2.5)
    assert place_of("3s=a.png") == Place("a.png", seconds=3.0)
    assert place_of("a.png") == Place("a.png")
    assert place_of("x=a.png") == Place("x=a.png")
    Path("1=a.png").touch()
    assert place_of("1=a.png") == Place("1=a.png")


def test_keys_lie_where_they_are_said_to(clip: video.Clip) -> None:
    name = key_file("a.png", 1 - frame(clip, 0))
    first, second, third = read(clip, [f"3={name}", f"0.5s={name}", f"1.99s={name}"])[0]
    assert (first.index, second.index, third.index) == (3, 6, 23)
    assert torch.equal(second.frame, frame(clip, 6))
    torch.testing.assert_close(first.painted, 1 - frame(clip, 0), atol=1 / 255, rtol=0)


@pytest.mark.parametrize("looked", [200, 6])
def test_the_frame_of_a_key_is_found(
    clip: video.Clip, monkeypatch: pytest.MonkeyPatch, looked: int
) -> None:
    monkeypatch.setattr(key_frames, "LOOKED", looked)
    name = key_file("a.png", frame(clip, 13).flip(1).square())  # other colours, the same forms
    (key,), notes = read(clip, [name])
    assert key.index == 13
    assert notes == ["a.png is most like frame 13, at 1.08 s."]


def test_a_layer_is_laid_on_its_frame(clip: video.Clip) -> None:
    alpha = torch.zeros(1, 1, 48, 64)
    alpha[..., :16, :] = 1
    name = key_file("a.png", torch.zeros(1, 3, 48, 64), alpha)
    (key,), notes = read(clip, [f"2={name}"])
    assert notes == ["a.png is painted in 33% of the frame."]
    assert not key.painted[..., :16, :].any()
    assert torch.equal(key.painted[..., 16:, :], frame(clip, 2)[..., 16:, :])


def test_a_mask_says_what_is_painted(clip: video.Clip) -> None:
    white = torch.zeros(1, 3, 48, 64)
    white[..., 32:] = 1
    name, mask = key_file("a.png", torch.zeros(1, 3, 48, 64)), key_file("m.png", white)
    (key,), _ = read(clip, [f"2={name}"], [mask])
    assert not key.painted[..., 32:].any()
    assert torch.equal(key.painted[..., :32], frame(clip, 2)[..., :32])
    (plain,), _ = read(clip, [f"2={name}"])
    assert [one.path.name for one in plain.files] == ["a.png"]
    assert [one.path.name for one in key.files] == ["a.png", "m.png"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["24=a.png"], "a.png is said to be at frame 24, and clip.mp4 ends before that."),
        (["2s=a.png"], "a.png is said to be at 2 s, and clip.mp4 ends before that."),
        (["0=a.png", "0.05s=a.png"], "a.png and a.png are both of frame 0."),
        (["0=wide.png"], "--key wide.png is 90 x 48 px and the film clip.mp4 64 x 48: other"),
        (["other.png"], "other.png resembles no frame of clip.mp4."),
        (["0=clear.png"], "clear.png is transparent everywhere: nothing of it is painted."),
        (["0=none.png"], "none.png"),
        (["x=a.png"], "x=a.png"),
    ],
)
def test_what_is_no_key_is_said_in_one_sentence(
    clip: video.Clip, words: list[str], sentence: str
) -> None:
    key_file("a.png", frame(clip, 0))
    key_file("wide.png", torch.rand(1, 3, 48, 90))
    key_file("other.png", torch.rand(1, 3, 48, 64))
    key_file("clear.png", frame(clip, 0), torch.zeros(1, 1, 48, 64))
    with pytest.raises((UsageError, PictureError)) as refused:
        read(clip, words)
    assert sentence in refused.value.message


def test_masks_are_none_or_one_for_each_key(clip: video.Clip) -> None:
    name = key_file("a.png", frame(clip, 0))
    with pytest.raises(UsageError, match="There are 2 keys and 1 masks"):
        read(clip, [f"0={name}", f"5={name}"], [name])
    black = key_file("black.png", torch.zeros(1, 3, 48, 64))
    with pytest.raises(UsageError, match="black everywhere"):
        read(clip, [f"0={name}"], [black])


def test_typical_frames_are_few_and_cover_a_film(tmp_path: Path) -> None:
    scenes = [smooth(48, 64, seed=seed) for seed in (1, 2)]
    path = film_file(tmp_path / "two.mp4", [scenes[0]] * 9 + [scenes[1]] * 5)
    first, second = typical_frames(video.probe(path), RUNTIME, "slim")
    assert first < 9 <= second
    path = film_file(tmp_path / "still.mp4", [scenes[0]] * 9)
    assert len(typical_frames(video.probe(path), RUNTIME, "slim")) == 1

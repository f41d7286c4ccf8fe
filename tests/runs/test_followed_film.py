"""A film follows its keys: it is trained once, under the names that its files are given."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from clips import drifting, film_file

from artgen import images, video
from artgen.core.listeners import Control, Listener
from artgen.errors import UsageError
from artgen.fast import model_files
from artgen.runs import films
from artgen.runs.followed_film import FollowedFilm, Painted
from artgen.runs.following import Following
from artgen.runtime import Runtime
from artgen.techniques.fast_apply import FastApply

QUICK = Following(net="tiny", crop=32, iterations=3)


@pytest.fixture
def painted(tmp_path: Path) -> Painted:
    """The first frame of clip.mp4, painted."""
    path = film_file(tmp_path / "clip.mp4", drifting(4, 48, 66))
    images.save(1 - next(video.frames(video.probe(path))), tmp_path / "key.png")
    return Painted([f"0={tmp_path / 'key.png'}"], names=["by hand.png"])


def followed(folder: Path, painted: Painted, settings: Following = QUICK) -> FollowedFilm:
    clip, first = films.load(folder / "clip.mp4")
    return FollowedFilm(settings, clip, first, painted, folder / "out.mp4", folder / "sheet.png")


def test_it_is_trained_once(tmp_path: Path, painted: Painted) -> None:
    film, sheets = followed(tmp_path, painted), list[torch.Tensor]()
    runtime, quiet = Runtime("cpu", "float32"), (Listener(), Control())
    assert film.train(runtime, "dis", 1, *quiet, sheets.append)
    assert [one.shape for one in sheets] == [(1, 3, 48, 132)]
    assert images.size_of(tmp_path / "sheet.png") == (48, 132)
    (key,) = film.about["keys"]
    assert (key["name"], key["frame"]) == ("by hand.png", 0)
    assert film.known is not films.nothing_known
    before = film.network.stat().st_mtime_ns
    again = followed(tmp_path, painted)
    assert again.train(runtime, "dis", 1, *quiet)
    assert again.network.stat().st_mtime_ns == before
    other = followed(tmp_path, painted, Following(net="tiny", crop=40, iterations=3))
    with pytest.raises(UsageError, match="other settings or pictures: crop 32"):
        other.train(runtime, "dis", 1, *quiet)


def test_how_it_is_painted(tmp_path: Path, painted: Painted) -> None:
    film = followed(tmp_path, Painted(painted.keys, propagate=False))
    assert film.train(Runtime("cpu", "float32"), "dis", 1, Listener(), Control())
    assert film.known is films.nothing_known
    assert film.about["keys"][0]["name"] == "key.png"
    how = FastApply(steady=20.0)
    assert film.painting(how) == FastApply(steady=20.0, style="key", painter=str(film.network))
    kept = tmp_path / "kept.safetensors"
    assert film.painting(how, kept).painter == str(kept)
    assert model_files.load(kept).painter.styles == ("photo", "key")

"""A worker's maker: pictures of one size in one go, where each is made as by itself."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest
import torch
from pictures import smooth

from artgen import images
from artgen.core.events import Result
from artgen.jobs.messages import Job, Order, Share
from artgen.jobs.picture_maker import PictureMaker
from artgen.runtime import Runtime
from artgen.techniques.fast_apply import FastApply
from artgen.techniques.style import Style
from artgen.techniques.texture import Texture


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    """Three photos, two of them of one size."""
    for name, size in {"a": (40, 52), "b": (40, 52), "c": (52, 40)}.items():
        images.save(smooth(*size, seed=ord(name)), tmp_path / f"{name}.png")
    return [Job(f"{n}-out.png", n, {"content": (str(tmp_path / f"{n}.png"),)}) for n in "abc"]


def maker_of(
    technique: str, settings: Style | FastApply, root: Path, precision: str = "auto"
) -> PictureMaker:
    fixed = {"style": (str(root / "c.png"),)} if technique == "style" else {}
    order = Order(technique, asdict(settings), fixed=fixed, precision=precision)
    return PictureMaker(order, str(root), Share("cpu", 1))


def test_equal_sizes_in_one_go_are_what_they_are_alone(
    jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runtime, "stacked", lambda _, most: most)
    maker = maker_of("fast_apply", FastApply(color="keep"), tmp_path, "float64")  # torch's
    assert maker.together > 1
    first, second, third = (maker.load(job) for job in jobs)
    assert maker.alike(first, second)
    assert not maker.alike(first, third)
    made = maker.make(jobs[:2], [first, second], lambda *_: None)
    for job, loaded, one in zip(jobs, (first, second), made, strict=False):
        (alone,) = maker.make([job], [loaded], lambda *_: None)
        assert one.recipe == alone.recipe
        assert torch.allclose(one.pictures["picture"], alone.pictures["picture"], atol=1e-4)
        assert maker.save(job, one).pixels == 40 * 52


def test_what_is_optimised_is_made_alone(
    jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runtime, "stacked", lambda _, most: most)
    maker = maker_of("style", Style(net="tiny"), tmp_path)
    assert maker.together == 1
    assert not maker.alike(maker.load(jobs[0]), maker.load(jobs[1]))


def test_on_a_processor_every_picture_is_made_alone(jobs: list[Job], tmp_path: Path) -> None:
    assert maker_of("fast_apply", FastApply(), tmp_path).together == 1
    assert maker_of("fast_apply", FastApply(), tmp_path, "float64").together == 1


def test_photos_in_a_row_are_painted_by_graphs(jobs: list[Job], tmp_path: Path) -> None:
    maker = maker_of("fast_apply", FastApply(size=48), tmp_path)
    loaded = maker.load(jobs[0])
    assert maker.engine(loaded) is maker.graphs
    (made,) = maker.make(jobs[:1], [loaded], lambda *_: None)
    assert "onnxruntime" in made.recipe
    assert maker.save(jobs[0], made).pixels == 37 * 48
    assert "runtime" not in vars(maker)  # torch's was never made
    large = maker_of("fast_apply", FastApply(size=2050), tmp_path)
    assert large.engine(loaded) is large.runtime


def test_in_any_pictures_style_each_photo_keeps_its_own_moments(
    tmp_path: Path, runtime: Runtime
) -> None:
    """The second photo is dark: carried over together, both would come out otherwise."""
    photos = [smooth(40, 52, seed=1), smooth(40, 52, seed=2) * 0.3]
    settings = FastApply(style="paint.png")

    def painted(photo: torch.Tensor) -> torch.Tensor:
        inputs = {"content": [photo], "style": [smooth(60, 45, seed=3)]}
        *_, result = settings.run(inputs, runtime)
        assert isinstance(result, Result)
        return result.pictures["picture"]

    alone = torch.cat([painted(photo) for photo in photos])
    assert torch.allclose(painted(torch.cat(photos)), alone, atol=1e-4)


def test_a_photos_transparency_comes_back_but_not_with_a_sheet(tmp_path: Path) -> None:
    """As where one picture is made."""
    alpha = torch.ones(1, 1, 40, 60)
    alpha[..., :30] = 0
    images.save(torch.rand(1, 3, 40, 60), tmp_path / "clear.png", alpha=alpha)
    quick = {"net": "tiny", "size": 48, "iterations": 1, "octaves": 1}
    for sheet in (False, True):
        order = Order("dream", {**quick, "sheet": sheet})
        maker = PictureMaker(order, str(tmp_path), Share("cpu", 1))
        job = Job(f"{sheet}.png", "clear.png", {"content": (str(tmp_path / "clear.png"),)})
        maker.save(job, maker.make([job], [maker.load(job)], lambda *_: None)[0])
        there = images.load(tmp_path / job.output).alpha
        assert (there is None) == sheet


def test_an_atlas_has_its_page_beside_it(tmp_path: Path) -> None:
    names = [f"{number}.png" for number in range(3)]
    for number, name in enumerate(names):
        images.save(smooth(40, 40, seed=number), tmp_path / name)
    order = Order("see_atlas", {"net": "tiny", "grid": 2, "size": 32, "iterations": 1})
    maker = PictureMaker(order, str(tmp_path / "out"), Share("cpu", 1))
    job = Job("map.png", "all", {"folder": tuple(str(tmp_path / name) for name in names)})
    maker.save(job, maker.make([job], [maker.load(job)], lambda *_: None)[0])
    assert (tmp_path / "out" / "map.png").is_file()
    page = (tmp_path / "out" / "map-page.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")


def test_a_set_for_an_engine_lies_beside_its_picture(tmp_path: Path) -> None:
    images.save(smooth(40, 40, seed=1), tmp_path / "bark.png")
    settings = Texture(net="tiny", size="32", iterations=2, pack="unreal", proof=2)
    out = tmp_path / "out"
    maker = PictureMaker(Order("texture", asdict(settings)), str(out), Share("cpu", 1))
    job = Job("bark.png", "bark", {"sample": (str(tmp_path / "bark.png"),)})
    loaded = maker.load(job)
    (made,) = maker.make([job], [loaded], lambda *_: None)
    maker.save(job, made)
    names = {path.relative_to(out).as_posix() for path in out.rglob("*.*")}
    assert names == {
        *("bark.png", "bark-proof.png", "bark-distance.png"),
        *("bark-unreal/T_bark_BC.png", "bark-unreal/bark.glb"),
    }

"""Classes and layers as pictures, and photos that are taken for something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from artgen import images
from artgen.core.events import Note, Result, Step
from artgen.errors import UsageError
from artgen.networks.imagenet import find_class
from artgen.runs.recipes import Recipe
from artgen.runtime import Runtime
from artgen.techniques import technique

QUICK = {"net": "tiny", "separate": True}


def events(name: str, content: list[Tensor], **settings: Any) -> list[Any]:
    asked = technique(name)(**QUICK | settings)
    return list(asked.run({"content": content}, Runtime("cpu", "float32", seed=1)))


def result(happened: list[Any]) -> dict[str, Tensor]:
    assert isinstance(happened[-1], Result)
    return dict(happened[-1].pictures)


@pytest.mark.parametrize("canvas", ["fourier", "pixels", "prior", "prior+fourier"])
def test_a_class_becomes_likelier_than_it_was_in_noise(canvas: str, runtime: Runtime) -> None:
    words = {"class_": "toucan,31", "size": 40, "octaves": 2, "iterations": 8, "canvas": canvas}
    pictures = result(events("see_class", [], **words))
    assert list(pictures) == ["picture", "class-96", "class-31"]
    classifier = runtime.classifier("tiny")
    toucan, frog = (classifier(pictures[f"class-{index}"])[0] for index in (96, 31))
    assert toucan[96] > frog[96]
    assert frog[31] > toucan[31]


def test_a_picture_through_the_prior_names_it_and_plans_it(runtime: Runtime) -> None:
    words = {"size": 64, "octaves": 1, "iterations": 3, "canvas": "prior+fourier"}
    note, *steps, made = events("see_class", [], **words)
    assert note.sentence == "64 x 64 px."
    assert [step.index for step in steps] == [1, 2, 3]
    assert {step.total for step in steps} == {3}
    tiny, prior = runtime.extractor("tiny"), runtime.prior()[1]
    for event in (*steps, made):
        assert event.provenance.sha256 == tiny.origin.sha256
        assert event.provenance.beside == (("prior", prior.sha256),)
    asked = technique("see_class")(**QUICK | words)
    recipe = Recipe.of("see_class", asked, runtime, {}, made)
    assert Recipe.loads(recipe.dumps()).network["prior"] == prior.sha256


def test_layers_have_a_row_each() -> None:
    words = {"layer": "relu1_1,conv3_1", "each": 7, "size": 24, "octaves": 1, "iterations": 1}
    happened = events("see_layers", [], **words)
    names = [name.rpartition("-")[0] for name in result(happened)]
    # conv1_1 of tiny has only six.
    assert names == ["", *["conv1_1"] * 6, *["conv3_1"] * 7]
    assert sum(isinstance(one, Step) for one in happened) == 13


def other(runtime: Runtime, picture: Tensor, rank: int = 1) -> str:
    """What tiny takes a picture for, but for what it takes it for before that."""
    classifier = runtime.classifier("tiny")
    return str(int(classifier.guesses(picture).argsort(descending=True)[rank]))


@pytest.mark.parametrize("init", ["content", "noise"])
def test_a_fooled_class_comes_first_when_it_is_read_back(
    init: str, photo: Tensor, tmp_path: Path, runtime: Runtime
) -> None:
    start = runtime.classifier("tiny").seen(photo)
    words = {"as_": other(runtime, start), "init": init, "step": 0.01, "sure": 0.0}
    happened = events("see_fool", [photo] if init == "content" else [], **words)
    pictures = result(happened)
    assert list(pictures) == ["picture", init.replace("content", "photo"), "change", "fooled"]
    assert not any(isinstance(one, Note) for one in happened)
    images.save(pictures["fooled"], tmp_path / "fooled.png")
    back = images.load(tmp_path / "fooled.png").picture
    assert other(runtime, runtime.classifier("tiny").seen(back), 0) == words["as_"]


def test_no_smaller_change_on_the_way_would_do(photo: Tensor, runtime: Runtime) -> None:
    start = runtime.classifier("tiny").seen(photo)
    wanted = other(runtime, start, 2)
    pictures = result(events("see_fool", [photo], as_=wanted, step=0.01, sure=0.0))
    fooled = pictures["fooled"]
    assert (fooled - pictures["photo"]).abs().mean() < 0.2
    less = start.lerp(fooled, 0.8)
    assert other(runtime, (less * 255).round() / 255, 0) != wanted


def test_who_is_not_fooled_is_told_of(photo: Tensor) -> None:
    happened = events("see_fool", [photo], iterations=1, step=1e-4, sure=0.9)
    assert "tiny is not fooled after 1 steps" in happened[-2].sentence


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("see_class", {"class_": "tukan"}, "no class 'tukan'"),
        ("see_class", {"class_": "toucan,"}, "The class cannot be 'toucan,'"),
        ("see_class", {"net": "slim"}, "'slim' has no head"),
        ("see_class", {"size": 9}, "At 9 x 9 px the picture is too small"),
        ("see_layers", {"layer": "conv9_1"}, "no layer 'conv9_1'"),
        ("see_layers", {"size": 9}, "needs at least 16 px"),
        ("see_fool", {"as_": "tukan"}, "no class 'tukan'"),
        ("see_fool", {}, "There is no photo to look at"),
    ],
)
def test_bad_words_are_refused(name: str, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        events(name, [], **settings)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["frog", "dog", "venice_boat"])
def test_squeezenet_is_fooled_by_what_nobody_sees(shared: Path, name: str, tmp_path: Path) -> None:
    runtime = Runtime("cpu", "float32")
    weights = str(shared / "weights/squeezenet1_1.safetensors")
    asked = technique("see_fool")(weights=weights, separate=True)
    photo = images.load(shared / f"data/photos/{name}.jpg").picture
    pictures = result(list(asked.run({"content": [photo]}, runtime)))
    images.save(pictures["fooled"], tmp_path / "fooled.png")
    classifier = runtime.classifier("squeezenet", Path(weights))
    back = classifier.guesses(classifier.seen(images.load(tmp_path / "fooled.png").picture))
    assert int(back.argmax()) == find_class("toucan")
    change = (pictures["fooled"] - pictures["photo"]).square().mean().sqrt()
    assert float(change) < 0.02


def test_a_sheet_of_a_run_is_a_picture(photo: Tensor) -> None:
    words = {"step": 0.01, "iterations": 3}
    steps = [one for one in events("see_fool", [photo], **words) if isinstance(one, Step)]
    assert {step.total for step in steps} == {None}
    assert torch.equal(steps[0].picture(), steps[0].picture())

"""The techniques as functions: the same pictures as the commands', and words for what is wrong."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

import artgen
from artgen import api, images
from artgen.core.events import Result, Step
from artgen.core.schema import fields_of
from artgen.errors import UsageError
from artgen.runtime import Runtime
from artgen.techniques import summaries, technique

QUICK: dict[str, Any] = {"net": "tiny", "size": 48, "iterations": 3}


def test_importing_artgen_imports_nothing_else() -> None:
    code = "import sys, artgen; dir(artgen); print('torch' in sys.modules, 'style' in dir(artgen))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


@pytest.mark.parametrize("name", summaries())
def test_every_technique_is_a_function_with_its_defaults(name: str) -> None:
    made = getattr(artgen, name)
    shown = inspect.signature(made).parameters
    for field in fields_of(technique(name)):
        if not field.option.positional:
            assert shown[field.name].default == field.default
    assert made.__doc__.startswith(summaries()[name])


def test_it_makes_the_picture_that_the_technique_makes(photo: Tensor, painting: Tensor) -> None:
    made = artgen.style(photo, painting, **QUICK, seed=5, device="cpu", precision="float32")
    settings = technique("style")(**QUICK)
    runtime = Runtime("cpu", "float32", seed=5)
    *_, result = settings.run({"content": [photo], "style": [painting]}, runtime)
    assert isinstance(result, Result)
    assert made.equal(result.pictures["picture"])


def test_files_names_and_tensors_alike(tmp_path: Path, photo: Tensor) -> None:
    path = tmp_path / "photo.png"
    artgen.save(photo, path)
    loaded = artgen.load(path)
    assert loaded.equal(images.load(path).picture)
    one = artgen.style(path, ["starry", loaded], **QUICK)
    two = artgen.style(str(path), ["starry", path], **QUICK)
    assert one.equal(two)
    fast = artgen.fast_apply("starry", path, strength=0.5)
    assert fast.shape == loaded.shape
    for style in (f"{path}=2,wave", f"{path}=1"):
        fast = artgen.fast_apply(style, path, strength=50.0)
        assert fast.shape == loaded.shape
    assert fast.equal(artgen.fast_apply(path, path, strength=50.0))
    assert fast.equal(artgen.fast_apply(loaded, path, strength=50.0))


@pytest.mark.parametrize("as_file", [True, False])
def test_a_setting_can_name_a_picture(
    tmp_path: Path, photo: Tensor, painting: Tensor, as_file: bool
) -> None:
    path = tmp_path / "start.png"
    images.save(painting, path)
    given = path if as_file else images.load(path).picture
    made = artgen.style(photo, painting, init=given, **QUICK)
    assert made.shape[-1] == 48


def test_masks_come_in_pairs(tmp_path: Path, photo: Tensor, painting: Tensor) -> None:
    mask = tmp_path / "mask.png"
    images.save(photo.round(), mask)
    bold = QUICK | {"content_weight": 0.01}  # so small a picture is all photo with the usual one
    one = artgen.style(photo, painting, mask=[f"{mask}=ink"], **bold)
    two = artgen.style(photo, painting, mask=[(images.load(mask).picture, "ink")], **bold)
    assert one.equal(two)
    assert not one.equal(artgen.style(photo, painting, **bold))
    with pytest.raises(UsageError, match="'mask' takes pairs"):
        artgen.style(photo, painting, mask=[mask], **QUICK)


def test_a_preset_brings_settings_and_style(photo: Tensor) -> None:
    one = artgen.style(photo, preset="etching", strength=30.0, **QUICK)
    settings = {"style_scale": 0.7, "slant": -0.3, "tv_weight": 1.0, "strength": 30.0}
    assert one.equal(artgen.style(photo, "engraving", **settings, **QUICK))


def test_a_folder_is_all_its_styles(tmp_path: Path, photo: Tensor, painting: Tensor) -> None:
    for name, picture in (("a.png", painting), ("b.png", painting.flip(1))):
        images.save(picture, tmp_path / name)
    both = [tmp_path / "a.png", tmp_path / "b.png"]
    one, two = (artgen.style(photo, given, **QUICK) for given in (tmp_path, both))
    assert one.equal(two)


def test_a_list_of_one_number_can_be_the_number(photo: Tensor, painting: Tensor) -> None:
    one, two = (artgen.style(photo, painting, style_scale=s, **QUICK) for s in (0.5, (0.5,)))
    assert one.equal(two)


def test_steps_come_one_by_one(photo: Tensor, painting: Tensor) -> None:
    events = list(api.steps("style", photo, painting, **QUICK, runtime=Runtime("cpu")))
    assert [event.index for event in events if isinstance(event, Step)] == [1, 2, 3]
    assert isinstance(events[-1], Result)


def test_what_makes_no_sense_is_said(photo: Tensor) -> None:
    with pytest.raises(UsageError, match="style takes 2 pictures: content, style"):
        artgen.style(photo)
    with pytest.raises(UsageError, match="'content' is one picture"):
        artgen.style([photo, photo], photo)
    with pytest.raises(UsageError, match=r"shape \(3, 4, 5\)"):
        artgen.style(torch.zeros(3, 4, 5), photo)
    with pytest.raises(UsageError, match="is no Runtime"):
        artgen.style(photo, photo, runtime="cpu")
    with pytest.raises(AttributeError, match="no attribute 'stile'"):
        _ = artgen.stile

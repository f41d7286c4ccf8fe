"""The techniques as functions: the same pictures as the commands', and words for what is wrong."""

from __future__ import annotations

import inspect
import os
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

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

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
    for key, parameter in shown.items():
        assert parameter.kind == parameter.VAR_POSITIONAL or f"\n    {key}: " in made.__doc__


def test_it_makes_the_picture_that_the_technique_makes(photo: Tensor, painting: Tensor) -> None:
    made = artgen.style(photo, painting, **QUICK, seed=5, device="cpu", precision="float32")
    settings = technique("style")(**QUICK)
    runtime = Runtime("cpu", "float32", seed=5)
    *_, result = settings.run({"content": [photo], "style": [painting]}, runtime)
    assert isinstance(result, Result)
    assert made.tensor.equal(result.pictures["picture"])


def test_files_names_and_tensors_alike(tmp_path: Path, photo: Tensor) -> None:
    path = tmp_path / "photo.png"
    artgen.save(photo, path)
    loaded = artgen.load(path)
    assert loaded.tensor.equal(images.load(path).picture)
    one = artgen.style(path, ["starry", loaded], **QUICK)
    two = artgen.style(str(path), ["starry", path], **QUICK)
    assert one.tensor.equal(two.tensor)
    for words in (("starry", path), (path, "starry")):
        fast = artgen.fast_apply(*words, strength=2.5)
        assert fast.size == loaded.size
    for style in (f"{path}=2,wave", f"{path}=1"):
        fast = artgen.fast_apply(path, style, strength=50.0)
        assert fast.size == loaded.size
    assert fast.tensor.equal(artgen.fast_apply(path, path, strength=50.0).tensor)
    assert fast.tensor.equal(artgen.fast_apply(path, loaded, strength=50.0).tensor)


@pytest.mark.parametrize("as_file", [True, False])
def test_a_setting_can_name_a_picture(
    tmp_path: Path, photo: Tensor, painting: Tensor, as_file: bool
) -> None:
    path = tmp_path / "start.png"
    images.save(painting, path)
    given = path if as_file else images.load(path).picture
    made = artgen.style(photo, painting, init=given, **QUICK)
    assert made.size[0] == 48


def test_masks_come_in_pairs(tmp_path: Path, photo: Tensor, painting: Tensor) -> None:
    mask = tmp_path / "mask.png"
    images.save(photo.round(), mask)
    bold = QUICK | {"content_weight": 0.01}  # so small a picture is all photo with the usual one
    one = artgen.style(photo, painting, mask=[f"{mask}=ink"], **bold)
    two = artgen.style(photo, painting, mask=[(images.load(mask).picture, "ink")], **bold)
    assert one.tensor.equal(two.tensor)
    assert not one.tensor.equal(artgen.style(photo, painting, **bold).tensor)
    three = artgen.style(photo, painting, mask=f"{mask}=ink", **bold)
    assert one.tensor.equal(three.tensor)
    with pytest.raises(UsageError, match="'mask' takes pairs"):
        artgen.style(photo, painting, mask=[mask], **QUICK)


def test_a_preset_brings_settings_and_style(photo: Tensor) -> None:
    one = artgen.style(photo, preset="etching", strength=30.0, **QUICK)
    settings = {"style_scale": 0.7, "slant": -0.3, "tv_weight": 1.0, "strength": 30.0}
    assert one.tensor.equal(artgen.style(photo, "engraving", **settings, **QUICK).tensor)


def test_a_folder_is_all_its_styles(tmp_path: Path, photo: Tensor, painting: Tensor) -> None:
    for name, picture in (("a.png", painting), ("b.png", painting.flip(1))):
        images.save(picture, tmp_path / name)
    both = [tmp_path / "a.png", tmp_path / "b.png"]
    one, two = (artgen.style(photo, given, **QUICK) for given in (tmp_path, both))
    assert one.tensor.equal(two.tensor)


def test_a_list_of_one_number_can_be_the_number(photo: Tensor, painting: Tensor) -> None:
    one, two = (artgen.style(photo, painting, style_scale=s, **QUICK) for s in (0.5, (0.5,)))
    assert one.tensor.equal(two.tensor)


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


def test_several_styles_as_in_the_command(photo: Tensor, painting: Tensor) -> None:
    one = artgen.style(photo, "starry", painting, style_weights=(2, 1), **QUICK)
    two = artgen.style(photo, ["starry", painting], style_weights=(2, 1), **QUICK)
    assert one.tensor.equal(two.tensor)
    assert [made["name"] for made in tomllib.loads(one.recipe)["inputs"]] == [
        *("content.png", "starry.jpg", "style.png")
    ]


def test_a_size_is_a_number_or_two(photo: Tensor) -> None:
    settings: dict[str, Any] = {"net": "tiny", "iterations": 2}
    for size, expected in ((40, (40, 40)), ((40, 33), (40, 33)), ("40x33", (40, 33))):
        assert artgen.texture(photo, size=size, **settings).size == expected
    with pytest.raises(UsageError, match="--size cannot be"):
        artgen.style(photo, "starry", size=(40, 33), net="tiny")


def test_what_comes_back_is_saved_with_its_recipe(
    tmp_path: Path, photo: Tensor, painting: Tensor
) -> None:
    made = artgen.style(photo, painting, **QUICK, strength=30.0, seed=4)
    for name in ("a.png", "b.jpg"):
        made.save(tmp_path / name)
        artgen.save(made, tmp_path / f"other-{name}")
        for path in (tmp_path / name, tmp_path / f"other-{name}"):
            found = artgen.info(path)
            assert (found["technique"], found["seed"]) == ("style", 4)
            assert found["settings"]["strength"] == 30.0
    assert artgen.load(tmp_path / "a.png").recipe.strip() == made.recipe.strip()
    artgen.save(photo, tmp_path / "plain.png")
    with pytest.raises(artgen.ArtgenError, match="carries no recipe"):
        artgen.info(tmp_path / "plain.png")


def test_further_pictures_come_too(photo: Tensor) -> None:
    made = artgen.texture(photo, net="tiny", size=40, iterations=2, tileable=True, proof=2)
    assert made.others["proof"].shape == (1, 3, 80, 80)


def test_alpha_comes_back_as_from_the_command(photo: Tensor, painting: Tensor) -> None:
    """The sample's is made anew, and a photo's is laid over the picture."""
    clear = (torch.arange(67).view(1, 1, 1, -1) > 33).expand(1, 1, 49, 67).float()
    layer = torch.cat([photo, clear], 1)
    made = artgen.texture(layer, net="tiny", size=40, iterations=3, with_=[clear])
    assert made.tensor.shape == (1, 3, 40, 40)
    assert made.alpha is not None
    assert 0.25 < made.alpha.mean() < 0.75
    (one,) = made.others.values()
    assert one.shape == (1, 1, 40, 40)
    assert artgen.texture(made, net="tiny", size=20, iterations=1).alpha is not None
    painted = artgen.style(layer, painting, **QUICK)
    assert painted.alpha is not None
    assert painted.alpha.shape[-2:] == painted.tensor.shape[-2:]
    assert artgen.style(photo, painting, **QUICK).alpha is None


def test_a_picture_that_is_loaded_keeps_its_alpha(tmp_path: Path, photo: Tensor) -> None:
    images.save(photo, tmp_path / "a.png", alpha=photo[:, :1].round())
    loaded = artgen.load(tmp_path / "a.png")
    artgen.save(loaded, tmp_path / "b.png")
    artgen.save(loaded.pil(), tmp_path / "c.png")
    for name in ("b.png", "c.png"):
        found = images.load(tmp_path / name).alpha
        assert found is not None
        assert found.equal(photo[:, :1].round())


def test_progress_is_told(photo: Tensor, painting: Tensor) -> None:
    told: list[int] = []
    artgen.style(photo, painting, **QUICK, progress=lambda step: told.append(step.index))
    assert told == [1, 2, 3]


def test_styles_have_names() -> None:
    assert artgen.styles()["starry"].is_file()


STRICT = """
import artgen
made = artgen.style("photo.jpg", "starry", b"wave", size=96, color="keep", mask="m.png=wave")
made.save("a.png"); made.pil().show(); artgen.texture("a.png", size=(40, 30)).tensor.shape
for step in artgen.steps("style", "photo.jpg", "starry"):
    pass
"""
WRONG = {
    "sizes=96": 'Unexpected keyword argument "sizes"',
    'color="yes"': 'Argument "color" to "style" has incompatible type',
    "size=(1, 2)": 'Argument "size" to "style" has incompatible type',
    "strength=None": 'Argument "strength" to "style" has incompatible type',
}


@pytest.mark.slow
def test_a_clients_type_checker_knows_the_signatures(tmp_path: Path) -> None:
    """Of the package as installed: `py.typed` and stubs, generated from the settings."""
    lines = STRICT + "".join(f'artgen.style("a.jpg", "b.jpg", {wrong})\n' for wrong in WRONG)
    (tmp_path / "client.py").write_text(lines)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", "client.py"],
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(Path(artgen.__file__).parents[1])},
        capture_output=True,
        text=True,
    )
    errors = [line for line in done.stdout.splitlines() if "error:" in line]
    assert len(errors) == len(WRONG), done.stdout
    for line, message in zip(errors, WRONG.values(), strict=True):
        assert message in line


def test_a_texture_for_an_engine_is_saved_with_its_set(photo: Tensor, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"tileable": True, "derive": True, "pack": "gltf"}
    made = artgen.texture(photo, net="tiny", size=32, iterations=2, **settings)
    assert made.others["height"].shape == (1, 1, 32, 32)
    made.save(tmp_path / "bark.png")
    assert sorted(path.name for path in (tmp_path / "bark-gltf").iterdir()) == [
        *("bark.gltf", "bark_baseColor.png", "bark_height.png", "bark_normal.png")
    ]

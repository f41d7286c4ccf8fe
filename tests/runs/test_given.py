"""Pictures as Python gives them, for inputs and for settings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from artgen.errors import PictureError, UsageError
from artgen.runs.given import filled, read_given, sized
from artgen.techniques import technique
from artgen.techniques.fast_apply import FastApply
from artgen.techniques.style import Style
from artgen.techniques.texture import Texture

CONTENT, STYLE = Style.inputs


def test_pictures_from_names_files_and_tensors(files: Path, photo: Tensor) -> None:
    assert len(read_given(STYLE, ["wave", "paint", photo])) == 4
    (one,) = read_given(CONTENT, Path("photo.png"))
    assert one.pictures[0].shape == photo.shape
    with pytest.raises(UsageError, match="'content' is one picture"):
        read_given(CONTENT, [photo, photo])
    with pytest.raises(UsageError, match="cannot be used"):
        read_given(CONTENT, photo[0])


def test_settings_may_hold_pictures(files: Path, photo: Tensor) -> None:
    values, inputs = filled(
        Style, {"mask": [(photo, "wave"), "mask.png=wave"], "init": photo, "size": 64}
    )
    assert values == {
        "mask": ("mask.png=wave", "mask.png=wave"),
        "init": "init.png",
        "size": 64,
    }
    assert {role: len(many) for role, many in inputs.items()} == {"mask": 2, "masked": 2, "init": 1}
    assert torch.equal(inputs["init"][0].picture, photo)
    assert filled(Style, {"init": "noise"}) == ({"init": "noise"}, {})
    with pytest.raises(UsageError, match="takes pairs"):
        filled(Style, {"mask": [photo]})


def test_a_name_is_a_style_only_where_one_belongs(files: Path) -> None:
    """As on the command line: an --init that is no file is no style either."""
    with pytest.raises(PictureError):
        filled(Style, {"init": "wave"})
    values, inputs = filled(FastApply, {"style": "paint/a.png=2,paint/b.png=1"})
    assert values["style"] == "paint/a.png=2,paint/b.png=1"
    assert len(inputs["style"]) == 2
    assert filled(FastApply, {"style": "starry"}) == ({"style": "starry"}, {})


def test_every_technique_can_be_asked(files: Path) -> None:
    for name in ("style", "dream", "texture", "fast_apply"):
        assert filled(technique(name), {}) == ({}, {})


def test_a_size_as_its_setting_has_it() -> None:
    assert sized(Texture, {"size": (40, 30)}) == {"size": "40x30"}
    assert sized(Texture, {"size": 40}) == {"size": "40"}
    assert sized(Style, {"size": 40}) == {"size": 40}


def test_pictures_are_read_as_their_input_has_it(files: Path) -> None:
    """Masks, maps and samples with alpha, as the command reads them."""
    layer = np.zeros((6, 8, 4), np.uint8)
    layer[:3] = (200, 90, 30, 255)
    Image.fromarray(layer).save("layer.png")
    named = {"with_": ("layer.png",), "mask": "layer.png", "sample_mask": ["layer.png"]}
    for kind in (Path("layer.png"), layer):
        (sample,) = read_given(Texture.inputs[0], kind)
        assert sample.pictures[0].shape == (1, 4, 6, 8)
        values = {key: [kind] if key != "mask" else kind for key in named}
        _, inputs = filled(Texture, values)
        assert inputs["with"][0].pictures[0].shape == (1, 4, 6, 8)
        for role in ("mask", "sample_mask"):
            (mask,) = inputs[role]
            assert mask.picture[0, 0, :, 0].tolist() == [1, 1, 1, 0, 0, 0]
        _, inputs = filled(Style, {"protect": kind, "mask": [(kind, "wave")]})
        assert inputs["protect"][0].picture.equal(mask.picture)
        assert inputs["mask"][0].picture.equal(mask.picture)
        assert inputs["masked"][0].reads == "picture"
    assert filled(Texture, named)[1]["mask"][0].picture.equal(mask.picture)

"""Saliency, occlusion and cut-outs: what is asked, and what comes of it."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from artgen.core.events import Result, Step
from artgen.errors import ArtgenError, UsageError
from artgen.networks.attribution import METHODS
from artgen.networks.imagenet import classes
from artgen.runtime import Runtime
from artgen.techniques import technique


def made(name: str, photo: Tensor, **settings: Any) -> tuple[list[Step], dict[str, Tensor]]:
    asked = technique(name)(**{"net": "tiny", "size": 40, "separate": True} | settings)
    *events, result = asked.run({"content": [photo]}, Runtime("cpu", "float32"))
    assert isinstance(result, Result)
    return [one for one in events if isinstance(one, Step)], dict(result.pictures)


def test_methods_stand_side_by_side_with_the_photo_below(photo: Tensor) -> None:
    steps, pictures = made("see_saliency", photo, method="gradcam,occlusion", cell=60)
    assert list(pictures) == [
        *("picture", "photo", "gradcam", "occlusion", "gradcam-over", "occlusion-over"),
    ]
    assert [(step.index, step.total) for step in steps] == [(1, 2), (2, 2)]
    assert all(max(one.shape[-2:]) == 60 for name, one in pictures.items() if name != "picture")
    # The sheet does not change its size while it is drawn.
    assert {step.picture().shape for step in steps} == {pictures["picture"].shape}


@pytest.mark.parametrize("name", ["see_saliency", "see_occlusion", "see_cutout"])
@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"class_": "tukan"}, "no class 'tukan'"),
        ({"net": "slim"}, "'slim' has no head"),
        ({"class_": "toucan", "layer": "conv1_1"}, "--class and --layer cannot be combined"),
        ({"channel": "3"}, "--channel is of a layer"),
        ({"layer": "conv9_1"}, "no layer 'conv9_1'"),
        ({"layer": "image"}, "has no channels"),
        ({"layer": "conv1_1", "channel": "6"}, "conv1_1 has 6 channels"),
        ({"layer": "conv1_1", "channel": "1,2"}, "A saliency is of one channel"),
        ({"method": "magic"}, "magic"),
        ({"size": 3}, "too small"),
    ],
)
def test_bad_words_are_refused(
    name: str, photo: Tensor, settings: dict[str, Any], words: str
) -> None:
    if name == "see_occlusion" and "method" in settings:
        pytest.skip("it has one method")
    with pytest.raises(ArtgenError) as caught:
        made(name, photo, **settings)
    assert words in str(caught.value)


def test_there_is_nothing_below_the_first_layer(photo: Tensor) -> None:
    with pytest.raises(UsageError, match="no layer below conv1_1, channel 2"):
        made("see_saliency", photo, layer="conv1_1", channel="2", method="gradcam")


def test_an_unknown_method_gets_a_guess() -> None:
    with pytest.raises(UsageError) as caught:
        technique("see_saliency")(method="gradient,grad-cam")
    assert "Did you mean 'gradcam'?" in caught.value.hint
    assert all(name in caught.value.hint for name in METHODS)


def test_occlusion_hides_what_takes_most_away(photo: Tensor) -> None:
    _, pictures = made("see_occlusion", photo, square=12, cell=67)
    assert list(pictures) == ["picture", "photo", "hidden", "heat", "over"]
    hidden = (pictures["hidden"] - 0.5).abs().amax(1).lt(0.02)
    brightest = pictures["heat"].sum(1).flatten().argmax()
    assert hidden.flatten()[brightest]


def test_a_cutout_is_a_mask_as_large_as_the_photo(photo: Tensor) -> None:
    steps, pictures = made("see_cutout", photo, class_=classes()[3])
    assert list(pictures) == ["picture", "sheet", "photo", "gradcam", "mask", "object"]
    mask = pictures["picture"]
    assert mask.shape == photo.shape
    assert mask[:, 0].equal(mask[:, 2])
    assert set(mask.unique().tolist()) == {0, 1}
    assert 0 < mask.mean() < 1
    (step,) = steps
    assert torch.equal(step.picture(), mask)

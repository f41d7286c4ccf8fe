"""Feature maps as a sheet: the right ones, in the right order, in pieces as in one."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from artgen.core.events import Result
from artgen.errors import UsageError
from artgen.networks.channels import energies, maps
from artgen.networks.extractor import FeatureExtractor
from artgen.runtime import Runtime
from artgen.techniques.see_responses import SeeResponses, typed


def drawn(photo: Tensor, tile: str = "off", **settings: Any) -> dict[str, Tensor]:
    made = SeeResponses(net="tiny", **{"size": 67, "cell": 67, "separate": True} | settings)
    *_, result = made.run({"content": [photo]}, Runtime("cpu", "float32", tile=tile))
    assert isinstance(result, Result)
    return dict(result.pictures)


def test_maps_are_those_of_the_layer(photo: Tensor, tiny: FeatureExtractor) -> None:
    features = tiny(photo, ["relu2_1"])["relu2_1"]
    assert maps(tiny, photo, "relu2_1", (5, 0)).equal(features[:, [5, 0]])
    pieces = maps(tiny, photo, "relu2_1", (5, 0), 16)
    assert torch.allclose(pieces, features[:, [5, 0]], atol=1e-5)


def test_the_strongest_come_first(photo: Tensor, tiny: FeatureExtractor) -> None:
    loud = energies(tiny, photo, ["conv2_1"])["conv2_1"]
    names = list(drawn(photo, layer="conv2_1", channels="strongest:4"))
    order = loud.argsort(descending=True)[:4].tolist()
    assert names == ["picture", "photo", *(f"conv2_1-{index}" for index in order)]


def test_a_map_of_an_early_layer_is_the_map_itself(photo: Tensor, tiny: FeatureExtractor) -> None:
    values = tiny(photo, ["relu1_1"])["relu1_1"][0, 3]
    made = drawn(photo, layer="relu1_1", channels="3")["relu1_1-3"][0]
    assert made[0].equal(made[2])
    both = torch.stack([made[0].flatten(), values.flatten()])
    assert torch.corrcoef(both)[0, 1] > 0.99


@pytest.mark.parametrize("layer", ["", "conv1_1"])
def test_nothing_said_is_the_first_layer(photo: Tensor, layer: str) -> None:
    assert set(drawn(photo, layer=layer)) == {
        "picture",
        "photo",
        *(f"conv1_1-{n}" for n in range(6)),
    }


def test_pieces_make_the_same_sheet(photo: Tensor) -> None:
    one, pieces = (drawn(photo, tile, layer="relu3_1")["picture"] for tile in ("off", "16"))
    assert torch.allclose(one, pieces, atol=1e-4)


@pytest.mark.parametrize("ways", [{"signed": True}, {"over": True}, {"signed": True, "over": True}])
def test_ways_to_draw_differ(photo: Tensor, ways: dict[str, bool]) -> None:
    assert not drawn(photo)["picture"].equal(drawn(photo, **ways)["picture"])


def test_a_filter_typed_by_hand_is_slid_over_the_photo(photo: Tensor) -> None:
    made = drawn(photo, kernel="0 0 0 0 1 0 0 0 0")
    assert list(made) == ["picture", "photo", "kernel", "answer"]
    grey = photo.mean(1).flatten()
    both = torch.stack([made["answer"][0, 0].flatten(), grey])
    assert torch.corrcoef(both)[0, 1] > 0.999
    yellow = drawn(photo, kernel="1,1,-1")["kernel"]
    assert yellow[0, :, 0, 0].tolist() == [1, 1, 0]


def test_a_typed_filter_has_its_sign(photo: Tensor) -> None:
    one, other = (typed(f"{a} 0 {b}; {a} 0 {b}; {a} 0 {b}") for a, b in ((-1, 1), (1, -1)))
    assert one.equal(-other)
    assert one.shape == (1, 3, 3, 3)
    assert typed(" ".join(["1"] * 27)).sum() == pytest.approx(9)
    assert typed("1 2 3")[0, :, 0, 0].tolist() == pytest.approx([1 / 3, 2 / 3, 1])


@pytest.mark.parametrize("text", ["", "1 2", "1 2 3 4", "a b c", "nan 1 1", "1 " * 16])
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--kernel cannot be"):
        typed(text)


def test_noise_can_be_looked_at(photo: Tensor) -> None:
    words = {"net": "tiny", "size": 40, "init": "noise", "separate": True}
    *_, result = SeeResponses(**words).run({}, Runtime("cpu", "float32"))
    assert isinstance(result, Result)
    assert result.pictures["photo"].std() > 0.05
    with pytest.raises(UsageError, match="--init noise takes no photo"):
        drawn(photo, init="noise")
    with pytest.raises(UsageError, match="no photo to look at"):
        list(SeeResponses(net="tiny").run({}, Runtime("cpu", "float32")))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"layer": "conv9_1"}, "has no layer 'conv9_1'"),
        ({"layer": "image"}, "has no channels"),
        ({"channels": "6"}, "--channels is '6', and conv1_1 has 6 channels"),
        ({"channels": "strongest:7"}, "conv1_1 has 6 channels"),
        ({"kernel": "1 1 1", "layer": "conv1_1"}, "--kernel is a filter itself"),
        ({"channels": "loud"}, "--channels cannot be 'loud'"),
        ({"layer": "relu5_1", "size": 8}, "too small"),
    ],
)
def test_bad_words_are_refused(photo: Tensor, settings: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        drawn(photo, **settings)

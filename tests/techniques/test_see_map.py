"""Folders seen: maps, nearest neighbours, and the patches that excite a filter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen import images
from artgen.core.events import Result, Step
from artgen.errors import UsageError
from artgen.networks.channels import maps
from artgen.ops.resize import resample
from artgen.ops.transforms import turned
from artgen.runtime import Runtime
from artgen.techniques import technique
from artgen.techniques.see_map import code

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture(scope="module")
def several() -> list[Tensor]:
    return [smooth(60 + n, 90 - 3 * n, seed=n) for n in range(6)]


def made(name: str, folder: list[Tensor], *like: Tensor, **settings: Any) -> dict[str, Tensor]:
    asked = technique(name)(**{"net": "tiny", "separate": True} | settings)
    *events, result = asked.run({"folder": folder, "like": like}, Runtime("cpu", "float32"))
    assert sum(isinstance(one, Step) for one in events) == len(folder)
    assert isinstance(result, Result)
    return dict(result.pictures)


def test_a_map_has_every_picture_once(several: list[Tensor]) -> None:
    picture = made("see_map", several, cell=10)["picture"]
    assert picture.shape == (1, 3, 2 * 12 + 2, 3 * 12 + 2)
    cells = [picture[..., y : y + 10, x : x + 10].clamp(0, 1) for y in (2, 14) for x in (2, 14, 26)]
    means = sorted(round(float(one.mean()), 3) for one in cells)
    assert len(set(means)) == 6
    assert min(means) > 0.15


def test_the_nearest_of_a_turned_copy_is_the_original() -> None:
    folder = [images.thumbnail(path, 128) for path in sorted(EXAMPLES.glob("*.jpg"))]
    assert len(folder) == 6
    for number, picture in enumerate(folder):
        words = {"like": "x.png", "net": "slim", "neighbours": 1, "cell": 32}
        pictures = made("see_map", folder, turned(picture, 20, 1), **words)
        found = pictures["neighbour-1"]
        height, width = picture.shape[-2:]
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        square = resample(picture[..., top : top + side, left : left + side], (64, 64))
        assert (found - square).abs().mean() < 0.03, number


@pytest.mark.shared
def test_squeezenet_knows_a_photo_that_is_askew(shared: Path) -> None:
    file = shared / "weights/squeezenet1_1.safetensors"
    extractor = Runtime("cpu", "float32").extractor("squeezenet", file=file)
    folder = [images.thumbnail(path, 224) for path in sorted((shared / "data/photos").glob("*"))]
    codes = torch.stack([code(extractor, one, "fire9") for one in folder])
    turned_ones = torch.stack([code(extractor, turned(one, 20, 1), "fire9") for one in folder])
    middle = codes.mean(0)
    nearest = torch.cosine_similarity((turned_ones - middle)[:, None], codes - middle, 2).argmax(1)
    # Two skylines are taken for each other.
    assert int((nearest == torch.arange(len(folder))).sum()) >= len(folder) - 1


def test_neighbours_come_in_order(several: list[Tensor]) -> None:
    pictures = made("see_map", several, several[2], like="x.png", neighbours=3, cell=16)
    assert list(pictures) == ["picture", "photo", *(f"neighbour-{n}" for n in (1, 2, 3))]
    assert pictures["neighbour-1"].equal(pictures["photo"])


@pytest.mark.parametrize(
    ("name", "count", "settings", "words"),
    [
        ("see_map", 1, {}, "A map needs 4 pictures, and there are 1"),
        ("see_map", 4, {"like": "x.png"}, "names a picture, and none was given"),
        ("see_map", 4, {"layer": "image"}, "has no channels"),
        ("see_patches", 2, {"layer": "conv9_1"}, "no layer 'conv9_1'"),
        ("see_patches", 2, {"channel": "99"}, "channels"),
        ("see_patches", 2, {"channel": ""}, "--channel cannot be ''"),
        ("see_patches", 2, {"size": 4}, "too small"),
    ],
)
def test_bad_words_are_refused(
    several: list[Tensor], name: str, count: int, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        made(name, several[:count], **settings)


def test_patches_are_where_the_filter_answers_most(several: list[Tensor]) -> None:
    words = {"layer": "conv2_1", "channel": "3,5", "patches": 4, "size": 60, "cell": 16}
    pictures = made("see_patches", several, **words)
    names = [f"conv2_1-{c}-{n}{x}" for c in (3, 5) for x in ("", "-guided") for n in (1, 2, 3, 4)]
    assert list(pictures) == ["picture", *names]
    net = Runtime("cpu", "float32").extractor("tiny")

    def answer(name: str) -> float:
        # From 16 px to the patch's own size: what conv2_1 sees.
        patch = resample(pictures[name], (14, 14))
        return float(maps(net, patch, "conv2_1", [3])[0].amax())

    strong = [answer(f"conv2_1-3-{rank}") for rank in (1, 2, 3, 4)]
    weak = [answer(f"conv2_1-5-{rank}") for rank in (1, 2, 3, 4)]
    assert sum(strong) > sum(weak)
    reason = pictures["conv2_1-3-1-guided"]
    assert torch.isclose((reason - 0.5).abs().max(), torch.tensor(0.5), atol=0.1)

"""Channels: how loudly they answer, and which are asked for."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.errors import UsageError
from artgen.networks.channels import choose, energies
from artgen.networks.extractor import FeatureExtractor


def test_energies_are_mean_squares_whole_or_in_tiles(tiny: FeatureExtractor, photo: Tensor) -> None:
    made = energies(tiny, photo, ("relu2_2",))["relu2_2"]
    expected = tiny(photo, ["relu2_2"])["relu2_2"].double().square().mean((0, 2, 3))
    torch.testing.assert_close(made, expected)
    torch.testing.assert_close(energies(tiny, photo, ("relu2_2",), 16)["relu2_2"], expected)


LOUD = {"one": torch.tensor([1.0, 3.0, 0.0, 3.0]), "two": torch.tensor([5.0, 1.0, 2.0])}


@pytest.mark.parametrize(
    ("text", "one", "two"),
    [
        ("2", (2,), (2,)),
        (" 2 , 0,2", (2, 0), (2, 0)),
        ("strongest:1", (1,), (0,)),
        ("strongest : 3", (1, 3, 0), (0, 2, 1)),
    ],
)
def test_channels_are_chosen_by_number_or_loudness(
    text: str, one: tuple[int, ...], two: tuple[int, ...]
) -> None:
    assert choose(text, LOUD, torch.Generator()) == {"one": one, "two": two}


def test_random_channels_are_seeded() -> None:
    drawn = [choose("random:2", LOUD, torch.Generator().manual_seed(n))["one"] for n in range(30)]
    assert drawn[3] == choose("random:2", LOUD, torch.Generator().manual_seed(3))["one"]
    assert {channel for pair in drawn for channel in pair} == {0, 1, 2, 3}
    assert all(len(set(pair)) == 2 for pair in drawn)


@pytest.mark.parametrize(
    "text",
    ["3", "0,3", "strongest:4", "strongest:0", "random:4", "weakest:1", "x", "-1", "1,", ","],
)
def test_channels_that_are_not_there_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--channel") as caught:
        choose(text, LOUD, torch.Generator())
    assert caught.value.hint

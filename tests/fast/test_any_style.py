"""The decoder of any style: sizes, the code, what a pixel depends on."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.fast.any_style import LEVELS, READ, Decoder, described, evenly
from artgen.fast.any_style_inference import EXTRACTOR
from artgen.fast.multi_style import Painter
from artgen.losses.style import style_moments
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import network

WIDE = {"image": 3, "relu3_1": 96, "relu4_1": 128}
STRIDES = {"image": 1, "relu3_1": 4, "relu4_1": 8}


@pytest.fixture
def decoder() -> Decoder:
    state = torch.get_rng_state()
    torch.manual_seed(0)
    made = Decoder(widths=(8, 12, 16), blocks=2, code=4).double()
    torch.set_rng_state(state)
    return made.requires_grad_(False).eval()


def even(height: int, width: int) -> Tensor:
    return smooth(height, width, seed=1).double() - 0.5


def seen(height: int, width: int) -> dict[str, Tensor]:
    random = torch.Generator().manual_seed(1)
    return {
        level: torch.rand(
            (1, WIDE[level], height // stride, width // stride),
            generator=random,
            dtype=torch.float64,
        )
        for level, stride in STRIDES.items()
    }


def test_a_picture_comes_out_as_large_as_it_went_in(decoder: Decoder) -> None:
    mix = decoder.mix(torch.zeros(1, 1120).double())
    assert decoder(even(48, 64), seen(48, 64), mix).shape == (1, 3, 48, 64)
    assert decoder(even(16, 16), seen(16, 16), mix).shape == (1, 3, 16, 16)


def test_a_code_has_limits(decoder: Decoder) -> None:
    strange = torch.full((1, 1120), 1e9).double()
    assert decoder.code(strange).abs().max() <= 1
    torch.testing.assert_close(decoder.code(strange), decoder.code(strange * 7))
    assert not decoder.code(strange).equal(decoder.code(-strange))


def test_strength_is_shared_between_photo_and_painting(decoder: Decoder) -> None:
    painting = torch.rand(1, 1120).double()
    mixed = decoder.mix(painting, 0.25)
    assert mixed.shape == (1, 6)
    assert mixed[0, :2].tolist() == [0.75, 0.25]
    torch.testing.assert_close(mixed[:, 2:], 0.25 * decoder.code(painting))


def test_the_code_changes_the_picture(decoder: Decoder) -> None:
    one, other = (
        decoder(even(32, 32), seen(32, 32), decoder.mix(torch.full((1, 1120), x).double()))
        for x in (0.5, -0.5)
    )
    assert (one - other).abs().max() > 1e-3


def test_a_picture_is_described_by_means_and_deviations() -> None:
    slim = FeatureExtractor(network(EXTRACTOR))
    picture = smooth(49, 67, seed=1)
    row = described(style_moments(slim, [picture], [1.0], READ))
    assert row.shape == (1, 1120)
    first = slim(picture, ["relu1_1"])["relu1_1"]
    torch.testing.assert_close(row[0, :32], first.mean((0, 2, 3)))
    deviations = first.std((0, 2, 3), correction=0)
    torch.testing.assert_close(row[0, 32:64], deviations, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("level", ["even", *LEVELS])
def test_a_pixel_sees_no_farther_than_the_reach(decoder: Decoder, level: str) -> None:
    stride = STRIDES.get(level, 1)
    middle = -(-decoder.reach // 8) * 8 + 8
    photo, given = even(2 * middle, 2 * middle), seen(2 * middle, 2 * middle)
    asked = (photo if level == "even" else given[level]).requires_grad_()
    decoder.photo_gain.fill_(1.0)  # at first it lets nothing of the painting's colours through
    painted = decoder(photo, given, decoder.mix(torch.zeros(1, 1120).double()))
    (gradient,) = torch.autograd.grad(painted[..., middle, middle].sum(), asked)
    positions = gradient.abs().sum((0, 1)).nonzero() * stride
    assert len(positions)
    assert (middle - positions).max() <= decoder.reach
    assert (positions + stride - 1 - middle).max() <= decoder.reach


def test_an_even_light_takes_brightness_and_contrast_away() -> None:
    photo = smooth(49, 67, seed=1).double()

    def lit(picture: Tensor) -> Tensor:
        rows = picture.flatten(2)[0]
        return evenly(picture, rows.mean(1), rows @ rows.T / rows.shape[1])

    assert lit(photo).mean((2, 3)).abs().max() < 1e-9
    torch.testing.assert_close(lit(photo), lit(photo * 0.7 + 0.2), atol=0.03, rtol=0)
    assert lit(torch.full_like(photo, 0.4)).abs().max() < 1e-6


def test_it_begins_as_the_mean_of_a_painters_styles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "training" / "arbitrary")
    begin = import_module("begin")
    painter = Painter(["red", "blue"], (8, 12, 16), 2).requires_grad_(False)
    decoder = Decoder(widths=(8, 12, 16), blocks=2, code=4).requires_grad_(False)
    photo = smooth(64, 64, seed=1)
    begin.begin_as(decoder, painter, [photo - 0.5])
    for see in (decoder.see_quarter, decoder.see_eighth):
        see.weight.zero_()
    decoder.say.weight.zero_()
    decoder.say.bias.zero_()  # a code of nothing
    given = {level: tensor.float() for level, tensor in seen(64, 64).items()}
    given["image"] = photo
    made = decoder(photo - 0.5, given, decoder.mix(torch.zeros(1, 1120)))
    wanted = painter(photo, painter.mix({"red": 1, "blue": 1}))
    assert (made - wanted).abs().mean() < 0.05 * wanted.std()  # but for the norm's floor

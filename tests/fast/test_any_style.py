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
from artgen.fast.model_files import save
from artgen.losses.style import style_moments
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import network

WIDE = {"image": 3, "relu3_1": 96, "relu4_1": 192}
SAID = 1248  # numbers of a description
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
    mix = decoder.mix(torch.zeros(1, SAID).double())
    assert decoder(even(48, 64), seen(48, 64), mix).shape == (1, 3, 48, 64)
    assert decoder(even(16, 16), seen(16, 16), mix).shape == (1, 3, 16, 16)


def test_a_code_has_limits(decoder: Decoder) -> None:
    strange = torch.full((1, SAID), 1e9).double()
    assert decoder.code(strange).abs().max() <= 1
    torch.testing.assert_close(decoder.code(strange), decoder.code(strange * 7))
    assert not decoder.code(strange).equal(decoder.code(-strange))


def test_strength_is_shared_between_photo_and_painting(decoder: Decoder) -> None:
    painting = torch.rand(1, SAID).double()
    mixed = decoder.mix(painting, 0.25)
    assert mixed.shape == (1, 6)
    assert mixed[0, :2].tolist() == [0.75, 0.25]
    torch.testing.assert_close(mixed[:, 2:], 0.25 * decoder.code(painting))


def test_the_code_changes_the_picture(decoder: Decoder) -> None:
    one, other = (
        decoder(even(32, 32), seen(32, 32), decoder.mix(torch.full((1, SAID), x).double()))
        for x in (0.5, -0.5)
    )
    assert (one - other).abs().max() > 1e-3


def test_a_picture_is_described_by_means_and_deviations() -> None:
    slim = FeatureExtractor(network(EXTRACTOR))
    picture = smooth(49, 67, seed=1)
    row = described(style_moments(slim, [picture], [1.0], READ))
    assert row.shape == (1, SAID)
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
    painted = decoder(photo, given, decoder.mix(torch.zeros(1, SAID).double()))
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


def test_noise_has_its_place_in_the_whole_picture(decoder: Decoder) -> None:
    for noise in (decoder.noise_quarter, decoder.noise_eighth):
        noise.loudness.fill_(0.1)
    flat, mix = torch.zeros(1, 3, 256, 256).double(), decoder.mix(torch.zeros(1, SAID).double())
    given = {level: torch.zeros_like(value) for level, value in seen(256, 256).items()}
    whole = decoder(flat, given, mix)
    assert whole[..., 64:192, 64:192].std() > 1e-3, "strokes begin from it where nothing else is"
    part = {level: value[..., 8:, 8:] for level, value in given.items()}
    part["image"] = given["image"][..., 64:, 64:]
    part["relu3_1"] = given["relu3_1"][..., 16:, 16:]
    piece = decoder(flat[..., 64:, 64:], part, mix, (64, 64))
    inner = decoder.reach
    torch.testing.assert_close(piece[..., inner:, inner:], whole[..., 64 + inner :, 64 + inner :])


def test_it_begins_as_an_earlier_one_whose_inputs_are_fitted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("arbitrary", "slim"):
        monkeypatch.syspath_prepend(Path(__file__).parents[2] / "training" / name)
    begin = import_module("begin")
    small = {"widths": (8, 12, 16), "blocks": 2, "code": 4}
    first = Decoder(seen=(5, 6, 7), **small).requires_grad_(False)
    save(first, tmp_path / "first.safetensors")
    earlier = begin.Earlier(tmp_path / "first.safetensors")
    decoder = Decoder(**small).requires_grad_(False)
    decoder.loudness.fill_(2.0)
    levels = []
    for place, wide in enumerate((96, 192)):
        old = torch.randn(900, (5, 6)[place])
        levels.append((old @ torch.randn(old.shape[1], wide), earlier.seen(place, old)))
    styles = torch.randn(900, 14) / 3
    left = begin.begin_as(
        decoder, earlier, levels, (styles @ torch.randn(14, SAID) / 4, earlier.hidden(styles))
    )
    assert max(left.values()) < 0.05
    inputs, wanted = levels[0]
    found = decoder.see_quarter((inputs / 2.0)[..., None, None])[..., 0, 0]
    assert (found - wanted).abs().mean() < 0.05 * wanted.std()
    torch.testing.assert_close(decoder.last.weight, first.last.weight, atol=1e-3, rtol=1e-3)

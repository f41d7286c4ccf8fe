"""Phases: photos' amplitudes whatever the phases, right gradients, crops that see what they say."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.core.events import Step
from artgen.losses.activation import filling_term
from artgen.networks.extractor import FeatureExtractor
from artgen.optim.fourier import color_planes
from artgen.optim.loop import optimise
from artgen.optim.phases import CropAscent, Crops, Phases, photo_amplitudes, rings_and_sectors
from artgen.optim.pyramid import Scale

CPU = torch.device("cpu")


def canvas(height: int = 20, width: int = 31, seed: int = 3) -> Phases:
    return Phases.noise((height, width), torch.Generator().manual_seed(seed), CPU)


@pytest.mark.parametrize("size", [(20, 31), (21, 30), (1, 1), (2, 5), (64, 64)])
def test_a_picture_of_any_size_is_in_the_gamut(size: tuple[int, int]) -> None:
    picture = canvas(*size)()
    assert picture.shape == (1, 3, *size)
    assert picture.isfinite().all()
    assert picture.amin() >= 0
    assert picture.amax() <= 1


def test_amplitudes_do_not_depend_on_the_phases() -> None:
    """Column 0 is left out: of its coefficients half are the others' conjugates."""
    spectra = [
        torch.fft.rfft2(color_planes(canvas(seed=seed).double().shown().logit())).abs()
        for seed in (3, 4)
    ]
    assert torch.allclose(spectra[0][..., 1:], spectra[1][..., 1:], rtol=1e-4)
    assert not torch.equal(canvas(seed=3).shown(), canvas(seed=4).shown())


def test_amplitudes_of_photos_fall_with_frequency_and_are_largest_along_the_axes() -> None:
    light = photo_amplitudes((256, 256))[0]
    assert light[0, 0] == 0
    rows = [float(light[0, n]) for n in (1, 4, 16, 64, 128)]
    assert rows == sorted(rows, reverse=True)
    assert float(light[0, 20]) > float(light[14, 14])  # both about 20 cycles per picture
    assert float(light[20, 0]) > float(light[14, 14])


def test_a_larger_picture_has_the_same_waves() -> None:
    small, large = photo_amplitudes((64, 64)), photo_amplitudes((128, 128))
    assert torch.allclose(small[:, :32, :32], large[:, :32, :32])


def test_directions_lie_in_the_table() -> None:
    ring, sector = rings_and_sectors((16, 16))
    assert ring[0, 4] == pytest.approx(4.0)  # four cycles: 2 ** (4 / 2)
    assert sector[0, 4] == 0
    assert sector[4, 0] == pytest.approx(6.0)
    assert sector.amax() < 12


def test_its_gradient_is_that_of_the_picture() -> None:
    one = canvas().double()
    weight = torch.randn(1, 3, 20, 31, dtype=torch.float64)
    values = one.values.detach().clone().requires_grad_()

    def score(values: Tensor) -> Tensor:
        return (torch.func.functional_call(one, {"values": values}, ()) * weight).sum()

    (expected,) = torch.autograd.grad(score(values), values)
    assert torch.allclose(one.pull(one(), weight), expected)
    assert torch.allclose(one.felt, weight.abs().sum(1, keepdim=True))


def test_opaque_is_where_the_gradients_were() -> None:
    one = canvas(64, 64)
    one.felt[..., 20:40, 20:40] = 1
    alpha = one.opacity()
    assert float(alpha[..., 25:35, 25:35].mean()) == pytest.approx(1.0)
    assert float(alpha[..., :15, :].amax()) == 0


def test_a_crop_shows_its_part_of_the_picture() -> None:
    """A crop of the middle half at half its size is the middle half, averaged."""
    crops = Crops(1, 16, first=0.5, last=0.5, spread=0, center=0, noise=0)
    (cut,) = crops.draw((64, 64), 0.0, torch.Generator())
    across = torch.linspace(0, 1, 64).expand(1, 3, 64, 64)
    shown = cut(across)
    assert shown.shape == (1, 3, 16, 16)
    expected = across[..., 16:48].reshape(1, 3, 64, 16, 2).mean(-1)[..., 16:32, :]
    assert torch.allclose(shown, expected, atol=1e-4)
    assert torch.allclose(cut(torch.ones(1, 3, 64, 64)), torch.ones(1, 3, 16, 16))


def test_crops_go_on_at_the_opposite_edge_and_come_in_groups() -> None:
    crops = Crops(5, 8, at_once=2, center=1.0, noise=0)
    drawn = crops.draw((32, 32), 1.0, torch.Generator().manual_seed(1))
    shown = [cut(torch.full((1, 3, 32, 32), 0.25)) for cut in drawn]
    assert [len(one) for one in shown] == [2, 2, 1]
    assert torch.allclose(torch.cat(shown), torch.tensor(0.25))


def test_it_climbs_and_fades(tiny: FeatureExtractor) -> None:
    term = filling_term("conv2_1", 2, torch.tensor(0.01))
    crops = Crops(3, 24, first=0.5, last=0.5)
    mover = CropAscent(0.3, 16, crops, torch.Generator().manual_seed(0), fades=True)
    steps = [
        step
        for step in optimise(canvas(48, 48), tiny, [Scale((48, 48), 16)], lambda *_: [term], mover)
        if isinstance(step, Step)
    ]
    first, last = (
        float(torch.stack([step.losses["filter"] for step in part]).mean())
        for part in (steps[:4], steps[-4:])
    )
    assert last < first
    assert steps[-1].picture().shape == (1, 4, 48, 48)

"""The prior: shapes, codes as photos have them, and photos made again in one pass."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from artgen import images
from artgen.errors import WeightsError
from artgen.fast import model_files
from artgen.fast.enlarger import Enlarger
from artgen.fast.prior import CODE, EXTRACTOR, Prior, made_again
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import network
from artgen.ops.resize import fit, resample

FROG = Path(__file__).parents[2] / "examples" / "frog.jpg"


@pytest.fixture
def prior() -> Prior:
    torch.manual_seed(0)
    return Prior((6,), (8, 6, 4, 4, 2), 1).requires_grad_(False)


@pytest.mark.parametrize("size", [(2, 2), (3, 5)])
def test_a_position_of_a_code_is_sixteen_pixels(prior: Prior, size: tuple[int, int]) -> None:
    picture = prior(torch.rand(1, 6, *size))
    assert prior.stride == 16
    assert picture.shape == (1, 3, 16 * size[0], 16 * size[1])
    assert picture.amin() > 0
    assert picture.amax() < 1


def test_its_gradient_is_right(prior: Prior) -> None:
    code = torch.rand(1, 6, 2, 2, dtype=torch.float64).requires_grad_()
    exact = prior.double()
    weights = torch.rand(1, 3, 32, 32, dtype=torch.float64)
    assert torch.autograd.gradcheck(lambda x: (exact(x) * weights).sum(), code)


def test_independent_values_become_codes_with_the_covariance_of_photos(prior: Prior) -> None:
    mixed = torch.rand(6, 6, generator=torch.Generator().manual_seed(1))
    prior.root.copy_(mixed)
    prior.centre.fill_(50.0)  # far from the limits
    prior.most.fill_(100.0)
    values = torch.randn(1, 6, 200, 200, generator=torch.Generator().manual_seed(2))
    codes = prior.likely(values)[0].flatten(1)
    assert torch.allclose(codes.cov(), mixed @ mixed.T, atol=0.05)
    assert prior.likely(1000 * values).amin() == 0
    assert prior.likely(1000 * values).amax() == 100


def test_a_file_gives_it_back(prior: Prior, tmp_path: Path) -> None:
    model_files.save(prior, tmp_path / "prior.safetensors")
    read, _ = model_files.load_prior(tmp_path / "prior.safetensors")
    code = torch.rand(1, 6, 3, 4)
    assert (read(code) - prior(code)).abs().max() < 0.01  # float16


def test_another_network_is_refused(tmp_path: Path) -> None:
    model_files.save(Enlarger(4, 1, 4), tmp_path / "other.safetensors")
    with pytest.raises(WeightsError, match="is no network that makes pictures from features"):
        model_files.load_prior(tmp_path / "other.safetensors")


def test_the_shipped_one_makes_a_photo_again() -> None:
    prior, _ = model_files.load_prior()
    extractor = FeatureExtractor(network(EXTRACTOR))
    frog = images.load(FROG).picture
    frog = resample(frog, fit((frog.shape[-2], frog.shape[-1]), 135)).clamp(0, 1)
    made = made_again(prior, extractor, frog)
    assert made.shape == frog.shape
    code, again = (extractor(picture, [CODE])[CODE] for picture in (frog, made))
    other = extractor(frog.flip(-1), [CODE])[CODE]
    alike, unlike = (torch.cosine_similarity(code, one).mean() for one in (again, other))
    assert alike > unlike
    forms = [F.avg_pool2d(picture, 8).flatten() for picture in (frog, made)]
    assert torch.corrcoef(torch.stack(forms))[0, 1] > 0.6

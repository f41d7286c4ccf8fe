"""Loss and gradient: one forward pass an evaluation, two where it is cut, and exact."""

from __future__ import annotations

import pytest
import torch
from loop import Make, count_passes
from pictures import smooth
from torch import Tensor

from artgen.losses.evaluate import evaluate
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole


def test_one_forward_pass_serves_all_terms(
    tiny: FeatureExtractor, photo: Tensor, pulls: Make
) -> None:
    made = pulls(tiny)
    passes = count_passes(tiny)
    losses, total, gradient = evaluate(photo, tiny, made)
    assert len(passes) == 1
    assert list(losses) == ["style", "content", "tv"]
    torch.testing.assert_close(total, torch.stack(list(losses.values())).sum())
    assert gradient.shape == photo.shape
    assert all(loss.dim() == 0 and not loss.requires_grad for loss in [*losses.values(), total])


def test_the_gradient_is_autograds_through_everything(
    tiny: FeatureExtractor, painting: Tensor, pulls: Make
) -> None:
    tiny.double()
    made = pulls(tiny)
    picture = smooth(49, 67, seed=5).double().requires_grad_()
    _, total, gradient = evaluate(picture, tiny, made)
    expected = torch.zeros((), dtype=torch.float64)
    for term in made:  # each with a forward pass of its own
        features = tiny(picture, term.layers)
        expected = expected + term.weight * term.loss(term.statistics(features, whole(features)))
    expected.backward()
    torch.testing.assert_close(total, expected.detach())
    torch.testing.assert_close(gradient, picture.grad, atol=1e-12, rtol=1e-9)


def test_the_gradient_is_that_of_finite_differences(tiny: FeatureExtractor, pulls: Make) -> None:
    """Of small ones: the network is piecewise smooth, and a larger step crosses kinks."""
    tiny.double()
    made = pulls(tiny)
    picture, way = smooth(49, 67, seed=5).double(), smooth(49, 67, seed=6).double() - 0.5
    _, _, gradient = evaluate(picture, tiny, made)
    ahead, behind = (evaluate(picture + s * 1e-8 * way, tiny, made)[1] for s in (1, -1))
    assert ((ahead - behind) / 2e-8).item() == pytest.approx(
        (gradient * way).sum().item(), rel=1e-3
    )


def test_tiles_take_two_forward_passes_each(
    tiny: FeatureExtractor, photo: Tensor, pulls: Make
) -> None:
    made = pulls(tiny)
    passes = count_passes(tiny)
    evaluate(photo, tiny, made, 32)  # 49 x 67 px: two rows of three
    assert len(passes) == 2 * 6

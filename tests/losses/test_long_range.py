"""Structure knows what goes together over a distance, exactly, whole or in tiles."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.losses.evaluate import evaluate
from artgen.losses.guides import Guide
from artgen.losses.long_range import shifts_for, structure_term
from artgen.losses.regularization import variation_term
from artgen.losses.style import style_moments
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole
from artgen.networks.zoo import all_networks

LAYERS = {"relu3_1": 1.0, "relu4_1": 2.0}


def extractor(padding: str) -> FeatureExtractor:
    return FeatureExtractor(all_networks().get("tiny"), padding=padding).double()


def made(
    size: tuple[int, int],
    *samples: Tensor,
    wraps: bool = False,
    reach: int = 4,
    mask: Tensor | None = None,
    shown: Tensor | None = None,
) -> Term:
    """The term; with a mask of the picture, or one of each sample, (1, 1, H, W)."""
    eye, shares, names = extractor("replicate"), [1.0] * len(samples), tuple(LAYERS)
    guides = [None if shown is None else Guide(eye, shown, names, strict=True) for _ in samples]
    moments = style_moments(eye, samples, shares, names, guides=guides)
    term = structure_term(
        *(eye, samples, shares, moments, LAYERS, size),
        reach=reach,
        weight=1.0,
        wraps=wraps,
        guides=guides,
        guide=None if mask is None else Guide(eye, mask, names),
    )
    assert term is not None
    return term


def value(term: Term, picture: Tensor, eye: FeatureExtractor) -> float:
    features = eye(picture, term.layers)
    return float(term.loss(term.statistics(features, whole(features))))


def test_shifts_double_as_far_as_there_is_room() -> None:
    assert shifts_for([(40, 40)], 1) == [(0, 1), (1, 0), (1, 1), (1, -1)]
    assert {max(shift) for shift in shifts_for([(40, 40), (12, 30)], 16)} == {1, 2, 4}
    assert shifts_for([(1, 40)], 16) == []


def test_the_sample_itself_has_its_structure() -> None:
    sample = smooth(121, 97, seed=1).double()
    term = made((121, 97), sample)
    assert value(term, sample, extractor("replicate")) == pytest.approx(0, abs=1e-12)
    assert value(term, smooth(121, 97, seed=2).double(), extractor("replicate")) > 0.1


def test_it_tells_rows_from_a_heap() -> None:
    """Stripes and the same columns in any order have the same colours, not the same structure."""
    stripes = (torch.arange(128) // 8 % 2).double().expand(1, 3, 128, 128)
    order = torch.randperm(16, generator=torch.Generator().manual_seed(0))
    heap = stripes.unflatten(3, (16, 8))[..., order, :].flatten(3)
    term = made((128, 128), stripes)
    moved = stripes.roll(8, 3)
    eye = extractor("replicate")
    assert value(term, heap, eye) > 10 * value(term, moved, eye)


def test_where_there_is_no_room_there_is_no_term() -> None:
    eye, sample = extractor("replicate"), smooth(16, 16, seed=1).double()
    moments = style_moments(eye, [sample], [1.0], ("relu5_1",))
    assert (
        structure_term(
            eye, [sample], [1.0], moments, {"relu5_1": 1.0}, (64, 64), reach=8, weight=1.0
        )
        is None
    )


def test_a_sample_of_one_colour_is_finite() -> None:
    sample = torch.full((1, 3, 64, 64), 0.5).double()
    picture = smooth(64, 64, seed=3).double()
    eye = extractor("replicate")
    _, total, gradient = evaluate(picture, eye, [made((64, 64), sample)])
    assert total.isfinite()
    assert gradient.isfinite().all()


def test_several_samples_are_mixed() -> None:
    one, two = smooth(80, 80, seed=1).double(), smooth(80, 80, seed=2).double()
    eye = extractor("replicate")
    assert value(made((80, 80), one, one), one, eye) == pytest.approx(0, abs=1e-12)
    both = made((80, 80), one, two)
    assert value(both, one, eye) < value(made((80, 80), two), one, eye)


@pytest.mark.parametrize("side", [32, 48])
@pytest.mark.parametrize("padding", ["replicate", "zero", "circular"])
def test_tiles_give_the_same_structure_and_gradient(padding: str, side: int) -> None:
    size = (112, 160) if padding == "circular" else (117, 151)
    picture, eye = smooth(*size, seed=2).double(), extractor(padding)
    term = made(size, smooth(120, 90, seed=1).double(), wraps=padding == "circular", reach=4)
    several = [term, variation_term(2.0, wraps=padding == "circular")]
    one, many = (evaluate(picture, eye, several, tile) for tile in (None, side))
    assert float(many[1]) == pytest.approx(float(one[1]), rel=1e-9)
    assert float((many[2] - one[2]).norm() / one[2].norm()) < 1e-9


def test_a_strip_wraps_round_in_one_direction_and_is_cut_in_the_other() -> None:
    picture, eye = smooth(48, 160, seed=2).double(), extractor("circular")
    term = made((48, 160), smooth(90, 90, seed=1).double(), wraps=True, reach=2)
    several = [term, variation_term(2.0, wraps=True)]
    one, many = (evaluate(picture, eye, several, tile) for tile in (None, 48))
    assert float((many[2] - one[2]).norm() / one[2].norm()) < 1e-9


@pytest.mark.parametrize("shift", [(16, 0), (0, 48), (-32, 16)])
def test_where_a_wrapping_picture_begins_does_not_matter(shift: tuple[int, int]) -> None:
    picture, eye = smooth(96, 112, seed=2).double(), extractor("circular")
    term = made((96, 112), smooth(90, 90, seed=1).double(), wraps=True)
    several = [term, variation_term(2.0, wraps=True)]
    here, there = (evaluate(p, eye, several)[0] for p in (picture, picture.roll(shift, (2, 3))))
    for name, loss in here.items():
        assert float(there[name]) == pytest.approx(float(loss), rel=1e-9)


@pytest.mark.parametrize("wraps", [False, True])
def test_a_mask_of_everything_changes_nothing(wraps: bool) -> None:
    sample, picture = smooth(121, 97, seed=1).double(), smooth(96, 112, seed=3).double()
    every = [torch.ones(1, 1, *one.shape[-2:]).double() for one in (picture, sample)]
    plain = made((96, 112), sample, wraps=wraps)
    masked = made((96, 112), sample, wraps=wraps, mask=every[0], shown=every[1])
    eye = extractor("circular" if wraps else "replicate")
    assert value(masked, picture, eye) == pytest.approx(value(plain, picture, eye), rel=1e-9)


def test_what_a_mask_hides_has_no_structure() -> None:
    """Stripes beside a heap are stripes to who does not look at the heap."""
    stripes = (torch.arange(128) // 8 % 2).double().expand(1, 3, 128, 128)
    spoilt = stripes.clone()
    spoilt[..., 64:, :] = smooth(64, 128, seed=4)
    top = (torch.arange(128) < 64).double().view(1, 1, 128, 1).expand(1, 1, 128, 128)
    eye, term = extractor("replicate"), made((128, 128), stripes, mask=top)
    assert value(term, spoilt, eye) < 0.1 * value(made((128, 128), stripes), spoilt, eye)
    assert value(made((128, 128), spoilt, shown=top), stripes, eye) < 0.3 * value(
        made((128, 128), spoilt), stripes, eye
    )


@pytest.mark.parametrize("padding", ["replicate", "circular"])
def test_tiles_give_the_same_guided_structure(padding: str) -> None:
    size = (112, 160) if padding == "circular" else (117, 151)
    picture, eye = smooth(*size, seed=2).double(), extractor(padding)
    mask = smooth(*size, seed=8)[:, :1].double()
    sample = smooth(120, 90, seed=1).double()
    term = made(size, sample, wraps=padding == "circular", mask=mask)
    one, many = (evaluate(picture, eye, [term], tile) for tile in (None, 48))
    assert float(many[1]) == pytest.approx(float(one[1]), rel=1e-9)
    assert float((many[2] - one[2]).norm() / one[2].norm()) < 1e-9

"""Terms: the statistics of pieces add up to those of the picture, which is what tiling needs."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor

from artgen.losses.cache import KEPT
from artgen.losses.content import content_term
from artgen.losses.regularization import variation_term
from artgen.losses.style import MOMENT_LOSSES, style_moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import Features, Region, Window, whole

from .looked_at import LAYERS, extractor, pictures, value


def style(kind: str) -> Term:
    targets = style_moments(extractor(), [pictures()[1]], [1.0], tuple(LAYERS))
    return style_term(targets, LAYERS, kind, 3.0)


TERMS: dict[str, Callable[[], Term]] = {
    "gram": lambda: style("gram"),
    "moments": lambda: style("moments"),
    "content": lambda: content_term(extractor(), pictures()[0], LAYERS, 2.0),
    "variation": lambda: variation_term(10.0),
}


def canvas_features() -> dict[str, Tensor]:
    return extractor()(pictures()[2], LAYERS)


def cut(length: int, pieces: int, index: int, halo: int) -> tuple[slice, slice, slice]:
    """What a piece holds, what of it counts, and where that lies in the whole; cut unevenly."""
    ends = [round(length * (n / pieces) ** 1.3) for n in range(pieces + 1)]
    first, last = ends[index], ends[index + 1]
    begin, end = max(first - halo, 0), min(last + halo, length)
    return slice(begin, end), slice(first - begin, last - begin), slice(first, last)


def pieces(features: Features, rows: int, columns: int, halo: int) -> Iterator[tuple]:
    """The features as tiles deliver them, each with its region."""
    for row in range(rows):
        for column in range(columns):
            tile: dict[str, Tensor] = {}
            region: dict[str, Window] = {}
            for name, seen in features.items():
                height, width = seen.shape[-2:]
                up = cut(height, rows, row, halo)
                across = cut(width, columns, column, halo)
                held, inner, place = zip(up, across, strict=True)
                tile[name] = seen[(..., *held)]
                region[name] = Window(inner, place, (height, width))
            yield tile, region


@pytest.mark.parametrize("name", TERMS)
@pytest.mark.parametrize(("rows", "columns"), [(2, 1), (1, 2), (3, 4)])
@pytest.mark.parametrize("margin", [0, 3])
def test_pieces_add_up_to_the_whole(name: str, rows: int, columns: int, margin: int) -> None:
    term, features = TERMS[name](), canvas_features()
    expected = term.statistics(features, whole(features))
    summed = {key: torch.zeros_like(value) for key, value in expected.items()}
    count = 0
    for tile, region in pieces(features, rows, columns, term.reach + margin):
        count += 1
        for key, part in term.statistics(tile, region).items():
            summed[key] += part
    assert count == rows * columns
    for key, wanted in expected.items():
        torch.testing.assert_close(summed[key], wanted, atol=1e-12, rtol=1e-12)
    torch.testing.assert_close(term.loss(summed), term.loss(expected), atol=1e-12, rtol=1e-9)


@pytest.mark.parametrize("name", TERMS)
def test_gradients_of_pieces_add_up_too(name: str) -> None:
    """Pulled back through each piece from the gradient with respect to the sums, as tiling does."""
    term = TERMS[name]()
    features = {key: value.detach().requires_grad_() for key, value in canvas_features().items()}
    used = [features[layer] for layer in term.layers]
    sums = term.statistics(features, whole(features))
    expected = torch.autograd.grad(term.loss(sums), used, retain_graph=True)
    leaves = {key: value.detach().requires_grad_() for key, value in sums.items()}
    loss = term.loss(leaves)
    pull = torch.autograd.grad(loss, list(leaves.values()), allow_unused=True)
    found = [torch.zeros_like(value) for value in used]
    for tile, region in pieces(features, 3, 2, term.reach):
        parts = term.statistics(tile, region)
        pulled = [(parts[k], g) for k, g in zip(leaves, pull, strict=True) if g is not None]
        outputs, grads = zip(*pulled, strict=True)
        for total, part in zip(found, torch.autograd.grad(outputs, used, grads), strict=True):
            total += part
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=1e-9)


@pytest.mark.parametrize("name", TERMS)
def test_a_term_asks_for_the_layers_it_looks_at(name: str) -> None:
    term, looked = TERMS[name](), set()

    class Watched(dict):
        def __getitem__(self, key: str) -> Tensor:
            looked.add(key)
            return super().__getitem__(key)

    features = canvas_features()
    term.statistics(Watched(features), whole(features))
    assert looked == set(term.layers)


@pytest.mark.parametrize("kind", MOMENT_LOSSES)
def test_style_is_nought_at_the_painting_and_blind_to_place(kind: str) -> None:
    _, painting, canvas = pictures()
    assert abs(value(style(kind), painting)) < 2.1e-5
    assert value(style(kind), canvas) > 1e-2
    pixels = {"image": 1.0}
    targets = style_moments(extractor(), [painting], [1.0], ("image",))
    term = style_term(targets, pixels, kind, 1.0)
    assert value(term, painting.flip(-1)) == pytest.approx(value(term, painting), abs=1e-9)


@pytest.mark.parametrize("kind", MOMENT_LOSSES)
def test_only_the_ratios_of_layer_weights_matter(kind: str) -> None:
    _, painting, canvas = pictures()
    targets = style_moments(extractor(), [painting], [1.0], tuple(LAYERS))
    double = {layer: 2 * weight for layer, weight in LAYERS.items()}
    one, two = (style_term(targets, weights, kind, 1.0) for weights in (LAYERS, double))
    assert value(one, canvas) == pytest.approx(value(two, canvas), rel=1e-12)
    alone = style_term(targets, {"conv2_2": 5.0, "pool3": 0.0}, kind, 1.0)
    same = style_term(targets, {"conv2_2": 1.0}, kind, 1.0)
    assert value(alone, canvas) == pytest.approx(value(same, canvas), rel=1e-12)


def test_several_styles_are_mixed_as_pieces_of_one() -> None:
    photo, painting, _ = pictures()
    both = style_moments(extractor(), [photo, painting], [3.0, 1.0], ("relu1_1",))["relu1_1"]
    one, two = (
        style_moments(extractor(), [p], [1.0], ("relu1_1",))["relu1_1"] for p in (photo, painting)
    )
    torch.testing.assert_close(both.mean, 0.75 * one.mean + 0.25 * two.mean)
    torch.testing.assert_close(both.gram, 0.75 * one.gram + 0.25 * two.gram)
    covariance = both.gram - torch.outer(both.mean, both.mean)
    torch.testing.assert_close(both.root @ both.root, covariance, atol=1e-9, rtol=0)


def test_a_style_that_weighs_nothing_says_nothing() -> None:
    photo, painting, _ = pictures()
    mixed = style_moments(extractor(), [photo, painting], [1.0, 0.0], ("relu1_1",))
    alone = style_moments(extractor(), [photo], [1.0], ("relu1_1",))
    assert mixed["relu1_1"].gram.equal(alone["relu1_1"].gram)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", ["gram", "moments", "content"])
def test_terms_of_half_precision_features_are_float32(name: str, dtype: torch.dtype) -> None:
    features = {key: value.to(dtype) for key, value in canvas_features().items()}
    region: Region = whole(features)
    if name == "content":
        halved = copy.deepcopy(extractor()).half_precision(dtype)
        term = content_term(halved, pictures()[0].float(), LAYERS, 1.0)
    else:
        term = TERMS[name]()
    sums = term.statistics(features, region)
    assert {s.dtype for s in sums.values()} == {torch.float32}
    assert term.loss(sums).isfinite()


def test_a_style_is_looked_at_once_for_all_photos_of_a_batch(
    tiny: FeatureExtractor, painting: Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = 0
    forward = tiny.forward

    def counted(*words: object) -> object:
        nonlocal passes
        passes += 1
        return forward(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(tiny, "forward", counted)
    first = style_moments(tiny, [painting], [1.0], ["relu1_1"])
    again = style_moments(tiny, [painting.clone()], [1.0], ["relu1_1"])
    assert passes == 1
    assert torch.equal(first["relu1_1"].root, again["relu1_1"].root)
    others = [painting * (0.9 - 0.1 * number) for number in range(KEPT)]
    for number, other in enumerate(others):
        style_moments(tiny, [other], [1.0], ["relu1_1"])
        assert passes == 2 + number
    style_moments(tiny, [painting], [1.0], ["relu1_1"])  # the oldest is forgotten
    assert passes == 2 + len(others)
    style_moments(tiny, [others[-1]], [1.0], ["relu1_1"], tile=32)
    assert passes > 2 + len(others)

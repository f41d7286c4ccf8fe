"""Tiles cover a picture exactly once, and what is made of them equals what is made of the whole."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.core.events import Step
from artgen.errors import UsageError
from artgen.losses.content import content_term
from artgen.losses.evaluate import evaluate
from artgen.losses.guides import Guide
from artgen.losses.regularization import variation_term
from artgen.losses.style import MOMENT_LOSSES, style_moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.tiling import cut, extent, tiles
from artgen.networks.zoo import all_networks
from artgen.optim.canvas import Pixels
from artgen.optim.loop import optimise
from artgen.optim.pyramid import Scale
from artgen.optim.stepper import Stepper

STYLE_LAYERS = {
    "squeezenet": {"relu1": 1.0, "fire3": 2.0, "fire5": 1.0},
    **{
        name: {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 2.0, "relu4_1": 1.0}
        for name in ("slim", "tiny", "vgg16")
    },
}
RUN_LAYERS = STYLE_LAYERS["slim"]
CONTENT = {"squeezenet": {"fire5": 1.0}}


def extractor_of(name: str, padding: str, seeded: bool = True) -> FeatureExtractor:
    """A network in float64; with random weights where it has none of its own here."""
    spec = all_networks().get(name)
    if name in ("vgg16", "squeezenet"):
        import dataclasses

        spec = dataclasses.replace(
            spec, source=dataclasses.replace(spec.source, url=None, seed=3, convert=None)
        )
    return FeatureExtractor(spec, padding=padding).double()


def pulls(
    extractor: FeatureExtractor, name: str, photo: Tensor, tile: int | None, kind: str = "moments"
) -> list[Term]:
    style, painting = STYLE_LAYERS[name], smooth(90, 75, seed=4).double()
    content = CONTENT.get(name, {"relu4_1": 1.0})
    targets = style_moments(extractor, [painting], [1.0], tuple(style))
    return [
        style_term(targets, style, kind, 1.0),
        content_term(extractor, photo, content, 0.5, tile),
        variation_term(3.0),
    ]


def apart(one: Tensor, other: Tensor) -> float:
    return float((one - other).norm() / other.norm())


@pytest.mark.parametrize("padding", ["zero", "replicate", "reflect"])
@pytest.mark.parametrize("name", ["tiny", "slim", "squeezenet"])
def test_tiles_give_the_same_loss_and_gradient(name: str, padding: str) -> None:
    """On an odd size, with tiles that do not divide it; to 1e-9 in float64."""
    extractor = extractor_of(name, padding)
    photo, picture = smooth(211, 173, seed=1).double(), smooth(211, 173, seed=2).double()
    one = evaluate(picture, extractor, pulls(extractor, name, photo, None))
    many = evaluate(picture, extractor, pulls(extractor, name, photo, 48), 48)
    assert abs(float(many[1] / one[1]) - 1) < 1e-9
    assert apart(many[2], one[2]) < 1e-9
    for loss in one[0]:
        assert float(many[0][loss]) == pytest.approx(float(one[0][loss]), rel=1e-9)


@pytest.mark.parametrize("name", ["tiny", "slim"])
def test_a_picture_that_wraps_round_is_tiled_the_same(name: str) -> None:
    extractor = extractor_of(name, "circular")
    photo, picture = smooth(112, 160, seed=1).double(), smooth(112, 160, seed=2).double()
    one = evaluate(picture, extractor, pulls(extractor, name, photo, None)[:2])
    many = evaluate(picture, extractor, pulls(extractor, name, photo, 32)[:2], 32)
    assert abs(float(many[1] / one[1]) - 1) < 1e-9
    assert apart(many[2], one[2]) < 1e-9


@pytest.mark.parametrize("name", ["slim", "squeezenet"])
def test_a_guided_style_is_tiled_the_same(name: str) -> None:
    extractor, layers = extractor_of(name, "replicate"), STYLE_LAYERS[name]
    picture, painting = smooth(211, 173, seed=2).double(), smooth(90, 75, seed=4).double()
    mask = smooth(211, 173, seed=5).double()[:, :1]
    guide = Guide(extractor, mask, tuple(layers))
    targets = style_moments(extractor, [painting], [1.0], tuple(layers))
    term = style_term(targets, layers, "moments", 1.0, guide=guide)
    one, many = (evaluate(picture, extractor, [term], tile) for tile in (None, 48))
    assert abs(float(many[1] / one[1]) - 1) < 1e-9
    assert apart(many[2], one[2]) < 1e-9


@pytest.mark.parametrize("kind", MOMENT_LOSSES)
def test_vgg_is_tiled_the_same(kind: str) -> None:
    extractor = extractor_of("vgg16", "zero")
    photo, picture = smooth(130, 101, seed=1).double(), smooth(130, 101, seed=2).double()
    one = evaluate(picture, extractor, pulls(extractor, "vgg16", photo, None, kind))
    many = evaluate(picture, extractor, pulls(extractor, "vgg16", photo, 64, kind), 64)
    assert apart(many[2], one[2]) < 1e-9


def ended(extractor: FeatureExtractor, optimiser: str, count: int, tile: int | None) -> Step:
    """The last step of a run in float32, from a photo of an odd size."""
    photo, painting = smooth(61, 83, seed=1), smooth(90, 75, seed=4)
    targets = style_moments(extractor, [painting], [1.0], tuple(RUN_LAYERS))
    made = [
        style_term(targets, RUN_LAYERS, "moments", 1.0),
        content_term(extractor, photo, {"relu4_1": 1.0}, 0.5, tile),
        variation_term(3.0),
    ]
    scales = [Scale((61, 83), count)]
    *_, last = optimise(
        Pixels(photo), extractor, scales, lambda *_: made, Stepper(optimiser), tile=tile
    )
    assert isinstance(last, Step)
    assert last.index == count
    return last


@pytest.mark.parametrize("name", ["tiny", "slim"])
def test_a_run_of_adam_in_tiles_makes_the_same_picture(name: str) -> None:
    """In float32 less than a step of eight bits apart, on average."""
    extractor = FeatureExtractor(all_networks().get(name))
    one, many = (ended(extractor, "adam", 10, tile).picture() for tile in (None, 32))
    assert not many.equal(smooth(61, 83, seed=1))
    assert (one - many).abs().mean() < 1 / 255


@pytest.mark.parametrize("name", ["tiny", pytest.param("slim", marks=pytest.mark.slow)])
def test_a_run_of_lbfgs_in_tiles_ends_at_the_same_loss(name: str) -> None:
    """In float32, within one per cent: L-BFGS makes rounding grow, so pictures may differ."""
    extractor = FeatureExtractor(all_networks().get(name))
    one, many = (
        float(torch.stack(list(ended(extractor, "lbfgs", 50, tile).losses.values())).sum())
        for tile in (None, 32)
    )
    assert many == pytest.approx(one, rel=0.01)


@pytest.mark.parametrize("pooling", ["average", "l2"])
def test_every_pooling_is_tiled_the_same(pooling: str) -> None:
    extractor = FeatureExtractor(all_networks().get("tiny"), pooling=pooling).double()
    photo, picture = smooth(131, 97, seed=1).double(), smooth(131, 97, seed=2).double()
    one = evaluate(picture, extractor, pulls(extractor, "tiny", photo, None))
    many = evaluate(picture, extractor, pulls(extractor, "tiny", photo, 40), 40)
    assert apart(many[2], one[2]) < 1e-9


def test_targets_too_large_to_keep_are_computed_again() -> None:
    """relu1_1 of slim is more than four times as large as the picture."""
    extractor = extractor_of("slim", "replicate")
    photo, picture = smooth(121, 99, seed=1).double(), smooth(121, 99, seed=2).double()
    layers = {"relu1_1": 1.0, "relu3_2": 1.0}
    found = []
    for tile in (None, 32):
        passes: list[int] = []
        hook = extractor.register_forward_hook(lambda *_, to=passes: to.append(1))
        term = content_term(extractor, photo, layers, 1.0, tile)
        passes.clear()
        found.append(evaluate(picture, extractor, [term], tile))
        hook.remove()
        # Again each time, even in one piece: what is kept is bounded by the picture's own size.
        assert (
            len(passes) == 2 if tile is None else 4 * len(tiles(extractor, (121, 99), layers, 32))
        )
    assert apart(found[1][2], found[0][2]) < 1e-9


@pytest.mark.parametrize("size", [(67, 49), (160, 160), (33, 400)])
@pytest.mark.parametrize("side", [None, 1, 16, 48, 1000])
def test_every_position_belongs_to_one_tile(size: tuple[int, int], side: int | None) -> None:
    extractor = FeatureExtractor(all_networks().get("tiny"))
    layers = ["relu1_1", "relu2_1", "pool3", "relu5_1"]
    whole = extractor(smooth(*size, seed=1), layers)
    pieces = tiles(extractor, size, layers, side)
    for name in ("image", *layers):
        covered = torch.zeros(whole[name].shape[-2:])
        for piece in pieces:
            window = piece.region[name]
            assert window.total == covered.shape
            rows, columns = window.place
            covered[rows, columns] += 1
            shape = [s.stop - s.start for s in window.inner]
            assert shape == [rows.stop - rows.start, columns.stop - columns.start]
        assert covered.eq(1).all()
    sides = [piece.rows.stop - piece.rows.start for piece in pieces]
    assert max(sides) <= max(side or max(size), 16)


def test_a_tiles_inner_activations_are_those_of_the_whole() -> None:
    extractor = extractor_of("squeezenet", "zero")
    picture = smooth(150, 131, seed=1).double()
    layers = ["relu1", "pool1", "fire3", "fire5", "fire9"]
    whole = extractor(picture, layers)
    for piece in tiles(extractor, (150, 131), layers, 32):
        here = extractor(piece.cut(picture), layers)
        for name in layers:
            window = piece.region[name]
            expected = whole[name][(..., *window.place)]
            torch.testing.assert_close(window.crop(here[name]), expected, atol=1e-9, rtol=1e-9)


def test_what_is_cut_like_a_tile_lies_where_the_tile_does() -> None:
    for padding in ("zero", "circular"):
        extractor = FeatureExtractor(all_networks().get("tiny"), padding=padding)
        picture = smooth(128, 96, seed=1)
        for piece in tiles(extractor, (128, 96), ["relu4_1"], 32):
            like = piece.cut(picture)
            assert cut(picture, like, piece.region["image"]).equal(like)


def test_pieces_added_up_are_the_whole_as_often_as_it_was_covered() -> None:
    for padding in ("zero", "circular"):
        extractor = FeatureExtractor(all_networks().get("tiny"), padding=padding)
        sums, ones = torch.zeros(1, 3, 128, 96), torch.ones(1, 3, 128, 96)
        pieces = tiles(extractor, (128, 96), ["relu3_1"], 32)
        for piece in pieces:
            piece.add(piece.cut(ones), sums)
        assert sums.sum() == sum(piece.cut(ones).numel() for piece in pieces)
        assert sums.min() >= 1


def test_a_size_that_cannot_wrap_is_refused() -> None:
    extractor = FeatureExtractor(all_networks().get("tiny"), padding="circular")
    with pytest.raises(UsageError, match="no multiple of 16"):
        tiles(extractor, (100, 96), ["relu5_1"], 32)
    assert len(tiles(extractor, (100, 96), ["relu5_1"], None)) == 1


@pytest.mark.parametrize("padding", ["replicate", "circular"])
def test_an_extent_is_the_sum_of_its_tiles(padding: str) -> None:
    extractor = extractor_of("slim", padding)
    stride = max(extractor.stride(layer) for layer in RUN_LAYERS)
    for size in ((5, 8), (211, 173), (640, 97), (1031, 64), (333, 2000)):
        if padding == "circular":
            size = (-(-size[0] // stride) * stride, -(-size[1] // stride) * stride)
        for side in (None, 1, 16, 48, 129, 512):
            pieces = tiles(extractor, size, RUN_LAYERS, side)
            areas = [
                (one.rows.end - one.rows.begin) * (one.columns.end - one.columns.begin)
                for one in pieces
            ]
            found = extent(extractor, size, RUN_LAYERS, side)
            assert (found.count, found.largest, found.pixels) == (
                *(len(pieces), max(areas), sum(areas)),
            )


def test_an_extent_needs_no_list() -> None:
    found = extent(extractor_of("tiny", "replicate"), (2**40, 2**40), RUN_LAYERS, 128)
    assert found.count == 2**66
    assert found.pixels > 2**80

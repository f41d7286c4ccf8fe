"""The extractor: names, borders, pooling, geometry, precision, and refusals."""

from __future__ import annotations

import copy
from functools import cache
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.errors import UsageError
from artgen.networks import fused_conv
from artgen.networks.extractor import PADDINGS, POOLINGS, FeatureExtractor

from .untrained import NETWORKS, picture, random_weights


@cache
def extractor(name: str = "tiny", padding: str = "replicate", pooling: str = "max"):
    return FeatureExtractor(random_weights(name), padding=padding, pooling=pooling)


def doubled(name: str, padding: str = "replicate", pooling: str = "max") -> FeatureExtractor:
    return copy.deepcopy(extractor(name, padding, pooling)).double()


@pytest.mark.parametrize(
    ("asked", "layer"),
    [
        ("image", "image"),
        ("conv4_2", "conv4_2"),
        ("relu4_2", "relu4_2"),
        ("pool4", "pool4"),
        ("block4", "relu4_4"),
        ("block5", "relu5_4"),
        ("block4_conv2", "relu4_2"),
        ("block4_pool", "pool4"),
    ],
)
def test_a_layer_answers_to_every_spelling(asked: str, layer: str) -> None:
    vgg = extractor("vgg19")
    assert vgg.resolve(asked) == layer
    small = picture(32, 33)
    found = vgg(small, [asked])
    assert set(found) == {asked, "image"}
    assert found[asked].equal(vgg(small, [layer])[layer])


def test_squeezenet_answers_to_torchvisions_numbers() -> None:
    squeezenet = extractor("squeezenet")
    assert [squeezenet.resolve(f"features.{n}") for n in (0, 3, 12)] == ["conv1", "fire2", "fire9"]


@pytest.mark.parametrize("asked", ["conv4_9", "block9", "block4_conv9", "block1_", "relu", ""])
def test_an_unknown_layer_gets_the_list(asked: str) -> None:
    with pytest.raises(UsageError, match="has no layer") as caught:
        extractor()(picture(), [asked])
    assert "conv1_1, relu1_1" in caught.value.hint


def test_a_near_miss_is_guessed() -> None:
    with pytest.raises(UsageError, match="Did you mean 'relu4_2'"):
        extractor().resolve("relu42")
    with pytest.raises(UsageError, match="Did you mean 'style'"):
        extractor().role("stile")
    with pytest.raises(UsageError, match="Did you mean 'reflect'"):
        FeatureExtractor(random_weights("tiny"), padding="reflct")
    with pytest.raises(UsageError, match="Did you mean 'average'"):
        FeatureExtractor(random_weights("tiny"), pooling="avrage")


def test_nothing_is_computed_below_the_deepest_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    tiny, convolve = extractor(), fused_conv.reproducible_convolution
    names = {
        layer.weight.data_ptr(): name
        for name, layer in tiny.chain.named_children()
        if isinstance(layer, nn.Conv2d)
    }
    ran: list[str] = []

    def spy(x: Tensor, weight: Tensor, *rest: Any, **named: Any) -> Tensor:
        ran.append(names[weight.data_ptr()])
        return convolve(x, weight, *rest, **named)

    monkeypatch.setattr(fused_conv, "reproducible_convolution", spy)
    tiny(picture(), ["image"])
    assert ran == []
    tiny(picture(), ["relu2_1", "conv1_2"])
    assert ran == ["conv1_1", "conv1_2", "conv2_1"]
    # A picture too small for layers that nobody asked for is none of our business.
    assert tiny(picture(2, 2), ["relu2_1"])["relu2_1"].shape[-2:] == (1, 1)


@pytest.mark.parametrize("name", NETWORKS)
def test_frozen_but_open_to_the_pictures_gradient(name: str) -> None:
    network = extractor(name)
    assert not any(parameter.requires_grad for parameter in network.parameters())
    assert not network.training
    leaf = picture().requires_grad_()
    wanted = list(network.role("style").layers)
    found = network(leaf, wanted)
    assert found["image"] is leaf
    sum(found[layer].square().mean() for layer in wanted).backward()
    assert leaf.grad is not None
    assert leaf.grad.isfinite().all()
    assert (leaf.grad != 0).float().mean() > 0.5


def test_building_draws_no_random_number() -> None:
    before = torch.get_rng_state()
    one = FeatureExtractor(random_weights("squeezenet"))
    assert torch.get_rng_state().equal(before)
    assert one(picture(), ["fire9"])["fire9"].equal(
        extractor("squeezenet")(picture(), ["fire9"])["fire9"]
    )


@pytest.mark.parametrize("padding", PADDINGS)
def test_normalisation_and_padding_of_the_first_convolution(padding: str) -> None:
    tiny = extractor("tiny", padding)
    x = (picture() - torch.tensor((0.485, 0.456, 0.406)).view(3, 1, 1)) / torch.tensor(
        (0.229, 0.224, 0.225)
    ).view(3, 1, 1)
    x = F.pad(x, (1, 1, 1, 1), mode="constant" if padding == "zero" else padding)
    conv = tiny.chain.conv1_1
    expected = F.conv2d(x, conv.weight, conv.bias)
    torch.testing.assert_close(tiny(picture(), ["conv1_1"])["conv1_1"], expected)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_circular_picture_has_no_border(pooling: str) -> None:
    network = doubled("tiny", "circular", pooling)
    here = picture(48, 64).double()
    moved = network(here.roll((16, -32), (2, 3)), ["relu5_1"])["relu5_1"]
    torch.testing.assert_close(moved, network(here, ["relu5_1"])["relu5_1"].roll((1, -2), (2, 3)))


@pytest.mark.parametrize("name", ["tiny", "squeezenet"])
@pytest.mark.parametrize("padding", ["replicate", "reflect", "circular"])
def test_a_flat_picture_stays_flat(name: str, padding: str) -> None:
    network = doubled(name, padding)
    value = network(torch.full((1, 3, 67, 49), 0.7).double(), [network.layers[-2]])
    assert value[network.layers[-2]].std((2, 3)).max() < 1e-9


@pytest.mark.parametrize("wanted", [["conv2_1", "relu2_1"], ["conv2_1"], ["relu2_1"], ["pool1"]])
def test_relus_in_place_spoil_nothing(wanted: list[str]) -> None:
    tiny = extractor(padding="zero")
    ours, theirs = picture().requires_grad_(), picture().requires_grad_()
    found = tiny(ours, wanted)
    x, plain = (theirs - tiny.mean) / tiny.std, {}
    for name, layer in tiny.chain.named_children():
        x = plain[name] = nn.functional.relu(x) if name.startswith("relu") else layer(x)
    for name in wanted:
        torch.testing.assert_close(found[name], plain[name])
    if "conv2_1" in wanted:
        assert found["conv2_1"].min() < 0
    for side, leaf in ((found, ours), (plain, theirs)):
        sum(side[name].pow(3).mean() for name in wanted).backward()
        assert leaf.grad is not None
    torch.testing.assert_close(ours.grad, theirs.grad)


# --- geometry


def test_the_layer_that_needs_most_decides_about_a_size() -> None:
    network = extractor("tiny", "zero")
    least = network.smallest("relu4_1")
    network.check_size((least, 99), ["relu1_1", "relu4_1"])
    with pytest.raises(UsageError, match="the sample is too small for relu4_1") as caught:
        network.check_size((99.0, least - 0.6), ["relu4_1", "relu1_1"], "sample", "Take another.")
    assert caught.value.hint == "Take another."


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("padding", ["zero", "reflect"])
def test_smallest_is_enough_and_one_less_is_refused(name: str, padding: str) -> None:
    network = extractor(name, padding)
    for layer in [network.layers[0], network.layers[4], *network.layers[-2:]]:
        least = network.smallest(layer)
        assert min(network(picture(least, least + 5), [layer])[layer].shape) >= 1
        if least > 1:
            with pytest.raises(UsageError) as caught:
                network(picture(least + 5, least - 1), [layer])
            assert caught.value.message == (
                f"At {least - 1} x {least + 5} px the picture is too small for {layer} of "
                f"{name!r}, which needs at least {least} px on each side."
            )
            with pytest.raises(RuntimeError):  # torch would have refused it too, less kindly
                network.chain[: network.layers.index(layer) + 1](picture(least - 1, least + 5))


def positive(name: str) -> FeatureExtractor:
    """Every weight positive and every pool a mean: whatever can be seen has a gradient."""
    network = doubled(name, "zero", "average")
    for parameter in network.chain.parameters():
        parameter.abs_()
        if parameter.ndim == 4:
            parameter /= parameter[0].sum()
    return network


@pytest.mark.parametrize("name", ["tiny", "squeezenet"])
def test_radius_is_the_true_and_tight_bound(name: str) -> None:
    network = positive(name)
    for layer in network.layers:
        radius, stride = network.radius(layer), network.stride(layer)
        place = -(-radius // stride) + 1  # far enough from the border on either side
        leaf = torch.ones(1, 3, stride * (2 * place + 3), 33, dtype=torch.double).requires_grad_()
        network(leaf, [layer])[layer][0, :, place].sum().backward()
        assert leaf.grad is not None
        seen = leaf.grad.abs().sum((0, 1, 3)).nonzero().flatten()
        first, last = place * stride, (place + 1) * stride - 1
        assert max(first - int(seen[0]), int(seen[-1]) - last, 0) == radius, layer


@pytest.mark.parametrize("padding", ["zero", "reflect", "replicate"])
@pytest.mark.parametrize("name", NETWORKS)
def test_pixels_beyond_the_radius_have_no_say(name: str, padding: str) -> None:
    network = extractor(name, padding)
    layer = next(x for x in ("relu3_1", "fire4", "inception_3a") if x in network.layers)
    radius, stride = network.radius(layer), network.stride(layer)
    here = picture(120, 19)
    last = 50 // stride  # this position and all before it must not notice
    there = here.clone()
    there[:, :, (last + 1) * stride + radius :] = 1 - there[:, :, (last + 1) * stride + radius :]
    before, after = (network(p, [layer])[layer] for p in (here, there))
    torch.testing.assert_close(before[:, :, : last + 1], after[:, :, : last + 1], rtol=0, atol=1e-5)
    assert not torch.allclose(before[:, :, -3:], after[:, :, -3:])


@pytest.mark.parametrize("name", ["tiny", "squeezenet"])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_tile_with_its_halo_gives_the_wholes_values(name: str, pooling: str) -> None:
    network = doubled(name, "reflect", pooling)
    here = picture(197, 35).double()
    for layer in network.layers[2:-1:3]:
        stride = network.stride(layer)
        halo = -(-network.radius(layer) // stride) * stride
        top, bottom = 96, 112  # multiples of every stride
        start = max(0, top - halo)
        tile = here[:, :, start : bottom + halo]
        expected = network(here, [layer])[layer][:, :, top // stride : bottom // stride]
        found = network(tile, [layer])[layer]
        inner = found[:, :, (top - start) // stride : (bottom - start) // stride]
        torch.testing.assert_close(inner, expected, rtol=1e-10, atol=1e-10)


# --- precision


@pytest.mark.parametrize("name", NETWORKS)
def test_double_precision_all_the_way(name: str) -> None:
    network = doubled(name)
    layer = next(iter(network.role("content").layers))
    start = picture(40, 37).double().requires_grad_()
    direction = torch.randn(start.shape, generator=torch.Generator().manual_seed(2)).double()

    def value(at: Tensor) -> Tensor:
        return network(at, [layer])[layer].square().sum()

    (gradient,) = torch.autograd.grad(value(start), start)
    assert gradient.dtype == torch.double
    step = 1e-7
    slope = (value(start + step * direction) - value(start - step * direction)) / (2 * step)
    torch.testing.assert_close(slope, (gradient * direction).sum(), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("name", ["tiny", "squeezenet"])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_bfloat16_computes_nearly_the_same(name: str, pooling: str) -> None:
    full = extractor(name, pooling=pooling)
    half = copy.deepcopy(full).half_precision(torch.bfloat16)
    assert (half.dtype, half.mean.dtype) == (torch.bfloat16, torch.float32)
    layer = next(iter(full.role("content").layers))
    leaf = picture().requires_grad_()
    found = half(leaf, [layer])
    assert found[layer].dtype == torch.bfloat16
    exact = full(picture(), [layer])[layer]
    assert (found[layer].float() - exact).norm() < 0.05 * exact.norm()
    found[layer].float().square().mean().backward()
    assert leaf.grad is not None
    assert leaf.grad.dtype == torch.float32
    assert leaf.grad.abs().sum() > 0


def test_a_batch_is_its_pictures_side_by_side() -> None:
    pair = torch.cat([picture(), picture().flip(3)])
    both = extractor()(pair, ["relu4_2"])["relu4_2"]
    alone = extractor()(pair[1:], ["relu4_2"])["relu4_2"]
    torch.testing.assert_close(both[1:], alone)

"""Networks of PyTorch's examples: they paint here what they painted there."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from checkpoints import checkpoint
from pictures import smooth
from torch import Tensor

from artgen.errors import UsageError, WeightsError
from artgen.fast.inference import paint, pieces
from artgen.fast.johnson import Johnson, from_checkpoint


@pytest.fixture(scope="module")
def network() -> Johnson:
    return from_checkpoint(checkpoint(), "mosaic")


def reference(weights: dict[str, Tensor], picture: Tensor) -> Tensor:
    """The same network layer by layer, with torch's own instance norm, (1, 3, H, W) in [0, 1]."""

    def conv(name: str, x: Tensor, stride: int = 1) -> Tensor:
        weight, bias = weights[f"{name}.conv2d.weight"], weights[f"{name}.conv2d.bias"]
        edge = weight.shape[-1] // 2
        return F.conv2d(F.pad(x, (edge,) * 4, mode="reflect"), weight, bias, stride)

    def norm(name: str, x: Tensor) -> Tensor:
        return F.instance_norm(x, weight=weights[f"{name}.weight"], bias=weights[f"{name}.bias"])

    def double(x: Tensor) -> Tensor:
        return x.repeat_interleave(2, 2).repeat_interleave(2, 3)

    x = F.relu(norm("in1", conv("conv1", picture * 255)))
    x = F.relu(norm("in2", conv("conv2", x, 2)))
    x = F.relu(norm("in3", conv("conv3", x, 2)))
    for block in range(1, 6):
        y = F.relu(norm(f"res{block}.in1", conv(f"res{block}.conv1", x)))
        x = x + norm(f"res{block}.in2", conv(f"res{block}.conv2", y))
    x = F.relu(norm("in4", conv("deconv1", double(x))))
    x = F.relu(norm("in5", conv("deconv2", double(x))))
    return (conv("deconv3", x) / 255).clamp(0, 1)


@pytest.mark.parametrize("running", [False, True])
def test_it_paints_what_the_layers_say(running: bool) -> None:
    weights = checkpoint(seed=3, running=running)
    network, picture = from_checkpoint(weights, "mosaic"), smooth(48, 72, seed=1)
    wanted = reference(weights, picture)
    assert wanted.std() > 0.05
    painted = network(picture, network.mix({"mosaic": 1}))
    assert (painted - wanted).abs().max() < 1e-4
    assert not any(value.requires_grad for value in network.parameters())


@pytest.mark.parametrize("size", [(49, 67), (7, 90), (1, 1)])
def test_a_picture_keeps_its_size(network: Johnson, size: tuple[int, int]) -> None:
    picture = torch.rand(1, 3, *size)
    assert network(picture, network.mix({"mosaic": 1})).shape == picture.shape


def test_strength_blends_with_the_photo(network: Johnson) -> None:
    picture = smooth(32, 40, seed=2)
    none, half, whole = (
        network(picture, network.mix({"mosaic": 1}, strength)) for strength in (0, 0.5, 1)
    )
    torch.testing.assert_close(none, picture)
    torch.testing.assert_close(half, (picture + whole) / 2)


@pytest.mark.parametrize("exact", [True, False])
def test_tiles_are_the_picture_in_one_piece(exact: bool) -> None:
    network, picture = from_checkpoint(checkpoint(), "mosaic").double(), smooth(37, 301, seed=1)
    picture, mix = picture.double(), network.mix({"mosaic": 1})
    assert len(pieces(network, (40, 304), 64)) == 5
    *_, (_, _, whole) = paint(network, picture, mix)
    *_, (count, total, tiled) = paint(network, picture, mix, 64, exact=exact)
    assert count == total == 5
    assert (tiled - whole).abs().max() < 1e-9


def test_half_precision_is_of_the_convolutions_only(network: Johnson) -> None:
    picture, mix = smooth(48, 40, seed=1), network.mix({"mosaic": 1})
    halved = from_checkpoint(checkpoint(), "mosaic").half_precision(torch.bfloat16)
    assert halved.in1.weight.dtype == torch.float32
    painted = halved(picture, mix)
    assert painted.dtype == torch.float32
    assert (painted - network(picture, mix)).abs().mean() < 0.02


@pytest.mark.parametrize("name", ["", "photo", "a,b", "a=1", " a"])
def test_a_name_that_nobody_could_ask_for_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be called"):
        Johnson(name)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"res5.in2.weight": None}, "has no res5.in2.weight"),
        ({"conv9.conv2d.weight": torch.zeros(1)}, "has conv9.conv2d.weight"),
        ({"conv1.conv2d.weight": torch.zeros(32, 3, 3, 3)}, "32 x 3 x 3 x 3 where 32 x 3 x 9 x 9"),
        ({"in1.bias": torch.full((32,), float("nan"))}, "not finite"),
        ({"in1.bias": torch.zeros(32, dtype=torch.int64)}, "floating point"),
    ],
)
def test_another_network_is_refused(change: dict[str, Tensor | None], sentence: str) -> None:
    weights = {n: t for n, t in (checkpoint() | change).items() if t is not None}
    with pytest.raises(WeightsError, match=sentence):
        from_checkpoint(weights, "mosaic")

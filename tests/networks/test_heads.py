"""Heads: they are the published ones, and evidence is what is there before the last ReLU."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest
import torch
import torchvision
from torch import nn

from artgen.networks.heads import applied, binned, evidence, parted
from artgen.networks.zoo import all_networks

PUBLISHED: dict[str, Any] = {
    "vgg16": torchvision.models.vgg16,
    "vgg19": torchvision.models.vgg19,
    "squeezenet": torchvision.models.squeezenet1_1,
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_file_has_every_tensor(name: str) -> None:
    head = all_networks().get(name).head
    assert head is not None
    with torch.device("meta"):
        tensors = PUBLISHED[name](weights=None).state_dict()
        wanted = head.build().state_dict()
    found = head.convert(tensors)
    assert {k: v.shape for k, v in found.items()} == {k: v.shape for k, v in wanted.items()}


@pytest.mark.parametrize("name", ["tiny", "squeezenet", "googlenet"])
def test_layers_applied_one_by_one_are_the_chain(name: str) -> None:
    head = all_networks().get(name).head
    assert head is not None
    chain = head.build().requires_grad_(False).eval()
    channels = next(chain.parameters()).shape[1]
    x = torch.rand((2, channels, 5, 6), generator=torch.Generator().manual_seed(4))
    assert torch.allclose(applied(chain, x), chain(x), atol=1e-5)


def test_squeezenets_is_torchvisions() -> None:
    with torch.device("meta"):
        whole = torchvision.models.squeezenet1_1(weights=None).eval()
    whole.classifier.to_empty(device="cpu")
    for parameter in whole.classifier.parameters():
        nn.init.normal_(parameter, 0, 0.05, generator=torch.Generator().manual_seed(2))
    spec = all_networks().get("squeezenet")
    assert spec.head is not None
    head = spec.head.build()
    head.load_state_dict(
        spec.head.convert({f"classifier.{k}": v for k, v in whole.classifier.state_dict().items()})
    )
    features = torch.randn(2, 512, 5, 7, generator=torch.Generator().manual_seed(3))
    assert torch.allclose(head(features), whole.classifier(features).flatten(1), atol=1e-5)
    assert head(features).min() >= 0


def test_evidence_has_a_slope_where_the_score_has_none() -> None:
    last = nn.Conv2d(4, 3, 1)
    layers = OrderedDict(
        first=nn.Conv2d(4, 4, 1), inner=nn.ReLU(), last=last, outer=nn.ReLU(), flat=nn.Flatten()
    )
    head = nn.Sequential(layers)
    with torch.no_grad():
        last.bias.fill_(-100)
        features = torch.rand(1, 4, 1, 1)
        assert head(features).eq(0).all()
        found = evidence(head, features)
        assert found.eq(last(layers["inner"](layers["first"](features))).flatten(1)).all()
    assert found.max() < 0


@pytest.mark.parametrize("count", [1, 3, 7])
@pytest.mark.parametrize("total", [(9, 14), (5, 20), (7, 7)])
def test_averages_add_up_from_pieces(count: int, total: tuple[int, int]) -> None:
    features = torch.rand(1, 4, *total, generator=torch.Generator().manual_seed(4))
    cuts = [(slice(0, a), slice(a, whole)) for a, whole in ((4, total[0]), (5, total[1]))]
    added = sum(
        binned(features[(..., rows, columns)], (rows, columns), total, count)
        for rows in cuts[0]
        for columns in cuts[1]
    )
    torch.testing.assert_close(added, nn.AdaptiveAvgPool2d(count)(features))


@pytest.mark.parametrize("name", ["squeezenet", "tiny", "googlenet"])
def test_evidence_is_the_same_in_parts(name: str) -> None:
    head = all_networks().get(name).head
    assert head is not None
    chain = head.build()
    channels = next(chain.parameters()).shape[1]
    features = torch.rand(1, channels, 5, 6, generator=torch.Generator().manual_seed(4))
    before, count, after = parted(chain)
    everywhere = (slice(0, 5), slice(0, 6))
    found = after(binned(before(features), everywhere, (5, 6), count))
    torch.testing.assert_close(found, evidence(chain, features), atol=1e-5, rtol=1e-4)

"""What lifts a dream: channels, a class, a guide, a neuron."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.core.choices import MATCHES
from artgen.core.events import Note
from artgen.networks.channels import energies
from artgen.ops.resize import resample
from artgen.runtime import Runtime

from .dreams import dream, made


def test_a_channel_rises_more_when_it_is_chosen(runtime: Runtime, photo: Tensor) -> None:
    extractor = runtime.extractor("tiny")
    loud = energies(extractor, photo, ("relu3_1",))["relu3_1"]
    channel = int(loud.argsort()[-3])
    shares = []
    for asked in ("", str(channel)):
        picture = made(dream(layer="relu3_1", channel=asked), runtime, photo)
        found = energies(extractor, picture, ("relu3_1",))["relu3_1"]
        assert found[channel] > loud[channel]
        shares.append(found[channel] / found.sum())
    assert shares[1] > 1.1 * shares[0]
    strongest = made(dream(layer="relu3_1", channel="strongest:1"), runtime, photo)
    first = made(dream(layer="relu3_1", channel=str(int(loud.argmax()))), runtime, photo)
    assert strongest.equal(first)


def test_a_channel_that_nothing_stirs_is_told_of(runtime: Runtime) -> None:
    black = torch.zeros(1, 3, 49, 67)
    loud = energies(runtime.extractor("tiny"), black, ("relu4_2",))["relu4_2"]
    silent, heard = int(loud.argmin()), int(loud.argmax())
    assert not loud[silent]
    said = {}
    for channel in (silent, heard):
        run = dream(layer="relu4_2", channel=str(channel)).run({"content": [black]}, runtime)
        said[channel] = [e.sentence for e in run if isinstance(e, Note)]
    assert f"stirs channel {silent} of relu4_2" in said[silent][-1]
    assert len(said[heard]) == 1


@pytest.mark.parametrize("match", MATCHES)
def test_a_guide_is_followed(match: str, runtime: Runtime, photo: Tensor, painting: Tensor) -> None:
    """With it, the mean feature turns towards the guide's more than without."""
    extractor = runtime.extractor("tiny")

    def feature(picture: Tensor) -> Tensor:
        return extractor(picture, ["relu2_2"])["relu2_2"].mean((2, 3))

    settings = {"layer": "relu2_2", "iterations": 6}
    guide = resample(painting, (256, 192))
    free = made(dream(**settings), runtime, photo)
    guided = made(
        dream(guide="/home/me/flowers.jpg", match=match, **settings),
        runtime,
        photo,
        guide=[guide],
    )
    near = [torch.cosine_similarity(feature(p), feature(guide)) for p in (free, guided)]
    assert near[1] > near[0]


@pytest.mark.parametrize("shape", [(1, 1), (3, 200)])
def test_a_guide_too_small_is_enlarged(
    shape: tuple[int, int], runtime: Runtime, photo: Tensor
) -> None:
    guide = smooth(*shape, seed=8)
    assert made(dream(guide="x.png"), runtime, photo, guide=[guide]).isfinite().all()

"""The technique itself: what its defaults make, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from artgen import images
from artgen.errors import UsageError
from artgen.networks.channels import energies
from artgen.ops.resize import resample
from artgen.runtime import Runtime
from artgen.techniques.dream import Dream

from .dreams import dream, made

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layer": "block9"}, "The network 'tiny' has no layer 'block9'."),
        ({"layer": "block3=x"}, "--layer has a part that cannot be read: 'block3=x'."),
        ({"layer": "block3=0"}, "The weights of --layer are all zero."),
        ({"channel": "12"}, "--channel is '12', and relu4_2 has 12 channels."),
        ({"channel": "loudest:2"}, "--channel cannot be 'loudest:2'."),
        ({"guide": "flowers.jpg"}, "The picture 'flowers.jpg' for 'guide' was not given."),
        ({"size": 8}, "At 8 x 6 px the picture is too small"),
        ({"class_": "tree frog", "net": "slim"}, "The network 'slim' has no head"),
        ({"class_": "froc"}, "There is no class 'froc'."),
    ],
)
def test_what_cannot_be_is_refused_before_any_step(
    changes: dict[str, Any], message: str, runtime: Runtime, photo: Tensor
) -> None:
    with pytest.raises(UsageError) as caught:
        list(dream(**changes).run({"content": [photo]}, runtime))
    assert caught.value.message.startswith(message)
    assert caught.value.hint


def rises(settings: Dream, runtime: Runtime, photo: Tensor) -> float:
    """How many times louder the network's layers answer to the dream than to the photo."""
    photo = resample(photo, settings.result_size({"content": [photo]})).clamp(0, 1)
    picture = made(settings, runtime, photo)
    assert torch.corrcoef(torch.stack([picture.flatten(), photo.flatten()]))[0, 1] > 0.7
    assert (picture - photo).mean((2, 3)).abs().max() < 0.05  # neither greyer nor tinted
    extractor = runtime.extractor(
        settings.net, file=Path(settings.weights) if settings.weights else None
    )
    layers = tuple(extractor.role("dream").layers)
    before, after = (energies(extractor, p, layers) for p in (photo, picture))
    return min(float(after[x].mean() / before[x].mean()) for x in layers)


def test_slim_dreams_by_default(runtime: Runtime) -> None:
    photo = images.load(ROOT / "examples" / "frog.jpg").picture
    assert rises(Dream(size=160, octaves=4), runtime, photo) > 1.6


@pytest.mark.shared
def test_a_dog_becomes_a_frog(runtime: Runtime, shared: Path) -> None:
    photo = images.load(shared / "data" / "photos" / "dog.jpg").picture
    weights = str(shared / "weights" / "squeezenet1_1.safetensors")
    settings = Dream(size=224, net="squeezenet", weights=weights, class_="tree frog")
    picture = made(settings, runtime, photo)
    assert runtime.classifier("squeezenet", Path(weights)).guesses(picture)[31] > 0.9


@pytest.mark.shared
def test_squeezenet_dreams_by_default(runtime: Runtime, shared: Path) -> None:
    photo = images.load(shared / "data" / "photos" / "frog.jpg").picture
    weights = str(shared / "weights" / "squeezenet1_1.safetensors")
    settings = Dream(size=160, octaves=4, net="squeezenet", weights=weights)
    assert rises(settings, runtime, photo) > 1.6

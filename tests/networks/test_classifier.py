"""A network with its head: whose scores, of what, and where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from artgen import images
from artgen.errors import UsageError, WeightsError
from artgen.networks import weights
from artgen.networks.classifier import Classifier
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.imagenet import classes
from artgen.networks.zoo import all_networks
from artgen.runtime import Runtime


@pytest.fixture
def classifier(runtime: Runtime) -> Classifier:
    return runtime.classifier("tiny")


def squeezenet_file(folder: Path, *, head: bool = True) -> Path:
    """A file as torchvision publishes one, of random numbers."""
    spec = all_networks().get("squeezenet")
    assert spec.head is not None
    chain = {
        key.replace(name, f"features.{index}", 1): value
        for index, name in enumerate(dict(spec.build().named_children()))
        for key, value in spec.build().state_dict().items()
        if key.startswith(f"{name}.")
    }
    if head:
        chain |= {
            key.replace("conv10", "classifier.1"): value
            for key, value in spec.head.build().state_dict().items()
        }
    save_file({key: value.contiguous() for key, value in chain.items()}, folder / "s.safetensors")
    return folder / "s.safetensors"


def test_it_is_built_once_and_looks_with_zeros_around(runtime: Runtime) -> None:
    one = runtime.classifier("tiny")
    assert runtime.classifier("tiny") is one
    assert one.extractor.padding == "zero"
    assert one.extractor.provenance().network == "tiny"


def test_guesses_are_shares_of_a_whole(classifier: Classifier, photo: Tensor) -> None:
    shares = classifier.guesses(photo)
    assert shares.shape == (1000,)
    assert float(shares.sum()) == pytest.approx(1, abs=1e-4)
    assert shares.argmax() == classifier(photo)[0].argmax()


def test_it_sees_the_short_side_as_it_was_trained(classifier: Classifier) -> None:
    wide = torch.rand(1, 3, 30, 60)
    assert classifier.seen(wide).shape == (1, 3, 48, 96)
    assert classifier.seen(wide, 31).shape == (1, 3, 31, 62)


def test_a_network_without_a_head_names_those_that_have_one(runtime: Runtime) -> None:
    with pytest.raises(UsageError, match="'slim' has no head") as caught:
        runtime.classifier("slim")
    assert "--net googlenet or squeezenet or vgg16 or vgg19" in caught.value.hint


def test_a_large_head_is_never_fetched_unasked(tiny: FeatureExtractor) -> None:
    tiny.spec = all_networks().get("vgg19")
    with pytest.raises(WeightsError, match="The head of 'vgg19' is not here") as caught:
        Classifier(tiny)
    assert "`artgen nets fetch vgg19 --head`" in caught.value.hint


def test_an_import_keeps_a_small_head(tmp_path: Path, runtime: Runtime) -> None:
    networks = [all_networks().get(name) for name in ("slim", "squeezenet")]
    assert weights.import_file(squeezenet_file(tmp_path), networks) == "squeezenet"
    assert {file.name for file in weights.where().glob("*.safetensors")} == {
        "squeezenet.safetensors",
        "squeezenet-head.safetensors",
    }
    assert runtime.classifier("squeezenet")(torch.rand(1, 3, 40, 50)).shape == (1, 1000)


def test_a_file_of_layers_alone_is_taken_without_a_head(tmp_path: Path, runtime: Runtime) -> None:
    file = squeezenet_file(tmp_path, head=False)
    assert weights.import_file(file, [all_networks().get("squeezenet")]) == "squeezenet"
    assert [path.name for path in weights.where().glob("*head*")] == []
    with pytest.raises(WeightsError, match="does not fit the network 'squeezenet-head'"):
        runtime.classifier("squeezenet", file)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "class_"),
    [
        ("frog", "tailed frog"),
        ("dog", "beagle"),
        ("cat", "tabby"),
        ("duck", "red-breasted merganser"),
        ("taj_mahal", "mosque"),
        ("venice_boat", "gondola"),
    ],
)
def test_squeezenet_knows_what_photos_show(
    shared: Path, runtime: Runtime, name: str, class_: str
) -> None:
    classifier = runtime.classifier("squeezenet", shared / "weights/squeezenet1_1.safetensors")
    photo = images.load(shared / f"data/photos/{name}.jpg").picture
    assert classes()[int(classifier.guesses(classifier.seen(photo)).argmax())] == class_

"""Import: the network is recognised, its weights made the network's own, and kept."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from artgen.errors import UsageError, WeightsError
from artgen.networks import weights
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.spec import NetworkSpec
from artgen.networks.weights import store
from artgen.networks.zoo import all_networks

from .toys import (
    GOOD,
    KERAS_FORMS,
    KINDS,
    chain,
    for_caffe,
    keras_named,
    left,
    notes,
    pickled,
    published,
    registered,
    safetensors,
    toy,
    vgg_toy,
    write_keras,
)


def test_import_tells_the_network_by_its_tensors_and_keeps_the_same_bytes(tmp_path: Path) -> None:
    networks = [
        *registered(),
        toy(name="wide", build=lambda: chain((24, 40))),
        toy(),
    ]
    ours = {
        name: published()[f"features.{index}.{kind}"]
        for layer, index in (("conv1_1", 0), ("conv1_2", 2), ("conv2_1", 5))
        for kind in KINDS
        for name in (f"{layer}.{kind}",)
    }
    digests = set()
    for number, content in enumerate(
        [
            pickled(published()),
            pickled(published(), legacy=True),
            pickled({"epoch": 3, "state_dict": published()}),
            pickled({k: nn.Parameter(v) for k, v in published().items()}),
            pickled({k: v.double() for k, v in published().items()}),
            safetensors(published()),
            safetensors(ours),
        ]
    ):
        file = tmp_path / f"{number}.bin"
        file.write_bytes(content)
        assert weights.import_file(file, networks) == "toy"
        digests.add(weights.verify("toy", toy().source).sha256)
        assert weights.load("toy", toy().source, chain()).sha256 in digests
    assert len(digests) == 1
    assert left() == {"toy.safetensors", "toy.json"}
    assert load_file(store.kept("toy"))["conv1_2.bias"].equal(ours["conv1_2.bias"])


def test_import_remembers_the_published_digest_where_it_is_the_published_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.pth"
    file.write_bytes(GOOD)
    digest = hashlib.sha256(GOOD).hexdigest()
    spec = toy(source=replace(toy().source, digest=digest[:8]))
    weights.import_file(file, [spec])
    assert weights.status("toy", spec.source).published == digest
    # Somebody's own version of the network replaces the file, not what is known of the published.
    file.write_bytes(pickled(published(seed=4)))
    weights.import_file(file, [spec])
    assert weights.status("toy", spec.source).published == digest
    assert store.recall("toy").came_from == "mine.pth"


def test_an_unknown_file_is_compared_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "it.pth"
    file.write_bytes(pickled(published(widths=(24, 33))))
    with pytest.raises(WeightsError, match=r"nearest is 'toy', but conv2_1.weight is 33 x 24") as e:
        weights.import_file(file, [*registered(), toy()])
    assert "artgen nets list" in e.value.hint


def test_a_packaged_network_needs_no_import(tmp_path: Path) -> None:
    file = tmp_path / "it.safetensors"
    slim = all_networks().get("slim")
    save_file(slim.build().state_dict(), file)
    with pytest.raises(WeightsError, match="'slim', whose weights are inside the package"):
        weights.import_file(file, [slim])


def picture() -> Tensor:
    return torch.rand(1, 3, 40, 52, generator=torch.Generator().manual_seed(5))


def features(spec: NetworkSpec, **options: object) -> dict[str, Tensor]:
    extractor = FeatureExtractor(spec, **options)
    names = [name for name in extractor.layers if "relu" in name]
    return {name: value for name, value in extractor(picture(), names).items() if name in names}


def assert_same(found: dict[str, Tensor], expected: dict[str, Tensor]) -> None:
    """To a thousandth of each layer's largest activation."""
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert value.max() > 0
        assert (found[name] - value).abs().max() <= 1e-3 * value.max(), name


def write(form: str, folder: Path, ours: dict[str, Tensor]) -> Path:
    """The weights `ours`, of a VGG's chain, as somebody else publishes them."""
    caffe = for_caffe(ours)
    if form == "Caffe's names":
        file = folder / "vgg_conv.pth"
        file.write_bytes(pickled(caffe))
    elif form == "safetensors":
        file = folder / "keras.safetensors"
        save_file({k.replace("/", "."): v for k, v in keras_named(caffe).items()}, file)
    elif form == "PyTorch's layout":
        file = folder / "keras.pth"
        names = {key: "block" + key[4:].replace("_", "_conv") for key in caffe}
        file.write_bytes(pickled({names[key]: value for key, value in caffe.items()}))
    else:
        file = write_keras(folder, form, keras_named(caffe))
    return file


@pytest.mark.parametrize("form", ["Caffe's names", "safetensors", "PyTorch's layout", *KERAS_FORMS])
def test_weights_trained_on_other_pixels_give_the_same_features(form: str, tmp_path: Path) -> None:
    spec = vgg_toy()
    ours = chain().state_dict()
    store.where().mkdir(parents=True)
    save_file(ours, store.kept("toy"))
    expected = features(spec)
    file = write(form, tmp_path, ours)
    said, watcher = notes()
    assert weights.import_file(file, [*registered(), spec], watcher=watcher) == "toy"
    assert_same(features(spec), expected)
    (sentence,) = said
    assert sentence.startswith(str(file))
    assert "BGR pixels in 0 to 255 less Caffe's mean" in sentence
    assert "--preprocessing torchvision" in sentence
    # For once, without an import, too.
    said, watcher = notes()
    assert_same(features(spec, file=file, watcher=watcher), expected)
    assert said == [sentence]


@pytest.mark.parametrize("form", ["Caffe's names", "Keras 2"])
@pytest.mark.parametrize("name", ["vgg16", "vgg19"])
def test_vgg_from_elsewhere_is_what_its_authors_compute(
    name: str, form: str, tmp_path: Path
) -> None:
    spec = all_networks().get(name)
    theirs = spec.build()
    tensors = {
        key: torch.randn(value.shape) * (2 / max(value[0].numel(), 1)) ** 0.5
        for key, value in theirs.state_dict().items()
    }
    tensors["conv1_1.weight"] /= 60
    theirs.load_state_dict(tensors)
    if form == "Caffe's names":
        (tmp_path / "it.pth").write_bytes(pickled(tensors))
        file = tmp_path / "it.pth"
    else:
        file = write_keras(tmp_path, form, keras_named(tensors))
    assert weights.import_file(file, registered()) == name
    x = 255 * picture().flip(1) - torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
    expected = {}
    for layer, module in theirs.named_children():
        if isinstance(module, nn.Conv2d):
            module.padding_mode = "replicate"
        x = expected[layer] = module(x.clone()).detach()
    relus = {layer: value for layer, value in expected.items() if "relu" in layer}
    assert_same(features(spec), relus)


def test_zero_padding_differs_at_the_border_alone(tmp_path: Path) -> None:
    spec, ours = vgg_toy(), chain().state_dict()
    (tmp_path / "it.pth").write_bytes(pickled(for_caffe(ours)))
    weights.import_file(tmp_path / "it.pth", [spec])
    found = features(spec, padding="zero")["relu1_1"]
    store.kept("toy").write_bytes(safetensors(ours))
    store.kept("toy").with_suffix(".json").unlink()
    expected = features(spec, padding="zero")["relu1_1"]
    torch.testing.assert_close(found[..., 1:-1, 1:-1], expected[..., 1:-1, 1:-1], atol=1e-4, rtol=0)


def test_torchvisions_file_and_artgens_own_are_taken_as_they_are(tmp_path: Path) -> None:
    ours = chain().state_dict()
    names = ("conv1_1", "conv1_2", "conv2_1")
    theirs = {
        f"features.{index}.{kind}": ours[f"{name}.{kind}"]
        for name, index in zip(names, (0, 2, 5), strict=True)
        for kind in KINDS
    }
    for content, said_of in ((pickled(theirs), "torchvision's"), (safetensors(ours), "artgen's")):
        file = tmp_path / "it.bin"
        file.write_bytes(content)
        said, watcher = notes()
        weights.import_file(file, [vgg_toy()], watcher=watcher)
        assert f"its layers have {said_of} names" in said[0]
        assert "--preprocessing caffe" in said[0]
        assert load_file(store.kept("toy")).keys() == ours.keys()
        assert all(value.equal(ours[k]) for k, value in load_file(store.kept("toy")).items())


def test_the_user_knows_better(tmp_path: Path) -> None:
    file, ours = tmp_path / "it.bin", chain().state_dict()
    save_file(for_caffe(ours), file)
    said, watcher = notes()
    weights.import_file(file, [vgg_toy()], preprocessing="caffe", watcher=watcher)
    found = load_file(store.kept("toy"))["conv1_1.weight"]
    torch.testing.assert_close(found, ours["conv1_1.weight"])
    assert said == [
        f"{file}: its weights are taken to be trained on BGR pixels in 0 to 255 less Caffe's mean."
    ]
    with pytest.raises(UsageError, match="no preprocessing 'cafe'") as caught:
        weights.import_file(file, [vgg_toy()], preprocessing="cafe")
    assert "Did you mean 'caffe'" in caught.value.hint
    file.write_bytes(GOOD)
    with pytest.raises(UsageError, match="a network whose weights are never Caffe's"):
        weights.import_file(file, [toy()], preprocessing="caffe")


def test_a_head_alone_is_no_network(tmp_path: Path) -> None:
    networks = [all_networks().get(name) for name in ("slim", "squeezenet")]
    head = networks[1].head
    assert head is not None
    state = head.build().state_dict()
    tensors = {f"classifier.1.{kind}": state[f"conv10.{kind}"] for kind in KINDS}
    save_file(tensors, tmp_path / "it.safetensors")
    with pytest.raises(WeightsError, match="has the classifier head of 'squeezenet' alone"):
        weights.import_file(tmp_path / "it.safetensors", networks)
    assert left() == set()


def test_kerass_other_networks_are_told_apart(tmp_path: Path) -> None:
    ours = chain().state_dict()
    ours["conv2_2.weight"], ours["conv2_2.bias"] = torch.zeros(32, 32, 3, 3), torch.zeros(32)
    file = write("safetensors", tmp_path, ours)
    with pytest.raises(WeightsError, match=r"nearest is 'toy', but it has conv2_2.bias and 1 more"):
        weights.import_file(file, [vgg_toy()])
    tensors = {"conv1_conv.kernel": torch.zeros(7, 7, 3, 64)}
    save_file(tensors, tmp_path / "resnet.safetensors")
    with pytest.raises(WeightsError, match="fits no network that artgen knows"):
        weights.import_file(tmp_path / "resnet.safetensors", registered())

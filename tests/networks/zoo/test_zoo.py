"""Every network does what its spec promises, and the published ones compute what they published."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from artgen.errors import UsageError
from artgen.networks import weights
from artgen.networks.classifier import Classifier
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.spec import NetworkSpec, Role
from artgen.networks.vgg_blocks import vgg_chain
from artgen.networks.zoo import network, versions

from ..untrained import NETWORKS, picture, random_weights

PUBLISHED = {
    "vgg16": torchvision.models.VGG16_Weights.IMAGENET1K_V1,
    "vgg19": torchvision.models.VGG19_Weights.IMAGENET1K_V1,
    "squeezenet": torchvision.models.SqueezeNet1_1_Weights.IMAGENET1K_V1,
    "googlenet": torchvision.models.GoogLeNet_Weights.IMAGENET1K_V1,
}
CHAINS = [name for name in PUBLISHED if name != "googlenet"]  # layer by layer as torchvision's


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_keeps_its_promises(name: str) -> None:
    spec = random_weights(name)
    extractor = FeatureExtractor(spec)
    assert spec.name == name
    assert spec.summary
    assert set(spec.roles) == {"style", "neighbours", "content", "dream", "texture"}
    wanted = [layer for role in spec.roles.values() for layer in role.layers]
    assert {extractor.resolve(alias) for alias in spec.aliases} <= set(extractor.layers)
    for layer, value in extractor(picture(), wanted).items():
        assert value.isfinite().all()
        assert value.std() > 0, layer
        assert value.shape[0] == 1


@pytest.mark.parametrize("name", NETWORKS)
def test_every_source_names_one_way_and_a_licence(name: str) -> None:
    source = NETWORKS.get(name).source
    assert source.licence
    ways = (source.packaged, source.url, source.seed)
    assert sum(way is not None for way in ways) == 1
    assert not source.url or (source.convert and source.size and source.digest)


@pytest.mark.parametrize("name", [n for n in NETWORKS if NETWORKS.get(n).source.url])
def test_addresses_sizes_and_digests_are_torchvisions(name: str) -> None:
    source, published = NETWORKS.get(name).source, PUBLISHED[name]
    assert source.url == published.url
    assert source.digest.startswith(published.url.rpartition("-")[2].removesuffix(".pth"))
    assert len(source.digest) == (8 if name == "googlenet" else 64)  # all that is known of it
    assert source.size / 2**20 == pytest.approx(published.meta["_file_size"], abs=0.0006)


def published_features(name: str) -> tuple[nn.Sequential, dict[str, Tensor]]:
    """torchvision's own layers with random weights, none in place, and their state dict."""
    builder = {**torchvision.models.__dict__, "squeezenet": torchvision.models.squeezenet1_1}[name]
    with torch.device("meta"):
        features: nn.Sequential = builder(weights=None).features
    features.to_empty(device="cpu")
    generator = torch.Generator().manual_seed(1)
    for parameter in features.parameters():
        deviation = (2 / parameter[0].numel()) ** 0.5 if parameter.ndim == 4 else 0.1
        nn.init.normal_(parameter, 0, deviation, generator=generator)
    for module in features.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
    state = {f"features.{key}": value for key, value in features.state_dict().items()}
    return features, state | {"classifier.0.weight": torch.ones(4, 4)}


@pytest.mark.parametrize("name", CHAINS)
def test_every_layer_and_the_gradient_are_torchvisions(name: str, tmp_path: Path) -> None:
    features, state = published_features(name)
    file = tmp_path / "any name.pth"
    torch.save(state, file)
    extractor = FeatureExtractor(NETWORKS.get(name), padding="zero", file=file)
    ours, theirs = picture(33, 35).requires_grad_(), picture(33, 35).requires_grad_()
    found = extractor(ours, extractor.layers)

    mean, std = torch.tensor(extractor.spec.mean), torch.tensor(extractor.spec.std)
    x = (theirs - mean.view(3, 1, 1)) / std.view(3, 1, 1)
    assert len(features) == len(extractor.layers)
    losses = torch.zeros(2)
    for name_here, layer in zip(extractor.layers, features, strict=True):
        x = layer(x)
        torch.testing.assert_close(found[name_here], x, rtol=1e-4, atol=1e-4)
        losses = losses + torch.stack([found[name_here].square().mean(), x.square().mean()])
    losses.sum().backward()
    assert ours.grad is not None
    assert theirs.grad is not None
    assert theirs.grad.abs().max() > 0
    torch.testing.assert_close(ours.grad, theirs.grad, rtol=1e-3, atol=1e-5)


def test_googlenets_modules_and_the_gradient_are_torchvisions(tmp_path: Path) -> None:
    # In float64: in float32 a maximum may tie, and whether it does depends on the processor.
    network = torchvision.models.googlenet(
        weights=None, aux_logits=False, init_weights=False
    ).double()
    network.eval()
    generator = torch.Generator().manual_seed(1)
    for parameter in network.parameters():
        if parameter.ndim == 4:  # whose batch norms leave them as they are
            deviation = (2 / parameter[0].numel()) ** 0.5
            nn.init.normal_(parameter, 0, deviation, generator=generator)
    for name, buffer in network.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0, 0.1, generator=generator)
        elif name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5, generator=generator)
    torch.save(network.state_dict(), tmp_path / "any name.pth")
    seen: dict[str, Tensor] = {}
    wanted = {"conv1": "relu1", "conv3": "relu3", "maxpool4": "pool4"}
    wanted |= {f"inception{x}": f"inception_{x}" for x in ("3a", "3b", "4c", "4e", "5b")}
    for name in wanted:
        network.get_submodule(name).register_forward_hook(
            lambda _, __, made, name=name: seen.__setitem__(name, made)
        )
    ours, theirs = (picture(97, 70).double().requires_grad_() for _ in range(2))
    network((theirs - 0.5) / 0.5)
    extractor = FeatureExtractor(
        NETWORKS.get("googlenet"), padding="zero", file=tmp_path / "any name.pth"
    ).half_precision(torch.float64)
    found = extractor(ours, wanted.values())
    for their_name, our_name in wanted.items():
        torch.testing.assert_close(found[our_name], seen[their_name], rtol=1e-3, atol=1e-6)
    found["inception_4c"].square().mean().backward()
    seen["inception4c"].square().mean().backward()
    assert ours.grad is not None
    assert theirs.grad is not None
    assert theirs.grad.abs().max() > 0
    assert (ours.grad - theirs.grad).norm() < 1e-4 * theirs.grad.norm()
    head = Classifier(extractor, tmp_path / "any name.pth").head.double()
    scores = head(found["inception_5b"])
    with torch.no_grad():
        torch.testing.assert_close(scores, network((theirs - 0.5) / 0.5), rtol=1e-3, atol=1e-4)


@pytest.mark.shared
def test_squeezenet_gives_the_published_activations(shared: Path) -> None:
    vectors = load_file(shared / "weights" / "vectors.safetensors")
    file = shared / "weights" / "squeezenet1_1.safetensors"
    extractor = FeatureExtractor(NETWORKS.get("squeezenet"), padding="zero", file=file)
    wanted = [f"features.{index}" for index in (1, 4, 7, 12)]
    for name, value in extractor(vectors["image"], wanted).items():
        if name != "image":
            expected = vectors[f"squeezenet1_1/{name}"]
            # By norm: single numbers near zero differ with the order of float32 sums.
            assert (value - expected).norm() < 2e-5 * expected.norm(), name


@pytest.mark.shared
def test_vgg_chain_with_reflection_gives_the_distilled_activations(
    shared: Path, tmp_path: Path
) -> None:
    tensors = load_file(shared / "weights" / "vgg19_distilled_16x.safetensors")
    vectors = load_file(shared / "weights" / "vectors.safetensors")
    chain = vgg_chain((16, 32, 64, 128, 128), (2, 2, 4, 4, 1))
    file = tmp_path / "student.safetensors"
    save_file({key: tensors[key] for key in chain.state_dict()}, file)
    spec = NetworkSpec(
        name="student",
        summary="",
        build=lambda: chain,
        source=weights.Source("MIT"),
        roles={},
        mean=(0, 0, 0),
        std=(1, 1, 1),
    )
    bgr = nn.functional.conv2d(vectors["image"], tensors["conv0.weight"], tensors["conv0.bias"])
    extractor = FeatureExtractor(spec, padding="reflect", file=file)
    wanted = [f"relu{block}_1" for block in range(1, 6)]
    for name, value in extractor(bgr, wanted).items():
        if name != "image":
            expected = vectors[f"distilled_16x/{name}"]
            torch.testing.assert_close(value, expected, rtol=1e-4, atol=1e-3)


SLIM = weights.status("slim", NETWORKS.get("slim").source)


def test_slim_is_in_the_package_and_sees() -> None:
    spec = NETWORKS.get("slim")
    assert weights.verify(spec.name, spec.source).kind == "packaged"
    assert 0 < SLIM.size < 5_000_000
    extractor = FeatureExtractor(spec)
    assert extractor.origin.file == SLIM.file
    style = extractor(picture(), extractor.role("style").layers)
    assert all(value.isfinite().all() and value.std() > 0 for value in style.values())


def test_roles_weigh_layers() -> None:
    assert Role(OrderedDict(a=1.0)).scale == 1.0


def test_slim_looks_at_a_pixel_with_a_sixth_of_vgg19s_arithmetic() -> None:
    """Down to the last layer of slim@1 and slim@2, and to the last that style looks at."""
    last = {"slim@1": "relu5_1", "slim@2": "relu5_2", "vgg19": "relu5_1"}
    found = {
        name: FeatureExtractor(random_weights(name)).multiply_adds([layer, "relu1_1"], (256, 512))
        for name, layer in last.items()
    }
    numbers = [round(found[name] / (256 * 512)) for name in last]
    assert numbers == [45_144, 59_193, 361_152]


def test_a_name_means_the_newest_version_and_each_version_has_its_own() -> None:
    assert network("slim") is network("slim@2") is not network("slim@1")
    assert network("slim@1").full_name == "slim@1"
    assert network("vgg19").full_name == "vgg19"  # stays as it was published


def test_earlier_versions_stay_when_there_is_a_newer_one(retrained: NetworkSpec) -> None:
    (first, newest) = versions(network("tiny"))
    assert newest is retrained
    assert network("tiny") is network("tiny@2") is newest
    assert network("tiny@1") is first
    same, other = (FeatureExtractor(spec)(picture(), ["relu1_1"]) for spec in (first, newest))
    assert not torch.equal(same["relu1_1"], other["relu1_1"])


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("slim@7", "There is no network 'slim@7'. Did you mean 'slim@2'? Known: slim@1, slim@2."),
        ("slim@", "There is no network 'slim@'. Did you mean 'slim@2'? Known: slim@1, slim@2."),
        ("tiny@3", "There is no network 'tiny@3'. Did you mean 'tiny@2'? Known: tiny@1, tiny@2."),
        ("vgg19@1", "There is no network 'vgg19@1'. Did you mean 'vgg19'? Known: vgg19."),
    ],
)
def test_an_unknown_version_is_answered_with_those_there_are(
    retrained: NetworkSpec, name: str, said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        network(name)
    assert str(caught.value) == said


def test_an_unknown_network_has_no_versions() -> None:
    with pytest.raises(UsageError, match=r"no network called 'slym'\. Did you mean 'slim'"):
        network("slym@1")

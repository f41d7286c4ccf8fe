"""What is kept: imported, found again, checked, and whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from artgen.errors import WeightsError
from artgen.networks import weights
from artgen.networks.weights import lookup, store
from artgen.networks.zoo import all_networks

from .server import Site
from .toys import GOOD, KINDS, chain, fetch, left, pickled, published, registered, safetensors, toy


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


def test_packaged_weights_are_found_checked_and_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "PACKAGE_DATA", tmp_path)
    source = weights.Source("x", packaged="toy.safetensors")
    for attempt in (
        lambda: weights.load("toy", source, chain()),
        lambda: weights.verify("toy", source),
    ):
        with pytest.raises(WeightsError, match="missing from the package"):
            attempt()
    file = tmp_path / "toy.safetensors"
    save_file({name: value.half() for name, value in chain().state_dict().items()}, file)
    net = chain()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert weights.load("toy", source, net) == weights.Origin(file, digest)
    assert net.conv1_1.weight.dtype == torch.float32
    assert weights.verify("toy", replace(source, digest=digest)).kind == "packaged"
    with pytest.raises(WeightsError, match="is damaged"):
        weights.load("toy", replace(source, digest="0" * 64), chain())
    assert weights.fetch("toy", source, chain()).present
    assert left() == set()


@pytest.mark.parametrize(
    "change", [lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]), lambda whole: whole[:5000]]
)
def test_a_cached_file_that_changed_is_found_out_and_fetched_anew(
    site: Site, change: Callable[[bytes], bytes]
) -> None:
    source = site.source()
    fetch(source)
    file = store.kept("toy")
    whole = file.read_bytes()
    file.write_bytes(change(whole))
    for attempt in (
        lambda: weights.load("toy", source, chain()),
        lambda: weights.verify("toy", source),
    ):
        with pytest.raises(WeightsError, match="is damaged") as caught:
            attempt()
        assert "artgen nets fetch toy" in caught.value.hint
    fetch(source)
    assert file.read_bytes() == whole


def test_verify_of_what_is_absent_says_how_to_get_it(site: Site) -> None:
    with pytest.raises(WeightsError, match="are not here") as caught:
        weights.verify("toy", site.source())
    assert "artgen nets fetch toy" in caught.value.hint


def test_random_weights_follow_the_seed() -> None:
    nets = [chain() for _ in range(3)]
    for net, seed in zip(nets, (1, 1, 2), strict=True):
        origin = weights.load("toy", weights.Source("x", seed=seed), net)
        assert origin == weights.Origin(None, f"seed {seed}")
    one, same, other = (net.conv1_2.weight for net in nets)
    assert one.equal(same)
    assert not one.equal(other)
    assert one.std().item() == pytest.approx((2 / (9 * 24)) ** 0.5, rel=0.1)
    found = weights.status("toy", weights.Source("x", seed=1))
    assert (found.kind, found.present, found.file) == ("random", True, None)
    assert weights.verify("toy", weights.Source("x", seed=1)) == found
    assert left() == set()

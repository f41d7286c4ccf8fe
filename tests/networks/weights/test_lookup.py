"""What is kept: found again, checked, and whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from artgen.errors import WeightsError
from artgen.networks import weights
from artgen.networks.weights import lookup, store

from .server import Site
from .toys import chain, fetch, left


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

"""RAFT: the flow that torchvision's network computes, of frames of any size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from clips import drifting

from artgen.networks import catalogue, weights
from artgen.networks.raft import RAFT, Raft
from artgen.runtime import Runtime

from .weights.conftest import site
from .weights.server import Site
from .weights.toys import pickled

__all__ = ["site"]


def untrained() -> Raft:
    """The network with random weights, small enough that its flow stays within the frame."""
    net = Raft()
    source = weights.Source("none", seed=3)
    weights.load("raft", source, net)
    with torch.no_grad():
        net.update_block.flow_head.conv2.weight *= 0.01
    return net


def test_its_flow_is_torchvisions() -> None:
    models = pytest.importorskip("torchvision.models.optical_flow")
    theirs, ours = models.raft_small().eval(), untrained()
    theirs.load_state_dict(ours.state_dict())
    before, after = drifting(2, 128, 136, step=4)
    with torch.no_grad():
        wanted = theirs(after * 2 - 1, before * 2 - 1)[-1]
    found = ours(after, before)
    assert found.abs().max() > 0.1
    assert torch.allclose(found, wanted, atol=1e-3)


def test_torchvisions_own_file_is_imported_and_gives_torchvisions_flow(tmp_path: Path) -> None:
    models = pytest.importorskip("torchvision.models.optical_flow")
    with torch.random.fork_rng():
        torch.manual_seed(3)
        theirs = models.raft_small().eval()  # as torchvision initialises it
    file = tmp_path / "raft_small.pth"
    torch.save(theirs.state_dict(), file)
    assert weights.import_file(file, catalogue.networks()) == "raft"
    before, after = drifting(2, 130, 141, step=4)
    with torch.no_grad():
        side = F.pad(torch.cat([after, before]), (1, 2, 3, 3), mode="replicate")
        wanted = theirs(*(2 * side - 1).split(1))[-1][..., 3:-3, 1:-2]
    found = Runtime("cpu").flow("raft")(after, before)
    assert wanted.abs().max() > 1
    assert (found - wanted).abs().max() < 1e-3


def test_its_address_and_size_are_torchvisions() -> None:
    models = pytest.importorskip("torchvision.models.optical_flow")
    published, source = models.Raft_Small_Weights.DEFAULT.value, RAFT.source
    assert source.url == published.url
    assert source.size / 2**20 == pytest.approx(published.meta["_file_size"], abs=0.0006)
    assert f"-{source.digest}.pth" in published.url


@pytest.mark.parametrize("size", [(49, 67), (1, 1), (130, 201)])
def test_frames_of_any_size_have_a_flow(size: tuple[int, int]) -> None:
    generator = torch.Generator().manual_seed(0)
    frame = torch.rand(1, 3, *size, generator=generator)
    found = untrained()(frame, frame.flip(3))
    assert found.shape == (1, 2, *size)
    assert found.isfinite().all()


def test_its_weights_are_downloaded_and_used_as_those_of_other_networks(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained = untrained()
    site.content = pickled(dict(trained.state_dict()))
    source = replace(site.source(), convert=None)
    monkeypatch.setattr("artgen.runtime.RAFT", replace(RAFT, source=source))
    said: list[str] = []
    runtime = Runtime("cpu", watcher=weights.Watcher(lambda offer: said.append(offer.name)))
    before, after = drifting(2, 130, 140, step=4)
    for _ in range(2):
        assert runtime.flow("raft")(after, before).equal(trained(after, before))
    assert said == ["raft"]
    assert weights.verify("raft", source).present


def test_a_file_is_recognised_as_its_weights(tmp_path: Path) -> None:
    (tmp_path / "any.pth").write_bytes(pickled(dict(untrained().state_dict())))
    assert weights.import_file(tmp_path / "any.pth", [RAFT]) == "raft"
    assert weights.status("raft", RAFT.source).present

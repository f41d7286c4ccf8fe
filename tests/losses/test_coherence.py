"""Coherent neighbours: whole pieces instead of single positions, none used too often."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.losses import coherence as module
from artgen.losses.coherence import Atlas, Coherence, CoherentSearch

PAINTING, PICTURE, WIDTH = (20, 24), (18, 30), 12


def features(*shape: int, seed: int = 0) -> Tensor:
    drawn = torch.randn((*shape, WIDTH), generator=torch.Generator().manual_seed(seed))
    return F.normalize(drawn, dim=-1)


def smooth() -> Tensor:
    """Keys of a painting in which positions beside each other are alike."""
    drawn = features(*PAINTING, seed=1).permute(2, 0, 1)
    blurred = F.avg_pool2d(drawn[None], 7, 1, 3)[0].permute(1, 2, 0)
    return F.normalize(blurred.reshape(-1, WIDTH), dim=1)


def atlas(*sizes: tuple[int, int]) -> Atlas:
    return Atlas.of([torch.ones(size, dtype=torch.bool) for size in sizes or (PAINTING,)])


def chosen(
    queries: Tensor, keys: Tensor, weights: Coherence, counted: Tensor | None = None
) -> Tensor:
    """The places (H, W, 2) in one painting that are chosen among the best of its quarters."""
    products = queries.flatten(0, 1) @ keys.T
    parts = products.view(len(products), 4, -1)
    several = parts.argmax(2) + torch.arange(4) * parts.shape[2]
    best = products.argmax(1)[:, None]
    candidates = torch.cat([best, several], 1).T.reshape(5, *queries.shape[:2])
    counted = torch.ones(queries.shape[:2], dtype=torch.bool) if counted is None else counted
    where = atlas()
    none = torch.zeros(len(keys))
    search = CoherentSearch(queries, keys, none, candidates, where, weights, counted)
    index = search.found()
    return where.places[index]


def alike(places: Tensor) -> float:
    """The share of positions whose right neighbour takes what is right of theirs."""
    step = places[:, 1:] - places[:, :-1]
    return float((step == torch.tensor([0, 1])).all(2).float().mean())


def most(places: Tensor) -> int:
    """How often the most used position is used."""
    return int(places.flatten(0, 1).unique(dim=0, return_counts=True)[1].max())


def test_without_weights_each_position_takes_its_nearest() -> None:
    queries, keys = features(*PICTURE), features(480, seed=1)
    found = chosen(queries, keys, Coherence(0, 0))
    best = (queries.flatten(0, 1) @ keys.T).argmax(1)
    assert found.flatten(0, 1).equal(atlas().places[best])


def test_a_piece_of_a_painting_is_found_whole() -> None:
    keys = features(480, seed=1)
    piece = keys.view(*PAINTING, WIDTH)[1:19, :24]
    noisy = F.normalize(piece + 0.3 * features(18, 24, seed=2), dim=2)
    found = chosen(noisy, keys, Coherence(0.3, 0))
    rows, columns = torch.meshgrid(torch.arange(18) + 1, torch.arange(24), indexing="ij")
    assert found.equal(torch.stack([rows, columns], 2))


def test_coherence_makes_pieces_larger() -> None:
    queries, keys = features(*PICTURE), features(480, seed=1)
    shares = [alike(chosen(queries, keys, Coherence(weight, 0))) for weight in (0, 0.05, 0.2, 0.5)]
    assert shares == sorted(shares)
    assert shares[0] < 0.02
    assert shares[-1] > 0.8


def test_a_flat_place_does_not_repeat_one_position() -> None:
    """All queries are the same: each alone would take the same position."""
    keys = smooth()
    queries = features(1).expand(*PICTURE, WIDTH).contiguous()
    once = chosen(queries, keys, Coherence(0, 0))
    pieces = chosen(queries, keys, Coherence(0.1, 0.05))
    assert most(once) == 540
    assert most(pieces) < 180
    assert alike(pieces) > 0.3


def test_positions_that_do_not_count_use_nothing() -> None:
    keys = smooth()
    queries = features(1).expand(*PICTURE, WIDTH).contiguous()
    few = torch.zeros(PICTURE, dtype=torch.bool)
    few[0, 0] = True
    none = torch.zeros(PICTURE, dtype=torch.bool)
    all_counted = most(chosen(queries, keys, Coherence(0.1, 0.02)))
    assert most(chosen(queries, keys, Coherence(0.1, 0.02), none)) > all_counted
    assert most(chosen(queries, keys, Coherence(0.1, 0.02), few)) > 0


def test_an_atlas_knows_where_positions_are() -> None:
    one, other = torch.ones((2, 3), dtype=torch.bool), torch.ones((3, 2), dtype=torch.bool)
    one[0, 1] = False
    found = Atlas.of([one, other])
    assert len(found.places) == 11
    rows, columns = found.places.T
    assert found.index[rows, columns].equal(torch.arange(11))
    assert int((found.index >= 0).sum()) == 11
    assert found.index[2].eq(-1).all()  # no piece reaches from one painting into the other
    values = torch.arange(11.0)
    assert found.around(torch.ones(11)).shape == (11,)
    assert found.around(values)[0] < values.mean()


def test_what_lies_outside_of_the_paintings_is_not_taken() -> None:
    """Beyond the right side is no position of the next row."""
    keys = features(480, seed=1)
    piece = keys.view(*PAINTING, WIDTH)[:, 12:].repeat(1, 3, 1)[:18, :30]
    found = chosen(piece, keys, Coherence(0.02, 0))
    assert found[:, :12].equal(atlas().places.view(*PAINTING, 2)[:18, 12:])
    assert found[..., 0].equal(torch.arange(18)[:, None].expand(PICTURE))


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_do_not_matter(threads: int) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        found = chosen(features(*PICTURE), features(480, seed=1), Coherence(0.1, 0.05))
    finally:
        torch.set_num_threads(before)
    assert found.equal(chosen(features(*PICTURE), features(480, seed=1), Coherence(0.1, 0.05)))


def test_a_picture_of_one_position_takes_its_nearest() -> None:
    keys = features(480, seed=1)
    found = chosen(features(1, 1), keys, Coherence(0.1, 0.05))
    assert found[0, 0].equal(atlas().places[(features(1, 1)[0] @ keys.T).argmax()])


def test_some_lines_at_a_time_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    queries, keys = features(*PICTURE), features(480, seed=1)
    found = chosen(queries, keys, Coherence(0.1, 0.05))
    monkeypatch.setattr(module, "ROWS", 5)
    assert found.equal(chosen(queries, keys, Coherence(0.1, 0.05)))

"""The positions of paintings: which are kept, and which is whose neighbour."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from pictures import smooth
from torch import Tensor

from artgen.losses import neighbour_table as module
from artgen.losses.coherence import Coherence
from artgen.losses.neighbour_table import Neighbours, nearest
from artgen.networks.regions import whole

from .looked_at import extractor, pictures

LAYERS = {"relu1_1": 1.0, "relu3_1": 1.0, "relu4_2": 2.0}
GRID = (12, 16)  # positions of a picture


def test_the_nearest_has_the_largest_product_and_bonus() -> None:
    generator = torch.Generator().manual_seed(1)
    queries = torch.randn((3000, 5), generator=generator)
    keys = torch.randn((70, 5), generator=generator)
    none = torch.zeros(70)
    assert nearest(queries, keys, none).equal((queries @ keys.T).argmax(1))
    bonus = torch.zeros(70)
    bonus[7] = 100
    assert set(nearest(queries, keys, bonus).tolist()) == {7}


def test_neighbours_are_those_of_all_channels() -> None:
    """The principal components leave next to nothing out; layers have their shares of energy."""
    photo, painting, _ = pictures()
    found = Neighbours.of(extractor(), [painting], [1.0], LAYERS)
    (queries, energies), (keys, shares) = (scaled(found, one) for one in (photo, painting))
    assert shares == pytest.approx([0.25, 0.25, 0.5], rel=1e-6)
    assert energies != pytest.approx([0.25, 0.25, 0.5], rel=1e-3)
    chosen = found.chosen(found.queries(extractor(), photo), GRID).flatten()
    best = (queries @ keys.T)[torch.arange(len(queries)), chosen]
    torch.testing.assert_close(best, (queries @ keys.T).amax(1), atol=1e-6, rtol=0)


def scaled(found: Neighbours, picture: Tensor) -> tuple[Tensor, list[float]]:
    """Centred hypercolumns of unit length, and each layer's mean square."""
    features = extractor()(picture, LAYERS)
    parts = found.columns.parts(features, whole(features))
    parts = [part * scale for part, scale in zip(parts, found.scales, strict=True)]
    rows = torch.cat(parts, 1)
    energies = [float(part.square().sum(1).mean()) for part in parts]
    return F.normalize(rows - rows.mean(0), dim=1), energies


def test_weights_tilt_the_choice() -> None:
    photo, painting, canvas = pictures()
    shares = []
    for weight in (0.0, 0.2, 1.0, 5.0, 1e6):
        found = Neighbours.of(extractor(), [painting, canvas], [weight, 1.0], LAYERS)
        chosen = found.chosen(found.queries(extractor(), photo), GRID).flatten()
        first = len(found.keys) // 2 if weight else 0
        shares.append(float((chosen < first).double().mean()))
    assert shares[0] == 0
    assert shares[-1] == 1
    assert shares == sorted(shares)
    assert 0 < shares[2] < 1


def test_many_positions_are_thinned(monkeypatch: pytest.MonkeyPatch) -> None:
    _, painting, canvas = pictures()
    monkeypatch.setattr(module, "SEARCHED", 100)
    found = Neighbours.of(extractor(), [painting * 0.99, canvas], [1.0, 1.0], LAYERS)
    assert len(found.keys) == 2 * 12 * 16
    assert len(found.searched) == 96
    half = len(found.keys) // 2
    assert int((found.searched < half).sum()) == 48
    chosen = found.chosen(found.queries(extractor(), canvas), GRID)
    assert set(chosen.flatten().tolist()) <= set(found.searched.tolist())


def test_of_more_positions_squares_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    _, painting, canvas = pictures()
    monkeypatch.setattr(module, "MOST", 200)
    monkeypatch.setattr(module, "PIECE", 4)
    found = Neighbours.of(extractor(), [painting * 0.98, canvas], [1.0, 1.0], LAYERS)
    assert len(found.keys) == 2 * 6 * 16  # of the twelve squares of each painting, six
    assert {len(aim) for aim in found.aims} == {len(found.keys)}
    there = found.atlas.index >= 0
    assert there[:12].view(3, 4, 4, 4).float().mean((1, 3)).unique().tolist() == [0, 1]
    coherent = found.chosen(found.queries(extractor(), canvas), GRID, None, Coherence(0.05, 0.01))
    assert int(coherent.min()) >= 0
    assert int(coherent.max()) < len(found.keys)


def test_tiles_have_positions_in_the_same_order() -> None:
    painting = smooth(96, 128, seed=1).double()
    whole_piece = Neighbours.of(extractor(), [painting], [1.0], LAYERS)
    tiled = Neighbours.of(extractor(), [painting * 1], [1.0], LAYERS, 40)
    for one, other in zip(whole_piece.aims, tiled.aims, strict=True):
        torch.testing.assert_close(one, other)


def test_coherent_neighbours_come_in_pieces() -> None:
    photo, painting, _ = pictures()
    found = Neighbours.of(extractor(), [painting], [1.0], LAYERS)
    queries = found.queries(extractor(), photo)
    alike = []
    for weights in (None, Coherence(0.05, 0.01), Coherence(0.2, 0.01)):
        chosen = found.chosen(queries, GRID, None, weights)
        alike.append(float((chosen[:, 1:] - chosen[:, :-1] == 1).double().mean()))
    assert alike[0] < alike[1] < alike[2]

"""Forms of samples: turned, resized and bent, and nothing in them sheared."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.losses.patch_table import Source
from artgen.techniques.texture import variants as module
from artgen.techniques.texture.variants import FORMS, HELD, form, varied

SIZE = (60, 80)


def places() -> Tensor:
    """The columns and rows of a sample as its colours, from 0 to 1, and nothing: (1, 3, 60, 80)."""
    y, x = torch.meshgrid(torch.arange(60.0), torch.arange(80.0), indexing="ij")
    return torch.stack([x, y, 0 * x])[None] / 80


def formed(source: Source, turn: float = 30.0, size: tuple[int, int] = SIZE) -> Source:
    return form(source, turn, 1.0, size, torch.Generator().manual_seed(1))


def test_nothing_is_sheared() -> None:
    found = formed(Source(places(), 1.0, guide=places()))  # cubic filters make waves of a ramp
    assert found.mask is not None
    assert found.guide is not None
    x, y = found.guide[0, :2].double() * 80
    far = (x > 2) & (x < 77) & (y > 2) & (y < 57)
    inside = (far & (found.mask[0, 0] > 0.5))[1:-1, 1:-1]
    by_x = torch.stack([(x[1:-1, 2:] - x[1:-1, :-2]) / 2, (y[1:-1, 2:] - y[1:-1, :-2]) / 2])
    by_y = torch.stack([(x[2:, 1:-1] - x[:-2, 1:-1]) / 2, (y[2:, 1:-1] - y[:-2, 1:-1]) / 2])
    by_x, by_y = by_x[:, inside], by_y[:, inside]
    assert float(inside.double().mean()) > 0.5
    assert float((by_x[0] - by_y[1]).abs().max()) < 0.02  # Cauchy and Riemann
    assert float((by_x[1] + by_y[0]).abs().max()) < 0.02
    turns = torch.atan2(by_x[1], by_x[0])
    assert float(turns.max() - turns.min()) > 0.1  # bent, not only turned


def test_a_sample_turned_as_a_whole_has_room() -> None:
    found = form(Source(places(), 1.0), 90.0, 0.0, SIZE[::-1], torch.Generator())
    assert found.mask is not None
    assert found.mask.all()
    torch.testing.assert_close(found.picture, places().rot90(-1, (2, 3)), atol=1e-4, rtol=0)


def test_what_lies_beyond_a_sample_is_masked() -> None:
    mask = torch.ones(1, 1, *SIZE)
    mask[..., 40:] = 0
    found = formed(Source(places(), 1.0, mask), turn=45.0)
    assert found.mask is not None
    used = found.mask[0, 0] > 0.5
    assert 0.2 < float(used.float().mean()) < 0.5
    assert float(found.picture[0, 0][used].max()) < 41 / 80


def test_a_map_of_the_sample_goes_with_it() -> None:
    found = formed(Source(places(), 1.0, guide=places()[:, 1:2]))
    assert found.mask is not None
    assert found.guide is not None
    inside = found.mask > 0.5
    assert float((found.guide - found.picture[:, 1:2])[inside].abs().max()) < 0.01


def test_several_forms_share_a_samples_weight() -> None:
    sources = [Source(smooth(*SIZE, seed=1), 3.0), Source(smooth(*SIZE, seed=2), 1.0)]
    found = varied(sources, 1.0, 7)
    assert len(found) == 2 * FORMS
    assert sum(one.share for one in found[:FORMS]) == pytest.approx(3)
    assert not found[0].picture.equal(found[1].picture)
    assert varied(sources, 1.0, 7)[3].picture.equal(found[3].picture)
    assert not varied(sources, 1.0, 8)[3].picture.equal(found[3].picture)
    assert varied(sources, 0.0, 7) == sources


def test_a_sample_of_one_direction_is_not_turned(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[float] = []
    amounts: list[float] = []

    def noted(source: Source, turn: float, amount: float, *_: object) -> Source:
        turns.append(turn)
        amounts.append(amount)
        return source

    monkeypatch.setattr(module, "form", noted)
    rows = torch.sin(torch.arange(60.0)).view(1, 1, 60, 1).expand(1, 3, *SIZE) / 2 + 0.5
    varied([Source(rows, 1.0)], 1.0, 0)
    noise = torch.rand(1, 3, *SIZE, generator=torch.Generator().manual_seed(0))
    varied([Source(noise, 1.0)], 1.0, 0)
    assert turns[:FORMS] == [0.0] * FORMS
    assert amounts[:FORMS] == [HELD] * FORMS
    assert min(map(abs, turns[FORMS:])) > 8
    assert min(amounts[FORMS:]) > 0.7

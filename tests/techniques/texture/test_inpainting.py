"""Holes filled with patches: structure goes on, and nothing but known pixels is used."""

from __future__ import annotations

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.errors import UsageError
from artgen.techniques.texture import inpainting
from artgen.techniques.texture.inpainting import completed, rounds


def stripes(height: int, width: int) -> Tensor:
    """Slanting ones in two colours (1, 3, H, W), 12 px from one to the next."""
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    light = ((rows + 2 * columns) % 24 < 12).float()
    return torch.stack([light, 0.5 * light + 0.2, 1 - light])[None]


def hole(height: int, width: int, top: int, left: int, side: int) -> Tensor:
    found = torch.zeros(1, 1, height, width)
    found[..., top : top + side, left : left + side] = 1
    return found


def filled(photo: Tensor, where: Tensor, samples: list[Tensor] | None = None) -> Tensor:
    """The last of what is yielded, of which there are as many as were promised."""
    sources, masks = samples or [photo], [None] if samples else [(where == 0).float()]
    steps = [step.clone() for step in completed(photo, where, sources, masks, torch.Generator())]
    assert len(steps) == rounds((photo.shape[-2], photo.shape[-1]))
    return steps[-1]


@pytest.mark.parametrize("compared", [10**9, 0])
def test_stripes_go_on_through_a_hole(monkeypatch: pytest.MonkeyPatch, compared: int) -> None:
    """At two levels; with all patches compared, and where only what lies near is asked."""
    monkeypatch.setattr(inpainting, "COMPARED", compared)
    photo, where = stripes(200, 210), hole(200, 210, 70, 80, 45)
    spoilt = torch.where(where > 0, 0.5, photo)
    made = filled(spoilt, where)
    assert made[..., :70, :].equal(photo[..., :70, :])
    assert float((made - photo).abs()[where.expand_as(photo) > 0].mean()) < 0.03


def test_what_was_in_the_hole_is_not_looked_at() -> None:
    photo, where = smooth(40, 50, seed=1), hole(40, 50, 10, 20, 12)
    red = torch.where(where > 0, torch.tensor([1.0, 0.0, 0.0]).view(1, 3, 1, 1), photo)
    assert filled(red, where).equal(filled(photo, where))


def test_every_pixel_is_one_of_the_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until steps of brightness are taken out."""
    monkeypatch.setattr(inpainting, "joined", lambda picture, *_: picture)
    photo, where = smooth(40, 50, seed=1), hole(40, 50, 0, 20, 16)
    one, two = stripes(30, 34), smooth(20, 60, seed=5)
    made = filled(photo, where, [one])
    there = {tuple(p.tolist()) for p in one[0].flatten(1).T}
    assert {tuple(p.tolist()) for p in made[..., :16, 20:36][0].flatten(1).T} <= there
    several = [*completed(photo, where, [one, two], [None, None], torch.Generator())][-1]
    there |= {tuple(p.tolist()) for p in two[0].flatten(1).T}
    assert {tuple(p.tolist()) for p in several[..., :16, 20:36][0].flatten(1).T} <= there
    monkeypatch.setattr(inpainting, "CHUNK", 100)
    assert filled(photo, where, [one]).equal(made)


def test_all_free_and_a_hole_that_no_patch_is_beside() -> None:
    made = filled(torch.zeros(1, 3, 24, 24), torch.ones(1, 1, 24, 24), [stripes(30, 34)])
    assert float(made.std()) > 0.2
    with pytest.raises(UsageError, match="No patch of 7 x 7 px is known"):
        filled(smooth(12, 12, seed=1), hole(12, 12, 3, 3, 6))
    with pytest.raises(UsageError, match="No patch"):
        filled(smooth(6, 20, seed=1), hole(6, 20, 2, 2, 2))

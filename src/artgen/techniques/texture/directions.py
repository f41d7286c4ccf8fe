"""Textures along a flow: samples turned until their lines run as those of a picture do.

The direction of a place is that of the lines about it, in the picture of directions and in the
sample (`ops/orientation.py`). The table of patches has the sample in TURNS directions, each as
often as the flow has it, and patches are chosen by the angle between theirs and the flow's.
Statistics are those of the sample in the direction of each place, too: those of all directions
together would have every line crossed by others.
"""

from __future__ import annotations

import math
from dataclasses import replace

import torch
from torch import Tensor

from artgen.errors import UsageError
from artgen.losses.patch_table import Source
from artgen.ops.color import luma
from artgen.ops.orientation import direction, doubled_angles, flow_of
from artgen.ops.reductions import full_mean
from artgen.techniques.common.masks import FAINT
from artgen.techniques.texture.inputs import CanvasPart, TextureInputs
from artgen.techniques.texture.variants import form

__all__ = ["directed", "shown_flow"]

TURNS = 8  # directions of a sample, from 0 to 180 degrees
RARE = 0.01  # share of the flow below which a direction is left out
NEAR = 20  # of the sample's shorter side is the deviation over which its directions are averaged


def shown_flow(picture: Tensor) -> Tensor:
    """Cosine and sine (1, 2, H, W) of twice the angle of a flow, from a picture of lines.

    Raises:
        UsageError: for a picture (1, 3, H, W) of one brightness.
    """
    grey = luma(picture)
    if float(grey.max() - grey.min()) < FAINT:
        raise UsageError(
            "--direction is of one brightness: it shows no direction.",
            "Give a picture of lines (strokes, stripes) that run as the texture's are to.",
        )
    return flow_of(picture)


def directed(material: TextureInputs, flow: Tensor, amount: float, seed: int) -> TextureInputs:
    """The inputs of a texture, with the samples turned along a flow.

    Args:
        material: the inputs.
        flow: (1, 2, H, W), as `shown_flow` has it, of the whole canvas.
        amount: how much the samples are varied, from 0 to 1.
        seed: of what is drawn for that.
    """
    generator = torch.Generator().manual_seed(seed)
    shares, sectors = _sectors(flow)
    sources, masks, turns = list[Source](), list[list[Tensor]](), list[int]()
    for number, one in enumerate(material.sources):
        own, angle = _masks(material, number), direction(one.picture[:, :3])
        apart = own.shape[1]
        guide = own if one.guide is None else torch.cat([own, one.guide], 1)
        for turn, share in shares.items():
            degrees = math.remainder(180 * turn / TURNS - math.degrees(angle) / 2, 180)
            made = form(replace(one, guide=guide), degrees, amount, _room(one, degrees), generator)
            assert made.mask is not None
            assert made.guide is not None
            masks.append([here * made.mask for here in torch.split(made.guide[:, :apart], 1, 1)])
            seen = doubled_angles(made.picture[:, :3], min(one.size) / NEAR)
            followed = torch.cat([made.guide[:, apart:], seen / 2], 1)
            sources.append(replace(made, share=one.share * share, guide=followed))
            turns.append(turn)
    place = flow / 2 if material.place is None else torch.cat([material.place, flow / 2], 1)
    parts = []
    for at, part in enumerate(material.parts):
        for turn, sector in sectors.items():
            where = sector if part.place is None else part.place * sector
            shown = [
                some[at] if one == turn else torch.zeros_like(some[at])
                for one, some in zip(turns, masks, strict=True)
            ]
            if bool(where.any()) and any(bool(mask.any()) for mask in shown):
                parts.append(CanvasPart(where, shown, float(full_mean(where))))
    return replace(
        material,
        samples=[one.picture for one in sources],
        shares=[one.share for one in sources],
        parts=parts,
        place=place,
        sources=sources,
    )


def _masks(material: TextureInputs, number: int) -> Tensor:
    """Where on a sample each part is made from, (1, P, h, w)."""
    whole = torch.ones_like(material.samples[number][:, :1])
    masks = [part.masks[number] for part in material.parts]
    return torch.cat([whole if one is None else one for one in masks], 1)


def _sectors(flow: Tensor) -> tuple[dict[int, float], dict[int, Tensor]]:
    """How often a sample is needed in each of its turns, and where (1, 1, H, W) each is nearest.

    Turn n is to have its lines at n / TURNS of 180 degrees; neighbouring turns help each other.
    """
    angle = torch.atan2(flow[:, 1:], flow[:, :1]) * TURNS / (2 * math.pi)
    nearest = angle.round().long() % TURNS
    counts = nearest.flatten().bincount(minlength=TURNS).double() / nearest.numel()
    counts = counts / 2 + (counts.roll(1) + counts.roll(-1)) / 4
    kept = (counts > RARE).nonzero()[:, 0]
    apart = torch.remainder(angle - kept.view(1, -1, 1, 1) + TURNS / 2, TURNS) - TURNS / 2
    chosen = apart.abs().argmin(1, keepdim=True)
    turns, counts = kept.tolist(), counts / counts[kept].sum()
    return (
        {turn: float(counts[turn]) for turn in turns},
        {turn: (chosen == at).to(flow) for at, turn in enumerate(turns)},
    )


def _room(source: Source, degrees: float) -> tuple[int, int]:
    """The size (H, W) of a sample that has been turned."""
    height, width = source.size
    down, across = (abs(one(math.radians(degrees))) for one in (math.cos, math.sin))
    return round(height * down + width * across), round(width * down + height * across)

"""What the walls and roofs of the town are made of: plaster, timber, windows, tiles and stone.

Each function gives a colour (3, N) with a fourth row: 1 for glass, 2 for a lamplit window.
"""

import torch
from torch import Tensor

from . import march as m

PLASTERS = torch.tensor(
    [
        [0.72, 0.58, 0.36],
        [0.62, 0.34, 0.22],
        [0.74, 0.68, 0.56],
        [0.68, 0.47, 0.22],
        [0.50, 0.55, 0.46],
        [0.70, 0.44, 0.34],
        [0.44, 0.50, 0.56],
        [0.76, 0.62, 0.44],
        [0.58, 0.25, 0.17],
        [0.66, 0.62, 0.48],
    ]
).T.contiguous()
SHUTTERS = torch.tensor(
    [[0.05, 0.13, 0.08], [0.20, 0.06, 0.04], [0.07, 0.12, 0.20], [0.16, 0.10, 0.05]]
).T.contiguous()
STOREY = 2.45


def pick(table: Tensor, number: Tensor, turn: float) -> Tensor:
    """A colour from a table for each house."""
    return table[:, ((number * turn).remainder(1.0) * table.shape[1]).long()]


def facade(
    noise: m.Noise, place: Tensor, normal: Tensor, number: Tensor, half: Tensor, eaves: Tensor
) -> Tensor:
    """Plaster, in some houses over timber, with shuttered windows on the river front."""
    x, y, z = place
    wear = noise(torch.stack([x * 0.9, y * 0.5, z * 0.9]) + number * 50, 4, 0.6)
    colour = pick(PLASTERS, number, 7.3) * (0.92 + 0.16 * wear)
    colour = colour * (1 - 0.30 * m.ramp(y + 0.8 * wear, 1.0, 0.0))
    front = normal[2] > 0.5
    u = torch.where(front, x, z)
    timbered = (number * 17.0).remainder(1.0) < 0.45
    floor = (y / STOREY).remainder(1.0) * STOREY
    post = ((u / 1.05 + 0.5).remainder(1.0) - 0.5).abs() * 1.05
    brace = ((u / 1.05 + floor / STOREY).remainder(1.0) - 0.5).abs() * 0.9
    diagonal = (brace < 0.07) & ((u / 1.05).floor().remainder(3) == 0)
    beam = (post < 0.085) | (floor < 0.17) | ((floor - 1.25).abs() < 0.06) | diagonal
    timber = m.column((0.115, 0.060, 0.036)) * (1 + 0.3 * wear)
    colour = torch.where(timbered & beam & (y > STOREY), timber, colour)
    colour, glass = windows(colour, u, y, number, half, eaves, front)
    return torch.cat([colour, glass[None]])


def windows(
    colour: Tensor, u: Tensor, y: Tensor, number: Tensor, half: Tensor, eaves: Tensor, front: Tensor
) -> tuple[Tensor, Tensor]:
    """Casements with frames, bars, sills and shutters, in a grid that fits the front."""
    wide = half * 2 / (half * 2 / 1.85).floor().clamp_min(1)
    column = ((u + half) / wide).floor()
    a = (u + half) - (column + 0.5) * wide
    level = (y / STOREY).floor()
    b = y - level * STOREY - 1.45
    allowed = front & (a.abs() < wide / 2) & (u.abs() < half - 0.35) & (level < 5)
    # In the gable the row of windows narrows with the roof.
    narrowing = (half - (y + 1.3 - eaves).clamp_min(0) / 1.25 - 0.75) > u.abs()
    allowed = allowed & ((y < eaves - 0.1) | narrowing)
    tall = torch.where(level == 0, 0.72, 0.62)
    pane = allowed & (a.abs() < 0.40) & (b.abs() < tall)
    frame = allowed & (a.abs() < 0.49) & (b.abs() < tall + 0.09) & ~pane
    bars = pane & (
        (a.abs() < 0.035) | ((b - 0.18).abs() < 0.03) | (a.abs() > 0.36) | (b.abs() > tall - 0.05)
    )
    sill = allowed & (a.abs() < 0.56) & ((b + tall + 0.12).abs() < 0.06)
    shutters = allowed & (a.abs() > 0.49) & (a.abs() < 0.86) & (b.abs() < tall + 0.05)
    shutters = shutters & ((number * 29.0).remainder(1.0) < 0.6) & (level > 0)
    slats = 0.75 + 0.35 * ((b * 11).remainder(1.0) > 0.3)
    colour = torch.where(shutters, pick(SHUTTERS, number, 13.0) * slats, colour)
    # The reveal keeps a shadow under the lintel and a light edge at the sill.
    eave_shade = allowed & (a.abs() < 0.49) & ((b - tall - 0.16).abs() < 0.07)
    colour = torch.where(eave_shade, colour * 0.55, colour)
    white = m.column((0.66, 0.62, 0.54))
    colour = torch.where(frame | sill | bars, white, colour)
    chance = (torch.sin(column * 12.9 + level * 78.2 + number * 437.0) * 43758.5).remainder(1.0)
    glass = (pane & ~bars).float()
    dim = m.shades((0.012, 0.014, 0.018), (0.10, 0.085, 0.07), (chance > 0.6).float())
    dim = dim * (0.5 + 0.5 * m.ramp(b, 0.5, -0.5))
    colour = torch.where(glass > 0, dim, colour)
    lamp = (glass > 0) & (chance > 0.2) & (chance < 0.34)
    return colour, glass + lamp.float()


def roofing(noise: m.Noise, p: Tensor, place: Tensor, number: Tensor, gable: Tensor) -> Tensor:
    """Clay tiles in courses, weathered in patches."""
    along = torch.where(gable, place[2], place[0])
    course = place[1] * 4.6
    row = course.floor()
    tile = ((along * 5.6 + 0.5 * row.remainder(2)).floor() * 7.7 + row * 3.1 + number * 91).sin()
    patch = noise(p * 0.8, 4, 0.6)
    red = m.shades((0.145, 0.060, 0.042), (0.38, 0.165, 0.095), 0.5 + 0.22 * tile + 0.35 * patch)
    red = m.mix(red, m.column((0.16, 0.13, 0.11)), m.ramp(patch + number, 0.8, 1.6) * 0.8)
    lap = 0.62 + 0.38 * m.ramp(course - row, 0.0, 0.35)
    return torch.cat([red * lap, torch.zeros_like(along)[None]])


def masonry(noise: m.Noise, p: Tensor, base: Tensor, tower: bool) -> Tensor:
    """Coursed stone; on the tower with tall belfry openings and a clock, by the water with weed."""
    u = p[0] + p[2]
    height = 0.42
    row = (p[1] / height).floor()
    block = (u / 0.85 + 0.5 * row.remainder(2)).floor()
    shade = torch.sin(block * 12.9 + row * 78.2) * 0.5
    joint = torch.minimum(
        (p[1] / height - row - 0.5).abs().mul(-1).add(0.5) * height,
        ((u / 0.85 + 0.5 * row.remainder(2)).remainder(1.0) - 0.5).abs().mul(-1).add(0.5) * 0.85,
    )
    rough = noise(p * 2.3, 5, 0.6)
    colour = base * (0.85 + 0.22 * shade + 0.28 * rough) * (0.62 + 0.38 * m.ramp(joint, 0.0, 0.05))
    glass = torch.zeros_like(u)
    if not tower:
        weed = m.ramp(p[1] + 0.35 * rough, 0.9, 0.25)
        colour = m.mix(colour, m.column((0.045, 0.060, 0.025)), weed)
        colour = torch.where(
            p[1] < 0.72, torch.where(p[2] > 0.4, m.column((0.13, 0.075, 0.04)), colour), colour
        )
        return torch.cat([colour, glass[None]])
    q = p - m.column((9.0, 3.9, -27.0))
    arch = torch.hypot(q[0], (q[1] - 18.2).clamp_min(0))
    opening = (arch < 0.85) & (q[1] > 15.4) & (q[2] > 0)
    slit = (q[0].abs() < 0.35) & ((q[1] - 8.0).abs() < 1.0) & (q[2] > 0)
    nave = ((q[0] / 3.0).remainder(1.0) - 0.5).abs() * 3.0
    lancet = (q[0] < -3.2) & (torch.hypot(nave, (q[1] - 9.6).clamp_min(0)) < 0.55) & (q[1] > 5.0)
    colour = torch.where(opening | slit | lancet, m.column((0.02, 0.02, 0.025)), colour)
    dial = torch.hypot(q[0], q[1] - 12.0)
    face = (dial < 1.25) & (q[2] > 0)
    hands = ((q[0].abs() < 0.07) & (q[1] > 12) | ((q[1] - 12).abs() < 0.07) & (q[0] > 0)) & (
        dial < 0.95
    )
    ring = (dial > 1.0) & (dial < 1.12)
    colour = torch.where(face, m.column((0.70, 0.66, 0.55)), colour)
    colour = torch.where(face & (hands | ring), m.column((0.03, 0.03, 0.035)), colour)
    return torch.cat([colour, glass[None]])

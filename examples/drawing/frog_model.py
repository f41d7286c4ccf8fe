"""A tree frog as distance fields, one unit long and looking along +x in its own frame."""

import numpy as np
import torch
from torch import Tensor

from . import march as m
from . import solids as sd

YAW = -36.0  # how far the frog turns from the side towards the camera
EYE = (0.475, 0.610, 0.200)
EYE_RADIUS = 0.108


def fan(
    q: Tensor, palm: m.Vector, toes: list[tuple[float, float]], thick: float, floor: float
) -> tuple[Tensor, Tensor]:
    """Toes as (angle, reach) about a palm, and the distance to their round pads."""
    flesh, pads = sd.sphere(q, palm, thick * 1.25), torch.full_like(q[0], 9.0)
    for angle, reach in toes:
        a = np.radians(angle)
        end = (palm[0] + reach * float(np.cos(a)), floor, palm[2] + reach * float(np.sin(a)))
        middle = ((palm[0] + end[0]) / 2, floor + 0.035, (palm[2] + end[2]) / 2)
        toe = sd.join(
            sd.limb(q, palm, middle, thick, thick * 0.72),
            sd.limb(q, middle, end, thick * 0.72, thick * 0.66),
            0.02,
        )
        flesh = sd.join(flesh, toe, 0.025)
        pads = torch.minimum(pads, sd.ellipsoid(q, end, (0.046, 0.026, 0.046)))
    return flesh, pads


def trunk(q: Tensor) -> Tensor:
    """Body and head, with sockets for the eyes and a closed mouth."""
    tilt = m.turned(q - m.column((-0.02, 0.34, 0.0)), -20, (0, 1))
    body = sd.ellipsoid(tilt, (0, 0, 0), (0.47, 0.205, 0.265))
    body = sd.join(body, sd.ellipsoid(q, (0.20, 0.30, 0.0), (0.26, 0.20, 0.24)), 0.10)
    head = sd.ellipsoid(q, (0.40, 0.505, 0.0), (0.26, 0.150, 0.245))
    head = sd.join(head, sd.ellipsoid(q, (0.575, 0.475, 0.0), (0.135, 0.092, 0.165)), 0.10)
    head = sd.join(head, sd.ellipsoid(q, (0.42, 0.405, 0.0), (0.235, 0.105, 0.215)), 0.05)
    body = sd.join(body, head, 0.12)
    socket = sd.sphere(q, (EYE[0] - 0.018, EYE[1] + 0.004, EYE[2] - 0.026), EYE_RADIUS * 1.06)
    body = sd.join(body, socket, 0.055)
    body = sd.carve(
        body,
        sd.sphere(q, (EYE[0] + 0.020, EYE[1] + 0.002, EYE[2] + 0.050), EYE_RADIUS * 0.93),
        0.018,
    )
    lips = (
        q[1] - 0.447 + 0.35 * (q[0] - 0.66) ** 2 + 0.25 * (q[0] - 0.35).clamp_max(0) ** 2
    ).abs() - 0.0035
    body = sd.carve(body, torch.maximum(lips, 0.28 - q[0]), 0.014)
    return sd.carve(body, sd.sphere(q, (0.680, 0.525, 0.055), 0.010), 0.01)


def skin(q: Tensor) -> tuple[Tensor, Tensor]:
    """Distances to the body with its limbs, and to the toes, in the folded frame."""
    arm = sd.join(
        sd.limb(q, (0.22, 0.34, 0.20), (0.13, 0.17, 0.34), 0.085, 0.060),
        sd.limb(q, (0.13, 0.17, 0.34), (0.36, 0.075, 0.36), 0.060, 0.040),
        0.05,
    )
    thigh = sd.limb(q, (-0.34, 0.27, 0.14), (0.00, 0.29, 0.40), 0.105, 0.082)
    shin = sd.limb(q, (0.00, 0.29, 0.40), (-0.42, 0.13, 0.37), 0.080, 0.052)
    foot = sd.limb(q, (-0.42, 0.12, 0.37), (-0.14, 0.060, 0.50), 0.050, 0.036)
    leg = sd.join(sd.join(thigh, shin, 0.05), foot, 0.03)
    body = sd.join(sd.join(trunk(q), arm, 0.06), leg, 0.045)
    hand, pads = fan(
        q, (0.38, 0.065, 0.365), [(-42, 0.19), (-8, 0.22), (28, 0.22), (66, 0.17)], 0.029, 0.030
    )
    toes, tips = fan(
        q,
        (-0.13, 0.060, 0.50),
        [(-20, 0.20), (6, 0.26), (30, 0.27), (58, 0.22), (95, 0.15)],
        0.027,
        0.030,
    )
    digits = torch.minimum(hand, toes)
    return body, sd.join(digits, torch.minimum(pads, tips), 0.018)


def local(p: Tensor) -> Tensor:
    q = m.turned(p, YAW)
    return torch.stack([q[0], q[1], q[2].abs()])


def frog_field(p: Tensor) -> Tensor:
    q = local(p)
    bound = sd.sphere(q, (0.05, 0.33, 0.0), 0.85)
    near = (bound < 0.12).nonzero()[:, 0]
    if near.numel() == bound.numel():
        body, digits = skin(q)
        return torch.minimum(sd.join(body, digits, 0.03), sd.sphere(q, EYE, EYE_RADIUS))
    if near.numel():
        bound = bound.clone()
        bound[near] = frog_field(p[:, near])
    return bound

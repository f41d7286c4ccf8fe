"""Watercolour: poppies in washes that bloom, granulate and dry with dark edges."""

import numpy as np

from . import paint
from .wash import Sheet

PETALS = paint.hexes("e8402a f0563a d62a34 ea6a3c e23a4e f08a50")
GREENS = paint.hexes("5f8f4a 3f7a58 86a04a 2f6a5c 6f9a6a")
FLOWERS = [  # x, y and reach in picture heights
    (0.30, 0.235, 0.135), (0.585, 0.335, 0.165), (0.225, 0.50, 0.150), (0.50, 0.625, 0.115),
    (0.70, 0.115, 0.075),
]  # fmt: skip
GROUND = [  # pigment, x, y, reach, strength
    ("7fb4cc", 0.12, 0.16, 0.30, 0.75), ("f0d078", 0.62, 0.10, 0.24, 0.6),
    ("8a86c4", 0.70, 0.42, 0.22, 0.6), ("6fae9a", 0.10, 0.66, 0.30, 0.8),
    ("4f9a8a", 0.52, 0.94, 0.34, 0.95), ("5a88bc", 0.76, 0.80, 0.22, 0.8),
    ("e8a488", 0.34, 0.46, 0.22, 0.35), ("c8b04a", 0.20, 0.96, 0.22, 0.6),
]  # fmt: skip


def _petal(sheet: Sheet, x: float, y: float, way: float, reach: float, colour: np.ndarray) -> None:
    """A ruffled fan of red: a thin first wash, then strong paint dropped in near its root."""
    rng = sheet.rng
    a = np.linspace(-1, 1, 15)
    wide = rng.uniform(0.62, 0.85)
    r = reach * (1 - 0.32 * np.abs(a) ** 3 + rng.normal(0, 0.045, 15))
    fan = np.stack([x + r * np.cos(way + wide * a), y + 0.80 * r * np.sin(way + wide * a)], -1)
    shape = paint.curve(np.concatenate([[[x, y]], fan, [[x, y]]]), 120)
    mask = sheet.ragged(paint.polygon(sheet.size, shape), 0.0035)
    d = np.hypot(sheet.x - x, (sheet.y - y) / 0.8) / reach
    turn = np.arctan2((sheet.y - y) / 0.8, sheet.x - x)
    turn = (turn - way + np.pi) % (2 * np.pi)  # the seam falls where this petal is not
    vein = paint.pick(sheet.wander[1], turn * sheet.h / 8, d * 40 + y)
    fade = (0.55 + 0.55 * np.abs(d - 0.42) + 0.13 * vein).clip(0.12, 1.4)
    sheet.wash(mask * fade, colour, 0.85, edge=0.9, bloom=0.34)
    drop = mask * paint.smooth(0.75, 0.05, d + 0.22 * sheet.flow[2])
    sheet.wash(drop, paint.hexes("b0122e")[0], rng.uniform(0.4, 0.85), edge=0.25, bloom=0.4)


def _poppy(sheet: Sheet, x: float, y: float, reach: float) -> None:
    """Five petals, the far ones first, about a dark wet heart."""
    rng, h = sheet.rng, sheet.h
    x, y, reach = x * h, y * h, reach * h
    tilt = rng.normal(0, 0.3)
    for k, way in enumerate((-1.57, -2.75, -0.35, 2.35, 0.85)):
        size = reach * rng.uniform(0.85, 1.12) * (0.85 if k > 2 else 1)
        _petal(sheet, x, y, way + tilt + rng.normal(0, 0.12), size, PETALS[rng.integers(6)])
    r = np.hypot(sheet.x - x, (sheet.y - y) * 1.15) / reach + 0.03 * sheet.wander[2]
    sheet.wash(paint.smooth(0.25, 0.08, r), paint.hexes("3a2048")[0], 0.8, edge=0.2, bloom=0.15)
    sheet.wash(paint.smooth(0.13, 0.10, r), paint.hexes("2c3a30")[0], 1.2, edge=0.8)
    for _ in range(46):
        a, far = rng.random() * 6.3, reach * rng.normal(0.26, 0.05)
        px, py = x + far * np.cos(a), y + far * np.sin(a) * 0.8
        path = np.array(
            [
                [px, py],
                [px + 2 * np.cos(a), py + 2 * np.sin(a)],
                [px + 3.5 * np.cos(a), py + 3 * np.sin(a)],
            ]
        )
        sheet.dry_stroke(path, h * np.array([0.001, 0.0048, 0.001]), 1.5, paint.hexes("2a1a38")[0])


def _reserve(sheet: Sheet, x: float, y: float, reach: float) -> None:
    """Lift the damp ground where a flower will stand, leaving nearly bare paper."""
    r = np.hypot(sheet.x / sheet.h - x, (sheet.y / sheet.h - y) / 0.85) / reach
    lift = paint.smooth(1.08, 0.80, r + 0.10 * sheet.wander[1] + 0.05 * sheet.wander[2])
    sheet.colour = paint.mix(sheet.colour, paint.hexes("faf5ea")[0], 0.86 * lift)


def _leaf(sheet: Sheet, points: list[tuple[float, float]], width: float) -> None:
    """A blade of green that turns from one hue to another along its length."""
    rng, h = sheet.rng, sheet.h
    path = paint.curve(np.array(points) * h, 50)
    t = np.linspace(0, 1, 50)
    widths = (
        h * width * np.sin(np.pi * t**0.8) ** 0.8 * (1 + 0.2 * np.sin(t * 23 + rng.random() * 6))
    )
    mask = sheet.ragged(paint.polygon(sheet.size, paint.ribbon(path, widths + 1)), 0.002)
    first, second = GREENS[rng.integers(len(GREENS), size=2)]
    blend = (0.5 + 0.6 * sheet.flow[rng.integers(4)]).clip(0, 1)
    sheet.wash(mask * blend, first, 1.1, edge=0.9)
    sheet.wash(mask * (1 - blend), second, 0.9, edge=0.9)


def _spatter(sheet: Sheet, colours: np.ndarray, count: int) -> None:
    """Drops flicked from a loaded brush."""
    rng, h = sheet.rng, sheet.h
    for _ in range(count):
        x, y = rng.random() * sheet.size[0], rng.random() * h
        r = h * (0.0012 + 0.006 * rng.random() ** 4)
        a = np.linspace(0, 6.28, 14)
        ring = np.stack([x + r * np.cos(a), y + r * np.sin(a)], -1)
        mask = paint.polygon(sheet.size, ring)
        sheet.wash(mask, colours[rng.integers(len(colours))], rng.uniform(0.3, 0.9), edge=1.2)


def _ground(sheet: Sheet) -> None:
    """Wet colour let into wet paper, with back-runs where it was still too wet."""
    rng, h, w = sheet.rng, sheet.h, sheet.size[0] / sheet.size[1]
    for tint, cx, cy, reach, strength in GROUND:
        r = np.hypot(sheet.x / h - cx, sheet.y / h - cy) / reach
        r = r + 0.30 * sheet.flow[rng.integers(4)] + 0.08 * sheet.wander[rng.integers(6)]
        mask = 0.72 * paint.smooth(1.25, 0.35, r) + 0.28 * paint.smooth(1.0, 0.975, r)
        sheet.wash(mask, paint.hexes(tint)[0], strength, edge=1.0, grain=0.2, bloom=0.25)
    for _ in range(7):
        x, y = rng.uniform(0.02, w), rng.uniform(0.05, 0.97)
        sheet.backrun(x * h, y * h, h * rng.uniform(0.035, 0.10))


def _stems(sheet: Sheet) -> None:
    """Stalks, blades of grass, and three nodding buds."""
    rng, h, w = sheet.rng, sheet.h, sheet.size[0] / sheet.size[1]
    for x, y, _ in FLOWERS:
        foot = 0.42 + 0.35 * (x - 0.42)
        way = [(x, y), ((x * 2 + foot) / 3 + rng.normal(0, 0.03), y + 0.2), (foot, 1.03)]
        stem = paint.curve(np.array(way) * h, 60)
        sheet.dry_stroke(stem, h * 0.0065, 0.9, GREENS[rng.integers(5)])
        sheet.dry_stroke(np.add(stem, (1.5, 0)), h * 0.0025, 0.9, GREENS[3])
    for k in range(17):
        x, lean = (k + rng.random()) / 17 * w, rng.normal(0, 0.09)
        top = rng.uniform(0.60, 0.86)
        blade = [(x, 1.03), (x + lean * 0.3, (1 + top) / 2), (x + lean, top)]
        _leaf(sheet, blade, rng.uniform(0.012, 0.034))
    for x, y in ((0.43, 0.09), (0.09, 0.30), (0.74, 0.55)):
        _leaf(sheet, [(x, y), (x + 0.012, y + 0.03), (x + 0.006, y + 0.06)], 0.036)
        foot = 0.40 + 0.3 * (x - 0.4)
        way = [(x + 0.004, y + 0.005), (x + 0.02, y - 0.012), (x + 0.03, y + 0.06), (foot, 1.03)]
        sheet.dry_stroke(paint.curve(np.array(way) * h, 60), h * 0.0035, 0.7, GREENS[1])


def watercolour(size: tuple[int, int], seed: int) -> np.ndarray:
    """Poppies in the wet: soft ground, ruffled reds, greens that run, and bare white paper."""
    sheet = Sheet(size, "faf6ec", seed)
    _ground(sheet)
    _stems(sheet)
    for flower in FLOWERS:
        _reserve(sheet, *flower)
    for flower in FLOWERS:
        _poppy(sheet, *flower)
    _spatter(sheet, np.concatenate([PETALS[:3], GREENS[:2], paint.hexes("5a88bc")]), 90)
    return (sheet.colour * (1 + 0.02 * sheet.tooth[..., None])).clip(0, 1)

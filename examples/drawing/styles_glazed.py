"""Ink wash: mountains in mist, an old pine, and one red seal."""

import numpy as np

from . import paint
from .wash import Sheet

INK = paint.hexes("1b1a1c")[0]
RANGES = [  # foot, peaks (centre, half width, height), tone, rockiness
    (0.47, [(0.30, 0.10, 0.25), (0.52, 0.12, 0.34), (0.78, 0.10, 0.23), (0.95, 0.1, 0.3)],
     0.34, 0.15),
    (0.58, [(0.08, 0.13, 0.36), (0.27, 0.07, 0.27), (0.70, 0.10, 0.20), (1.0, 0.12, 0.30)],
     0.75, 0.55),
    (0.70, [(-0.02, 0.16, 0.34), (0.16, 0.09, 0.17), (0.92, 0.16, 0.15)], 1.25, 0.95),
]  # fmt: skip
LIMBS = [  # the pine's trunk and branches, each with its width at the root
    ([(0.66, 0.99), (0.615, 0.90), (0.635, 0.80), (0.58, 0.71), (0.60, 0.62), (0.55, 0.545)],
     0.030),
    ([(0.625, 0.82), (0.54, 0.765), (0.47, 0.775), (0.39, 0.745)], 0.013),
    ([(0.59, 0.70), (0.655, 0.655), (0.70, 0.665), (0.745, 0.635)], 0.012),
    ([(0.595, 0.635), (0.51, 0.61), (0.455, 0.625), (0.415, 0.605)], 0.010),
    ([(0.56, 0.56), (0.605, 0.525), (0.65, 0.525)], 0.007),
    ([(0.555, 0.55), (0.50, 0.525), (0.47, 0.53)], 0.007),
]  # fmt: skip
CARVED = [  # strokes left white in the seal: left, right, top, bottom
    (-0.36, 0.36, -0.36, -0.28), (-0.36, -0.28, -0.36, 0.05), (-0.36, 0.0, 0.0, 0.08),
    (0.10, 0.18, -0.20, 0.38), (-0.20, 0.36, -0.18, -0.10), (0.28, 0.36, -0.10, 0.38),
    (-0.36, 0.02, 0.20, 0.28), (-0.20, -0.12, 0.08, 0.38), (-0.36, 0.02, 0.34, 0.40),
]  # fmt: skip


def _ridge(
    rng: np.random.Generator, width: int, peaks: list[tuple[float, float, float]]
) -> np.ndarray:
    """A skyline: steep leaning peaks (centre, half width, height) with crags on their flanks."""
    x = np.linspace(0, 1, width)
    line = np.zeros(width)
    for centre, half, tall in peaks:
        d = (x - centre) / half
        d = d + 0.18 * np.sin(d * 3 + centre * 9)
        line = np.maximum(line, tall * np.exp(-(np.abs(d) ** 1.55)))
    for octave in range(6):
        count = 9 * 2**octave
        wave = np.interp(x, np.linspace(0, 1, count), rng.normal(0, 1, count))
        line += 0.019 * 0.56**octave * wave * (0.3 + line * 2)
    return line


def _mountain(sheet: Sheet, base: float, line: np.ndarray, tone: float, rock: float) -> None:
    """One range: ink thick along the skyline, creased down the slopes, lost in mist below."""
    rng, h, size = sheet.rng, sheet.h, sheet.size
    top = (base - line) * h
    depth = (sheet.y - top[None, :]) / h
    inside = paint.smooth(0, 2.0 / h, depth)
    fall = np.exp(-depth.clip(0) * (9 - 4 * rock)) * paint.smooth(
        base + 0.10, base - 0.10, sheet.y / h
    )
    mist = np.clip(0.9 + 0.35 * sheet.flow[1], 0, 1.6)
    slope = np.gradient(paint.blur(line[None, :].repeat(3, 0), size[0] / 60)[1]) * size[0]
    lean = sheet.x + (sheet.y - top[None, :]) * np.tanh(slope * 0.5)[None, :] * 0.8
    crease = paint.noise((size[0] * 2, size[1]), (h / 16, h / 3), rng, 5, 0.62)
    crease = paint.pick(
        crease, lean + size[0] / 2 + 9 * sheet.wander[2], sheet.y - top[None, :] * 0.7
    )
    cuts = paint.smooth(0.1, 1.3, crease) * rock
    tones = fall * mist * (0.55 + 0.25 * sheet.flow[2] * 0.6)
    skyline = np.exp(-((depth * h / (h * 0.006)) ** 2)) * (
        0.35 + 0.65 * paint.smooth(-0.6, 0.8, sheet.wander[3])
    )
    density = inside * (tones * (0.55 + 1.5 * cuts) + 0.9 * skyline * rock)
    sheet.stain(density * tone * (1 - 0.13 * sheet.tooth), INK)


def _needles(sheet: Sheet, x: float, y: float, reach: float) -> None:
    """A fan of pine needles over a soft wash."""
    rng = sheet.rng
    blot = np.exp(-(((sheet.x - x) / reach) ** 2 + ((sheet.y - y) / reach / 0.55) ** 2) * 1.4)
    sheet.stain(0.16 * blot * (1 + 0.5 * sheet.wander[1]).clip(0.1, 2), INK)
    for _ in range(30):
        a = rng.normal(-np.pi / 2, 0.85)
        px, py = x + rng.normal(0, reach * 0.42), y + rng.normal(0, reach * 0.19)
        t = np.linspace(0, 1, 6)
        far = reach * rng.uniform(0.35, 0.75)
        bend = rng.normal(0, 0.25)
        path = np.stack(
            [px + far * t * np.cos(a + bend * t), py + far * t * np.sin(a + bend * t) * 0.8], -1
        )
        width = sheet.h * 0.0015 * (1.3 - t)
        sheet.dry_stroke(path, width, rng.uniform(0.08, 0.75), INK)


def _pine(sheet: Sheet) -> None:
    """An old pine that leans out from the right-hand bank."""
    rng, h = sheet.rng, sheet.h
    for points, width in LIMBS:
        path = paint.curve(np.array(points) * h, 70)
        path += np.cumsum(rng.normal(0, 0.35, path.shape), 0) * h / 1000
        t = np.linspace(0, 1, 70)
        widths = h * width * (1 - 0.82 * t) * (1 + 0.16 * np.sin(t * 31 + width * 900))
        sheet.dry_stroke(path, widths, 0.55, INK)
        sheet.dry_stroke(path + widths[:, None] * (0.3, 0.05), widths * 0.45, 1.5, INK)
        for _ in range(int(width * 1900)):
            k = int(rng.integers(2, 60))
            bark = path[k : k + 5] + rng.normal(0, widths[k] * 0.30, 2)
            sheet.dry_stroke(bark, widths[k] * 0.13, rng.uniform(0.6, 1.8), INK)
        if width < 0.02:
            for k in np.linspace(22, 69, int(3 + width * 420)).astype(int):
                x, y = path[k] + rng.normal(0, h * 0.007, 2)
                _needles(sheet, x, y - h * 0.009, h * rng.uniform(0.030, 0.045))
    for _ in range(5):
        _needles(
            sheet, h * (0.55 + rng.normal(0, 0.028)), h * (0.535 + rng.normal(0, 0.012)), h * 0.04
        )


def _seal(sheet: Sheet, x: float, y: float, side: float) -> None:
    """A vermilion seal: carved strokes left white, unevenly pressed."""
    rng, h = sheet.rng, sheet.h
    u, v = (sheet.x / h - x) / side, (sheet.y / h - y) / side
    u, v = u + 0.012 * sheet.wander[0], v + 0.012 * sheet.wander[1]
    stamp = ((np.abs(u) < 0.5) & (np.abs(v) < 0.5)).astype(np.float32)
    for a, b, c, d in CARVED:
        stamp[(u > a) & (u < b) & (v > c) & (v < d)] = 0
    press = np.clip(1.05 - 0.22 * sheet.tooth + 0.15 * sheet.wander[int(rng.integers(6))], 0.2, 1.3)
    sheet.stain(paint.blur(stamp, 1) * press, paint.hexes("c4281c")[0])


def _boat(sheet: Sheet) -> None:
    """A skiff with one figure under a wide hat, leaning on a pole."""
    h = sheet.h
    hull = paint.curve([(0.20, 0.853), (0.245, 0.866), (0.31, 0.850)], 30) * h
    sheet.dry_stroke(hull, h * 0.008 * np.sin(np.linspace(0.15, 3, 30)), 2.0, INK)
    body = paint.curve([(0.243, 0.858), (0.246, 0.846), (0.252, 0.838)], 9) * h
    sheet.dry_stroke(body, h * 0.007, 1.6, INK)
    hat = paint.curve([(0.232, 0.842), (0.25, 0.836), (0.268, 0.842)], 9) * h
    sheet.dry_stroke(hat, h * 0.004, 2, INK)
    pole = paint.curve([(0.255, 0.83), (0.29, 0.875)], 12) * h
    sheet.dry_stroke(pole, h * 0.0018, 1.6, INK)


def _birds(sheet: Sheet) -> None:
    """A straggling line of birds before the far peaks."""
    rng, h = sheet.rng, sheet.h
    wings = np.array([(-1, -0.5), (-0.3, -0.45), (0, 0), (0.5, -0.6), (1, -0.35)])
    for k in range(7):
        x, y = 0.40 + 0.028 * k + rng.normal(0, 0.006), 0.20 + 0.014 * k + rng.normal(0, 0.009)
        path = paint.curve((wings * 0.009 + (x, y)) * h, 14)
        sheet.dry_stroke(path, h * 0.0024 * np.sin(np.linspace(0.3, 2.9, 14)), 1.4, INK)


def ink(size: tuple[int, int], seed: int) -> np.ndarray:
    """Mountains in mist, an old pine, a boat, and one red seal."""
    sheet = Sheet(size, "f1e9d6", seed)
    rng, h, w = sheet.rng, sheet.h, size[0]
    sky = paint.smooth(0.5, 0.0, sheet.y / h) * (0.5 + 0.4 * sheet.flow[0])
    sheet.stain(0.10 * sky.clip(0, 2), INK)
    for base, peaks, tone, rock in RANGES:
        _mountain(sheet, base, _ridge(rng, w, peaks), tone, rock)
        fog = paint.smooth(0.07, 0, np.abs(sheet.y / h - base - 0.01 * sheet.flow[3]))
        sheet.colour = paint.mix(sheet.colour, paint.hexes("f1e9d6")[0], 0.62 * fog)
    _mountain(sheet, 1.12, _ridge(rng, w, [(0.95, 0.34, 0.24), (0.72, 0.16, 0.14)]), 2.2, 1.0)
    for k in range(9):
        y, x = h * rng.uniform(0.815, 0.955), w * rng.uniform(0.17, 0.52)
        far = h * rng.uniform(0.05, 0.16)
        path = paint.curve([(x, y), (x + far * 0.4, y + h * 0.003), (x + far, y - h * 0.001)], 20)
        swell = np.sin(np.linspace(0.1, 3.1, 20))
        sheet.dry_stroke(path, h * 0.0038 * swell, 0.16 + 0.03 * k, INK)
    _pine(sheet)
    _boat(sheet)
    _birds(sheet)
    _seal(sheet, 0.075, 0.915, 0.052)
    return (sheet.colour * (1 + 0.022 * sheet.tooth[..., None])).clip(0, 1)

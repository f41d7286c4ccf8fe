"""Water on paper: an ink landscape in mist, and flowers in wet washes of colour."""

import numpy as np

from . import paint
from .wash import Sheet

INK = paint.hexes("1b1a1c")[0]


def _ridge(rng: np.random.Generator, width: int, peaks: list[tuple[float, float, float]]) -> np.ndarray:
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
    fall = np.exp(-depth.clip(0) * (9 - 4 * rock)) * paint.smooth(base + 0.10, base - 0.10, sheet.y / h)
    mist = np.clip(0.9 + 0.35 * sheet.flow[1], 0, 1.6)
    slope = np.gradient(paint.blur(line[None, :].repeat(3, 0), size[0] / 60)[1]) * size[0]
    lean = sheet.x + (sheet.y - top[None, :]) * np.tanh(slope * 0.5)[None, :] * 0.8
    crease = paint.noise((size[0] * 2, size[1]), (h / 16, h / 3), rng, 5, 0.62)
    crease = paint.pick(crease, lean + size[0] / 2 + 9 * sheet.wander[2], sheet.y - top[None, :] * 0.7)
    cuts = paint.smooth(0.1, 1.3, crease) * rock
    tones = fall * mist * (0.55 + 0.25 * sheet.flow[2] * 0.6)
    skyline = np.exp(-((depth * h / (h * 0.006)) ** 2)) * (0.35 + 0.65 * paint.smooth(-0.6, 0.8, sheet.wander[3]))
    density = inside * (tones * (0.55 + 1.5 * cuts) + 0.9 * skyline * rock)
    sheet.stain(density * tone * (1 - 0.13 * sheet.tooth), INK)


def _needles(sheet: Sheet, x: float, y: float, reach: float) -> None:
    """A fan of pine needles over a soft wash."""
    rng = sheet.rng
    blot = np.exp(-(((sheet.x - x) / reach) ** 2 + ((sheet.y - y) / reach / 0.55) ** 2) * 1.4)
    sheet.stain(0.16 * blot * (1 + 0.5 * sheet.wander[1]).clip(0.1, 2), INK)
    for _ in range(34):
        a = rng.normal(-np.pi / 2, 0.85)
        px, py = x + rng.normal(0, reach * 0.42), y + rng.normal(0, reach * 0.13)
        t = np.linspace(0, 1, 6)
        far = reach * rng.uniform(0.35, 0.75)
        bend = rng.normal(0, 0.25)
        path = np.stack([px + far * t * np.cos(a + bend * t), py + far * t * np.sin(a + bend * t) * 0.8], -1)
        width = sheet.h * 0.0022 * (1.15 - t)
        sheet.dry_stroke(path, width, rng.uniform(0.5, 1.9), INK)


def _pine(sheet: Sheet) -> None:
    """An old pine that leans out from the right-hand bank."""
    rng, h = sheet.rng, sheet.h
    limbs = [
        ([(0.66, 0.99), (0.615, 0.90), (0.635, 0.80), (0.58, 0.71), (0.60, 0.62), (0.55, 0.545)], 0.030),
        ([(0.625, 0.82), (0.54, 0.765), (0.47, 0.775), (0.39, 0.745)], 0.013),
        ([(0.59, 0.70), (0.655, 0.655), (0.70, 0.665), (0.745, 0.635)], 0.012),
        ([(0.595, 0.635), (0.51, 0.61), (0.455, 0.625), (0.415, 0.605)], 0.010),
        ([(0.56, 0.56), (0.605, 0.525), (0.65, 0.525)], 0.007),
        ([(0.555, 0.55), (0.50, 0.525), (0.47, 0.53)], 0.007),
    ]  # fmt: skip
    for points, width in limbs:
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
        _needles(sheet, h * (0.55 + rng.normal(0, 0.028)), h * (0.535 + rng.normal(0, 0.012)), h * 0.04)


def _seal(sheet: Sheet, x: float, y: float, side: float) -> None:
    """A vermilion seal: carved strokes left white, unevenly pressed."""
    rng, h = sheet.rng, sheet.h
    u, v = (sheet.x / h - x) / side, (sheet.y / h - y) / side
    u, v = u + 0.012 * sheet.wander[0], v + 0.012 * sheet.wander[1]
    stamp = ((np.abs(u) < 0.5) & (np.abs(v) < 0.5)).astype(np.float32)
    for a, b, c, d in [(-0.36, 0.36, -0.36, -0.28), (-0.36, -0.28, -0.36, 0.05), (-0.36, 0.0, 0.0, 0.08),
                       (0.10, 0.18, -0.20, 0.38), (-0.20, 0.36, -0.18, -0.10), (0.28, 0.36, -0.10, 0.38),
                       (-0.36, 0.02, 0.20, 0.28), (-0.20, -0.12, 0.08, 0.38), (-0.36, 0.02, 0.34, 0.40)]:  # fmt: skip
        stamp[(u > a) & (u < b) & (v > c) & (v < d)] = 0
    press = np.clip(1.05 - 0.22 * sheet.tooth + 0.15 * sheet.wander[int(rng.integers(6))], 0.2, 1.3)
    sheet.stain(paint.blur(stamp, 1) * press, paint.hexes("c4281c")[0])


def ink(size: tuple[int, int], seed: int) -> np.ndarray:
    """Mountains in mist, an old pine, a boat, and one red seal."""
    sheet = Sheet(size, "f1e9d6", seed)
    rng, h, w = sheet.rng, sheet.h, size[0]
    sky = paint.smooth(0.5, 0.0, sheet.y / h) * (0.5 + 0.4 * sheet.flow[0])
    sheet.stain(0.10 * sky.clip(0, 2), INK)
    ranges = [
        (0.47, [(0.30, 0.10, 0.25), (0.52, 0.12, 0.34), (0.78, 0.10, 0.23), (0.95, 0.1, 0.3)], 0.34, 0.15),
        (0.58, [(0.08, 0.13, 0.36), (0.27, 0.07, 0.27), (0.70, 0.10, 0.20), (1.0, 0.12, 0.30)], 0.75, 0.55),
        (0.70, [(-0.02, 0.16, 0.34), (0.16, 0.09, 0.17), (0.92, 0.16, 0.15)], 1.25, 0.95),
    ]  # fmt: skip
    for base, peaks, tone, rock in ranges:
        _mountain(sheet, base, _ridge(rng, w, peaks), tone, rock)
        fog = paint.smooth(0.07, 0, np.abs(sheet.y / h - base - 0.01 * sheet.flow[3]))
        sheet.colour = paint.mix(sheet.colour, paint.hexes("f1e9d6")[0], 0.62 * fog)
    _mountain(sheet, 1.12, _ridge(rng, w, [(0.95, 0.34, 0.24), (0.72, 0.16, 0.14)]), 2.2, 1.0)
    for k in range(9):
        y, x = h * rng.uniform(0.80, 0.95), w * rng.uniform(0.05, 0.5)
        path = paint.curve([(x, y), (x + h * 0.05, y + 2), (x + h * rng.uniform(0.09, 0.2), y)], 20)
        sheet.dry_stroke(path, h * 0.0022, 0.30 + 0.03 * k, INK)
    _pine(sheet)
    hull = paint.curve([(0.20, 0.853), (0.245, 0.866), (0.31, 0.850)], 30) * h
    sheet.dry_stroke(hull, h * 0.008 * np.sin(np.linspace(0.15, 3, 30)), 2.0, INK)
    sheet.dry_stroke(paint.curve([(0.243, 0.858), (0.246, 0.846), (0.252, 0.838)], 9) * h, h * 0.007, 1.6, INK)
    sheet.dry_stroke(paint.curve([(0.232, 0.842), (0.25, 0.836), (0.268, 0.842)], 9) * h, h * 0.004, 2, INK)
    sheet.dry_stroke(paint.curve([(0.255, 0.83), (0.29, 0.875)], 12) * h, h * 0.0018, 1.6, INK)
    for k in range(7):
        bx, by = h * (0.40 + 0.028 * k + rng.normal(0, 0.006)), h * (0.20 + 0.014 * k + rng.normal(0, 0.009))
        s = h * 0.009
        bird = paint.curve([(bx - s, by - s * 0.5), (bx - s * 0.3, by - s * 0.45), (bx, by), (bx + s * 0.5, by - s * 0.6), (bx + s, by - s * 0.35)], 14)
        sheet.dry_stroke(bird, h * 0.0024 * np.sin(np.linspace(0.3, 2.9, 14)), 1.4, INK)
    _seal(sheet, 0.075, 0.915, 0.052)
    return (sheet.colour * (1 + 0.022 * sheet.tooth[..., None])).clip(0, 1)


PETALS = paint.hexes("e8402a f0563a d62a34 ea6a3c e23a4e f08a50")
GREENS = paint.hexes("5f8f4a 3f7a58 86a04a 2f6a5c 6f9a6a")


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
    vein = paint.pick(sheet.wander[1], (turn + np.pi) * sheet.h / 8, d * 40 + y)
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
    r = np.hypot(sheet.x - x, (sheet.y - y) * 1.15) / reach + 0.05 * sheet.wander[2]
    sheet.wash(paint.smooth(0.30, 0.10, r), paint.hexes("3a2048")[0], 1.1, edge=0.2, bloom=0.5)
    sheet.wash(paint.smooth(0.13, 0.10, r), paint.hexes("2c3a30")[0], 1.2, edge=0.8)
    for _ in range(46):
        a, far = rng.random() * 6.3, reach * rng.normal(0.26, 0.05)
        px, py = x + far * np.cos(a), y + far * np.sin(a) * 0.8
        path = np.array([[px, py], [px + 2 * np.cos(a), py + 2 * np.sin(a)], [px + 3.5 * np.cos(a), py + 3 * np.sin(a)]])
        sheet.dry_stroke(path, h * 0.0042, 1.5, paint.hexes("2a1a38")[0])


def _leaf(sheet: Sheet, points: list[tuple[float, float]], width: float) -> None:
    """A blade of green that turns from one hue to another along its length."""
    rng, h = sheet.rng, sheet.h
    path = paint.curve(np.array(points) * h, 50)
    t = np.linspace(0, 1, 50)
    widths = h * width * np.sin(np.pi * t**0.8) ** 0.8 * (1 + 0.2 * np.sin(t * 23 + rng.random() * 6))
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


def watercolour(size: tuple[int, int], seed: int) -> np.ndarray:
    """Poppies in the wet: soft ground, ruffled reds, greens that run, and bare white paper."""
    sheet = Sheet(size, "faf6ec", seed)
    rng, h, w = sheet.rng, sheet.h, size[0] / size[1]
    for tint, cx, cy, reach, strength in [
        ("7fb4cc", 0.12, 0.16, 0.30, 0.75), ("f0d078", 0.62, 0.10, 0.24, 0.6),
        ("8a86c4", 0.70, 0.42, 0.22, 0.6), ("6fae9a", 0.10, 0.66, 0.30, 0.8),
        ("4f9a8a", 0.52, 0.94, 0.34, 0.95), ("5a88bc", 0.76, 0.80, 0.22, 0.8),
        ("e8a488", 0.34, 0.46, 0.22, 0.35), ("c8b04a", 0.20, 0.96, 0.22, 0.6),
    ]:  # fmt: skip
        r = np.hypot(sheet.x / h - cx, sheet.y / h - cy) / reach
        r = r + 0.30 * sheet.flow[rng.integers(4)] + 0.08 * sheet.wander[rng.integers(6)]
        soft = paint.smooth(1.25, 0.35, r)
        crisp = paint.smooth(1.0, 0.975, r) * 0.28
        sheet.wash(soft * 0.72 + crisp, paint.hexes(tint)[0], strength, edge=1.0, grain=0.3, bloom=0.25)
    for _ in range(7):
        sheet.backrun(rng.uniform(0.02, w) * h, rng.uniform(0.05, 0.97) * h, h * rng.uniform(0.035, 0.10))
    flowers = [(0.30, 0.235, 0.135), (0.585, 0.335, 0.165), (0.225, 0.50, 0.150), (0.50, 0.625, 0.115), (0.70, 0.115, 0.075)]
    for x, y, reach in flowers:
        foot = 0.42 + 0.35 * (x - 0.42)
        bend = rng.normal(0, 0.03)
        stem = paint.curve(np.array([(x, y), ((x * 2 + foot) / 3 + bend, y + 0.2), (foot, 1.03)]) * h, 60)
        sheet.dry_stroke(stem, h * 0.0065, 0.9, GREENS[rng.integers(5)])
        sheet.dry_stroke(stem + (1.5, 0), h * 0.0025, 0.9, GREENS[3])
    for _ in range(19):
        x, lean = rng.uniform(0.02, w), rng.normal(0, 0.10)
        top = rng.uniform(0.60, 0.86)
        _leaf(sheet, [(x, 1.03), (x + lean * 0.3, (1 + top) / 2), (x + lean, top)], rng.uniform(0.012, 0.034))
    for x, y, reach in flowers:
        _poppy(sheet, x, y, reach)
    for x, y in ((0.43, 0.09), (0.09, 0.30), (0.74, 0.55)):
        _leaf(sheet, [(x, y), (x + 0.012, y + 0.03), (x + 0.006, y + 0.06)], 0.036)
        stem = paint.curve(np.array([(x, y + 0.055), (x + 0.03, y + 0.02), (x + 0.05, y + 0.25), (0.42, 1.0)]) * h, 60)
        sheet.dry_stroke(stem, h * 0.0035, 0.7, GREENS[1])
    _spatter(sheet, np.concatenate([PETALS[:3], GREENS[:2], paint.hexes("5a88bc")]), 90)
    return (sheet.colour * (1 + 0.02 * sheet.tooth[..., None])).clip(0, 1)

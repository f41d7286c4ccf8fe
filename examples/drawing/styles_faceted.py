"""Cubism: a guitar, a bottle and a table seen from many sides, in brushed facets."""

import numpy as np

from . import paint
from .brush import Canvas, Stroke

OCHRES = paint.hexes("e9cf94 d9b06a c08f4a a06f35 7c5228 553820 36261b")
GREYS = paint.hexes("dcdccd b9c0bb 93a0a3 6d8088 4c606c 35434f 242c35")
UMBERS = paint.hexes("d6c3a0 b39a76 8f7656 6c563e 4d3c2c 35291f 231b17")
DARK = paint.hexes("17120f")[0]


def _facet(
    canvas: Canvas, points: np.ndarray, tones: np.ndarray, light: float, opacity: float = 0.9
) -> None:
    """One plane: dark along its first edge, passing into light, then into its neighbours.

    `points` is in picture heights. The far side is thin, so that planes open into each other; a
    shadow beyond the first edge lifts the plane off what lies under it.
    """
    rng, h = canvas.rng, canvas.size[1]
    points = np.asarray(points) * h
    margin = h * 0.03
    low = np.maximum(points.min(0) - margin, 0).astype(int)
    high = np.minimum(points.max(0) + margin, canvas.size).astype(int)
    if (high - low).min() < 4:
        return
    box = (slice(low[1], high[1]), slice(low[0], high[0]))
    size = (int(high[0] - low[0]), int(high[1] - low[1]))
    mask = paint.polygon(size, points - low)
    a, b = points[0] - low, points[1] - low
    way = np.arctan2(*(b - a)[::-1])
    normal = np.array([-np.sin(way), np.cos(way)])
    if ((points.mean(0) - low - a) @ normal) < 0:
        normal = -normal
    reach = max(float(((points - low - a) @ normal).max()), 1.0)
    x, y = paint.grid(size)
    away = (x - a[0]) * normal[0] + (y - a[1]) * normal[1]
    side = ((x - a[0]) * (b - a)[0] + (y - a[1]) * (b - a)[1]) / ((b - a) @ (b - a) + 1e-6)
    beside = paint.smooth(-0.02, 0.06, side) * paint.smooth(1.02, 0.94, side)
    shadow = np.exp(-np.abs(away) / margin * 2.6) * (away < 0) * beside * 0.55 * opacity
    canvas.colour[box] *= 1 - shadow[..., None] * (1 - paint.hexes("3a2c24")[0])
    lay = way + rng.choice([0.0, 0.0, np.pi / 2, 0.5])
    grain = _bristle(canvas, x, y, lay)
    d = (away / reach).clip(0, 1)
    shade = light + 0.46 * np.exp(-d * 5.5) - 0.16 * d + 0.085 * grain
    thin = mask * (opacity * (1 - 0.72 * d**2.0) + 0.16 * grain).clip(0, 1)
    canvas.colour[box] = paint.mix(canvas.colour[box], paint.ramp(tones, shade), thin)
    canvas.height[box] += (0.55 * grain - 0.5 * canvas.height[box]) * thin
    full = np.zeros(canvas.height.shape, np.float32)
    full[box] = mask
    touch = h * rng.uniform(0.008, 0.014)
    for _ in range(int(mask.sum() / touch**2 * 0.06)):
        place = rng.random(2) * size
        where = float(paint.pick(d, place[0], place[1]))
        if paint.pick(mask, place[0], place[1]) < 0.5 or rng.random() < where:
            continue
        tone = light + 0.46 * np.exp(-where * 5.5) - 0.16 * where + rng.normal(0, 0.07)
        path = place + low + np.outer(np.linspace(-1, 1, 6), (np.cos(lay), np.sin(lay))) * touch
        how = Stroke(touch * 0.75, 0.85, 0.5, 0.9, (0.1, 0.25))
        colours = paint.ramp(tones, np.array([tone, tone + rng.normal(0, 0.12)]))
        canvas.stroke(path, colours[0], colours[1], how, full)


def _bristle(canvas: Canvas, x: np.ndarray, y: np.ndarray, way: float) -> np.ndarray:
    """Brush streaks in one direction, from the canvas's shared hair textures."""
    hair = canvas.streaks
    c, s = np.cos(way), np.sin(way)
    shift = canvas.rng.integers(0, hair.shape[0], 2)
    u, v = c * x + s * y + shift[0], -s * x + c * y + shift[1]
    return hair[v.astype(int) % hair.shape[0], u.astype(int) % hair.shape[1]]


def _line(
    canvas: Canvas, points: paint.Points, width: float = 0.0038, colour: np.ndarray = DARK
) -> None:
    """A drawn contour, straight or curved, worn thin in places."""
    h, rng = canvas.size[1], canvas.rng
    path = paint.curve(np.asarray(points) * h, 40) if len(points) > 2 else np.asarray(points) * h
    path = paint.curve(path, 40) if len(path) == 2 else path
    path = path + np.cumsum(rng.normal(0, 0.25, path.shape), 0)
    how = Stroke(width * h, 0.93, 0.5, 0.7, (0.05, 0.2), 0.25)
    canvas.stroke(path, colour, colour * 1.5 + 0.03, how)


def _shard(rng: np.random.Generator, centre: np.ndarray, size: float) -> np.ndarray:
    """A triangle or quadrilateral whose sides keep to the picture's few directions."""
    way = rng.choice([0.32, 1.22, -0.62, 1.57, 0.0, -1.13, 0.85]) + rng.normal(0, 0.06)
    across = way + rng.choice([1.57, 1.1, 2.0])
    a = np.array([np.cos(way), np.sin(way)]) * size * rng.uniform(0.6, 1.3)
    b = np.array([np.cos(across), np.sin(across)]) * size * rng.uniform(0.4, 1.0)
    if rng.random() < 0.35:
        return np.array([centre - a, centre + a, centre + b])
    pinch = rng.uniform(0.45, 1.1)
    shape = np.array(
        [centre - a - b, centre + a - b, centre + a * pinch + b, centre - a * pinch + b]
    )
    return np.roll(shape, rng.integers(4), 0)


def _ground(canvas: Canvas) -> None:
    """A broken ground of umber and grey, lighter behind the middle."""
    rng, h = canvas.rng, canvas.size[1]
    x, y = paint.grid(canvas.size)
    glow = np.exp(-(((x / h - 0.40) / 0.34) ** 2) - ((y / h - 0.45) / 0.45) ** 2)
    cloud = paint.noise(canvas.size, h / 4, rng, 4)
    warm = paint.ramp(UMBERS, 0.74 - 0.50 * glow + 0.07 * cloud)
    cool = paint.ramp(GREYS, 0.72 - 0.45 * glow + 0.07 * cloud)
    reference = paint.mix(
        warm, cool, paint.smooth(-0.4, 0.7, paint.noise(canvas.size, h / 3, rng, 2))
    )
    angle = 0.5 * paint.noise(canvas.size, h / 3, rng, 2) + 0.3
    canvas.lay(reference, angle, 2600, h * 0.06, Stroke(h * 0.024, dry=0.3), 0.02)
    canvas.lay(reference, angle + 1.3, 3600, h * 0.035, Stroke(h * 0.012, dry=0.4), 0.022)


def _guitar(canvas: Canvas) -> None:
    """The guitar in pieces: two bodies that disagree, hole, strings, neck and pegs."""

    def place(points: paint.Points, dx: float = 0.0, dy: float = 0.0) -> np.ndarray:
        p = np.asarray(points) - (0.42, 0.60)
        c, s = np.cos(0.24), np.sin(0.24)
        return p @ np.array([[c, s], [-s, c]]) + (0.42 + dx, 0.60 + dy)

    left = [(0.40, 0.44), (0.31, 0.455), (0.285, 0.52), (0.325, 0.585), (0.295, 0.64), (0.24, 0.71),
            (0.275, 0.80), (0.40, 0.835)]  # fmt: skip
    right = [(0.44, 0.44), (0.53, 0.465), (0.55, 0.53), (0.505, 0.59), (0.545, 0.65), (0.60, 0.72),
             (0.56, 0.81), (0.44, 0.835)]  # fmt: skip
    _facet(canvas, place([(0.40, 0.44), (0.40, 0.835), *left[:0:-1]]), OCHRES, 0.22, 0.97)
    _facet(
        canvas, place([(0.44, 0.835), (0.44, 0.44), *right[1:]], 0.012, -0.03), OCHRES, 0.40, 0.97
    )
    _facet(
        canvas, place([(0.44, 0.60), (0.44, 0.835), *right[:3:-1]], 0.05, 0.0), UMBERS, 0.45, 0.9
    )
    _facet(
        canvas,
        place([(0.395, 0.12), (0.395, 0.46), (0.445, 0.46), (0.437, 0.12)]),
        UMBERS,
        0.62,
        0.97,
    )
    _facet(
        canvas, place([(0.437, 0.10), (0.448, 0.40), (0.50, 0.43), (0.47, 0.10)]), GREYS, 0.28, 0.9
    )
    for side, dx, dy in (
        (left, 0, 0),
        (right, 0.012, -0.03),
        (right[3:], 0.05, 0.0),
        (left[3:7], -0.025, 0.02),
    ):
        _line(canvas, place(side, dx, dy), 0.0055)
    ring = np.linspace(-0.4, 3.9, 24)
    for r, dx, w in ((0.058, 0, 0.008), (0.068, 0.004, 0.003), (0.05, 0.03, 0.004)):
        arc = np.stack([0.42 + r * np.cos(ring), 0.60 + r * np.sin(ring)], -1)
        _line(canvas, place(arc, dx), w)
    hole = np.stack([0.42 + 0.052 * np.cos(ring * 1.5), 0.60 + 0.052 * np.sin(ring * 1.5)], -1)
    _facet(canvas, place(hole), UMBERS, 0.86, 1.0)
    for k in range(6):
        x = 0.401 + 0.0076 * k
        pale = paint.hexes("e8dcc0")[0]
        _line(
            canvas,
            place([(x, 0.14), (x, 0.585 if k % 2 else 0.76)]),
            0.0022,
            pale if k % 2 else DARK,
        )
        _line(
            canvas, place([(x, 0.62), (x + 0.004, 0.76)], 0.02, 0.0), 0.002, DARK if k % 2 else pale
        )
    for y in np.geomspace(0.16, 0.44, 9):
        _line(canvas, place([(0.396, y), (0.444, y + 0.004)]), 0.0026, paint.hexes("cdb888")[0])
    _line(canvas, place([(0.375, 0.765), (0.47, 0.765)]), 0.012, paint.hexes("2c1c12")[0])
    for k in range(3):
        for x in (0.385, 0.447):
            spot = place([(x, 0.085 + 0.024 * k), (x + 0.012, 0.085 + 0.024 * k)])
            _line(canvas, spot, 0.010, paint.hexes("c9b78a")[0])


def _table(canvas: Canvas) -> None:
    """Bottle, glass, sheet music and the table's edge, each only as far as needed."""
    _facet(
        canvas,
        np.array([(0.62, 0.30), (0.62, 0.72), (0.74, 0.72), (0.74, 0.36), (0.70, 0.28)]),
        GREYS,
        0.42,
        0.9,
    )
    _facet(
        canvas,
        np.array([(0.70, 0.72), (0.70, 0.16), (0.655, 0.16), (0.655, 0.72)]),
        GREYS,
        0.62,
        0.85,
    )
    _line(canvas, [(0.655, 0.10), (0.655, 0.24), (0.62, 0.31), (0.615, 0.50), (0.615, 0.70)], 0.006)
    _line(canvas, [(0.70, 0.10), (0.70, 0.24), (0.735, 0.31), (0.745, 0.46)], 0.005)
    _line(canvas, [(0.648, 0.10), (0.706, 0.10)], 0.009)
    _line(canvas, [(0.648, 0.128), (0.706, 0.124)], 0.004)
    _facet(
        canvas,
        np.array([(0.625, 0.44), (0.735, 0.42), (0.735, 0.55), (0.625, 0.57)]),
        OCHRES,
        0.06,
        0.97,
    )
    for k in range(5):
        y = 0.465 + 0.019 * k
        _line(canvas, [(0.64, y), (0.64 + 0.08 * (0.6 + 0.4 * (k % 2)), y - 0.014)], 0.0042)
    _facet(
        canvas,
        np.array([(0.05, 0.62), (0.27, 0.56), (0.31, 0.74), (0.09, 0.80)]),
        UMBERS,
        0.02,
        0.97,
    )
    for k in range(5):
        y = 0.64 + 0.014 * k
        _line(canvas, [(0.075, y), (0.262, y - 0.051)], 0.0019)
        _line(canvas, [(0.093, y + 0.085), (0.282, y + 0.034)], 0.0019)
    for x, y in (
        (0.11, 0.655),
        (0.15, 0.672),
        (0.185, 0.642),
        (0.225, 0.648),
        (0.13, 0.745),
        (0.19, 0.722),
        (0.24, 0.728),
    ):
        _line(canvas, [(x, y), (x + 0.011, y - 0.003)], 0.011)
        _line(canvas, [(x + 0.010, y), (x + 0.006, y - 0.045)], 0.0026)
    turn = np.linspace(0, 6.3, 30)
    for cx, cy, r, flat in (
        (0.135, 0.33, 0.060, 0.32),
        (0.142, 0.345, 0.048, 0.45),
        (0.13, 0.50, 0.045, 0.25),
    ):
        _line(canvas, np.stack([cx + r * np.cos(turn), cy + r * flat * np.sin(turn)], -1), 0.004)
    _line(canvas, [(0.075, 0.33), (0.09, 0.45), (0.125, 0.50)], 0.005)
    _line(canvas, [(0.195, 0.33), (0.18, 0.44), (0.138, 0.50)], 0.004)
    _line(canvas, [(0.02, 0.885), (0.30, 0.905), (0.55, 0.885), (0.79, 0.85)], 0.007)


def cubist(size: tuple[int, int], seed: int) -> np.ndarray:
    """A still life with guitar, broken into ochre, umber and grey-blue planes."""
    canvas = Canvas(size, paint.hexes("6b543a")[0], seed)
    rng, wide = canvas.rng, size[0] / size[1]
    _ground(canvas)
    for k in range(95):
        part = k / 95
        centre = np.array([wide / 2, 0.50]) + rng.normal(0, 1, 2) * (0.24 + 0.06 * part, 0.30)
        away = np.hypot((centre[0] - wide / 2) / 0.4, (centre[1] - 0.48) / 0.55)
        tones = (OCHRES, GREYS, UMBERS, GREYS)[rng.integers(4)]
        light = rng.normal(0.26, 0.13) + 0.24 * away
        shard = _shard(rng, centre, 0.165 - 0.095 * part)
        _facet(canvas, shard, tones, light, rng.uniform(0.65, 0.95))
        if rng.random() < 0.55:
            _line(canvas, shard[:2], rng.uniform(0.002, 0.0045))
    _table(canvas)
    _guitar(canvas)
    for k in range(30):
        centre = np.array([0.42, 0.52]) + rng.normal(0, 1, 2) * (0.22, 0.27)
        tones = (OCHRES, GREYS, UMBERS)[rng.integers(3)]
        shard = _shard(rng, centre, rng.uniform(0.035, 0.075))
        _facet(canvas, shard, tones, rng.normal(0.22, 0.15), rng.uniform(0.45, 0.75))
        _line(canvas, shard[:2], rng.uniform(0.002, 0.004))
    return canvas.finish(0.42, 0.06)

"""Oil paintings built stroke by stroke: a turning night sky."""

import numpy as np

from . import paint
from .brush import Canvas, Stroke

NIGHT = paint.hexes("0b1236 14246a 1d3f96 2b62b4 4f8fc4 8cbccb c9dcc0 f0e9b8")
STARS = [
    (0.075, 0.17, 0.030), (0.235, 0.075, 0.026), (0.40, 0.15, 0.022), (0.335, 0.455, 0.034),
    (0.545, 0.075, 0.030), (0.69, 0.20, 0.020), (0.80, 0.065, 0.024), (0.925, 0.27, 0.026),
    (0.985, 0.45, 0.030), (0.09, 0.43, 0.022), (1.20, 0.40, 0.022), (0.18, 0.27, 0.018),
]  # fmt: skip
MOON = (1.095, 0.165, 0.058)
SWIRLS = [  # centre, reach, sense of turning
    (0.545, 0.335, 0.155, 1.0),
    (0.755, 0.425, 0.100, -1.0),
    (0.25, 0.27, 0.085, -0.8),
]


def _sky_flow(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Angles of a wind that runs left to right and curls about the swirls and the stars."""
    flow_x = np.full_like(u, 0.5)
    flow_y = 0.28 * np.cos(u * 6.1 + 0.8) + 0.12 * np.cos(u * 13 + v * 9)
    for cu, cv, reach, sense in SWIRLS:
        du, dv = u - cu, v - cv
        r = np.hypot(du, dv) + 1e-4
        pull = 4.2 * sense * np.exp(-((r / reach) ** 2) * 0.9)
        inward = 0.22 * abs(sense)
        flow_x += pull * (-dv / r) - abs(pull) * inward * du / r
        flow_y += pull * (du / r) - abs(pull) * inward * dv / r
    for cu, cv, reach in [*STARS, MOON]:
        du, dv = u - cu, v - cv
        r = np.hypot(du, dv) + 1e-4
        pull = 7 * np.exp(-((r / (reach * 2.0)) ** 2))
        flow_x += pull * -dv / r
        flow_y += pull * du / r
    return np.arctan2(flow_y, flow_x)


def _sky_colour(
    u: np.ndarray, v: np.ndarray, angle: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """The night behind the strokes: streaked along the wind, lit round swirls, stars and moon."""
    height, width = u.shape
    streaks = paint.smear(paint.noise((width, height), height / 26, rng, 3), angle, height / 9)
    tone = 0.27 + 0.115 * streaks / streaks.std() + 0.12 * paint.smooth(0.25, 0.75, v)
    for cu, cv, reach, sense in SWIRLS:
        r = np.hypot(u - cu, v - cv) / reach
        turn = np.arctan2(v - cv, u - cu) * sense
        arms = np.cos(turn + 5.2 * np.log(r + 0.15))
        tone += np.exp(-((r / 1.15) ** 2)) * (0.20 + 0.26 * arms)
    colour = paint.ramp(NIGHT, tone)
    rings = paint.hexes("fffbe6 fdeb9a f6cf4a e9c95c b9cf9a 6fa9b4 3c78b4")
    for cu, cv, reach in STARS:
        r = np.hypot(u - cu, v - cv) / reach
        ripple = 0.05 * np.cos(r * 9)
        colour = paint.mix(
            colour, paint.ramp(rings, r / 2.3 + ripple), 0.95 * paint.smooth(2.5, 1.2, r)
        )
    cu, cv, reach = MOON
    r = np.hypot(u - cu, v - cv) / reach
    halo = paint.hexes("fbe27a f4cf52 eec24a dcc66c a9c79a 6aa6b8 3c78b4")
    return paint.mix(colour, paint.ramp(halo, r / 2.9), 0.97 * paint.smooth(3.1, 1.5, r))


def _hills(u: np.ndarray, v: np.ndarray) -> list[np.ndarray]:
    """Heights of the ridges, far to near, as rows of v for each column."""
    x = u[0]
    far = 0.685 - 0.085 * np.exp(-(((x - 1.12) / 0.20) ** 2)) - 0.05 * np.sin(x * 5.2 + 1.1)
    middle = 0.745 - 0.07 * np.exp(-(((x - 0.92) / 0.12) ** 2)) - 0.02 * np.sin(x * 9)
    near = 0.80 - 0.035 * np.sin(x * 4.3 + 2.6) - 0.02 * np.sin(x * 11)
    return [far, middle, near]


def _land(
    colour: np.ndarray, angle: np.ndarray, u: np.ndarray, v: np.ndarray, rng: np.random.Generator
) -> None:
    """Paint hills into the reference and turn the strokes to run with the slopes (in place)."""
    tones = [
        paint.hexes("6f9fc4 3f6fae 24489a 1a3478"),
        paint.hexes("4d86a8 2f5c92 1d3c78 152a5c"),
        paint.hexes("5f8a6a 2e5a62 1d3d56 10223c"),
    ]
    height, width = u.shape
    for ridge, shades in zip(_hills(u, v), tones, strict=True):
        below = v > ridge[None, :]
        slope = np.arctan2(np.gradient(ridge), np.gradient(u[0]))
        depth = v - ridge[None, :]
        bend = slope[None, :] * np.exp(-depth * 4) + 0.35 * np.sin(u * 21 + v * 30)
        wave = paint.smear(paint.noise((width, height), height / 30, rng, 3), bend, height / 12)
        shade = depth * 4.5 + 0.22 * wave / wave.std()
        colour[below] = paint.ramp(shades, shade)[below]
        angle[below] = np.broadcast_to(bend, u.shape)[below]


def _slab(canvas: Canvas, corners: paint.Points, tint: np.ndarray, count: int) -> None:
    """A four-sided patch filled with strokes that run from its first side to its third."""
    a, b, c, d = (np.asarray(corner, float) for corner in corners)
    for k in np.linspace(0.03, 0.97, count):
        path = np.linspace(a + (b - a) * k, d + (c - d) * k, 6)
        path = path + canvas.rng.normal(0, 0.6, path.shape)
        shade = tint * canvas.rng.uniform(0.82, 1.2)
        wide = 1.7 * float(np.hypot(*(b - a))) / count
        how = Stroke(wide, dry=0.15, body=1.2, taper=(0.04, 0.08))
        canvas.stroke(path, shade.clip(0, 1), (shade * 0.72).clip(0, 1), how)


def _house(canvas: Canvas, x: float, y: float, size: float, lit: bool) -> None:
    """One cottage, gable and side, in slabs of strokes with a broken dark contour."""
    rng = canvas.rng
    wall = paint.hexes("42679a 6b8fae 8aa3a4 35558c 7f8f78")[rng.integers(5)]
    roof = paint.hexes("2b3a6a 5a4a66 3b5288 7a5a3c 44607a")[rng.integers(5)]
    dark = paint.hexes("0e1838")[0]
    tall, peak = size * rng.uniform(0.40, 0.58), size * rng.uniform(0.32, 0.48)
    turn = rng.choice([-1.0, 1.0])
    front, side = size * 0.48 * turn, size * rng.uniform(0.6, 0.9) * turn
    rise = size * rng.uniform(0.02, 0.10)
    foot = np.array([(x, y), (x + front, y), (x + front + side, y - rise)])
    eave = foot - (0, tall)
    apex = (eave[0] + eave[1]) / 2 - (0, peak)
    far = np.add(apex, (side, -rise))
    _slab(canvas, [foot[0], foot[1], eave[1], eave[0]], wall, 5)
    _slab(canvas, [eave[0], eave[1], apex, apex], wall * 1.12, 5)
    _slab(canvas, [foot[1], eave[1], eave[2], foot[2]], wall * 0.72, 5)
    _slab(canvas, [eave[1], apex, far, eave[2]], roof, 7)
    for path in ([eave[0], apex, far, eave[2]], [eave[1], apex], [foot[1], eave[1], eave[2]]):
        bent = np.asarray(path) + rng.normal(0, size * 0.012, (len(path), 2))
        how = Stroke(size * 0.06, dry=0.45, taper=(0.1, 0.2))
        canvas.stroke(bent, dark, paint.hexes("2a4488")[0], how)
    if lit:
        glow = paint.hexes("fbd04a f49a2c")
        for k, spot in ((0.5, foot[0] + (front * 0.5, 0)), (0.6, foot[1] + (side * 0.5, 0))):
            pane = np.array([spot - (0, tall * (k + 0.2)), spot - (0, tall * (k - 0.22))])
            canvas.stroke(pane, glow[0], glow[1], Stroke(size * 0.13, dry=0, body=2))


def _bush(canvas: Canvas, x: float, y: float, size: float) -> None:
    """A round tree of curling dabs, lit on its upper left."""
    rng = canvas.rng
    tones = paint.hexes("10223a 163a44 1f5248 3f7450 7fa05c")
    for _ in range(46):
        a, r = rng.random() * 6.3, size * np.sqrt(rng.random())
        turn = np.linspace(a, a + rng.uniform(0.6, 1.5), 8)
        path = np.stack([x + r * np.cos(turn), y + 0.75 * r * np.sin(turn)], -1)
        light = 0.45 - 0.35 * (np.cos(a) + np.sin(a)) * r / size / 1.4 + rng.normal(0, 0.14)
        colours = paint.ramp(tones, np.array([light, light + 0.2]))
        canvas.stroke(path, colours[0], colours[1], Stroke(size * 0.24, dry=0.25, body=1.3))


def _village(canvas: Canvas) -> None:
    """Cottages in rows below the hills, trees between them, a spire above."""
    h, rng = canvas.size[1], canvas.rng
    for row, (base, size) in enumerate([(0.800, 0.036), (0.850, 0.048), (0.920, 0.064)]):
        x = 0.40 + 0.03 * row + rng.random() * 0.03
        while x < 1.26:
            y = base + rng.normal(0, 0.008)
            if rng.random() < 0.62:
                _house(canvas, x * h, y * h, size * h * rng.uniform(0.85, 1.2), rng.random() < 0.7)
            else:
                _bush(canvas, x * h, y * h, size * h * rng.uniform(0.4, 0.7))
            _bush(canvas, (x + size * 0.6) * h, (y + 0.012) * h, size * h * rng.uniform(0.2, 0.4))
            x += size * rng.uniform(1.25, 1.9)
        if row == 1:
            tower = paint.hexes("5d7ca4 1a2a5c")
            left, right, foot, top = 0.728, 0.756, 0.862, 0.775
            corners = [(left, foot), (right, foot), (right, top), (left, top)]
            _slab(canvas, np.array(corners) * h, tower[0], 6)
            corners = [(left - 0.004, top), (right + 0.004, top), (0.743, 0.625), (0.741, 0.625)]
            _slab(canvas, np.array(corners) * h, tower[1], 6)
            _house(canvas, 0.752 * h, 0.868 * h, 0.075 * h, True)


def _lamps(canvas: Canvas) -> None:
    """The hearts of the stars and the horned moon, in thick paint over the halos."""
    h = canvas.size[1]
    pale = paint.hexes("fffdf0 fdf0b4")
    for cu, cv, reach in STARS:
        for r in np.array([0.02, 0.15, 0.32, 0.5, 0.68]) * reach:
            turn = canvas.rng.random() * 6.3 + np.linspace(0, 5.5, 20)
            path = np.stack([cu + r * np.cos(turn), cv + r * np.sin(turn)], -1) * h
            canvas.stroke(path, pale[0], pale[1], Stroke(reach * h * 0.30, dry=0.15, body=2.2))
    cu, cv, reach = MOON
    tones = paint.hexes("f6a21e e8841a fbc23c d9701c")
    middle = np.array([(cu - 0.004, cv - 0.006), (cu + 0.008, cv + 0.01)]) * h
    canvas.stroke(middle, paint.hexes("f7d45c")[0], pale[1], Stroke(h * 0.02, dry=0.1, body=1.5))
    for k in np.linspace(0, 1, 15):
        turn = np.linspace(-2.35, 2.35, 30) * (1 - 0.10 * k) + 2.75
        hollow = 1 - 0.52 * k * np.cos(np.linspace(-1.45, 1.45, 30)) ** 0.8
        path = np.stack(
            [cu + reach * hollow * np.cos(turn), cv + reach * hollow * np.sin(turn)], -1
        )
        first, second = tones[canvas.rng.integers(4, size=2)]
        canvas.stroke(path * h, first, second, Stroke(h * 0.008, dry=0.2, body=1.8))


def _cypress(canvas: Canvas) -> None:
    """A dark flame on the left, hundreds of rising, licking strokes."""
    h, rng = canvas.size[1], canvas.rng
    tones = paint.hexes("0a1418 0e2020 16301f 24401f 3a5226 5c5a28 5a4526 16283c")
    for trunk, top, foot, wide, count in [
        (0.170, 0.035, 1.06, 0.120, 1150),
        (0.285, 0.42, 1.06, 0.070, 480),
    ]:
        for k in range(count):
            side = rng.uniform(-1, 1)
            lift = foot + (top + 0.02 - foot) * rng.random() ** 0.9
            t = np.linspace(0, 1, 12)
            y = lift - rng.uniform(0.04, 0.115) * t
            rise = ((foot - y) / (foot - top)).clip(0, 1)
            spread = wide * (1 - rise) ** 0.7 * (0.78 + 0.22 * np.sin(rise * 13 + side))
            lick = 0.010 * side * np.sin(t * 3.1) + 0.007 * np.sin(y * 31 + 4 * side)
            x = trunk + 0.014 * np.sin(y * 7.5) + side * spread * (1 - 0.18 * t) + lick
            bright = 0.18 + 0.5 * (k / count) * rng.random() - 0.12 * side
            colours = paint.ramp(tones, np.array([bright, bright + rng.normal(0.12, 0.15)]))
            how = Stroke(h * rng.uniform(0.007, 0.015), dry=0.35, body=1.4, taper=(0.15, 0.6))
            canvas.stroke(np.stack([x, y], -1) * h, colours[0], colours[1], how)


def starry(size: tuple[int, int], seed: int) -> np.ndarray:
    """A night sky that turns over a village, in thick directional strokes."""
    canvas = Canvas(size, paint.hexes("1a2c5c")[0], seed)
    rng, h = canvas.rng, canvas.size[1]
    x, y = paint.grid(canvas.size)
    u, v = x / h, y / h
    angle = _sky_flow(u, v)
    colour = _sky_colour(u, v, angle, rng)
    _land(colour, angle, u, v, rng)
    lamps = [np.exp(-((np.hypot(u - a, v - b) / (2.2 * r)) ** 2)) for a, b, r in [*STARS, MOON]]
    busy = np.max(lamps, axis=0)
    canvas.lay(colour, angle, 3200, h * 0.11, Stroke(h * 0.026, dry=0.1), 0.05)
    canvas.lay(colour, angle, 9000, h * 0.062, Stroke(h * 0.0125, streak=0.6), 0.07)
    small = Stroke(h * 0.0085, dry=0.42, body=1.3, streak=0.6)
    canvas.lay(colour, angle, 11000, h * 0.046, small, 0.075)
    dabs = Stroke(h * 0.0085, dry=0.2, body=1.7, streak=0.5)
    canvas.lay(colour * 1.04, angle, 16000, h * 0.024, dabs, 0.06, keep=busy)
    _lamps(canvas)
    _village(canvas)
    _cypress(canvas)
    return canvas.finish(0.55)

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
    colour = paint.mix(colour, paint.ramp(halo, r / 2.9), 0.97 * paint.smooth(3.1, 1.5, r))
    crescent = (r < 1) & (np.hypot(u - cu - 0.028, v - cv + 0.012) / reach > 0.72)
    return paint.mix(colour, paint.hexes("f49a1c")[0], crescent.astype(np.float32) * 0.95)


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


def _house(canvas: Canvas, x: float, y: float, size: float, lit: bool) -> None:
    """One cottage in a dozen strokes: wall, roof, outline and perhaps a lamp in the window."""
    rng = canvas.rng
    wall = paint.hexes("3a5c86 5b7f9c 7d95a0 2c4a78")[rng.integers(4)]
    roof = paint.hexes("2b3550 54455a 3b4a6c 6a5340")[rng.integers(4)]
    dark = paint.hexes("0c1430")[0]
    tall, deep = size * rng.uniform(0.5, 0.7), size * rng.uniform(0.35, 0.5)
    for k in np.linspace(0, 1, 6):
        line = np.array([[x, y - tall * k], [x + size, y - tall * k + rng.normal(0, 1)]])
        canvas.stroke(line, wall + rng.normal(0, 0.03), wall * 0.7, Stroke(size * 0.16, body=0.8))
    for k in np.linspace(0, 1, 7):
        left = x + size * (-0.08 + 0.28 * k)
        right = x + size * (1.08 - 0.28 * k)
        line = np.array([[left, y - tall - deep * k], [right, y - tall - deep * k]])
        canvas.stroke(line, roof + rng.normal(0, 0.03), roof * 1.5, Stroke(size * 0.12))
    a, b = (x, y - tall), (x + size, y - tall)
    ridge = [(x + size * 0.2, y - tall - deep), (x + size * 0.8, y - tall - deep)]
    for path in ([(x, y), a], [(x + size, y), b], [a, b], [a, ridge[0]], [b, ridge[1]], ridge):
        canvas.stroke(np.array(path), dark, dark, Stroke(size * 0.07, dry=0.1, taper=(0.1, 0.1)))
    if lit:
        for k in (0.3, 0.68):
            spot = np.array([[x + size * k, y - tall * 0.75], [x + size * k, y - tall * 0.3]])
            glow = paint.hexes("f8c93c")[0]
            canvas.stroke(spot, glow, glow * 0.9, Stroke(size * 0.14, dry=0, taper=(0.2, 0.2)))


def _village(canvas: Canvas) -> None:
    """Cottages in rows below the hills, a church spire among them."""
    h, rng = canvas.size[1], canvas.rng
    for row, (base, size) in enumerate([(0.815, 0.040), (0.862, 0.052), (0.925, 0.068)]):
        x = 0.40 + 0.03 * row + rng.random() * 0.03
        while x < 1.24:
            if rng.random() < 0.78:
                y = base + rng.normal(0, 0.007)
                _house(canvas, x * h, y * h, size * h * rng.uniform(0.8, 1.15), rng.random() < 0.6)
            x += size * rng.uniform(1.15, 2.3)
        if row == 1:
            _house(canvas, 0.715 * h, 0.87 * h, 0.075 * h, True)
            dark, pale = paint.hexes("121a3c 5d7c9c")
            for k in np.linspace(-1, 1, 7):
                path = np.array([[0.742 + 0.011 * k, 0.855], [0.742 + 0.011 * k, 0.79]]) * h
                canvas.stroke(path, pale * (0.9 - 0.25 * k), dark, Stroke(0.006 * h))
                path = np.array([[0.742 + 0.013 * k, 0.792], [0.7425, 0.655]]) * h
                canvas.stroke(path, dark, pale * (0.5 - 0.2 * k), Stroke(0.006 * h, taper=(0.05, 0.5)))


def _cypress(canvas: Canvas) -> None:
    """A dark flame on the left, hundreds of rising wavering strokes."""
    h, rng = canvas.size[1], canvas.rng
    tones = paint.hexes("0a1410 12221a 1c3322 2c4426 4a5a2c 5a4a2a 1a2a3c 0c1018")
    for trunk, top, foot, wide, count in [
        (0.185, 0.045, 1.05, 0.105, 620),
        (0.285, 0.40, 1.05, 0.062, 260),
    ]:
        for k in range(count):
            start = rng.random() ** 0.8
            side = rng.normal(0, 0.48)
            lift = foot + (top - foot) * start
            reach = (0.10 + 0.16 * rng.random()) * (1 - 0.35 * start)
            t = np.linspace(0, 1, 14)
            y = lift - reach * t
            rise = ((foot - y) / (foot - top)).clip(0, 1.02)
            spread = wide * np.clip(1.02 - rise, 0, 1) ** 0.62 * (0.75 + 0.3 * np.sin(rise * 9))
            sway = 0.011 * np.sin(y * 21 + trunk * 9) + 0.012 * np.sin(y * 37 + side * 3)
            x = trunk + side * spread + sway * (0.4 + abs(side))
            colour, second = tones[rng.integers(len(tones), size=2)]
            if k > count * 0.8:
                colour = tones[rng.integers(2, 6)] * 1.25
            how = Stroke(h * rng.uniform(0.006, 0.014), dry=0.35, taper=(0.2, 0.7))
            canvas.stroke(np.stack([x, y], -1) * h, colour, second, how)


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
    _village(canvas)
    _cypress(canvas)
    return canvas.finish(0.55)

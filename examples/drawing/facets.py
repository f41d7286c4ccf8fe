"""Facets: shaded planes with brushed grain that open into their neighbours, and drawn contours."""

import numpy as np

from . import paint
from .brush import Canvas, Stroke

OCHRES = paint.hexes("e9cf94 d9b06a c08f4a a06f35 7c5228 553820 36261b")
GREYS = paint.hexes("dcdccd b9c0bb 93a0a3 6d8088 4c606c 35434f 242c35")
UMBERS = paint.hexes("d6c3a0 b39a76 8f7656 6c563e 4d3c2c 35291f 231b17")
DARK = paint.hexes("17120f")[0]


def _shade(depth: np.ndarray | float, light: float) -> np.ndarray | float:
    """Place on the palette at a depth into the plane: dark at its first edge, then lighter."""
    return light + 0.46 * np.exp(-depth * 5.5) - 0.16 * depth


def facet(
    canvas: Canvas, points: paint.Points, tones: np.ndarray, light: float, opacity: float = 0.9
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
    points = points - low
    mask = paint.polygon(size, points)
    x, y = paint.grid(size)
    a, edge = points[0], points[1] - points[0]
    way = np.arctan2(edge[1], edge[0])
    normal = np.array([-np.sin(way), np.cos(way)])
    if ((points.mean(0) - a) @ normal) < 0:
        normal = -normal
    reach = max(float(((points - a) @ normal).max()), 1.0)
    away = (x - a[0]) * normal[0] + (y - a[1]) * normal[1]
    side = ((x - a[0]) * edge[0] + (y - a[1]) * edge[1]) / (edge @ edge + 1e-6)
    beside = paint.smooth(-0.02, 0.06, side) * paint.smooth(1.02, 0.94, side) * (away < 0)
    shadow = np.exp(-np.abs(away) / margin * 2.6) * beside * 0.55 * opacity
    canvas.colour[box] *= 1 - shadow[..., None] * (1 - paint.hexes("3a2c24")[0])
    lay = way + rng.choice([0.0, 0.0, np.pi / 2, 0.5])
    grain = _bristle(canvas, x, y, lay)
    depth = (away / reach).clip(0, 1)
    thin = mask * (opacity * (1 - 0.72 * depth**2) + 0.16 * grain).clip(0, 1)
    colour = paint.ramp(tones, _shade(depth, light) + 0.085 * grain)
    canvas.colour[box] = paint.mix(canvas.colour[box], colour, thin)
    canvas.height[box] += (0.55 * grain - 0.5 * canvas.height[box]) * thin
    _touches(canvas, low, mask, depth, lay, tones, light)


def _touches(
    canvas: Canvas,
    low: np.ndarray,
    mask: np.ndarray,
    depth: np.ndarray,
    lay: float,
    tones: np.ndarray,
    light: float,
) -> None:
    """Loose short strokes over a plane, most of them near its dark edge."""
    rng = canvas.rng
    touch = canvas.size[1] * rng.uniform(0.008, 0.014)
    along = np.outer(np.linspace(-1, 1, 6), (np.cos(lay), np.sin(lay))) * touch
    full = np.zeros(canvas.height.shape, np.float32)
    full[low[1] : low[1] + mask.shape[0], low[0] : low[0] + mask.shape[1]] = mask
    for _ in range(int(mask.sum() / touch**2 * 0.06)):
        place = rng.random(2) * mask.shape[::-1]
        where = float(paint.pick(depth, place[0], place[1]))
        if paint.pick(mask, place[0], place[1]) < 0.5 or rng.random() < where:
            continue
        tone = _shade(where, light) + rng.normal(0, 0.07)
        colours = paint.ramp(tones, np.array([tone, tone + rng.normal(0, 0.12)]))
        how = Stroke(touch * 0.75, 0.85, 0.5, 0.9, (0.1, 0.25))
        canvas.stroke(place + low + along, colours[0], colours[1], how, full)


def _bristle(canvas: Canvas, x: np.ndarray, y: np.ndarray, way: float) -> np.ndarray:
    """Brush streaks in one direction, from the canvas's shared hair textures."""
    hair = canvas.streaks
    c, s = np.cos(way), np.sin(way)
    shift = canvas.rng.integers(0, hair.shape[0], 2)
    u, v = c * x + s * y + shift[0], -s * x + c * y + shift[1]
    return hair[v.astype(int) % hair.shape[0], u.astype(int) % hair.shape[1]]


def line(
    canvas: Canvas, points: paint.Points, width: float = 0.0038, colour: np.ndarray = DARK
) -> None:
    """A drawn contour, straight or curved, worn thin in places."""
    h, rng = canvas.size[1], canvas.rng
    path = paint.curve(np.asarray(points) * h, 40) if len(points) > 2 else np.asarray(points) * h
    path = paint.curve(path, 40) if len(path) == 2 else path
    path = path + np.cumsum(rng.normal(0, 0.25, path.shape), 0)
    how = Stroke(width * h, 0.93, 0.5, 0.7, (0.05, 0.2), 0.25)
    canvas.stroke(path, colour, colour * 1.5 + 0.03, how)


def shard(rng: np.random.Generator, centre: np.ndarray, size: float) -> np.ndarray:
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

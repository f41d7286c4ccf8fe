"""Pointillism: a sunlit riverside put together from dots of divided colour."""

import numpy as np

from . import paint

PIGMENTS = paint.hexes(
    "f7f1d8 fbe38a f6c544 f09a3a e8683a d8455a b8548e 7e5aa8 4a56a8 3a78b8 5aa6c8 8fcad0 "
    "3f9a7a 5fae4e 97c04e c8d45a 2f6a5a 2c3f7c 8a4a3a c98a5a"
)


class Scene:
    """The riverside as flat colour, built far to near, with the lean of the dots."""

    def __init__(self, size: tuple[int, int], rng: np.random.Generator) -> None:
        self.size, self.rng, self.h = size, rng, size[1]
        x, y = paint.grid(size)
        self.u, self.v = x / self.h, y / self.h
        self.colour = np.zeros((size[1], size[0], 3), np.float32)
        self.lean = np.zeros((size[1], size[0]), np.float32)
        self.leaf = paint.noise(size, self.h / 14, rng, 4, 0.6)
        self.patch = paint.noise(size, self.h / 5, rng, 3)

    def put(self, mask: np.ndarray, colour: np.ndarray, lean: np.ndarray | float = 0.0) -> None:
        self.colour = self.colour + (colour - self.colour) * mask[..., None]
        self.lean = np.where(mask > 0.5, lean, self.lean)

    def shape(self, points: paint.Points, tint: str, second: str = "", lean: float = 0.0) -> None:
        """A closed curve, shaded from its lit left to its second colour on the right."""
        outline = paint.curve([*points, points[0]], 90) * self.h
        mask = paint.polygon(self.size, outline)
        left, right = outline[:, 0].min() / self.h, outline[:, 0].max() / self.h
        pair = paint.hexes(f"{tint} {second or tint}")
        across = (self.u - left) / max(right - left, 1e-3) + 0.12 * self.leaf
        self.put(mask, paint.ramp(pair, across), lean)

    def crown(self, cx: float, cy: float, wide: float, tall: float, tones: str) -> None:
        """A tree's foliage: ragged at the rim, lit from the upper left in clumps."""
        du, dv = (self.u - cx) / wide, (self.v - cy) / tall
        r = np.hypot(du, dv) + 0.20 * self.leaf + 0.10 * self.patch
        light = 0.5 + 0.42 * (du * 0.6 + dv * 0.75) - 0.20 * self.leaf
        self.put(paint.smooth(1.03, 0.97, r), paint.ramp(paint.hexes(tones), light), 0.9)


def _distance(s: Scene) -> None:
    """Sky, the far bank with its trees and houses, and the river below them."""
    sky = paint.ramp(paint.hexes("7fb4d8 a4cbe0 d3dfd6 f4e3bc f8d8a8"), s.v / 0.30 + 0.05 * s.patch)
    s.put(np.ones_like(s.u), sky)
    cloud = paint.noise(s.size, (s.h * 0.5, s.h * 0.12), s.rng, 4)
    s.put(0.7 * paint.smooth(0.4, 1.3, cloud) * paint.smooth(0.28, 0.1, s.v), paint.hexes("fbf0dc")[0])
    water = paint.ramp(paint.hexes("e6dcc0 a9cbd6 6aa6cc 4a82bc 3f6cae"), (s.v - 0.33) / 0.42)
    ripple = paint.noise(s.size, (s.h * 0.10, s.h * 0.012), s.rng, 3)
    water = water + 0.055 * ripple[..., None]
    s.put(paint.smooth(0.328, 0.334, s.v), water)
    far = 0.285 - 0.03 * np.sin(s.u * 3.4 + 0.4) - 0.012 * s.leaf
    s.put((s.v > far) & (s.v < 0.335), paint.ramp(paint.hexes("8fa6c4 6f8fa8 5f9a7c 7fae5c"), (s.v - far) / 0.05))
    for cx, wide, tall in [(0.10, 0.09, 0.07), (0.24, 0.05, 0.05), (0.52, 0.07, 0.05), (0.95, 0.1, 0.055)]:
        s.crown(cx, 0.30, wide, tall, "b4c46a 6fa068 4a7f86 4a5f94")
    for x, w, t in [(0.36, 0.045, 0.035), (0.42, 0.035, 0.05), (0.70, 0.05, 0.035), (0.78, 0.03, 0.045)]:
        s.shape([(x, 0.325), (x, 0.325 - t), (x + w, 0.325 - t), (x + w, 0.325)], "fbe6bc", "c89ab0")
        s.shape([(x - 0.004, 0.326 - t), (x + w / 2, 0.303 - t), (x + w + 0.004, 0.326 - t)], "e0683f", "a84a6a")
    shine = paint.smooth(0.46, 0.335, s.v) * paint.smooth(0.0, 0.9, ripple + s.patch)
    s.put(0.6 * shine, paint.hexes("5f9078")[0])
    glitter = paint.smooth(1.0, 1.5, ripple) * np.exp(-(((s.u - 0.62) / 0.20) ** 2))
    s.put(0.85 * glitter * (s.v > 0.34), paint.hexes("fdf0c0")[0])


def _sails(s: Scene) -> None:
    """Boats with their broken reflections."""
    ripple = paint.noise(s.size, (s.h * 0.2, s.h * 0.012), s.rng, 2)
    for x, y, z in [(0.30, 0.46, 0.150), (0.565, 0.395, 0.085), (0.70, 0.43, 0.105), (0.13, 0.385, 0.06)]:
        under = (s.v > y) & (s.v < y + z * 0.9)
        width = z * 0.28 * (1 - (s.v - y) / z / 0.95).clip(0, 1) + 0.006 * ripple
        s.put(0.75 * (under & (np.abs(s.u - x - 0.004 * ripple) < width)), paint.hexes("f3e3c4")[0])
        s.shape([(x, y - 0.012), (x - z * 0.02, y - z * 0.6), (x + z * 0.05, y - z * 1.18), (x + z * 0.30, y - z * 0.5), (x + z * 0.42, y - 0.014)], "fffaf0", "f0c890")
        s.shape([(x - 0.012, y - 0.014), (x - z * 0.2, y - z * 0.3), (x - z * 0.05, y - z * 0.95)], "fff6e0", "d8c4d8")
        s.shape([(x - z * 0.34, y - 0.012), (x, y - 0.008), (x + z * 0.46, y - 0.016), (x + z * 0.34, y + 0.010), (x - z * 0.25, y + 0.010)], "d85a3a", "5a3a7c")


def _bank(s: Scene) -> None:
    """The near bank: sunlit grass, then a cool band of shade along the bottom."""
    edge = 0.80 - 0.22 * s.u**1.25 + 0.012 * np.sin(s.u * 16) + 0.006 * s.leaf
    depth = s.v - edge
    grass = paint.ramp(paint.hexes("f0e07a c9d45c a4c850 8fbe56"), depth * 3.2 + 0.13 * s.patch + 0.10 * s.leaf)
    s.put(paint.smooth(-0.003, 0.003, depth), grass, -1.1 + 0.3 * s.leaf)
    s.put(np.exp(-((depth / 0.010) ** 2)) * 0.8, paint.hexes("4a6a9a")[0])
    shade = paint.smooth(0.0, 0.035, s.v - 0.875 + 0.05 * np.sin(s.u * 5 + 1) + 0.014 * s.leaf)
    cool = paint.ramp(paint.hexes("4f8a5a 2f6a6a 2c4a86 3a3a7c"), (s.v - 0.84) / 0.16 + 0.16 * s.leaf)
    s.put(shade * (depth > 0), cool, -1.1)


def _figure(s: Scene, x: float, y: float, t: float, dress: str, dark: str, shade: str) -> None:
    """A woman in a long dress with a parasol, and her shadow on the grass."""
    s.shape([(x, y), (x + t * 0.5, y + t * 0.02), (x + t * 1.15, y + t * 0.10), (x + t * 0.6, y + t * 0.10), (x, y + t * 0.06)], "3f7a62", "4a5a9a")
    s.shape([(x - t * 0.05, y - t * 0.62), (x - t * 0.09, y - t * 0.45), (x - t * 0.20, y), (x + t * 0.22, y), (x + t * 0.24, y - t * 0.30), (x + t * 0.08, y - t * 0.47), (x + t * 0.06, y - t * 0.62)], dress, dark)
    s.shape([(x - t * 0.07, y - t * 0.68), (x - t * 0.10, y - t * 0.48), (x + t * 0.08, y - t * 0.46), (x + t * 0.08, y - t * 0.68)], dark, "2c2a5c")
    s.shape([(x - t * 0.045, y - t * 0.74), (x, y - t * 0.80), (x + t * 0.045, y - t * 0.74), (x, y - t * 0.67)], "f4c8a0", "c8806a")
    s.shape([(x - t * 0.07, y - t * 0.775), (x, y - t * 0.85), (x + t * 0.07, y - t * 0.775)], dark, "4a2a5a")
    s.shape([(x - t * 0.35, y - t * 0.80), (x - t * 0.24, y - t * 0.98), (x - t * 0.02, y - t * 1.07), (x + t * 0.20, y - t * 0.97), (x + t * 0.30, y - t * 0.80), (x, y - t * 0.87)], shade, dark)


def _near(s: Scene) -> None:
    """Trees that frame the view, strollers on the bank."""
    for x, foot, wide, lean in [(1.27, 0.90, 0.030, -0.06), (1.06, 0.70, 0.014, 0.02), (0.03, 0.99, 0.024, 0.05)]:
        s.shape([(x - wide, foot), (x - wide * 0.55 + lean * 0.5, foot - 0.3), (x - wide * 0.5 + lean, 0.05), (x + wide * 0.5 + lean, 0.05), (x + wide * 0.7 + lean * 0.5, foot - 0.3), (x + wide * 1.2, foot)], "c08a5a", "3a3270", 1.5)
    for cx, cy, wide, tall in [(1.33, 0.10, 0.30, 0.22), (1.08, 0.03, 0.22, 0.13), (1.40, 0.27, 0.13, 0.10), (1.08, 0.24, 0.11, 0.085), (0.05, 0.03, 0.24, 0.13), (-0.02, 0.16, 0.12, 0.10)]:
        s.crown(cx, cy, wide, tall, "e0d85c a4c44c 5a9a50 2f6f62 2c4480 3a2f6c")
    _figure(s, 0.90, 0.83, 0.25, "c85a7c", "4a3a8c", "f08a3a")
    _figure(s, 1.13, 0.72, 0.13, "f0e0e8", "7a6ab0", "e8505a")
    _figure(s, 1.045, 0.715, 0.12, "3f5aa0", "2c2a5c", "f4d060")
    s.shape([(0.40, 0.93), (0.43, 0.885), (0.50, 0.88), (0.58, 0.915), (0.66, 0.925), (0.66, 0.945), (0.5, 0.95)], "f3e0d0", "6a6ab0")
    s.shape([(0.425, 0.89), (0.44, 0.855), (0.47, 0.86), (0.475, 0.89)], "e8a880", "a85a5a")
    s.shape([(0.405, 0.862), (0.44, 0.838), (0.485, 0.858), (0.45, 0.868)], "f6d878", "c88a3a")


def _divide(colours: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Split each colour as the eye would mix it back: strong neighbours, some complements."""
    wide = colours + rng.normal(0, 0.10, colours.shape) + rng.normal(0, 0.035, (len(colours), 1))
    far = ((wide[:, None] - PIGMENTS[None]) ** 2).sum(-1)
    pure = PIGMENTS[far.argmin(1)]
    out = wide * 0.42 + pure * 0.58
    value = colours.mean(1, keepdims=True)
    opposite = (2 * value - colours) * 0.9 + 0.06
    strong = value + (opposite - value) * 1.5
    flip = rng.random(len(colours)) < 0.075
    out[flip] = strong[flip]
    return out.clip(0.02, 1)


def _stamps(radius: float, rng: np.random.Generator) -> list[list[tuple[np.ndarray, np.ndarray]]]:
    """Dabs of a small round brush at 16 angles: coverage and thickness."""
    reach = int(radius * 1.7) + 2
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
    rows = []
    for way in np.arange(16) * np.pi / 16:
        kinds = []
        for _ in range(8):
            a, b = x * np.cos(way) + y * np.sin(way), -x * np.sin(way) + y * np.cos(way)
            turn = np.arctan2(b, a)
            wave = 1 + sum(rng.normal(0, 0.055) * np.cos(k * turn + rng.random() * 6) for k in (2, 3, 5))
            r = np.hypot(a / 1.22, b * 1.10) / (radius * wave)
            cover = paint.smooth(1.0 + 0.8 / radius, 1.0 - 0.8 / radius, r)
            kinds.append((cover, cover * (0.5 + 0.5 * r.clip(0, 1) ** 2 + 0.12 * np.sin(b * 2.2))))
        rows.append(kinds)
    return rows


def dots(size: tuple[int, int], seed: int) -> np.ndarray:
    """A river on a bright afternoon: sails, strollers and shade, all in dots."""
    rng = np.random.default_rng(seed)
    big = (size[0] * 2, size[1] * 2)
    scene = Scene(size, rng)
    for part in (_distance, _sails, _bank, _near):
        part(scene)
    weave = paint.noise(big, 5, rng, 2)
    under = paint.resize(paint.blur(scene.colour, size[1] / 130), big)
    canvas = under * 0.6 + 0.4 * paint.hexes("e8d4b0")[0] + 0.02 * weave[..., None]
    edge = 16  # room for dots that overlap the border
    canvas = np.pad(canvas, ((edge, edge), (edge, edge), (0, 0)), mode="edge")
    height = np.pad(0.3 * weave, edge)
    lean = scene.lean
    for count, radius in ((15000, 8.6), (34000, 6.4), (42000, 4.7)):
        radius *= big[1] / 1400
        stamps = _stamps(radius, rng)
        reach = len(stamps[0][0][0]) // 2
        x = rng.integers(0, big[0], count)
        y = rng.integers(0, big[1], count)
        colours = _divide(paint.pick(scene.colour, x / 2, y / 2), rng)
        ways = ((paint.pick(lean, x / 2, y / 2) + rng.normal(0, 0.35, count)) / np.pi * 16).astype(int) % 16
        for cx, cy, tint, way, kind in zip(x, y, colours, ways, rng.integers(8, size=count), strict=True):
            cover, thick = stamps[way][kind]
            box = (slice(cy + edge - reach, cy + edge + reach + 1),
                   slice(cx + edge - reach, cx + edge + reach + 1))  # fmt: skip
            canvas[box] += (tint - canvas[box]) * (0.93 * cover)[..., None]
            height[box] += (1.6 * thick + 0.3 * height[box] - height[box]) * cover
    light = paint.relief(paint.blur(height, 1), 0.7)
    picture = canvas * (0.62 + 0.38 * light)[..., None]
    picture = picture[edge:-edge, edge:-edge]
    return paint.resize(picture.clip(0, 1), size).clip(0, 1)

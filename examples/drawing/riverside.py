"""The riverside that the dots are laid over: flat colour from the far bank to the near trees."""

import numpy as np

from . import paint

# Outlines are in units of the thing's own height, from where it stands.
JIB = [(-0.08, -0.09), (-0.20, -0.30), (-0.05, -0.95)]
SAIL = [(0.0, -0.08), (-0.02, -0.60), (0.05, -1.18), (0.30, -0.50), (0.42, -0.09)]
HULL = [(-0.34, -0.08), (0.0, -0.05), (0.46, -0.11), (0.34, 0.07), (-0.25, 0.07)]
SHADOW = [(0.0, 0.0), (0.5, 0.02), (1.15, 0.10), (0.6, 0.10), (0.0, 0.06)]
SKIRT = [(-0.05, -0.62), (-0.09, -0.45), (-0.20, 0.0), (0.22, 0.0), (0.24, -0.30), (0.08, -0.47),
         (0.06, -0.62)]  # fmt: skip
BODICE = [(-0.07, -0.68), (-0.10, -0.48), (0.08, -0.46), (0.08, -0.68)]
FACE = [(-0.045, -0.74), (0.0, -0.80), (0.045, -0.74), (0.0, -0.67)]
HAT = [(-0.07, -0.775), (0.0, -0.85), (0.07, -0.775)]
PARASOL = [(-0.35, -0.80), (-0.24, -0.98), (-0.02, -1.07), (0.20, -0.97), (0.30, -0.80),
           (0.0, -0.87)]  # fmt: skip
TRUNK = [(-1.0, 0.0), (-0.55, 0.35), (-0.5, 1.0), (0.5, 1.0), (0.7, 0.35), (1.2, 0.0)]


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

    def figure(
        self, outline: list[tuple[float, float]], x: float, y: float, size: float, tints: str
    ) -> None:
        """One of the outlines above, placed and scaled, in a lit and a shaded colour."""
        self.shape([(x + size * a, y + size * b) for a, b in outline], *tints.split())


def build(size: tuple[int, int], rng: np.random.Generator) -> Scene:
    """The whole riverside, far to near."""
    scene = Scene(size, rng)
    for part in (_sky, _far_bank, _river, _sails, _bank, _trees, _strollers):
        part(scene)
    return scene


def _sky(s: Scene) -> None:
    """A pale sky with a few long clouds."""
    sky = paint.ramp(paint.hexes("7fb4d8 a4cbe0 d3dfd6 f4e3bc f8d8a8"), s.v / 0.30 + 0.05 * s.patch)
    s.put(np.ones_like(s.u), sky)
    cloud = paint.noise(s.size, (s.h * 0.5, s.h * 0.12), s.rng, 4)
    cover = 0.7 * paint.smooth(0.4, 1.3, cloud) * paint.smooth(0.28, 0.1, s.v)
    s.put(cover, paint.hexes("fbf0dc")[0])


def _far_bank(s: Scene) -> None:
    """Hills, trees and a few bright houses on the other side."""
    far = 0.285 - 0.03 * np.sin(s.u * 3.4 + 0.4) - 0.012 * s.leaf
    hills = paint.ramp(paint.hexes("8fa6c4 6f8fa8 5f9a7c 7fae5c"), (s.v - far) / 0.05)
    s.put(s.v > far, hills)
    for cx, wide, tall in [
        (0.10, 0.09, 0.07),
        (0.24, 0.05, 0.05),
        (0.52, 0.07, 0.05),
        (0.95, 0.1, 0.055),
    ]:
        s.crown(cx, 0.30, wide, tall, "b4c46a 6fa068 4a7f86 4a5f94")
    for x, w, t in [
        (0.36, 0.045, 0.035),
        (0.42, 0.035, 0.05),
        (0.70, 0.05, 0.035),
        (0.78, 0.03, 0.045),
    ]:
        wall = [(x, 0.325), (x, 0.325 - t), (x + w, 0.325 - t), (x + w, 0.325)]
        s.shape(wall, "fbe6bc", "c89ab0")
        roof = [(x - 0.004, 0.326 - t), (x + w / 2, 0.303 - t), (x + w + 0.004, 0.326 - t)]
        s.shape(roof, "e0683f", "a84a6a")


def _river(s: Scene) -> None:
    """Water: the sky's light near the far bank, deeper blue in front, and a path of glitter."""
    water = paint.ramp(paint.hexes("e6dcc0 a9cbd6 6aa6cc 4a82bc 3f6cae"), (s.v - 0.33) / 0.42)
    ripple = paint.noise(s.size, (s.h * 0.10, s.h * 0.012), s.rng, 3)
    s.put(paint.smooth(0.328, 0.334, s.v), water + 0.055 * ripple[..., None])
    shine = paint.smooth(0.46, 0.335, s.v) * paint.smooth(0.0, 0.9, ripple + s.patch)
    s.put(0.6 * shine * (s.v > 0.33), paint.hexes("5f9078")[0])
    glitter = paint.smooth(1.0, 1.5, ripple) * np.exp(-(((s.u - 0.62) / 0.20) ** 2))
    s.put(0.85 * glitter * (s.v > 0.34), paint.hexes("fdf0c0")[0])


def _sails(s: Scene) -> None:
    """Boats with their broken reflections."""
    ripple = paint.noise(s.size, (s.h * 0.2, s.h * 0.012), s.rng, 2)
    for x, y, z in [
        (0.30, 0.46, 0.150),
        (0.565, 0.395, 0.085),
        (0.70, 0.43, 0.105),
        (0.13, 0.385, 0.06),
    ]:
        under = (s.v > y) & (s.v < y + z * 0.9)
        width = z * 0.28 * (1 - (s.v - y) / z / 0.95).clip(0, 1) + 0.006 * ripple
        mirrored = under & (np.abs(s.u - x - 0.004 * ripple) < width)
        s.put(0.75 * mirrored, paint.hexes("f3e3c4")[0])
        s.figure(SAIL, x, y, z, "fffaf0 f0c890")
        s.figure(JIB, x, y, z, "fff6e0 d8c4d8")
        s.figure(HULL, x, y, z, "d85a3a 5a3a7c")


def _bank(s: Scene) -> None:
    """The near bank: sunlit grass, then a cool band of shade along the bottom."""
    edge = 0.80 - 0.22 * s.u**1.25 + 0.012 * np.sin(s.u * 16) + 0.006 * s.leaf
    depth = s.v - edge
    grass = paint.ramp(
        paint.hexes("f0e07a c9d45c a4c850 8fbe56"), depth * 3.2 + 0.13 * s.patch + 0.10 * s.leaf
    )
    s.put(paint.smooth(-0.003, 0.003, depth), grass, -1.1 + 0.3 * s.leaf)
    s.put(np.exp(-((depth / 0.010) ** 2)) * 0.8, paint.hexes("4a6a9a")[0])
    shade = paint.smooth(0.0, 0.035, s.v - 0.875 + 0.05 * np.sin(s.u * 5 + 1) + 0.014 * s.leaf)
    cool = paint.ramp(
        paint.hexes("4f8a5a 2f6a6a 2c4a86 3a3a7c"), (s.v - 0.84) / 0.16 + 0.16 * s.leaf
    )
    s.put(shade * (depth > 0), cool, -1.1)


def _trees(s: Scene) -> None:
    """Trunks and foliage that frame the view on both sides."""
    for x, foot, wide, lean in [
        (1.27, 0.90, 0.030, -0.06),
        (1.06, 0.70, 0.014, 0.02),
        (0.03, 0.99, 0.024, 0.05),
    ]:
        tall = foot - 0.05
        outline = [(x + wide * a + lean * b, foot - tall * b) for a, b in TRUNK]
        s.shape(outline, "c08a5a", "3a3270", 1.5)
    crowns = [(1.33, 0.10, 0.30, 0.22), (1.08, 0.03, 0.22, 0.13), (1.40, 0.27, 0.13, 0.10),
              (1.08, 0.24, 0.11, 0.085), (0.05, 0.03, 0.24, 0.13),
              (-0.02, 0.16, 0.12, 0.10)]  # fmt: skip
    for cx, cy, wide, tall in crowns:
        s.crown(cx, cy, wide, tall, "e0d85c a4c44c 5a9a50 2f6f62 2c4480 3a2f6c")


def _strollers(s: Scene) -> None:
    """Women in long dresses with parasols, and someone stretched out on the grass."""
    for x, y, size, dress, dark, shade in [
        (0.90, 0.83, 0.25, "c85a7c", "4a3a8c", "f08a3a"),
        (1.13, 0.72, 0.13, "f0e0e8", "7a6ab0", "e8505a"),
        (1.045, 0.715, 0.12, "3f5aa0", "2c2a5c", "f4d060"),
    ]:
        s.figure(SHADOW, x, y, size, "3f7a62 4a5a9a")
        s.figure(SKIRT, x, y, size, f"{dress} {dark}")
        s.figure(BODICE, x, y, size, f"{dark} 2c2a5c")
        s.figure(FACE, x, y, size, "f4c8a0 c8806a")
        s.figure(HAT, x, y, size, f"{dark} 4a2a5a")
        s.figure(PARASOL, x, y, size, f"{shade} {dark}")
    lying = [
        (0.40, 0.93),
        (0.43, 0.885),
        (0.50, 0.88),
        (0.58, 0.915),
        (0.66, 0.925),
        (0.66, 0.945),
        (0.5, 0.95),
    ]
    s.shape(lying, "f3e0d0", "6a6ab0")
    s.shape([(0.425, 0.89), (0.44, 0.855), (0.47, 0.86), (0.475, 0.89)], "e8a880", "a85a5a")
    s.shape([(0.405, 0.862), (0.44, 0.838), (0.485, 0.858), (0.45, 0.868)], "f6d878", "c88a3a")

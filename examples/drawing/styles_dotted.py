"""Pointillism: a sunlit riverside put together from dots of divided colour."""

import numpy as np

from . import paint, riverside

PIGMENTS = paint.hexes(
    "f7f1d8 fbe38a f6c544 f09a3a e8683a d8455a b8548e 7e5aa8 4a56a8 3a78b8 5aa6c8 8fcad0 "
    "3f9a7a 5fae4e 97c04e c8d45a 2f6a5a 2c3f7c 8a4a3a c98a5a"
)


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
            wave = 1 + sum(
                rng.normal(0, 0.055) * np.cos(k * turn + rng.random() * 6) for k in (2, 3, 5)
            )
            r = np.hypot(a / 1.22, b * 1.10) / (radius * wave)
            cover = paint.smooth(1.0 + 0.8 / radius, 1.0 - 0.8 / radius, r)
            kinds.append((cover, cover * (0.5 + 0.5 * r.clip(0, 1) ** 2 + 0.12 * np.sin(b * 2.2))))
        rows.append(kinds)
    return rows


def dots(size: tuple[int, int], seed: int) -> np.ndarray:
    """A river on a bright afternoon: sails, strollers and shade, all in dots."""
    rng = np.random.default_rng(seed)
    big = (size[0] * 2, size[1] * 2)
    scene = riverside.build(size, rng)
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
        ways = ((paint.pick(lean, x / 2, y / 2) + rng.normal(0, 0.35, count)) / np.pi * 16).astype(
            int
        ) % 16
        for cx, cy, tint, way, kind in zip(
            x, y, colours, ways, rng.integers(8, size=count), strict=True
        ):
            cover, thick = stamps[way][kind]
            box = (slice(cy + edge - reach, cy + edge + reach + 1),
                   slice(cx + edge - reach, cx + edge + reach + 1))  # fmt: skip
            canvas[box] += (tint - canvas[box]) * (0.93 * cover)[..., None]
            height[box] += (1.6 * thick + 0.3 * height[box] - height[box]) * cover
    light = paint.relief(paint.blur(height, 1), 0.7)
    picture = canvas * (0.62 + 0.38 * light)[..., None]
    picture = picture[edge:-edge, edge:-edge]
    return paint.resize(picture.clip(0, 1), size).clip(0, 1)

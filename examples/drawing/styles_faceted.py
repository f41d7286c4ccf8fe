"""Cubism: a table with a guitar seen from many sides, in planes of ochre, umber and grey-blue."""

import numpy as np

from . import paint, still_life
from .brush import Canvas, Stroke
from .facets import GREYS, OCHRES, UMBERS, facet, line, shard


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
        shape = shard(rng, centre, 0.165 - 0.095 * part)
        facet(canvas, shape, tones, light, rng.uniform(0.65, 0.95))
        if rng.random() < 0.55:
            line(canvas, shape[:2], rng.uniform(0.002, 0.0045))
    for part in (still_life.bottle, still_life.music, still_life.tabletop, still_life.guitar):
        part(canvas)
    for _ in range(30):
        centre = np.array([0.42, 0.52]) + rng.normal(0, 1, 2) * (0.22, 0.27)
        tones = (OCHRES, GREYS, UMBERS)[rng.integers(3)]
        shape = shard(rng, centre, rng.uniform(0.035, 0.075))
        facet(canvas, shape, tones, rng.normal(0.22, 0.15), rng.uniform(0.45, 0.75))
        line(canvas, shape[:2], rng.uniform(0.002, 0.004))
    return canvas.finish(0.42, 0.06)

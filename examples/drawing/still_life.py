"""The still life that the cubist picture takes apart: guitar, bottle, sheet music and glass."""

import numpy as np

from . import paint
from .brush import Canvas
from .facets import DARK, GREYS, OCHRES, UMBERS, facet, line

LEFT = [(0.40, 0.44), (0.31, 0.455), (0.285, 0.52), (0.325, 0.585), (0.295, 0.64), (0.24, 0.71),
        (0.275, 0.80), (0.40, 0.835)]  # fmt: skip
RIGHT = [(0.44, 0.44), (0.53, 0.465), (0.55, 0.53), (0.505, 0.59), (0.545, 0.65), (0.60, 0.72),
         (0.56, 0.81), (0.44, 0.835)]  # fmt: skip
NOTES = [(0.11, 0.655), (0.15, 0.672), (0.185, 0.642), (0.225, 0.648), (0.13, 0.745),
         (0.19, 0.722), (0.24, 0.728)]  # fmt: skip
IVORY, BRASS, WALNUT = paint.hexes("e8dcc0 cdb888 2c1c12")


def _lean(points: paint.Points, dx: float = 0.0, dy: float = 0.0) -> np.ndarray:
    """Turn the upright guitar to the slant at which it leans, and shift it."""
    c, s = np.cos(0.24), np.sin(0.24)
    turned = (np.asarray(points) - (0.42, 0.60)) @ np.array([[c, s], [-s, c]])
    return np.add(turned, (0.42 + dx, 0.60 + dy))


def _ring(cx: float, cy: float, across: float, down: float, turn: np.ndarray) -> np.ndarray:
    return np.stack([cx + across * np.cos(turn), cy + down * np.sin(turn)], -1)


def guitar(canvas: Canvas) -> None:
    """Two bodies that disagree, their contours slipped apart, and the sound hole."""
    body = [(0.40, 0.44), (0.40, 0.835), *LEFT[:0:-1]]
    facet(canvas, _lean(body), OCHRES, 0.22, 0.97)
    body = [(0.44, 0.835), (0.44, 0.44), *RIGHT[1:]]
    facet(canvas, _lean(body, 0.012, -0.03), OCHRES, 0.40, 0.97)
    flank = [(0.44, 0.60), (0.44, 0.835), *RIGHT[:3:-1]]
    facet(canvas, _lean(flank, 0.05), UMBERS, 0.45, 0.9)
    neck = [(0.395, 0.12), (0.395, 0.46), (0.445, 0.46), (0.437, 0.12)]
    facet(canvas, _lean(neck), UMBERS, 0.62, 0.97)
    beside = [(0.437, 0.10), (0.448, 0.40), (0.50, 0.43), (0.47, 0.10)]
    facet(canvas, _lean(beside), GREYS, 0.28, 0.9)
    slipped = [(LEFT, 0, 0), (RIGHT, 0.012, -0.03), (RIGHT[3:], 0.05, 0), (LEFT[3:7], -0.025, 0.02)]
    for side, dx, dy in slipped:
        line(canvas, _lean(side, dx, dy), 0.0055)
    turn = np.linspace(-0.4, 3.9, 24)
    for r, dx, width in ((0.058, 0, 0.008), (0.068, 0.004, 0.003), (0.05, 0.03, 0.004)):
        line(canvas, _lean(_ring(0.42, 0.60, r, r, turn), dx), width)
    facet(canvas, _lean(_ring(0.42, 0.60, 0.052, 0.052, turn * 1.5)), UMBERS, 0.86, 1.0)
    _strings(canvas)


def _strings(canvas: Canvas) -> None:
    """Strings that break off and go on elsewhere, frets, bridge and pegs."""
    for k in range(6):
        x = 0.401 + 0.0076 * k
        ink, other = (IVORY, DARK) if k % 2 else (DARK, IVORY)
        line(canvas, _lean([(x, 0.14), (x, 0.585 if k % 2 else 0.76)]), 0.0022, ink)
        line(canvas, _lean([(x, 0.62), (x + 0.004, 0.76)], 0.02), 0.002, other)
    for y in np.geomspace(0.16, 0.44, 9):
        line(canvas, _lean([(0.396, y), (0.444, y + 0.004)]), 0.0026, BRASS)
    line(canvas, _lean([(0.375, 0.765), (0.47, 0.765)]), 0.012, WALNUT)
    for k in range(3):
        for x in (0.385, 0.447):
            y = 0.085 + 0.024 * k
            line(canvas, _lean([(x, y), (x + 0.012, y)]), 0.010, BRASS)


def bottle(canvas: Canvas) -> None:
    """A bottle seen from the front and, behind that, from the side; one label for both."""
    front = [(0.62, 0.30), (0.62, 0.72), (0.74, 0.72), (0.74, 0.36), (0.70, 0.28)]
    facet(canvas, front, GREYS, 0.42, 0.9)
    facet(canvas, [(0.70, 0.72), (0.70, 0.16), (0.655, 0.16), (0.655, 0.72)], GREYS, 0.62, 0.85)
    line(canvas, [(0.655, 0.10), (0.655, 0.24), (0.62, 0.31), (0.615, 0.50), (0.615, 0.70)], 0.006)
    line(canvas, [(0.70, 0.10), (0.70, 0.24), (0.735, 0.31), (0.745, 0.46)], 0.005)
    line(canvas, [(0.648, 0.10), (0.706, 0.10)], 0.009)
    line(canvas, [(0.648, 0.128), (0.706, 0.124)], 0.004)
    label = [(0.625, 0.44), (0.735, 0.42), (0.735, 0.55), (0.625, 0.57)]
    facet(canvas, label, OCHRES, 0.06, 0.97)
    for k in range(5):
        y, far = 0.465 + 0.019 * k, 0.64 + 0.08 * (0.6 + 0.4 * (k % 2))
        line(canvas, [(0.64, y), (far, y - 0.014)], 0.0042)


def music(canvas: Canvas) -> None:
    """A sheet of music on the table: two staves, a few notes."""
    facet(canvas, [(0.05, 0.62), (0.27, 0.56), (0.31, 0.74), (0.09, 0.80)], UMBERS, 0.02, 0.97)
    for k in range(5):
        y = 0.64 + 0.014 * k
        line(canvas, [(0.075, y), (0.262, y - 0.051)], 0.0019)
        line(canvas, [(0.093, y + 0.085), (0.282, y + 0.034)], 0.0019)
    for x, y in NOTES:
        line(canvas, [(x, y), (x + 0.011, y - 0.003)], 0.011)
        line(canvas, [(x + 0.010, y), (x + 0.006, y - 0.045)], 0.0026)


def tabletop(canvas: Canvas) -> None:
    """A glass seen from above and from the side at once, and the table's edge."""
    turn = np.linspace(0, 6.3, 30)
    for y, across, down in ((0.33, 0.060, 0.019), (0.345, 0.048, 0.022), (0.50, 0.045, 0.011)):
        line(canvas, _ring(0.135, y, across, down, turn), 0.004)
    line(canvas, [(0.075, 0.33), (0.09, 0.45), (0.125, 0.50)], 0.005)
    line(canvas, [(0.195, 0.33), (0.18, 0.44), (0.138, 0.50)], 0.004)
    line(canvas, [(0.02, 0.885), (0.30, 0.905), (0.55, 0.885), (0.79, 0.85)], 0.007)

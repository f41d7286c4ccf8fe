"""Stained glass: a rose of flames in streaked panes, leaded, with daylight behind it."""

import numpy as np
from PIL import Image, ImageDraw

from . import paint

GLASS = paint.hexes(
    "fff0a8 ffd34d f9a11b ee6a12 d8300f b3122a 8c1252 5b1c86 2b2f9e 1450a8 0b7aa6 0c8a78 1f7a3c"
)


class Rose:
    """The cartoon of the window: numbered panes, and each pane's place on the colour ramp."""

    def __init__(self, size: tuple[int, int], rng: np.random.Generator) -> None:
        self.rng, self.h = rng, size[1]
        self.centre = (size[0] / 2, size[1] * 0.46)
        self.tone: dict[int, float] = {}
        self.sheet = Image.fromarray(self._rings(size))
        self.pen = ImageDraw.Draw(self.sheet)

    def _rings(self, size: tuple[int, int]) -> np.ndarray:
        """Rings of uneven panes, not quite round, from amber at the middle to blue outside."""
        rng, h = self.rng, self.h
        x, y = paint.grid(size)
        wx, wy = (paint.noise(size, h / 3, rng, 2) * h * 0.008 for _ in range(2))
        dx, dy = x - self.centre[0] + wx, y - self.centre[1] + wy
        turn = np.arctan2(dy, dx) % (2 * np.pi)
        ring = np.searchsorted([0.155, 0.245, 0.33, 0.405, 0.475, 0.55, 0.63], np.hypot(dx, dy) / h)
        label = np.zeros(ring.shape, np.int32)
        for k, count in enumerate((12, 12, 17, 23, 26, 30, 33, 36)):
            cuts = (np.arange(count) + rng.uniform(-0.27, 0.27, count) + 0.5 * (k % 2)) / count
            sector = np.searchsorted(np.sort(cuts % 1) * 2 * np.pi, turn + 0.02 * k) % count
            label[ring == k] = (1000 * (k + 1) + sector)[ring == k]
            for s in range(count):
                self.tone[1000 * (k + 1) + s] = 0.10 + 0.098 * k + rng.normal(0, 0.075)
        return label

    def pane(self, number: int, points: np.ndarray, tone: float) -> None:
        """Cut one pane over what is there; points are in heights from the centre."""
        self.tone[number] = tone
        cx, cy = self.centre
        self.pen.polygon([(cx + x * self.h, cy + y * self.h) for x, y in points], fill=number)

    def petal(
        self, way: float, low: float, high: float, wide: float, number: int, tone: float
    ) -> None:
        """A flame in two halves, swaying a little about its spine."""
        t = np.linspace(0, 1, 40)
        reach = low + (high - low) * t
        spine = way + 0.05 * np.sin(2 * np.pi * t)
        for side in (-1, 1):
            edge = spine + wide * np.sin(np.pi * t**0.8) ** 0.9 * side
            outer = np.stack([reach * np.cos(edge), reach * np.sin(edge)], -1)
            inner = np.stack([reach * np.cos(spine), reach * np.sin(spine)], -1)[::-1]
            self.pane(number + (side > 0), np.concatenate([outer, inner]), tone + 0.05 * side)

    def disc(self, x: float, y: float, radius: float, number: int, tone: float) -> None:
        """A round pane."""
        a = np.linspace(0, 2 * np.pi, 40)
        self.pane(number, np.stack([x + radius * np.cos(a), y + radius * np.sin(a)], -1), tone)


def _panes(size: tuple[int, int], rng: np.random.Generator) -> tuple[np.ndarray, dict[int, float]]:
    """The rose drawn out: cool flames, beads, warm flames, and the eye."""
    rose = Rose(size, rng)
    for k in range(12):
        a = (k + 0.5) * np.pi / 6
        rose.petal(a, 0.14, 0.50, 0.135, 20000 + 10 * k, (0.72, 0.88)[k % 2] + rng.normal(0, 0.03))
        bead = 0.445 * np.cos(a + 0.262), 0.445 * np.sin(a + 0.262)
        rose.disc(*bead, 0.022, 21000 + k, 0.40)
    for k in range(12):
        a = k * np.pi / 6
        rose.petal(a, 0.075, 0.355, 0.20, 22000 + 10 * k, (0.21, 0.33)[k % 2] + rng.normal(0, 0.03))
        rose.petal(a, 0.10, 0.255, 0.11, 23000 + 10 * k, 0.09)
    rose.disc(0, 0, 0.098, 24000, 0.30)
    for k in range(10):
        rose.petal(k * np.pi / 5, 0.022, 0.086, 0.26, 24100 + 10 * k, 0.03)
    rose.disc(0, 0, 0.028, 24500, 0.38)
    return np.asarray(rose.sheet), rose.tone


def _streaks(
    size: tuple[int, int], way: float, scale: float, rng: np.random.Generator
) -> np.ndarray:
    """Long wisps of colour as they lie in poured glass, turned to one direction."""
    side = int(np.hypot(*size)) + 2
    flat = paint.noise((side, side), (scale * 4, scale), rng, 5, 0.55)
    x, y = paint.grid(size)
    x, y = x - size[0] / 2, y - size[1] / 2
    c, s = np.cos(way), np.sin(way)
    bend = paint.noise(size, scale * 3, rng, 2) * scale * 0.25
    return paint.pick(flat, c * x + s * y + side / 2, -s * x + c * y + bend + side / 2)


def _lead(
    size: tuple[int, int], gap: np.ndarray, half: float, rng: np.random.Generator
) -> np.ndarray:
    """Rounded cames of dull grey metal, scratched and catching a little light on one flank."""
    profile = np.sqrt(np.clip(1 - (gap / half) ** 2, 0, 1)) * half
    lit = paint.relief(paint.blur(profile, 1) + 0.25 * paint.noise(size, 9, rng, 3), 0.9)
    tone = 0.055 + 0.13 * np.clip(lit - 0.85, 0, 1) + 0.008 * paint.noise(size, 30, rng, 4)
    return tone[..., None] * paint.hexes("eef0ff")


def glass(size: tuple[int, int], seed: int) -> np.ndarray:
    """A rose window of flame petals in streaked, seeded glass with daylight behind it."""
    rng = np.random.default_rng(seed)
    big = (size[0] * 2, size[1] * 2)
    h = big[1]
    label, tone = _panes(big, rng)
    edge = np.zeros(label.shape, bool)
    edge[1:] |= label[1:] != label[:-1]
    edge[:, 1:] |= label[:, 1:] != label[:, :-1]
    half = h * 0.0034
    gap = paint.distance(edge, int(half * 5)) + 0.9 * paint.noise(big, h / 25, rng, 3)
    numbers, index = np.unique(label, return_inverse=True)
    index = index.reshape(label.shape)
    wisps = np.stack([_streaks(big, a, h / 22, rng) for a in np.linspace(0, np.pi, 5)[:4]])
    wisp = np.take_along_axis(wisps, (index * 7 % 4)[None], 0)[0]
    shade = np.array([tone[int(n)] for n in numbers], np.float32)[index]
    light = rng.normal(0, 0.17, len(numbers)).astype(np.float32)[index]
    colour = paint.ramp(GLASS, shade + 0.045 * wisp)
    x, y = paint.grid(big)
    sun = np.exp(-((np.hypot(x - big[0] / 2, y - h * 0.46) / (h * 0.5)) ** 2))
    sky = paint.noise(big, h / 3, rng, 4)
    seeds = paint.relief(paint.noise(big, (h / 130, h / 130), rng, 2), 0.5) - 1
    ripple = paint.relief(wisp * 1.6 + 0.9 * paint.noise(big, h / 60, rng, 3), 1.3) - 1
    value = 0.98 + 0.34 * sun + light + 0.07 * sky + 0.13 * wisp + 0.42 * ripple + 0.22 * seeds
    value *= 0.62 + 0.38 * paint.smooth(half * 0.7, half * 3.2, gap)
    pane = colour ** (1.55 - 0.55 * value.clip(0.2, 1.6)[..., None]) * value[..., None]
    pane += (value.clip(1.0, 2) - 1.0)[..., None] * 0.5
    cover = paint.smooth(half + 1.2, half - 1.2, gap)
    picture = paint.mix(pane.clip(0, 1.2), _lead(big, gap, half, rng), cover)
    picture = paint.resize(picture, size).clip(0, 1.2)
    glow = paint.blur(np.clip(picture - 0.35, 0, 1), size[1] / 70)
    return (1 - (1 - picture.clip(0, 1)) * (1 - 0.42 * glow.clip(0, 1))).clip(0, 1)

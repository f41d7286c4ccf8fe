"""Woodblock print: a breaking wave cut as flat plates, each inked and rubbed on its own."""

import numpy as np
from PIL import Image, ImageDraw

from . import paint

PAPER, SKY, PALE, MID, DEEP, KEY, STRAW, SNOW = range(8)
INKS = paint.hexes("efe3c6 b9a68a a9c2c4 5b8aa6 1f4a78 14233f d2a95c f3ead4")
OUTER = [(-0.30, 1.15), (-0.06, 0.66), (0.03, 0.46), (0.15, 0.25), (0.31, 0.115), (0.49, 0.085),
         (0.63, 0.15), (0.705, 0.275)]  # fmt: skip
INNER = [(1.15, 1.06), (0.76, 0.93), (0.52, 0.765), (0.405, 0.585), (0.415, 0.43), (0.50, 0.345),
         (0.60, 0.335)]  # fmt: skip
BANDS = [(0.05, MID), (0.12, DEEP), (0.16, PALE), (0.23, DEEP), (0.26, MID), (0.30, PALE),
         (0.38, DEEP), (0.43, PALE), (0.47, MID), (0.56, DEEP), (0.60, PALE), (0.64, MID),
         (0.72, DEEP), (0.76, PALE), (0.80, DEEP), (0.84, PALE), (0.92, DEEP), (0.96, PALE),
         (1, DEEP)]  # fmt: skip
SWELL_BANDS = [(0.10, DEEP), (0.16, PALE), (0.27, MID), (0.33, PALE), (0.46, DEEP), (0.52, MID),
               (0.60, PALE), (0.76, DEEP), (0.83, PALE), (1, DEEP)]  # fmt: skip


class Block:
    """A key drawing in plate numbers, cut large so that edges soften when it is printed."""

    def __init__(self, size: tuple[int, int], scale: int, rng: np.random.Generator) -> None:
        self.size, self.scale, self.rng = size, scale, rng
        self.image = Image.new("L", (size[0] * scale, size[1] * scale), SKY)
        self.pen = ImageDraw.Draw(self.image)
        self.unit = size[1] * scale

    def fill(self, points: paint.Points, plate: int) -> None:
        self.pen.polygon([(float(x) * self.unit, float(y) * self.unit) for x, y in points], plate)

    def line(self, path: np.ndarray, width: float, plate: int = KEY, ends: float = 0.2) -> None:
        """A cut line that swells in the middle and wavers a little, as a knife does."""
        t = np.linspace(0, 1, len(path))
        swell = ends + (1 - ends) * np.sin(np.pi * t) ** 0.6
        waver = 1 + 0.22 * np.interp(t, np.linspace(0, 1, 9), self.rng.normal(0, 1, 9))
        self.fill(paint.ribbon(path, width * swell * waver), plate)

    def claw(self, base: np.ndarray, way: float, size: float, curl: float, depth: int) -> None:
        """A hooked finger of foam, with smaller ones growing from its knuckle."""
        t = np.linspace(0, 1, 18)
        turn = way + curl * t**1.3
        steps = np.stack([np.cos(turn), np.sin(turn)], -1) * size / 17
        path = base + np.cumsum(steps, axis=0)
        if depth:
            for knuckle in self.rng.integers(6, 15, 3):
                bend = turn[knuckle] - np.sign(curl) * self.rng.uniform(0.35, 1.15)
                reach = size * self.rng.uniform(0.40, 0.62)
                self.claw(path[knuckle], bend, reach, curl * 0.95, depth - 1)
        widths = size * 0.25 * (1 - t) ** 0.6 * (1 + 0.35 * np.sin(t * 5))
        self.fill(paint.ribbon(path, widths + 0.0042), KEY)
        self.fill(paint.ribbon(path, widths), SNOW)
        if size > 0.02:
            shade = paint.ribbon(path[2:14], widths[2:14] * 0.34 * np.sin(np.linspace(0, 3.1, 12)))
            self.fill(shade + size * 0.035, PALE)


def _body(
    block: Block, outer: paint.Points, inner: paint.Points, bands: list[tuple[float, int]]
) -> None:
    """A wave's body: bands of colour that follow the water from its foot up into the crest."""
    a, b = paint.curve(outer, 120), paint.curve(inner, 120)
    t = np.linspace(0, 1, 120)[:, None]

    def along(s: float) -> np.ndarray:
        wobble = 0.006 * np.sin(t * 9 + s * 40) * np.sin(np.pi * t)
        return a + (b - a) * (s + wobble)

    block.fill(np.concatenate([a, b[::-1]]), MID)
    start = 0.0
    for end, plate in bands:
        low, high = along(start), along(end)
        close = np.clip((1 - t) * 3, 0.35, 1)
        middle = (low + high) / 2
        band = np.concatenate(
            [middle + (low - middle) * close, middle + (high - middle) * close][:1]
        )
        other = middle + (high - middle) * close
        block.fill(np.concatenate([band, other[::-1]]), plate)
        block.line(high[: int(118 - 20 * block.rng.random())], 0.0035, KEY, 0.35)
        start = end
    block.line(a, 0.0075, KEY, 0.5)
    block.line(b, 0.0065, KEY, 0.5)


def _foam(
    block: Block, edge: np.ndarray, side: float, hook: float, size: float, count: int
) -> None:
    """Claws along an edge, leaning off it to one `side` and curling the way of `hook`."""
    rng = block.rng
    heading = np.arctan2(*np.gradient(edge, axis=0).T[::-1])
    for k in rng.permutation(count):
        at = int((k + 0.5) / count * (len(edge) - 1))
        big = size * rng.uniform(0.6, 1.15) * (0.55 + 0.45 * at / len(edge))
        way = heading[at] + side * rng.uniform(0.5, 1.15)
        block.claw(edge[at], way, big, hook * rng.uniform(1.1, 2.1), 2 if big > 0.05 else 1)


def _crest(block: Block, edge: np.ndarray) -> None:
    """The breaking head: a white mass between crest and lip, claws in rows over all of it."""
    lip = [(0.655, 0.175), (0.715, 0.275), (0.70, 0.345), (0.62, 0.365), (0.53, 0.35)]
    fringe = [(0.285, 0.150), (0.38, 0.165), (0.455, 0.205), (0.515, 0.265), (0.53, 0.35)]
    lip, fringe = paint.curve(lip, 80), paint.curve(fringe, 80)
    _foam(block, edge[92:150], -1, 1, 0.055, 24)
    block.fill(np.concatenate([edge[141:184], lip, fringe[::-1]]), SNOW)
    _foam(block, fringe, 1.2, 0.9, 0.080, 17)
    crown = edge[np.linspace(141, 199, 80).astype(int)]
    for part in (0.36, 0.72):
        row = fringe + (crown - fringe) * part
        block.line(row[8:], 0.004, PALE)
        _foam(block, row[4:], 0.35, 0.9, 0.10, 9)
    _foam(block, edge[146:192], -0.9, 1.1, 0.085, 12)
    _foam(block, lip, -1.5, 1.0, 0.125, 12)


def _spray(block: Block, centre: tuple[float, float], spread: float, count: int) -> None:
    """Thrown drops, each a white dot with a cut rim."""
    for _ in range(count):
        x, y = block.rng.normal(centre, (spread, spread * 0.7))
        r = 0.0016 + 0.0035 * block.rng.random() ** 2
        for grow, plate in ((0.0016, KEY), (0.0, SNOW)):
            round_ = [(x + (r + grow) * np.cos(a), y + (r + grow) * np.sin(a))
                      for a in np.linspace(0, 6.28, 12)]  # fmt: skip
            block.fill(round_, plate)


def _mountain(block: Block) -> None:
    """The far cone with its snow, small above the trough."""
    left = paint.curve([(0.80, 0.705), (0.91, 0.655), (0.985, 0.575)], 30)
    right = paint.curve([(1.012, 0.572), (1.09, 0.65), (1.22, 0.705)], 30)
    block.fill(np.concatenate([left, right]), DEEP)
    snow = [(0.935, 0.634), (0.985, 0.575), (1.012, 0.572), (1.062, 0.624), (1.045, 0.618),
            (1.036, 0.645), (1.02, 0.615), (1.004, 0.66), (0.985, 0.618),
            (0.966, 0.65)]  # fmt: skip
    block.fill(snow, SNOW)
    block.line(left, 0.003)
    block.line(right, 0.003)


def _boat(block: Block, x: float, y: float, length: float, tilt: float) -> None:
    """A long skiff with rowers bent low."""

    def at(s: float, up: float) -> tuple[float, float]:
        return (x + length * s - up * np.sin(tilt) * -1, y + length * s * np.tan(tilt) - up)

    t = np.linspace(0, 1, 24)
    keel = [at(s, 0.05 * length * (4 * (s - 0.5) ** 2) * 2.2 - 0.03 * length) for s in t]
    rail = [at(s, 0.05 * length * (4 * (s - 0.5) ** 2) * 2.4 + 0.045 * length) for s in t]
    block.fill([*keel, *rail[::-1]], STRAW)
    for s in np.linspace(0.25, 0.8, 7):
        head = at(s, 0.10 * length)
        body = [at(s - 0.028, 0.03 * length), head, at(s + 0.035, 0.03 * length)]
        block.fill(body, DEEP)
        r = 0.014 * length
        block.fill([(head[0] + r * np.cos(a), head[1] + r * np.sin(a)) for a in t * 6.3], SNOW)
    block.line(np.array(keel), 0.004)
    block.line(np.array(rail), 0.003)


def _print(block: Block, fields: dict[int, np.ndarray]) -> np.ndarray:
    """Ink every plate with its own wood grain, shift it a hair, and rub it into the paper."""
    size, rng, h = block.size, block.rng, block.size[1]
    drawing = np.asarray(block.image)
    across, down = np.arange(drawing.shape[1])[None], np.arange(drawing.shape[0])[:, None]
    sheet = paint.paper(size, rng, h / 720)
    picture = np.broadcast_to(INKS[PAPER], (size[1], size[0], 3)) * (1 + 0.022 * sheet[..., None])
    for plate in (SKY, PALE, STRAW, MID, DEEP, KEY):
        shift = rng.normal(0, h * block.scale / 1300, 2).round().astype(int)
        mask = paint.pick(drawing == plate, across + shift[0], down + shift[1]).astype(np.float32)
        mask = paint.resize(mask, size).clip(0, 1)
        bend = paint.noise(size, h / 2, rng, 2) * h / 60
        x, y = paint.grid(size)
        rings = paint.noise((size[0] + 99, size[1] + 99), (h * 1.1, h / 55), rng, 4, 0.65)
        grain = paint.pick(rings, x, y + bend + 45)
        pores = paint.noise(size, (h / 9, h / 260), rng, 2)
        rub = paint.noise(size, h / 5, rng, 3)
        rim = mask - paint.blur(mask, h / 240)
        ink = 0.88 + 0.085 * grain + 0.04 * rub + 0.05 * pores + 0.16 * rim
        ink *= paint.smooth(-3.9, -2.2, pores + 0.9 * sheet + (1.2 if plate == KEY else 0.0))
        ink = (ink * fields.get(plate, 1.0) * mask).clip(0, 1)
        picture = picture * (1 - ink[..., None] * (1 - INKS[plate] / INKS[PAPER]))
    stain = paint.noise(size, h, rng, 3)
    return (picture * (1 - 0.018 * stain[..., None] * paint.hexes("66aaff"))).clip(0, 1)


def _front(block: Block) -> None:
    """A smaller wave in the foreground, pointed like the mountain behind."""
    crest = [(-0.1, 1.0), (0.06, 0.93), (0.22, 0.83), (0.34, 0.735), (0.46, 0.86), (0.62, 0.97),
             (0.8, 1.1)]  # fmt: skip
    foot = [(x, 1.3 - 0.2 * max(0.0, 1 - abs(x - 0.34) / 0.3)) for x, _ in crest]
    bands = [(0.12, SNOW), (0.22, PALE), (0.36, DEEP), (0.44, PALE), (0.7, MID), (1, DEEP)]
    _body(block, crest, foot, bands)
    edge = paint.curve(crest, 200)
    _foam(block, edge[30:105], -0.8, 1, 0.055, 20)
    _foam(block, edge[40:105], 0.8, 1, 0.05, 16)
    _foam(block, edge[96:160][::-1], 0.7, -1, 0.06, 14)


def _shading(size: tuple[int, int]) -> dict[int, np.ndarray]:
    """How strongly each plate is wiped from place to place (bokashi)."""
    x, y = paint.grid(size)
    u, v = x / size[1], y / size[1]
    return {
        SKY: 0.12 + 1.25 * paint.smooth(0.27, -0.02, v) + 0.75 * paint.smooth(0.42, 0.72, v),
        DEEP: 0.80 + 0.25 * v,
        MID: 0.65 + 0.5 * paint.smooth(0.2, 0.9, v),
        PALE: 0.75 + 0.35 * np.sin(u * 3) ** 2,
    }


def wave(size: tuple[int, int], seed: int) -> np.ndarray:
    """A great wave with foam like claws over a skiff and a far mountain."""
    block = Block(size, 3, np.random.default_rng(seed))
    _mountain(block)
    swell = [(0.5, 0.80), (0.8, 0.705), (1.0, 0.745), (1.2, 0.69), (1.5, 0.62)]
    under = [(0.5, 1.2), (0.8, 1.05), (1.0, 1.0), (1.2, 1.0), (1.5, 0.98)]
    _body(block, swell, under, SWELL_BANDS)
    _boat(block, 0.86, 0.80, 0.36, -0.12)
    _body(block, OUTER, INNER, BANDS)
    _crest(block, paint.curve(OUTER, 200))
    _spray(block, (0.78, 0.33), 0.10, 150)
    _front(block)
    return _print(block, _shading(size))

"""A mosaic floor: small cut stones laid in rows that follow two circling fish."""

from dataclasses import dataclass

import numpy as np

from . import paint

WATER = paint.hexes("e9e2c8 a9cfc4 6fb0ae 3f8c98 286f88 1c5273 173f62 122f50")
GROUT = paint.hexes("8c8272")[0]
FISH = [
    paint.hexes("7a1d14 b5361a d9601c eb9430 f3c667 f6ead0"),
    paint.hexes("1d2346 2f3f7c 5a5f9c a87f8c e0b48c f4e6cf"),
]
FIN = [paint.hexes("e8842a b5361a f0c060"), paint.hexes("6f78b4 2f3f7c d9b28c")]
FINS = [  # place along the spine, side, reach, lean off the spine
    (0.99, 1.0, 0.21, 0.52), (0.99, -1.0, 0.21, -0.52), (0.36, -1.0, 0.13, 0.9),
    (0.45, 1.0, 0.12, 0.95), (0.72, 1.0, 0.075, 0.9),
]  # fmt: skip


@dataclass
class Field:
    """One region to fill: where it is, how rows run through it, how large its stones are."""

    mask: np.ndarray
    depth: np.ndarray  # rows follow the level lines of this
    colour: np.ndarray
    side: float


class Floor:
    """Stones laid so far: which stone covers each pixel and where the pixel lies in it."""

    def __init__(self, size: tuple[int, int], rng: np.random.Generator) -> None:
        self.rng, self.size = rng, size
        self.owner = np.full((size[1], size[0]), -1, np.int32)
        self.local = np.zeros((size[1], size[0], 2), np.float32)
        self.rim = np.zeros((size[1], size[0]), np.float32)
        self.colours: list[np.ndarray] = []
        self.ways: list[float] = []

    def stone(self, x: float, y: float, way: float, field: Field, worst: float) -> bool:
        """Lay one stone, cut to what is still free; refuse where too little of it would be."""
        long, short = field.side * self.rng.normal((0.50, 0.46), 0.035) - 1.2
        reach = int(max(long, short) * 1.45) + 1
        x0, y0 = int(x), int(y)
        rows = slice(max(y0 - reach, 0), y0 + reach + 1)
        columns = slice(max(x0 - reach, 0), x0 + reach + 1)
        owner = self.owner[rows, columns]
        if owner.size == 0:
            return False
        dy = np.arange(rows.start, rows.start + owner.shape[0])[:, None] - y
        dx = np.arange(columns.start, columns.start + owner.shape[1])[None, :] - x
        way = way + self.rng.normal(0, 0.045)
        a = dx * np.cos(way) + dy * np.sin(way)
        b = -dx * np.sin(way) + dy * np.cos(way)
        skew = self.rng.normal(0, 0.07, 2)
        rim = np.minimum(long - np.abs(a + skew[0] * b), short - np.abs(b + skew[1] * a))
        inside = rim > 0
        free = inside & (owner < 0) & field.mask[rows, columns]
        if free.sum() < worst * inside.sum():
            return False
        owner[free] = len(self.colours)
        self.local[rows, columns][free] = np.stack([dx + 0 * dy, dy + 0 * dx], -1)[free] / reach
        self.rim[rows, columns][free] = rim[free]
        self.colours.append(field.colour[min(max(y0, 0), self.size[1] - 1),
                                         min(max(x0, 0), self.size[0] - 1)])  # fmt: skip
        self.ways.append(way)
        return True

    def fill(self, field: Field) -> None:
        """Lay rows outwards from the region's edge, then cut stones for the gaps."""
        coarse = paint.blur(field.depth[::4, ::4], field.side / 12)
        down, across = np.gradient(coarse)
        way = (np.arctan2(down, across) + np.pi / 2).repeat(4, 0).repeat(4, 1)
        row = field.depth / field.side
        near = field.mask & (np.abs(row % 1 - 0.5) < 0.12)
        for worst, density in ((0.93, 12), (0.80, 12), (0.55, 30), (0.34, 30)):
            seeds = np.argwhere((near if worst > 0.6 else field.mask) & (self.owner < 0))
            seeds = seeds[self.rng.random(len(seeds)) < density / field.side**2]
            order = np.argsort(row[seeds[:, 0], seeds[:, 1]].astype(int), kind="stable")
            for y, x in seeds[order]:
                if self.owner[y, x] >= 0:
                    continue
                for turn in (0, np.pi):
                    self._walk(float(x), float(y), turn, way, field, worst)

    def _walk(
        self, x: float, y: float, turn: float, way: np.ndarray, field: Field, worst: float
    ) -> None:
        """Stones side by side along one row until something is in the way."""
        height, width = field.mask.shape
        level = np.floor(field.depth[int(y), int(x)] / field.side) + 0.5
        if turn:
            a = way[int(y), int(x)] + turn
            x, y = x + np.cos(a) * field.side * 1.04, y + np.sin(a) * field.side * 1.04
        heading = None
        for _ in range(400):
            if not (0 <= x < width and 0 <= y < height) or not field.mask[int(y), int(x)]:
                return
            a = way[int(y), int(x)]
            off = (field.depth[int(y), int(x)] / field.side - level) * field.side
            if abs(off) < field.side:
                x, y = x - off * np.cos(a - np.pi / 2), y - off * np.sin(a - np.pi / 2)
            if not self.stone(x, y, a, field, worst):
                return
            a += turn
            if heading is not None and np.cos(a - heading) < 0:
                a += np.pi
            heading = a
            x, y = x + np.cos(a) * field.side * 1.03, y + np.sin(a) * field.side * 1.03

    def render(self, shrink: int) -> np.ndarray:
        """Colour, tilt, bevel and polish each stone; sand the grout between; shrink."""
        rng, size, owner = self.rng, self.size, self.owner
        colours = np.array(self.colours, np.float32)
        count = len(colours)
        colours *= 1 + rng.normal(0, 0.11, (count, 1))
        colours += rng.normal(0, 0.026, (count, 3))
        colours = np.concatenate([colours, GROUT[None]])
        tilt = np.concatenate([rng.normal(0, 0.10, (count, 2)), [[0, 0]]]).astype(np.float32)
        stone = owner >= 0
        dome = np.where(stone, np.minimum(self.rim, 5.0), 0.0)
        dome = dome + 0.55 * paint.noise(size, 14, rng, 3) * stone
        light = paint.relief(paint.blur(dome, 1), 0.55)
        light = light + (tilt[owner] * self.local).sum(-1) + tilt[owner][..., 0] * 0.7
        vein = paint.noise(size, 40, rng, 5, 0.75)
        light = light + 0.05 * vein * stone
        sand = paint.noise(size, 5, rng, 3, 0.8)
        shade = paint.blur(np.roll(stone, (4, 4), (0, 1)).astype(np.float32), 3)
        light = np.where(stone, light, 0.80 + 0.11 * sand - 0.40 * shade)
        shine = np.clip(tilt[owner].sum(-1) - 0.16, 0, 1) * 0.7 * stone
        picture = colours[owner] * light[..., None] + shine[..., None]
        wear = paint.noise(size, size[1] / 3, rng, 4)
        picture = picture * (1 + 0.035 * wear[..., None])
        return paint.resize(picture.clip(0, 1), (size[0] // shrink, size[1] // shrink)).clip(0, 1)


def _far(mask: np.ndarray, limit: float) -> np.ndarray:
    """Distance from inside a mask to its edge, worked out at a quarter of the size."""
    small = paint.distance(~mask[::4, ::4], int(limit / 4)) * 4
    return paint.resize(small, (mask.shape[1], mask.shape[0]))


def _spine(turn: float, h: float) -> np.ndarray:
    """A fish's backbone, head first: most of a half circle about the middle of the floor."""
    a = turn + np.linspace(0, 2.25, 160)
    r = h * (0.265 + 0.012 * np.sin(np.linspace(0, 7, 160)))
    return np.stack([h / 2 + r * np.cos(a), h / 2 + r * np.sin(a)], -1).astype(np.float32)


def _fish(size: tuple[int, int], turn: float, kind: int) -> list[Field]:
    """Body, eye and fins of one fish, each a field of its own."""
    h = size[1]
    spine = _spine(turn, h)
    t = np.linspace(0, 1, len(spine))
    girth = h * 0.155 * (np.sin(np.pi * np.clip(t * 0.97 + 0.03, 0, 1) ** 0.62) ** 0.8 + 0.10)
    normal = np.gradient(spine, axis=0)[:, ::-1] * (-1, 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    body = paint.polygon(size, paint.ribbon(spine, girth)) > 0.5
    x, y = paint.grid(size)
    ray = np.arctan2(y - h / 2, x - h / 2)
    along = ((ray - turn) % (2 * np.pi)) / 2.25
    across = np.hypot(x - h / 2, y - h / 2) - h * (0.265 + 0.012 * np.sin(along * 7))
    half = np.interp(along, t, girth / 2) + 1
    v = across / half
    scale = np.hypot((along * 26 + 0.5 * (np.floor(v * 5) % 2)) % 1 - 0.9, (v * 5) % 1 - 0.5)
    tone = 0.52 - 0.42 * v + 0.17 * np.cos(scale * 7)
    tone = np.where(along < 0.17, 0.34 - 0.2 * v, tone)
    colour = paint.ramp(FISH[kind], tone)
    gill = np.abs(along - 0.175 - 0.03 * (1 - v * v)) < 0.011
    colour[gill] = FISH[kind][0]
    fields = []
    eye = spine[13] + normal[13] * girth[13] * -0.14
    d = np.hypot(x - eye[0], y - eye[1])
    for radius, tint in ((0.009, "12100e"), (0.021, "f8f0d8")):
        part = d < h * radius
        flat = np.broadcast_to(paint.hexes(tint)[0], colour.shape)
        fields.append(Field(part, d + 0.01, flat, h / 110))
    fields.append(Field(body, _far(body, h * 0.1), colour, h / 92))
    for fin in FINS:
        fields.append(_fin(size, spine, normal, girth, fin, kind))
    return fields


def _fin(
    size: tuple[int, int],
    spine: np.ndarray,
    normal: np.ndarray,
    girth: np.ndarray,
    fin: tuple[float, float, float, float],
    kind: int,
) -> Field:
    """One fin, swept back from its root, in rays of two colours with a pale hem."""
    h = size[1]
    at, side, reach, lean = fin
    k = int(at * 159)
    root = spine[k] + normal[k] * side * girth[k] * (0.42 if abs(lean) > 0.6 else 0.05)
    back = spine[min(k + 1, 159)] - spine[max(k - 1, 0)]
    back = back / np.linalg.norm(back)
    out = back * (1 - 0.35 * abs(lean)) + normal[k] * side * abs(lean)
    s = np.linspace(0, 1, 40)
    path = root + h * reach * (out * s[:, None] + 0.28 * back * s[:, None] ** 2)
    widths = h * reach * 0.5 * s**0.6 * (1.06 - s**4)
    mask = paint.polygon(size, paint.ribbon(path, widths)) > 0.5
    x, y = paint.grid(size)
    depth = np.hypot(x - root[0], y - root[1])
    ray = (np.arctan2(y - root[1], x - root[0]) * 11) % 1 > 0.45
    shade = FIN[kind][ray.astype(int) + (depth / h / reach > 0.82)]
    return Field(mask, depth, shade, h / 98)


def mosaic(size: tuple[int, int], seed: int) -> np.ndarray:
    """Two fish chase each other round a pool, stone by stone."""
    rng = np.random.default_rng(seed)
    big = (size[0] * 2, size[1] * 2)
    h = big[1]
    floor = Floor(big, rng)
    fields = [*_fish(big, -2.9, 0), *_fish(big, -2.9 + np.pi, 1)]
    taken = np.zeros((h, big[0]), bool)
    x, y = paint.grid(big)
    rim = np.minimum.reduce([x, y, big[0] - 1 - x, h - 1 - y])
    border = rim < h * 0.066
    for field in fields:
        field.mask = field.mask & ~taken & ~border
        taken |= field.mask
        floor.fill(field)
    band = (rim / (h * 0.011)).astype(int)
    key = np.where(((x + y) / (h * 0.03)).astype(int) % 2, 4, 1)
    colour = paint.hexes("173f62 e9dcb8 8e2a1a d9963c e9dcb8 173f62 122f50")[
        np.where((band > 1) & (band < 4), np.where(key > 2, 2, 3), band.clip(0, 6))
    ]
    floor.fill(Field(border, rim, colour, h / 91))
    away = _far(~taken, h * 0.30)
    wave = paint.noise(big, h / 5, rng, 2)
    tone = 0.04 + away / h * 4.6 + 0.05 * wave
    ripple = (np.floor(away / (h / 66)) % 4 == 2) & (away > h * 0.03)
    colour = paint.ramp(WATER, tone - 0.30 * ripple)
    floor.fill(Field(~taken & ~border, away, colour, h / 66))
    return floor.render(2)

"""Samples of textures with things in them: what a synthesis by statistics alone takes apart."""

from collections.abc import Callable, Iterator

import numpy as np

from . import paint

Sample = Callable[[int, int], np.ndarray]
FINE = 2  # samples are drawn so many times larger, and then reduced


def _spread(side: int, apart: float, rng: np.random.Generator) -> Iterator[tuple[float, float]]:
    """Random places over a square and beyond its edges, none nearer to another than `apart`."""
    found: list[tuple[float, float]] = []
    for _ in range(6000):
        x, y = rng.uniform(-apart, side + apart, 2)
        if all((x - a) ** 2 + (y - b) ** 2 > apart**2 for a, b in found):
            found.append((float(x), float(y)))
            yield found[-1]


def _polar(
    side: int, centre: tuple[float, float], turn: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Coordinates about a centre, turned by an angle: x, y, radius and angle."""
    x, y = paint.grid((side, side))
    x, y = x - centre[0], y - centre[1]
    x, y = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    return x, y, np.hypot(x, y), np.arctan2(y, x)


def _inside(depth: np.ndarray) -> np.ndarray:
    """Coverage of a shape by the depth in pixels inside its outline."""
    return np.clip(depth + 0.5, 0, 1)


def flowers(side: int, seed: int) -> np.ndarray:
    """Five-petalled flowers and leaves, printed on a woven cloth."""
    rng, large = np.random.default_rng(seed), side * FINE
    x, y = paint.grid((large, large))
    picture = np.broadcast_to(paint.hexes("20344f")[0], (large, large, 3)).copy()
    for number, (cx, cy) in enumerate(_spread(large, 0.165 * large, rng)):
        turn, size = rng.uniform(0, 2 * np.pi), 0.072 * large * rng.uniform(0.85, 1.15)
        for side_of in (0.6, 2.7):
            away = (
                cx + 1.15 * size * np.cos(turn + side_of),
                cy + 1.15 * size * np.sin(turn + side_of),
            )
            u, v, _, _ = _polar(large, away, turn + side_of)
            leaf = (0.26 * size * (1 - (u / (0.62 * size)) ** 2)) - np.abs(v)
            green = paint.mix(
                paint.hexes("5f8f5a")[0], paint.hexes("9cbf7c")[0], _inside(1.5 - np.abs(v))
            )
            picture = paint.mix(picture, green, _inside(leaf))
        _, _, radius, angle = _polar(large, (cx, cy), turn)
        petal = size * (0.62 + 0.38 * np.abs(np.cos(2.5 * angle)) ** 0.7) - radius
        tint = paint.ramp(
            paint.hexes(("c2405a f0a0a8", "d98a2b f7d58a", "e9e2d6 ffffff")[number % 3]),
            radius / size,
        )
        picture = paint.mix(picture, tint, _inside(petal))
        picture = paint.mix(picture, paint.hexes("f4c542")[0], _inside(0.26 * size - radius))
        picture = paint.mix(picture, paint.hexes("8a5a1c")[0], _inside(0.11 * size - radius))
    weave = 0.05 * np.where((x // 3 + y // 3) % 2 == 0, np.sin(x * 2.1), np.sin(y * 2.1))
    return _reduced(picture * (0.97 + weave[..., None]), side)


def scales(side: int, seed: int) -> np.ndarray:
    """Overlapping scales of a fish, row over row, each with its rays and rim."""
    rng, large = np.random.default_rng(seed), side * FINE
    picture = np.zeros((large, large, 3))
    wide = large / 7
    for row in range(-2, 16):
        for column in range(-1, 9):
            cx, cy = (column + 0.5 * (row % 2)) * wide, row * wide * 0.5
            cx, cy = cx + rng.normal(0, 0.03) * wide, cy + rng.normal(0, 0.02) * wide
            _, _, radius, angle = _polar(large, (cx, cy), 0)
            size = 0.58 * wide
            tone = np.clip(radius / size + 0.05 * np.sin(angle * 30) + rng.normal(0, 0.08), 0, 1)
            tint = paint.ramp(paint.hexes("173d46 2f8f8a 8fd0a8 d8e6a0"), tone)
            tint = paint.mix(tint, paint.hexes("0c1d24")[0], _inside(radius - size + 0.07 * size))
            picture = paint.mix(picture, tint, _inside(size - radius))
    return _reduced(picture, side)


def coins(side: int, seed: int) -> np.ndarray:
    """Coins of gold, silver and copper on dark felt, lit from the upper left."""
    rng, large = np.random.default_rng(seed), side * FINE
    cloth = paint.noise((large, large), 6, rng, 2)
    picture = paint.hexes("26302c")[0] * (1 + 0.12 * cloth[..., None])
    for cx, cy in _spread(large, 0.15 * large, rng):
        size, turn = 0.072 * large * rng.uniform(0.85, 1.12), rng.uniform(0, 2 * np.pi)
        shadow = _polar(large, (cx + 0.12 * size, cy + 0.16 * size), 0)[2]
        picture = paint.mix(
            picture, picture * 0.35, np.clip((1.08 * size - shadow) / (0.2 * size), 0, 1)
        )
        _, _, radius, angle = _polar(large, (cx, cy), turn)
        star = 0.5 * size * (0.55 + 0.45 * np.cos(2.5 * angle) ** 2) - radius
        height = (
            0.5 * _inside(0.84 * size - radius) * -1 + np.clip(star / (0.12 * size), 0, 1) * 0.6
        )
        ridges = 0.1 * np.sin(angle * 40) * (radius > 0.86 * size)
        shine = (
            0.5 * paint.relief(height * size * 0.1, 1.0)
            + ridges
            + 0.08 * paint.noise((large, large), 90, rng, 3)
        )
        tones = ("5a3a0a d9a520 fff3b0", "4c5054 b4bcc2 ffffff", "4a1c0c b8623a ffc8a0")
        tint = paint.ramp(paint.hexes(tones[int(rng.integers(3))]), np.clip(shine, 0, 1))
        picture = paint.mix(picture, tint, _inside(size - radius))
    return _reduced(picture, side)


def leaves(side: int, seed: int) -> np.ndarray:
    """Autumn leaves, fallen one over the other."""
    rng, large = np.random.default_rng(seed), side * FINE
    grain = paint.noise((large, large), 12, rng, 3)
    picture = paint.hexes("2a2a18")[0] * (1 + 0.25 * grain[..., None])
    places = [
        place
        for layer in range(3)
        for place in _spread(large, (0.2, 0.17, 0.15)[layer] * large, rng)
    ]
    for cx, cy in places:
        size, turn = 0.12 * large * rng.uniform(0.8, 1.15), rng.uniform(0, 2 * np.pi)
        u, v, _, _ = _polar(large, (cx, cy), turn)
        along = np.clip((u / size + 1) / 2, 0, 1)
        outline = (
            size * 0.95 * along**0.55 * (1 - along)
            - np.abs(v)
            + 0.01 * size * np.sin(u / size * 40)
        )
        outline = np.where(np.abs(u) < size, outline, -9)
        shadow = np.clip((outline + 0.06 * size) / (0.1 * size), 0, 1)
        picture = paint.mix(picture, picture * 0.5, shadow)
        tones = ("7a1f12 c8451f", "9c5a14 e0a02c", "5c6a1e a8a83a", "8a3a14 dc7a2a")
        tint = paint.ramp(paint.hexes(tones[int(rng.integers(4))]), 0.5 + v / size + 0.12 * grain)
        ribs = np.abs(((u - np.abs(v) * 1.1) / size * 5) % 1 - 0.5) * size / 5
        tint = paint.mix(tint, tint * 0.72, _inside(1.4 - ribs))
        tint = paint.mix(tint, paint.hexes("f0d9a0")[0], _inside(1.8 - np.abs(v)))
        picture = paint.mix(picture, tint, _inside(outline))
    return _reduced(picture, side)


def rivets(side: int, seed: int) -> np.ndarray:
    """Steel plates in courses, a row of rivets along each joint; some have rusted."""
    rng, large = np.random.default_rng(seed), side * FINE
    x, y = paint.grid((large, large))
    tall, wide, apart = large / 4, large / 2.5, large / 16
    course = (y // tall).astype(int)
    across = x + course % 2 * wide / 2
    tone = 0.5 + 0.08 * rng.standard_normal((4, 4))[course, (across // wide).astype(int)]
    tone += 0.04 * paint.noise((large, large), large / 5, rng, 4)
    tone += 0.04 * paint.noise((large, large), (large / 4, 3), rng, 3)
    beside = np.minimum(y % tall, across % wide)
    tone = tone * (1 - 0.8 * _inside(2 - beside)) + 0.15 * _inside(1.5 - np.abs(beside - 4))
    picture = paint.ramp(paint.hexes("12161a 4a545c 8b969c dfe4e4"), tone)
    places = [(right, row, 0.4) for row in range(4) for right in range(17)]
    for row in range(4):
        joints = (np.arange(4) - row % 2 / 2) * wide / apart + 0.4
        places += [(joint, row, down) for joint in joints for down in (1.4, 2.4, 3.4)]
    for right, row, down in places:
        cx, cy = np.array((right, down)) + rng.normal(0, 0.02, 2)
        size = 0.24 * apart * rng.uniform(0.93, 1.07)
        rust = rng.uniform(1, 3) * apart * (rng.random() < 0.3)
        picture = _rivet(picture, (cx * apart, cy * apart + row * tall), size, rust)
    return _reduced(picture, side)


def _rivet(
    picture: np.ndarray, centre: tuple[float, float], size: float, rust: float
) -> np.ndarray:
    """A picture with a round head of a radius, its shadow, and rust that runs down so far."""
    large, (cx, cy) = picture.shape[0], centre
    u, v, radius, _ = _polar(large, centre, 0)
    if rust:
        run = np.clip(1 - np.abs(u) / (0.9 * size), 0, 1) * (v > 0) * np.clip(1 - v / rust, 0, 1)
        picture = paint.mix(picture, picture * paint.hexes("d8742e")[0], 0.9 * run)
    _, _, shadow, _ = _polar(large, (cx + 0.3 * size, cy + 0.4 * size), 0)
    dark = np.clip((1.25 * size - shadow) / (0.5 * size), 0, 1)
    picture = paint.mix(picture, picture * 0.35, dark)
    glint = np.clip(1 - np.hypot(u + 0.35 * size, v + 0.42 * size) / (0.3 * size), 0, 1)
    light = 0.5 - 0.45 * (0.6 * u + 0.8 * v) / size + 0.5 * glint
    head = paint.ramp(paint.hexes("1e2428 6d777d b9c1c4 ffffff"), light)
    return paint.mix(picture, head, _inside(size - radius))


def shells(side: int, seed: int) -> np.ndarray:
    """Scallops on sand, each a fan of ribs with rings of growth."""
    rng, large = np.random.default_rng(seed), side * FINE
    ripple = paint.noise((large, large), large / 6, rng, 3)
    sand = 0.5 + 0.12 * ripple + 0.12 * paint.noise((large, large), 4, rng, 2)
    picture = paint.ramp(paint.hexes("a8875a d8bb8a f3e2bd"), sand)
    tones = ("7a3b2e d98a6a f6d9c4", "8a5a6a d8a0a8 fbe8e4", "8c6a3a d9b880 fff4dc")
    for cx, cy in _spread(large, 0.17 * large, rng):
        size, turn = 0.15 * large * rng.uniform(0.85, 1.12), rng.uniform(0, 2 * np.pi)
        hinge = (cx - 0.5 * size * np.cos(turn), cy - 0.5 * size * np.sin(turn))
        under = (hinge[0] + 0.06 * size, hinge[1] + 0.08 * size)
        _, _, radius, angle = _polar(large, under, turn)
        shadow = np.clip(_fan(radius, angle, size) / (0.1 * size) + 0.5, 0, 1)
        picture = paint.mix(picture, picture * 0.45, shadow)
        u, v, radius, angle = _polar(large, hinge, turn)
        rings = 0.08 * np.sin(radius / size * 26)
        rings += 0.05 * np.sin(radius / size * 9 + rng.uniform(0, 6))
        tone = 0.35 + 0.4 * radius / size + rings + 0.28 * np.cos(angle * 18)
        tone -= 0.16 * np.sin(angle + turn + 2.2)
        tint = paint.ramp(paint.hexes(tones[int(rng.integers(3))]), tone)
        ears = 0.17 * size - np.maximum(np.abs(u - 0.06 * size) * 1.6, np.abs(v) * 0.75)
        picture = paint.mix(picture, tint * 0.85, _inside(ears))
        picture = paint.mix(picture, tint, _inside(_fan(radius, angle, size)))
    return _reduced(picture, side)


def _fan(radius: np.ndarray, angle: np.ndarray, size: float) -> np.ndarray:
    """Depth in pixels inside the outline of a scallop, about its hinge."""
    rim = size * (1 - 0.1 * (angle / 1.1) ** 2 + 0.025 * np.cos(angle * 18))
    return np.minimum(rim - radius, radius * np.sin(np.clip(1.1 - np.abs(angle), -1.5, 1.5)))


def fur(side: int, seed: int) -> np.ndarray:
    """Tabby fur, its hair all in about one direction: noise drawn out along it."""
    rng, large = np.random.default_rng(seed), side * FINE
    x, y = paint.grid((large, large))
    angle = 0.9 + 0.15 * paint.noise((large, large), large / 3, rng, 1)
    grain = paint.noise((large, large), 5, rng, 1)
    hair = np.zeros((large, large))
    reach = large // 14
    for step in range(-reach, reach + 1):
        along = (x + step * np.cos(angle), y + step * np.sin(angle))
        hair += paint.pick(grain, *along) * (1 - abs(step) / reach)
    hair = (hair - hair.mean()) / (5 * hair.std())
    stripes = paint.noise((large, large), (large / 4, large / 8), rng, 2)
    tone = np.clip(0.55 + 0.8 * hair + 0.2 * stripes, 0, 1)
    return _reduced(paint.ramp(paint.hexes("1d130c 5a3a1e a5743c e2bd82 fff0cf"), tone), side)


def _reduced(picture: np.ndarray, side: int) -> np.ndarray:
    return np.clip(paint.resize(picture.astype(np.float32), (side, side)), 0, 1)


THINGS = ("flowers", "scales", "coins", "leaves", "rivets", "shells")
SAMPLES: dict[str, Sample] = {
    "flowers": flowers,
    "scales": scales,
    "coins": coins,
    "leaves": leaves,
    "rivets": rivets,
    "shells": shells,
    "fur": fur,
}

"""Painterly tools: seeded noise, flow, bristled strokes, washes and paper, in NumPy and Pillow.

Every picture is a float32 array of shape (height, width, 3) with values in [0, 1]. Sizes are given
as Pillow gives them, (width, height); lengths are in pixels of the canvas that is drawn on.
"""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

Points = Sequence[tuple[float, float]] | np.ndarray


def hexes(text: str) -> np.ndarray:
    """Turn 'f2e6c8 1b2a49' into an array of colours, one row each."""
    rows = [[int(word[i : i + 2], 16) / 255 for i in (0, 2, 4)] for word in text.split()]
    return np.array(rows, np.float32)


def ramp(colours: np.ndarray, t: np.ndarray | float) -> np.ndarray:
    """Interpolate along a row of colours; t runs from 0 (first) to 1 (last)."""
    position = np.clip(np.asarray(t, np.float32), 0, 1) * (len(colours) - 1)
    low = np.minimum(position.astype(int), len(colours) - 2)
    part = (position - low)[..., None]
    return colours[low] * (1 - part) + colours[low + 1] * part


def smooth(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """Hermite step from 0 at `low` to 1 at `high` (either may be the larger)."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def mix(a: np.ndarray, b: np.ndarray, part: np.ndarray) -> np.ndarray:
    """Blend picture b (or one colour) over picture a by a one-channel mask."""
    return a + (b - a) * part[..., None]


def resize(array: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Resample a one- or three-channel float array to (width, height)."""
    if array.ndim == 3:
        return np.stack([resize(array[..., c], size) for c in range(array.shape[2])], -1)
    image = Image.fromarray(np.ascontiguousarray(array, np.float32))
    return np.asarray(image.resize(size, Image.Resampling.LANCZOS))


def noise(
    size: tuple[int, int],
    scale: float | tuple[float, float],
    rng: np.random.Generator,
    octaves: int = 4,
    gain: float = 0.5,
) -> np.ndarray:
    """Fractal value noise around 0 with unit deviation; `scale` is the largest feature (x, y)."""
    width, height = size
    across, down = scale if isinstance(scale, tuple) else (scale, scale)
    total = np.zeros((height, width), np.float32)
    for octave in range(octaves):
        cell_x, cell_y = max(across / 2**octave, 1), max(down / 2**octave, 1)
        grid = rng.standard_normal((int(height / cell_y) + 5, int(width / cell_x) + 5))
        shift = rng.random(2)
        box = (1 + shift[0], 1 + shift[1])
        box += (box[0] + width / cell_x, box[1] + height / cell_y)
        image = Image.fromarray(grid.astype(np.float32))
        layer = np.asarray(image.resize(size, Image.Resampling.BICUBIC, box=box))
        total += gain**octave * layer
    return (total - total.mean()) / (total.std() + 1e-6)


def blur(array: np.ndarray, sigma: float) -> np.ndarray:
    """Near-Gaussian blur: three box means along each axis, edges repeated."""
    radius = max(1, round(sigma))
    out = np.asarray(array, np.float32)
    for axis in (0, 1):
        for _ in range(3):
            pad = [(0, 0)] * out.ndim
            pad[axis] = (radius + 1, radius)
            total = np.cumsum(np.pad(out, pad, mode="edge"), axis=axis, dtype=np.float64)
            n = total.shape[axis]
            ahead = np.take(total, np.arange(2 * radius + 1, n), axis=axis)
            behind = np.take(total, np.arange(0, n - 2 * radius - 1), axis=axis)
            out = ((ahead - behind) / (2 * radius + 1)).astype(np.float32)
    return out


def distance(mask: np.ndarray, limit: int) -> np.ndarray:
    """Euclidean distance of every pixel to the nearest True one, exact up to `limit`."""
    height, width = mask.shape
    rows = np.arange(height)[:, None]
    above = np.maximum.accumulate(np.where(mask, rows, -(10**6)), axis=0)
    below = np.minimum.accumulate(np.where(mask, rows, 10**6)[::-1], axis=0)[::-1]
    down = np.minimum(rows - above, below - rows).clip(0, 2 * limit).astype(np.float32) ** 2
    best = down.copy()
    for step in range(1, min(limit, width - 1) + 1):
        np.minimum(best[:, step:], down[:, :-step] + step * step, out=best[:, step:])
        np.minimum(best[:, :-step], down[:, step:] + step * step, out=best[:, :-step])
    return np.sqrt(np.minimum(best, limit * limit))


def pick(array: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Nearest-pixel lookup at float coordinates, clamped to the edges."""
    rows = np.clip(np.asarray(y).astype(int), 0, array.shape[0] - 1)
    columns = np.clip(np.asarray(x).astype(int), 0, array.shape[1] - 1)
    return array[rows, columns]


def grid(size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Pixel coordinates x and y as two float32 arrays."""
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    return x, y


def polygon(size: tuple[int, int], points: Points) -> np.ndarray:
    """Coverage mask of a filled polygon, edges softened by 2x oversampling."""
    image = Image.new("L", (size[0] * 2, size[1] * 2))
    ImageDraw.Draw(image).polygon([(2 * float(x), 2 * float(y)) for x, y in points], fill=255)
    image = image.resize(size, Image.Resampling.BOX)
    return np.asarray(image, np.float32) / 255


def curve(points: Points, count: int = 60) -> np.ndarray:
    """Catmull-Rom curve through the points, `count` samples evenly spaced along it."""
    p = np.asarray(points, np.float32)
    p = np.concatenate([2 * p[:1] - p[1:2], p, 2 * p[-1:] - p[-2:-1]])
    t = np.linspace(0, 1, 24, endpoint=False, dtype=np.float32)[:, None]
    parts = []
    for a, b, c, d in zip(p, p[1:], p[2:], p[3:], strict=False):
        cubic = (3 * b - a - 3 * c + d) * t**3 + (2 * a - 5 * b + 4 * c - d) * t**2
        parts.append((cubic + (c - a) * t) / 2 + b)
    path = np.concatenate([*parts, p[-2:-1]])
    length = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(path, axis=0).T))])
    at = np.linspace(0, length[-1], count)
    return np.stack([np.interp(at, length, path[:, k]) for k in (0, 1)], -1).astype(np.float32)


def ribbon(path: np.ndarray, widths: np.ndarray | float) -> np.ndarray:
    """Outline of a line of varying width, as a closed polygon."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-6
    normal = tangent[:, ::-1] * (-1, 1)
    half = np.broadcast_to(widths, len(path))[:, None] / 2
    return np.concatenate([path + normal * half, (path - normal * half)[::-1]])


def trace(
    angle: np.ndarray, x: np.ndarray, y: np.ndarray, length: np.ndarray | float, steps: int = 10
) -> np.ndarray:
    """Follow a field of angles from many starts at once; returns paths (count, steps + 1, 2)."""
    stride = np.asarray(length) / steps
    path = [np.stack([x, y], -1)]
    for _ in range(steps):
        a = pick(angle, path[-1][:, 0], path[-1][:, 1])
        move = np.stack([np.cos(a), np.sin(a)], -1) * np.broadcast_to(stride, x.shape)[:, None]
        path.append(path[-1] + move)
    return np.stack(path, 1)


def smear(array: np.ndarray, angle: np.ndarray, length: float, steps: int = 12) -> np.ndarray:
    """Average an array along a field of angles (line integral convolution)."""
    x0, y0 = grid((array.shape[1], array.shape[0]))
    total = np.array(array, np.float32)
    for sign in (-1, 1):
        x, y = x0.copy(), y0.copy()
        for _ in range(steps):
            a = pick(angle, x, y)
            x += sign * length / steps * np.cos(a)
            y += sign * length / steps * np.sin(a)
            total += pick(array, x, y)
    return total / (2 * steps + 1)


def relief(height: np.ndarray, strength: float, towards: float = -2.2) -> np.ndarray:
    """Light falling across a height map: around 1, brighter on slopes that face the lamp."""
    down, across = np.gradient(height)
    slope = across * np.cos(towards) + down * np.sin(towards)
    return 1 - np.tanh(slope * strength) * 0.5


def paper(size: tuple[int, int], rng: np.random.Generator, tooth: float = 1.0) -> np.ndarray:
    """Height map of sheet tooth: soft pits, fine grain and a few long fibres, about 0 +- 1."""
    pits = noise(size, 7 * tooth, rng, 3, 0.7)
    cloud = noise(size, 90 * tooth, rng, 3)
    sheet = Image.new("L", size)
    pen = ImageDraw.Draw(sheet)
    for _ in range(size[0] * size[1] // 2500):
        x, y, a = rng.random() * size[0], rng.random() * size[1], rng.random() * 6.3
        bend, reach = rng.normal(0, 0.5), (4 + 14 * rng.random()) * tooth
        way = [(x + reach * k * np.cos(a + bend * k), y + reach * k * np.sin(a + bend * k))
               for k in (0, 0.35, 0.7, 1)]  # fmt: skip
        pen.line(way, fill=int(60 + 120 * rng.random()))
    fibre = blur(np.asarray(sheet, np.float32) / 255, 1)
    return 0.55 * pits + 0.25 * cloud + 1.2 * fibre


def save_jpeg(picture: np.ndarray, path: Path, budget: int = 400_000) -> int:
    """Write the best JPEG that stays strictly under `budget` bytes; returns its size."""
    image = Image.fromarray((np.clip(picture, 0, 1) * 255 + 0.5).astype(np.uint8))
    for quality in range(94, 30, -2):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() < budget:
            path.write_bytes(buffer.getvalue())
            return buffer.tell()
    raise ValueError(f"{path.name} does not fit in {budget} bytes")

"""Copperplate: swelling lines that follow the form of a shell and the cloth it lies on."""

import numpy as np

from . import paint

PLATE_INK, SHEET = paint.hexes("241a16 f0e3c6")
LAMP = np.array([-0.52, -0.58, 0.63], np.float32)


def cut(
    lines: np.ndarray, tone: np.ndarray, spacing: float, tremor: np.ndarray, most: float = 0.66
) -> np.ndarray:
    """Ink of one set of furrows along the level lines of `lines`.

    The furrows keep near `spacing` pixels apart: where level lines spread, new furrows start
    between them with a fine point; where they crowd, every other one runs out. Width follows tone.
    """
    down, across = np.gradient(lines)
    rate = np.hypot(down, across) + 1e-6
    octave = -np.log2(rate * spacing)
    step = np.floor(octave)
    fresh = octave - step
    phase = lines * 2.0**step + tremor
    pitch = 1 / (rate * 2.0**step)
    number = np.round(phase)
    offset = np.abs(phase - number) * pitch
    coming = (phase * 2 - np.round(phase * 2)) / 2
    between = np.abs(coming) * pitch
    half = most * np.tanh(tone.clip(0, 3) / most) * pitch / 2
    full = paint.smooth(0.75, -0.75, offset - half)
    young = paint.smooth(0.75, -0.75, between - half * fresh * 0.9) * (fresh > 0.08)
    on = paint.smooth(0.25, 0.75, half)
    return np.maximum(full, young * paint.smooth(0.2, 0.7, half * fresh)) * on


def _shell(
    x: np.ndarray, y: np.ndarray, reach: float, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """A chambered shell: spiral coordinates, tone under the lamp, and where it covers."""
    growth, mouth = 0.178, 0.62
    r = np.hypot(x, y) + 1e-3
    turn = (np.arctan2(y, x) - mouth) % (2 * np.pi) - 2 * np.pi
    outer = reach * np.exp(growth * turn)
    whorls = np.log(outer / r) / (2 * np.pi * growth)
    depth = np.floor(whorls)
    v = 1 - (whorls - depth)
    angle = turn - 2 * np.pi * depth
    inside = (whorls >= 0) & (whorls < 4)
    way = np.arctan2(y, x)
    bulge = 2 * v - 1
    rib = 0.20 * np.sin(angle * 19 + 5 * (v - 0.5) ** 2)
    normal = np.stack([bulge * np.cos(way), bulge * np.sin(way), np.sqrt(1.02 - bulge**2)], -1)
    light = normal @ LAMP + rib * 0.45 * np.sin(way + 0.8)
    size = (x.shape[1], x.shape[0])
    wild = paint.noise(size, reach / 4, rng, 4)
    flame = paint.smooth(0.0, 0.55, np.sin(angle * 8.5 - 3.5 * (v - 0.3) ** 2 + 0.8 * wild))
    flame *= paint.smooth(0.30, 0.62, v + 0.06 * wild) * paint.smooth(0.1, -0.9, turn + 0.35)
    seam = np.exp(-((v / 0.09) ** 2)) * (whorls > 0.02)
    dark = 0.60 - 0.66 * light + 0.34 * flame + 0.45 * seam
    middle = reach * 0.655
    px, py = np.cos(mouth) * middle, np.sin(mouth) * middle
    a = (x - px) * np.cos(mouth) + (y - py) * np.sin(mouth)
    b = -(x - px) * np.sin(mouth) + (y - py) * np.cos(mouth)
    lip = np.hypot(a / (reach * 0.345), b / (reach * 0.155))
    return {
        "angle": angle + 0.5 * (v - 0.5) ** 2, "v": v, "dark": dark, "inside": inside,
        "lip": lip,
        "hollow": 0.92 - 0.75 * paint.smooth(-0.2, 1.0, b / (reach * 0.155) + 0.3 * lip),
    }  # fmt: skip


def _cloth(
    x: np.ndarray, y: np.ndarray, h: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Folds of heavy cloth: height, and how dark the lamp leaves each slope."""
    size = (x.shape[1], x.shape[0])
    sway = paint.noise(size, h * 0.55, rng, 2)
    drift = paint.noise(size, h * 0.30, rng, 2)
    u, v = x / h, y / h
    a = 7.5 * (u + 0.55 * v) + 1.35 * sway
    b = 12.5 * (u - 0.65 * v) + 1.5 * drift
    fold = np.abs(np.sin(a)) ** 0.8 * (0.75 + 0.25 * drift.clip(-2, 2))
    height = 0.070 * fold + 0.026 * np.sin(b) + 0.012 * np.sin(2.2 * b + 2 * a)
    height = paint.blur(height, h / 160) * h
    down, across = np.gradient(height)
    normal = np.stack([-across, -down, np.full_like(across, 0.55)], -1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return height, 0.80 - 0.86 * (normal @ LAMP)


class Plate:
    """The copper: coordinates in heights, the usual gap between furrows, and the hand's tremor."""

    def __init__(self, size: tuple[int, int], rng: np.random.Generator) -> None:
        self.size, self.rng, self.h = size, rng, float(size[1])
        self.x, self.y = paint.grid(size)
        self.u, self.v = self.x / self.h, self.y / self.h
        self.gap = self.h / 178
        shake = 0.10 * paint.noise(size, self.h / 9, rng, 3)
        self.shake = shake + 0.025 * paint.noise(size, self.h / 80, rng, 2)
        self.worn = 1 + 0.07 * paint.noise(size, self.h / 40, rng, 3)


def _sky(p: Plate) -> np.ndarray:
    """A ruled sky: the lines thin out in the clouds' light and are crossed in their shade."""
    cloud = paint.noise(p.size, (p.h * 0.62, p.h * 0.22), p.rng, 4, 0.46)
    billow = paint.relief(paint.blur(cloud, p.h / 130), p.h / 55) - 1
    tone = 0.36 - 0.27 * paint.smooth(-0.3, 1.1, cloud) - 0.30 * billow
    tone += 0.16 * paint.smooth(0.4, 0, p.v) - 0.18 * paint.smooth(0.28, 0.55, p.v)
    ruled = cut(p.y / p.gap + 0.25 * cloud, tone * p.worn, p.gap, 0.4 * p.shake)
    slant = (p.v + 0.42 * p.u) * p.h / p.gap * 0.9
    return np.maximum(ruled, cut(slant, (tone - 0.40) * 0.9, p.gap, p.shake, 0.35))


def _sea(p: Plate) -> np.ndarray:
    """Level lines that wander with the swell."""
    wave = paint.noise(p.size, (p.h * 0.16, p.h * 0.018), p.rng, 4)
    deep = 0.34 + 0.15 * wave + 0.8 * (p.v - 0.44)
    return cut(p.y / p.gap * 1.15 + 0.55 * wave, deep, p.gap * 0.85, p.shake * 0.3)


def _drape(p: Plate, edge: np.ndarray, cx: float, cy: float) -> np.ndarray:
    """The cloth under three sets of lines, with the shell's shadow on it."""
    height, dark = _cloth(p.x, p.y, p.h, p.rng)
    shade = np.hypot((p.u - cx - 0.10) / 0.46, (p.v - cy - 0.31) / 0.14)
    dark = 0.10 + 0.72 * dark + 0.42 * paint.smooth(1.15, 0.4, shade)
    dark += 0.12 * paint.smooth(0.75, 1.0, p.v) + 0.25 * np.exp(-(((p.v - edge) / 0.012) ** 2))
    form = (p.y + 1.15 * height) / p.gap
    over = (p.x * 0.75 - p.y * 0.45 + height) / p.gap
    slant = (p.x * 0.6 + p.y * 0.8) / p.gap
    first = cut(form, dark * p.worn, p.gap, p.shake)
    second = cut(over, (dark - 0.42) * 0.9, p.gap, p.shake, 0.42)
    third = cut(slant, (dark - 0.80) * 0.8, p.gap, p.shake, 0.3)
    return np.maximum.reduce([first, second, third])


def _nautilus(p: Plate, ink: np.ndarray, cx: float, cy: float, reach: float) -> np.ndarray:
    """Engrave the shell over what is there: growth lines, spiral lines, and the dark mouth."""
    shell = _shell((p.u - cx) * p.h, (p.v - cy) * p.h, reach * p.h, p.rng)
    gap = p.gap * 0.9
    ribs = cut(shell["angle"] * 26, (shell["dark"] + 0.06) * p.worn, gap, 0.35 * p.shake)
    rings = cut(shell["v"] * 16, (shell["dark"] - 0.46) * 0.9, gap, 0.5 * p.shake, 0.42)
    rim = paint.smooth(3.2, 1.6, paint.distance(~shell["inside"], 8))
    ink = np.where(shell["inside"], np.maximum.reduce([ribs, rings, rim]), ink)
    lip, deep = shell["lip"], shell["hollow"]
    bowl = cut(lip * reach * p.h / p.gap * 0.22, deep, p.gap * 0.8, 0.4 * p.shake)
    slant = (p.y + 0.4 * p.x) / p.gap
    bowl = np.maximum(bowl, cut(slant, (deep - 0.35) * 1.2, p.gap, p.shake, 0.5))
    ink = np.where(lip < 1, np.where(lip > 0.93, 0, bowl), ink)
    return np.maximum(ink, paint.smooth(0.012, 0.006, np.abs(lip - 1)))


def engraving(size: tuple[int, int], seed: int) -> np.ndarray:
    """A great spiral shell on folded cloth, the sea and a ruled sky behind."""
    rng = np.random.default_rng(seed)
    p = Plate((size[0] * 2, size[1] * 2), rng)
    edge = 0.565 + 0.035 * np.sin(p.u * 4.4 + 0.5) + 0.012 * np.sin(p.u * 13)
    ink = _sky(p)
    ink = np.where((p.v > 0.44) & (p.v < edge), _sea(p), ink)
    ink = np.where(p.v > edge, _drape(p, edge, 0.66, 0.52), ink)
    ink = _nautilus(p, ink, 0.66, 0.52, 0.40)
    return _pull(ink, size, rng)


def _pull(ink: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Print the plate: ink stands thick in the furrows, a thin film stays on the copper."""
    big = (size[0] * 2, size[1] * 2)
    sheet = paint.paper(size, rng, size[1] / 1000)
    ink = ink * (0.93 + 0.06 * paint.noise(big, 6, rng, 2))
    lines = paint.resize(ink, size).clip(0, 1)
    spread = 0.84 * lines + 0.22 * paint.blur(lines, 1)
    film = 0.035 + 0.015 * paint.noise(size, size[1] / 3, rng, 4) + 0.008 * sheet
    density = (spread * (0.96 - 0.04 * sheet) + film.clip(0, 1)).clip(0, 1)
    page = SHEET * (1 + 0.018 * sheet[..., None])
    return paint.mix(page, PLATE_INK, density).clip(0, 1)

"""A loaded brush: strokes with bristles, two colours on one hair, and paint that stands in relief.

A stroke is sampled along its path and across its width and scattered onto the canvas, which is
drawn larger than the picture so that shrinking it at the end softens the edges.
"""

from dataclasses import dataclass

import numpy as np

from . import paint


@dataclass
class Stroke:
    """How one stroke is laid: sizes in canvas pixels, the rest as fractions."""

    width: float = 10.0
    opacity: float = 0.95
    dry: float = 0.3  # how soon the hairs run out of paint
    body: float = 1.0  # thickness of the paint left behind
    taper: tuple[float, float] = (0.15, 0.35)  # share of the length spent on entry and exit
    streak: float = 0.5  # how far the second colour shows between the hairs


class Canvas:
    """Colour and paint thickness, drawn at `oversample` times the picture's size."""

    def __init__(
        self, size: tuple[int, int], ground: np.ndarray, seed: int, oversample: int = 2
    ) -> None:
        self.rng = np.random.default_rng(seed)
        self.oversample = oversample
        self.size = (size[0] * oversample, size[1] * oversample)
        self.picture_size = size
        shape = (self.size[1], self.size[0])
        self.colour = np.broadcast_to(np.asarray(ground, np.float32), (*shape, 3)).copy()
        self.height = np.zeros(shape, np.float32)
        self.bristles = self._hairs(24)
        long, fine = size[1] / 5, size[1] / 150
        self.streaks = paint.noise((2048, 2048), (long, fine), self.rng, 4, 0.7)

    def _hairs(self, count: int) -> np.ndarray:
        """Streaky textures (count, along, across), from 0 to 1, shared by all strokes."""
        bank = []
        for _ in range(count):
            hair = paint.noise((48, 160), (5.0, 300.0), self.rng, 3, 0.8)
            hair += 0.35 * paint.noise((48, 160), (4.0, 24.0), self.rng, 2)
            bank.append(np.clip(0.5 + 0.24 * hair, 0, 1))
        return np.stack(bank)

    def stroke(
        self,
        path: np.ndarray,
        colour: np.ndarray,
        second: np.ndarray,
        how: Stroke,
        mask: np.ndarray | None = None,
    ) -> None:
        """Lay one stroke along `path` (points x, y), kept inside `mask` where one is given."""
        steps = np.diff(path, axis=0)
        run = np.concatenate([[0], np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))])
        along = np.linspace(0, 1, int(run[-1] * 1.35) + 4, dtype=np.float32)
        across = np.linspace(-1, 1, int(how.width * 1.45) + 3, dtype=np.float32)
        x = np.interp(along * run[-1], run, path[:, 0])
        y = np.interp(along * run[-1], run, path[:, 1])
        dx, dy = np.gradient(x), np.gradient(y)
        norm = np.hypot(dx, dy) + 1e-6
        entry, leave = how.taper
        half = np.minimum(along / (entry + 1e-3), (1 - along) / (leave + 1e-3)).clip(0, 1)
        half = how.width / 2 * np.sqrt(half)
        columns = (x - dy / norm * half * across[:, None]).astype(np.int32)
        rows = (y + dx / norm * half * across[:, None]).astype(np.int32)
        hair = self.bristles[self.rng.integers(len(self.bristles))]
        u = (along * 159).astype(int)
        v = ((across + 1) * 23.5).astype(int)
        texture = hair.T[v[:, None], u[None, :]]
        worn = how.dry * (0.15 + along**2) - 0.12
        alpha = ((texture - worn) * 7).clip(0, 1) * how.opacity
        alpha *= ((1 - np.abs(across)) * 6 + 0.35).clip(0, 1)[:, None]
        inside = (columns >= 0) & (columns < self.size[0]) & (rows >= 0) & (rows < self.size[1])
        rows, columns, alpha = rows[inside], columns[inside], alpha[inside]
        if mask is not None:
            alpha = alpha * mask[rows, columns]
        part = ((texture - 0.5) * 2.2 * how.streak + 0.5 * how.streak).clip(0, 1)[inside]
        tone = colour + (second - colour) * part[:, None]
        edge = 0.45 * np.abs(across)[:, None] ** 3
        thick = (how.body * (0.35 + texture + edge))[inside]
        old = self.colour[rows, columns]
        self.colour[rows, columns] = old + (tone - old) * alpha[:, None]
        level = self.height[rows, columns]
        self.height[rows, columns] = level * (1 - 0.75 * alpha) + thick * alpha

    def lay(
        self,
        reference: np.ndarray,
        angle: np.ndarray,
        count: int,
        length: float,
        how: Stroke,
        jitter: float = 0.05,
        keep: np.ndarray | None = None,
        mask: np.ndarray | None = None,
    ) -> None:
        """Cover the canvas with strokes that follow `angle` and take colour from `reference`.

        `keep` is the chance, per pixel, that a stroke starts there.
        """
        rng = self.rng
        x = rng.uniform(-length / 2, self.size[0] + length / 2, count)
        y = rng.uniform(-length / 2, self.size[1] + length / 2, count)
        if keep is not None:
            chosen = rng.random(count) < paint.pick(keep, x, y)
            x, y = x[chosen], y[chosen]
        lengths = length * rng.uniform(0.55, 1.25, len(x))
        paths = paint.trace(angle, x, y, lengths)
        middle = paths[:, paths.shape[1] // 2]
        colours = paint.pick(reference, middle[:, 0], middle[:, 1])
        value = rng.normal(0, jitter, (len(x), 1))
        colours = (colours + value + rng.normal(0, jitter * 0.6, colours.shape)).clip(0, 1)
        seconds = (colours + rng.normal(0, jitter * 2.4, (len(x), 1))).clip(0, 1)
        for path, colour, second in zip(paths, colours, seconds, strict=True):
            width = how.width * rng.uniform(0.65, 1.25)
            own = Stroke(width, how.opacity, how.dry, how.body, how.taper, how.streak)
            self.stroke(path, colour, second, own, mask)

    def finish(self, light: float = 0.5, gloss: float = 0.12) -> np.ndarray:
        """Light the relief from the upper left and shrink to the picture's size."""
        height = paint.blur(self.height, 1)
        lit = paint.relief(height, light * 2.4)
        shine = np.clip(lit - 1.18, 0, 1) * gloss * 3
        colour = self.colour * (0.55 + 0.45 * lit)[..., None] * 1.0 + shine[..., None]
        return paint.resize(colour.clip(0, 1), self.picture_size).clip(0, 1)

"""Water and paper: washes that pool, dry dark at the rim, settle in the tooth and run back."""

import numpy as np

from . import paint


class Sheet:
    """Damp paper that pigment is laid on; each wash darkens what is below it."""

    def __init__(self, size: tuple[int, int], colour: str, seed: int) -> None:
        self.size, self.h = size, size[1]
        self.rng = np.random.default_rng(seed)
        self.tooth = paint.paper(size, self.rng, size[1] / 1000 * 0.62)
        base = paint.hexes(colour)[0]
        self.colour = np.broadcast_to(base, (size[1], size[0], 3)).astype(np.float32).copy()
        self.x, self.y = paint.grid(size)
        self.wander = [paint.noise(size, self.h / 9, self.rng, 6, 0.58) for _ in range(6)]
        self.flow = [paint.noise(size, self.h / 5, self.rng, 5, 0.6) for _ in range(4)]

    def stain(self, density: np.ndarray, pigment: np.ndarray) -> None:
        """Let pigment of the given density filter the light that the paper returns."""
        absorb = -np.log(np.clip(pigment, 0.02, 0.995))
        self.colour *= np.exp(-np.clip(density, 0, 4)[..., None] * absorb)

    def ragged(self, mask: np.ndarray, amount: float) -> np.ndarray:
        """Shift a mask about by wandering noise, so that its edge runs as water does."""
        a, b = self.rng.integers(6, size=2)
        reach = amount * self.h
        moved = paint.pick(mask, self.x + self.wander[a] * reach, self.y + self.wander[b] * reach)
        return paint.smooth(0.28, 0.72, paint.blur(moved, 1))

    def wash(
        self,
        mask: np.ndarray,
        pigment: np.ndarray,
        strength: float = 1.0,
        edge: float = 0.6,
        grain: float = 0.16,
        bloom: float = 0.3,
    ) -> None:
        """One wash: pooled and blotted within, darker where its rim dried, grainy in the pits."""
        rows, columns = np.flatnonzero(mask.max(1) > 0), np.flatnonzero(mask.max(0) > 0)
        if not len(rows):
            return
        box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        mask, tooth = mask[box], self.tooth[box]
        turned = tuple(slice(None, None, int(step)) for step in self.rng.choice((-1, 1), 2))
        pool = self.flow[self.rng.integers(4)][turned]
        around = np.pad(mask, 12)
        thin = paint.blur(around, self.h * 0.0022)[12:-12, 12:-12]
        wide = paint.blur(around, self.h * 0.010)[12:-12, 12:-12]
        rim = np.clip(mask - thin, 0, 1) * 1.6 + 0.55 * np.clip(mask - wide, 0, 1)
        rim *= (1 + 0.6 * self.wander[3][box]).clip(0.1, 2)
        body = (0.78 + bloom * pool[box]).clip(0.15, 2)
        pits = (1 - grain * tooth).clip(0.2, 2)
        density = mask * (body + edge * rim) * pits * strength
        absorb = -np.log(np.clip(pigment, 0.02, 0.995))
        self.colour[box] *= np.exp(-density.clip(0, 4)[..., None] * absorb)

    def backrun(self, x: float, y: float, reach: float) -> None:
        """A drop of clean water in a damp wash: a pale middle and a crinkled dark rim."""
        turn = np.arctan2(self.y - y, self.x - x)
        r = np.hypot(self.x - x, self.y - y) / reach
        frond = paint.pick(self.wander[4], np.abs(turn) * self.h / 5, r * 9 + y)
        r = r + 0.16 * self.wander[0] + 0.10 * frond + 0.05 * self.wander[5]
        pale = paint.smooth(1.0, 0.55, r)
        rim = np.exp(-(((r - 1.02) / 0.035) ** 2)) + 0.4 * np.exp(-(((r - 1.1) / 0.1) ** 2))
        light = np.clip(self.colour, 0.02, 1)
        power = 1 - 0.55 * pale + 0.45 * rim * (1 + 0.5 * self.wander[1]).clip(0, 2)
        self.colour = light ** power.clip(0.2, 2)[..., None]

    def dry_stroke(self, path: np.ndarray, width: float, tone: float, pigment: np.ndarray) -> None:
        """A quick stroke of a half-dry brush; the paper's tooth breaks it towards the end."""
        widths = np.broadcast_to(width, len(path))
        pad = float(widths.max()) + 4
        low = np.maximum((path.min(0) - pad).astype(int), 0)
        high = np.minimum((path.max(0) + pad).astype(int) + 1, self.size)
        if (high - low).min() < 3:
            return
        box = (slice(low[1], high[1]), slice(low[0], high[0]))
        shape = paint.ribbon(path - low, widths)
        mask = paint.polygon((int(high[0] - low[0]), int(high[1] - low[1])), shape)
        mask = mask * np.clip(1.15 - 0.38 * self.tooth[box] - 0.2 * self.wander[0][box], 0, 1.3)
        absorb = -np.log(np.clip(pigment, 0.02, 1))
        self.colour[box] *= np.exp(-(mask * tone)[..., None] * absorb)

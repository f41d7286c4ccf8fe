"""Hairs, whiskers and blades: thin curves splatted over a picture from back to front.

Drawn on a canvas larger than the picture, where a splat is one hard pixel: shrinking softens it.
"""

import numpy as np


def draw(
    image: np.ndarray,
    controls: np.ndarray,
    depth: np.ndarray,
    width: np.ndarray,
    root: np.ndarray,
    tip: np.ndarray,
    taper: float = 0.7,
) -> None:
    """Draw quadratic curves into `image` (H, W, 3).

    `controls` is (N, 3, 2) in pixels, from root to tip; the colour runs from `root` to `tip`
    (N, 3), and the width narrows with the power `taper`. The nearest `depth` is drawn last.
    """
    order = np.argsort(-depth, kind="stable")
    controls, width, root, tip = controls[order], width[order], root[order], tip[order]
    legs = np.hypot(*np.moveaxis(np.diff(controls, axis=1), -1, 0)).sum(1)
    counts = np.maximum(2, np.ceil(legs * 1.3)).astype(np.int64)
    # A few thousand at a time: fur has millions of splats.
    for part in np.array_split(np.arange(len(counts)), max(1, int(counts.sum() // 2_000_000))):
        _splat(image, controls[part], counts[part], width[part], root[part], tip[part], taper)


def _splat(
    image: np.ndarray,
    controls: np.ndarray,
    counts: np.ndarray,
    width: np.ndarray,
    root: np.ndarray,
    tip: np.ndarray,
    taper: float,
) -> None:
    curve = np.repeat(np.arange(len(counts)), counts)
    step = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    s = (step / (counts[curve] - 1))[:, None]
    a, b, c = controls[curve, 0], controls[curve, 1], controls[curve, 2]
    place = (1 - s) ** 2 * a + 2 * s * (1 - s) * b + s * s * c
    along = (1 - s) * (b - a) + s * (c - b)
    along /= np.hypot(along[:, :1], along[:, 1:]) + 1e-6
    across = np.stack([-along[:, 1], along[:, 0]], 1)
    span = width[curve] * (1 - s[:, 0] * 0.98) ** taper
    # Copies side by side fill a wide curve; repeating each splat in place keeps the order by depth.
    lanes = np.maximum(1, np.ceil(span / 0.75)).astype(np.int64)
    copy = np.repeat(np.arange(len(span)), lanes)
    lane = np.arange(lanes.sum()) - np.repeat(np.cumsum(lanes) - lanes, lanes)
    offset = ((lane + 0.5) / lanes[copy] - 0.5) * span[copy]
    x, y = (place[copy] + across[copy] * offset[:, None]).round().astype(np.int64).T
    inside = (x >= 0) & (x < image.shape[1]) & (y >= 0) & (y < image.shape[0])
    copy = copy[inside]
    colour = root[curve[copy]] * (1 - s[copy]) + tip[curve[copy]] * s[copy]
    image[y[inside], x[inside]] = colour

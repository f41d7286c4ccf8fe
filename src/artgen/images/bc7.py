"""BC7 (BPTC), the compression of textures that graphics cards read: 4 x 4 pixels in 16 bytes.

Every block is written in mode 6: one line through RGBA, 16 places on it, ends of 7 bits a channel
with one more for all four. It is the mode that suits most blocks of natural textures, and the only
one of eight that holds alpha and 16 places at once (Microsoft, BC7 Format Mode Reference).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["encode_bc7"]

SIDE = 4  # pixels of a block
WEIGHTS = np.array((0, 4, 9, 13, 17, 21, 26, 30, 34, 38, 43, 47, 51, 55, 60, 64), np.float32)
MODE = 1 << 6
AT_ONCE = 1 << 14  # blocks that are worked on at once
TURNS = 8  # of the power iteration that finds the line
FITS = 2  # times that the ends are fitted to the places found
SHARED_BITS = ((0, 0), (0, 1), (1, 0), (1, 1))  # lowest bits of the two ends
OPAQUE = ((1, 1),)  # 255 is 127 and a lowest bit of 1
Floats = NDArray[np.float32]


def encode_bc7(samples: NDArray[np.uint8]) -> bytes:
    """Samples (H, W, 3) or (H, W, 4) as blocks, row by row; edges are repeated to full blocks.

    What is opaque stays opaque to the last bit.
    """
    height, width, channels = samples.shape
    if channels == 3:
        samples = np.dstack([samples, np.full((height, width), 255, np.uint8)])
    below, right = -height % SIDE, -width % SIDE
    padded = np.pad(samples, ((0, below), (0, right), (0, 0)), mode="edge")
    rows, columns = padded.shape[0] // SIDE, padded.shape[1] // SIDE
    blocks = padded.reshape(rows, SIDE, columns, SIDE, 4).swapaxes(1, 2).reshape(-1, SIDE**2, 4)
    return b"".join(
        _encoded(blocks[start : start + AT_ONCE]) for start in range(0, len(blocks), AT_ONCE)
    )


def _encoded(blocks: NDArray[np.uint8]) -> bytes:
    """Blocks (N, 16, 4) of RGBA as their bytes."""
    pixels = blocks.astype(np.float32)
    words = np.zeros((len(blocks), 2), "<u8")
    opaque = (blocks[..., 3] == 255).all(1)
    for part, bits in ((opaque, OPAQUE), (~opaque, SHARED_BITS)):
        if part.any():
            words[part] = _packed(*_fitted(pixels[part], bits))
    return words.tobytes()


def _fitted(
    pixels: Floats, lowest: Sequence[tuple[int, int]]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The ends (N, 2, 4) of 7 bits, their lowest bits (N, 2), and the places (N, 16) of pixels.

    `lowest` are the pairs of lowest bits to choose from.
    """
    ends = _line(pixels)
    best = np.full(len(pixels), np.inf, np.float32)
    kept = np.zeros((len(pixels), 2, 4), np.uint64)
    low = np.zeros((len(pixels), 2), np.uint64)
    places = np.zeros((len(pixels), SIDE**2), np.intp)
    for _ in range(1 + FITS):
        for bits in lowest:
            both = np.array(bits, np.float32)[None, :, None]
            coarse = np.clip(np.rint((ends - both) / 2), 0, 127)
            found = _nearest(pixels, 2 * coarse + both)
            error = _error(pixels, 2 * coarse + both, found)
            better = error < best
            best[better], low[better] = error[better], bits
            kept[better], places[better] = coarse[better], found[better]
        ends = _refitted(pixels, places, ends)
    return kept, low, places


def _line(pixels: Floats) -> Floats:
    """The ends (N, 2, 4) of the line of largest variance through pixels (N, 16, 4)."""
    mean = pixels.mean(1, keepdims=True)
    apart = pixels - mean
    spread = np.einsum("nik,nil->nkl", apart, apart)
    axis = spread[np.arange(len(spread)), spread.diagonal(0, 1, 2).argmax(1)]
    for _ in range(TURNS):
        axis = axis / np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-6)
        axis = np.einsum("nkl,nl->nk", spread, axis)
    axis = axis / np.maximum(np.linalg.norm(axis, axis=1, keepdims=True), 1e-6)
    along = np.einsum("nik,nk->ni", apart, axis)
    ends = np.stack([along.min(1), along.max(1)], 1)[..., None] * axis[:, None]
    return np.asarray(np.clip(mean + ends, 0, 255), np.float32)


def _nearest(pixels: Floats, ends: Floats) -> NDArray[Any]:
    """The places (N, 16) of the 16 on a line that are nearest to the pixels."""
    first = ends[:, :1]
    way = ends[:, 1] - first[:, 0]
    length = np.maximum((way**2).sum(1), 1e-6)
    share = np.einsum("nik,nk->ni", pixels - first, way) / length[:, None] * 64
    places: NDArray[Any] = np.searchsorted((WEIGHTS[1:] + WEIGHTS[:-1]) / 2, share)
    return places


def _error(pixels: Floats, ends: Floats, places: NDArray[Any]) -> Floats:
    """The squared error (N,) of what a decoder makes of it."""
    weight = WEIGHTS[places][..., None]
    made = np.floor(((64 - weight) * ends[:, :1] + weight * ends[:, 1:] + 32) / 64)
    apart = pixels - made
    error: Floats = np.einsum("nik,nik->n", apart, apart)
    return error


def _refitted(pixels: Floats, places: NDArray[Any], ends: Floats) -> Floats:
    """The ends (N, 2, 4) with the least squared error for the places of the pixels."""
    after = WEIGHTS[places] / 64
    before = 1 - after
    one, two, mixed = (before**2).sum(1), (after**2).sum(1), (before * after).sum(1)
    first, second = (np.einsum("ni,nik->nk", part, pixels) for part in (before, after))
    scale = one * two - mixed**2
    safe = np.where(scale > 1e-4, scale, 1)[:, None]
    solved = np.stack(
        [
            (two[:, None] * first - mixed[:, None] * second) / safe,
            (one[:, None] * second - mixed[:, None] * first) / safe,
        ],
        1,
    )
    fits = (scale > 1e-4)[:, None, None]
    return np.asarray(np.where(fits, np.clip(solved, 0, 255), ends), np.float32)


def _packed(ends: NDArray[Any], low: NDArray[Any], places: NDArray[Any]) -> NDArray[np.uint64]:
    """The blocks as two words (N, 2).

    The first pixel's place is in the first half of the line, which saves a bit.
    """
    swap = places[:, 0] >= 8
    ends = np.where(swap[:, None, None], ends[:, ::-1], ends)
    low = np.where(swap[:, None], low[:, ::-1], low)
    places = np.where(swap[:, None], 15 - places, places).astype(np.uint64)
    words = np.zeros((len(ends), 2), np.uint64)
    words[:, 0] = MODE
    for channel in range(4):
        for end in range(2):
            words[:, 0] |= ends[:, end, channel] << np.uint64(7 + 14 * channel + 7 * end)
    words[:, 0] |= low[:, 0] << np.uint64(63)
    words[:, 1] = low[:, 1] | places[:, 0] << np.uint64(1)
    for pixel in range(1, SIDE**2):
        words[:, 1] |= places[:, pixel] << np.uint64(4 * pixel)
    return words

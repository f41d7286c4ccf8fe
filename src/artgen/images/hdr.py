"""Pictures in high dynamic range, in PQ or HLG or as linear light, brought to sRGB.

The code points are those of ITU-T H.273. Light up to 0.7 of white stays as it is; what is above is
compressed below white, as it is in films. Of linear light 1 is white, and a picture that has no
more than white is not compressed at all.
"""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from artgen.images.color_profile import Samples, white

__all__ = ["HLG", "PQ", "from_hdr", "from_light", "hdr_of_png"]

Floats = NDArray[np.float32]
PQ, HLG = 16, 18  # transfer characteristics
WHITE, PEAK = 203.0, 1000.0  # cd/m2: of a white sheet in HDR (BT.2408), and of most pictures' light
KNEE = 0.7  # of white
_SIGNATURE = 8  # bytes
_WIDE = {  # primaries -> linear RGB of BT.709
    9: ((1.6605, -0.5876, -0.0728), (-0.1246, 1.1329, -0.0083), (-0.0182, -0.1006, 1.1187)),
    12: ((1.2249, -0.2247, 0.0), (-0.0420, 1.0419, 0.0), (-0.0197, -0.0786, 1.0979)),
}
_LIGHT = np.array((0.2627, 0.6780, 0.0593), np.float32)  # luminance of BT.2020's primaries
_ROWS = 256  # that are worked on at once: floats take several times the memory of the samples


def hdr_of_png(file: BinaryIO) -> tuple[int, int] | None:
    """Primaries and transfer of a PNG file in PQ or HLG, from its cICP chunk; None for others."""
    file.seek(_SIGNATURE)
    while len(head := file.read(8)) == 8 and head[4:] not in (b"IDAT", b"IEND"):
        length = int.from_bytes(head[:4], "big")
        if head[4:] == b"cICP":
            told = file.read(length)
            return (told[0], told[1]) if len(told) == 4 and told[1] in (PQ, HLG) else None
        file.seek(length + 4, 1)
    return None


def from_hdr(samples: Samples, primaries: int, transfer: int) -> Samples:
    """Samples (H, W, 3) in PQ or HLG as sRGB with 16 bits, (H, W, 3)."""
    result = np.empty(samples.shape, np.uint16)
    for row in range(0, len(samples), _ROWS):
        part = np.asarray(samples[row : row + _ROWS] / white(samples), np.float32)
        light = _pq(part) if transfer == PQ else _hlg(part)
        if primaries in _WIDE:
            light = light @ np.array(_WIDE[primaries], np.float32).T
        shown = _curve(np.clip(_compressed(light, PEAK / WHITE), 0, 1))
        result[row : row + _ROWS] = np.rint(shown * 65535)
    return result


def from_light(light: Floats, exposure: float = 0.0) -> Samples:
    """Linear light (H, W, 3) of BT.709's primaries as sRGB with 16 bits, (H, W, 3).

    Light is multiplied by 2 to the power of `exposure`. If the brightest place is above white then,
    all that is above 0.7 is compressed, so that this place becomes white. What is no number is
    black; infinite light counts as the brightest that is finite.
    """
    scale = np.float32(2.0**exposure)
    finite = [
        float(np.max(part, where=np.isfinite(part), initial=0.0))
        for part in (light[row : row + _ROWS] for row in range(0, len(light), _ROWS))
    ]
    most = max(finite)
    peak = most * float(scale)
    result = np.empty(light.shape, np.uint16)
    for row in range(0, len(light), _ROWS):
        part = np.nan_to_num(light[row : row + _ROWS], nan=0.0, posinf=most, neginf=0.0)
        part = np.maximum(part, 0) * scale
        shown = _curve(np.clip(_compressed(part, peak) if peak > 1 else part, 0, 1))
        result[row : row + _ROWS] = np.rint(shown * 65535)
    return result


def _pq(coded: Floats) -> Floats:
    """Light, of white, by SMPTE ST 2084."""
    root = np.power(coded, 1 / 78.84375)
    light = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return np.asarray(np.power(light, 1 / 0.1593017578125) * (10_000 / WHITE), np.float32)


def _hlg(coded: Floats) -> Floats:
    """Light, of white, by ARIB STD-B67 on a screen of PEAK."""
    high = (np.exp((coded - 0.55991073) / 0.17883277) + 0.28466892) / 12
    scene = np.where(coded <= 0.5, coded**2 / 3, high).astype(np.float32)
    level = np.power(np.maximum(scene @ _LIGHT, 1e-6), 0.2)[..., None]
    return np.asarray(scene * level * (PEAK / WHITE), np.float32)


def _compressed(light: Floats, peak: float) -> Floats:
    """Light up to `peak` below white: linear up to KNEE, then a Moebius curve of the same slope."""
    a = -(KNEE**2) * (peak - 1) / (KNEE**2 - 2 * KNEE + peak)
    b = (KNEE**2 - 2 * KNEE * peak + peak) / (peak - 1)
    most = np.maximum(light.max(-1, keepdims=True), 1e-6)
    curve = (b**2 + 2 * b * KNEE + KNEE**2) / (b - a) * (most + a) / (most + b)
    return np.asarray(light * np.where(most <= KNEE, 1, curve / most), np.float32)


def _curve(light: Floats) -> Floats:
    """sRGB's curve."""
    high = 1.055 * np.power(light, 1 / 2.4) - 0.055
    return np.where(light <= 0.0031308, 12.92 * light, high).astype(np.float32)

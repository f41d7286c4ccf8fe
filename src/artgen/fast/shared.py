"""What networks in torch and their graphs have in common: names, numbers, mixtures; no torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from artgen.core.files import PACKAGE_DATA
from artgen.errors import UsageError, did_you_mean

__all__ = [
    "CONTRAST",
    "COPY",
    "DECODER",
    "DECODER_KIND",
    "DEMODULATION",
    "DULL",
    "EXTRACTOR",
    "FAINT",
    "FLAT",
    "FLATTEST",
    "JOHNSON_KIND",
    "LEVELS",
    "ODD",
    "PAINTER_KIND",
    "PHOTO",
    "PLANES",
    "READ",
    "ROUNDING",
    "SHIPPED",
    "SHOWN",
    "SIDE",
    "SLOPE",
    "SMALL",
    "STRIDE",
    "UNIT",
    "mixture",
    "photo_share",
]

SHIPPED, DECODER = (PACKAGE_DATA / f"{name}.safetensors" for name in ("painter", "decoder"))
PAINTER_KIND, JOHNSON_KIND = "artgen painter 3", "artgen johnson 1"  # in a file's header
DECODER_KIND = "artgen decoder 2"
EXTRACTOR = "slim@2"  # the extractor with which the decoder was trained

PHOTO = "photo"  # the first slot of a painter: the picture as it is
STRIDE = 8  # of the innermost layers of a network that paints, in pixels
COPY = 2048  # px, the long side up to which a picture is painted in one piece

# Layers.
SLOPE = 0.2  # of the leaky ReLU
UNIT, SMALL = 2**0.5, 0.3  # length of kernels; of those whose output is added to a layer
DEMODULATION = 1e-8  # StyleGAN2's, added to the sum of a kernel's squares
FLATTEST = 1e-3  # added to a variance: a flat picture stays flat; less amplifies rounding errors
PLANES, SIDE = 4, 64  # independent planes of noise, and their period in positions

# Any picture as the style.
LEVELS = ("image", "relu3_1", "relu4_1")  # the levels whose moments are matched, fine to coarse
READ = tuple(f"relu{block}_1" for block in range(1, 6))  # the layers the code is computed from
SHOWN = 512  # px, the long side of a style picture as its moments are taken
CONTRAST, DULL = 0.25, 0.03  # a photo's normalised deviation; less than DULL is not amplified
ODD = 3.0  # deviations at which a style picture's description is clamped

# Optimal transport.
FAINT = 0.03  # of the photo's mean variance: directions with less variance are not amplified
FLAT = 1e-3  # of the style picture's: the same limit for a photo that is flat
ROUNDING = 1e-12  # of the largest eigenvalue; 512 channels in float64 make errors of 1e-13


def mixture(
    styles: Sequence[str], shares: Mapping[str, float], strength: float
) -> NDArray[np.float32]:
    """Normalised shares of styles, and of the photo, as a row (1, styles).

    Args:
        styles: those of a painter, `photo` first.
        shares: style -> share, at least 0 each and not all 0.
        strength: from the photo (0) to the styles (1).

    Raises:
        UsageError: for an unknown style, or shares that are no mixture.
    """
    for name in shares:
        if name not in styles:
            hint = did_you_mean(name, styles[1:]) + " Or name a picture's file."
            raise UsageError(f"There is no trained style {name!r}.", hint)
    total = sum(shares.values())
    if total <= 0 or min(shares.values()) < 0:
        raise UsageError("The shares of the styles make no mixture.", "Give one of them more.")
    found = np.zeros((1, len(styles)), np.float32)
    found[0, 0] = 1 - strength
    for name, share in shares.items():
        found[0, styles.index(name)] += strength * share / total
    return found


def photo_share(left: float) -> float:
    """How much of the photo itself is blended into what a network painted, in [0, 1].

    A network that has learnt the slot `photo` comes near to the photo, not to the pixel. So the
    photo takes its place where nothing else is left (1), and soon as good as none of it (0).

    Args:
        left: the share of `photo`, 1 - strength.
    """
    return left**4

"""What an extractor sees in a style picture, kept in the user's cache for the next photo.

To look at a style takes as long as to paint a photo in it. What is kept are the numbers themselves,
in float64, so a picture has the same bits whether its style was looked at now or earlier.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping

import numpy as np

from artgen._version import __version__
from artgen.core.cache import cache_folder, recalled, remember
from artgen.fast.array_moments import Moments
from artgen.fast.onnx_graph import Array, runtime_version

__all__ = ["MOST", "kept_moments"]

FOLDER, MOST = "moments", 32  # pictures; 0.9 MB each


def kept_moments(
    picture: Array,
    how: str,
    shapes: Mapping[str, int],
    look: Callable[[Array], Mapping[str, Moments]],
) -> Mapping[str, Moments]:
    """The moments of a style picture (1, 3, H, W), as they were kept or as `look` finds them.

    Args:
        picture: in [0, 1].
        how: whatever else the moments depend on: the extractor, and the size it sees.
        shapes: layer -> its channels, of each layer that `look` finds.
        look: makes them.
    """
    folder, key = cache_folder(FOLDER), _key(picture, how)
    content = recalled(folder, key)
    if content is not None and len(content) == 8 * sum(n * n + n for n in shapes.values()):
        return _read(content, shapes)
    found = look(picture)
    parts = [part for layer in shapes for part in (found[layer].mean, found[layer].gram)]
    remember(folder, key, b"".join(np.float64(part).tobytes() for part in parts), MOST)
    return found


def _read(content: bytes, shapes: Mapping[str, int]) -> Mapping[str, Moments]:
    numbers, found, place = np.frombuffer(content, np.float64), {}, 0
    for layer, many in shapes.items():
        mean, gram, rest = np.split(numbers[place:], [many, many + many * many])
        found[layer], place = Moments(mean, gram.reshape(many, many)), len(numbers) - len(rest)
    return found


def _key(picture: Array, how: str) -> str:
    """A name for a picture, and for all that its moments' last bits depend on."""
    versions = __version__, np.__version__, runtime_version()
    known = repr((how, versions, platform.system(), platform.machine(), picture.shape))
    digest = hashlib.sha256(known.encode())
    digest.update(np.ascontiguousarray(picture).data)
    return digest.hexdigest()

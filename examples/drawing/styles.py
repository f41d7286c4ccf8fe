"""The style pictures by name, each with its size and the seed it is drawn from."""

from collections.abc import Callable

import numpy as np

from .styles_dotted import dots
from .styles_engraved import engraving
from .styles_faceted import cubist
from .styles_glazed import ink
from .styles_laid import mosaic
from .styles_painted import starry
from .styles_pieced import glass
from .styles_printed import wave
from .styles_washed import watercolour

STYLES: dict[str, Callable[[tuple[int, int], int], np.ndarray]] = {
    "starry": starry,
    "wave": wave,
    "glass": glass,
    "mosaic": mosaic,
    "ink": ink,
    "dots": dots,
    "cubist": cubist,
    "engraving": engraving,
    "watercolour": watercolour,
}

SIZES: dict[str, tuple[int, int]] = {
    "starry": (1024, 812),
    "wave": (1024, 720),
    "glass": (820, 1024),
    "mosaic": (1024, 1024),
    "ink": (780, 1024),
    "dots": (1024, 704),
    "cubist": (820, 1024),
    "engraving": (1024, 800),
    "watercolour": (800, 1024),
}

SEEDS: dict[str, int] = {
    "starry": 1, "wave": 2, "glass": 3, "mosaic": 4, "ink": 5,
    "dots": 8, "cubist": 9, "engraving": 7, "watercolour": 6,
}  # fmt: skip

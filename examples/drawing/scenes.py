"""The content pictures of the examples: each name with the function that renders it."""

from collections.abc import Callable

import numpy as np

from .scenes_cat import cat
from .scenes_duck import duck
from .scenes_frog import frog
from .scenes_mountain import mountain
from .scenes_portrait import portrait
from .scenes_town import town

Scene = Callable[[tuple[int, int], int], np.ndarray]

# Each takes (width, height) and a seed, and returns float32 RGB in [0, 1], of shape (H, W, 3).
SCENES: dict[str, Scene] = {
    "frog": frog,
    "town": town,
    "mountain": mountain,
    "duck": duck,
    "cat": cat,
    "portrait": portrait,
}

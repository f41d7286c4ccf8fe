"""Bar charts of shares, with labels and percentages, for sheets."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from artgen.figures.sheet import GROUND, LABEL, line, put

__all__ = ["bars", "percentage"]

BAR = (0.93, 0.55, 0.14)  # orange, as in the heat maps
TROUGH = {"dark": 0.16, "light": 0.88}
THICK, UNDER = 14, 9  # px: height of a bar, and gap to the next label


def bars(rows: Sequence[tuple[str, float]], width: int, background: str) -> Tensor:
    """A row for each share in [0, 1]: its name and its percentage, and a bar under them.

    Args:
        rows: name and share, from the top.
        width: of the picture in pixels; it is wider where a name would not fit.
        background: `dark` or `light`.

    Returns:
        (1, 3, H, W).
    """
    words = [
        (line(name, LABEL, background), line(percentage(share), LABEL, background))
        for name, share in rows
    ]
    width = max([width, *(one.shape[-1] + other.shape[-1] + LABEL for one, other in words)])
    height = words[0][0].shape[-2] + THICK + UNDER
    picture = torch.full((1, 3, height * len(rows), width), GROUND[background])
    for number, ((name, number_text), (_, share)) in enumerate(zip(words, rows, strict=True)):
        top = number * height
        put(picture, name, top, 0)
        put(picture, number_text, top, width - number_text.shape[-1])
        below = slice(top + name.shape[-2], top + name.shape[-2] + THICK)
        picture[..., below, :] = TROUGH[background]
        filled = round(width * share)
        picture[..., below, :filled] = torch.tensor(BAR).view(1, 3, 1, 1)
    return picture


def percentage(share: float) -> str:
    """A share in [0, 1] as a percentage: `83 %`, `4.2 %`, `< 0.1 %`."""
    if share < 0.001:
        return "< 0.1 %"
    return f"{share:.1%}".replace("%", " %") if share < 0.1 else f"{share:.0%}".replace("%", " %")

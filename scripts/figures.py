"""Makes the pictures of docs/how-it-works.md from the examples and the shipped styles.

python scripts/figures.py            all of them
python scripts/figures.py losses     one

What is painted is kept in out/figures, with the processor's seconds that it took, so a run that was
cut short goes on. On one core all of it takes some five minutes. Remove the folder to begin anew.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen import api, images
from artgen.core.events import Step
from artgen.figures import sheet as sheets
from artgen.figures.sheet import Cell, sheet
from artgen.losses import functional
from artgen.ops.resize import fit, resize
from artgen.techniques.common.options import BOTH

ROOT = Path(__file__).resolve().parents[1]
KEPT, DOCS = ROOT / "out" / "figures", ROOT / "docs" / "how-it-works"
SIDE, ITERATIONS = 176, 60  # of every picture, but where others are named
FREE = 80  # strength at which the style has room to show what it is
STYLE_LAYERS = [f"relu{block}_1" for block in range(1, 6)]


@dataclass(frozen=True)
class Painted:
    """A picture, and the seconds of a processor that it took."""

    picture: Tensor
    seconds: float


def photo(name: str, side: int = SIDE) -> Tensor:
    """An example picture, `side` px long."""
    picture = images.load(ROOT / "examples" / f"{name}.jpg").picture
    return resize(picture, fit((picture.shape[-2], picture.shape[-1]), side))


def painted(content: str, style: str, **changes: Any) -> Painted:
    """One run of artgen style, painted now or remembered; with statistics, but where it is said."""
    settings = {"size": SIDE, "iterations": ITERATIONS, "style_loss": "moments", **changes}
    words = [content, style, *(f"{key}={value}" for key, value in changes.items())]
    name = "-".join(words).replace(",", "+")
    path, notes = KEPT / f"{name}.png", KEPT / f"{name}.json"
    if path.exists() and notes.exists():
        return Painted(images.load(path).picture, json.loads(notes.read_text())["seconds"])
    print(name, flush=True)
    files = (ROOT / "examples" / f"{content}.jpg", ROOT / "styles" / f"{style}.jpg")
    began = time.process_time()
    picture = api.function("style")(*files, **settings)
    made = Painted(picture.tensor, time.process_time() - began)
    images.save(made.picture, path, bits=16)
    notes.write_text(json.dumps({"seconds": made.seconds}))
    return made


def cell(picture: Tensor, label: str) -> Cell:
    """A cell of a figure."""
    return Cell("cell", label, picture)


def inset(picture: Tensor, style: str) -> Tensor:
    """A picture with the painting small in its lower left corner, as in Gatys' figure 2."""
    small = images.thumbnail(ROOT / "styles" / f"{style}.jpg", 56)
    framed = F.pad(small, (0, 2, 2, 0), value=1.0)
    made = picture.clone()
    sheets.put(made, framed, made.shape[-2] - framed.shape[-2], 0)
    return made


def styles() -> Tensor:
    """Gatys 2016, figure 2: one photo in several styles."""
    names = ("starry", "wave", "cubist", "mosaic", "watercolour", "engraving", "glass")
    side = 320
    large: dict[str, Any] = {"size": side, "iterations": 250, "style_loss": BOTH}
    cells = [cell(photo("town", side), "the photo")]
    cells += [cell(inset(painted("town", name, **large).picture, name), name) for name in names]
    return sheet(cells, columns=4, background="light")


def neighbours() -> Tensor:
    """Statistics against neighbours, and both, with the seconds of a processor."""
    cells: list[Cell] = []
    settings: dict[str, Any] = {"size": 400, "iterations": 250}
    for content, style in (("town", "starry"), ("portrait", "cubist")):
        for loss in ("moments", "neighbours", BOTH):
            made = painted(content, style, style_loss=loss, **settings)
            cells.append(cell(made.picture, f"{loss}, {made.seconds:.0f} s"))
    return sheet(cells, columns=3, background="light")


def coherence() -> Tensor:
    """Each position by itself, or together, where a photo is flat."""
    settings: dict[str, Any] = {"size": 512, "iterations": 250, "style_loss": BOTH}
    cells = [
        cell(
            painted(content, style, coherence=value, **settings).picture, f"--coherence {value:.0f}"
        )
        for content, style in (("town", "cubist"), ("duck", "wave"))
        for value in (0.0, 50.0, 100.0)
    ]
    return sheet(cells, columns=3, background="light")


def tradeoff() -> Tensor:
    """From the photo to the painting: the weight of content against that of style."""
    cells = [
        cell(painted("portrait", "wave", strength=strength).picture, f"--strength {strength}")
        for strength in (10, 30, 50, 70, 90)
    ]
    return sheet(cells, columns=5, background="light")


def content_layers() -> Tensor:
    """Gatys 2016, figure 4: the same with content compared at one layer and at another."""
    cells = [cell(photo("duck"), "the photo")]
    for layer in ("relu1_1", "relu2_2", "relu3_2", "relu4_2"):
        made = painted("duck", "mosaic", content_layers=layer)
        cells.append(cell(made.picture, layer))
    return sheet(cells, columns=5, background="light")


def style_layers() -> Tensor:
    """Gatys 2016, figure 5: style compared at one layer, and then at more and deeper ones."""
    cells = []
    for count in range(1, 6):
        made = painted(
            "mountain", "starry", strength=FREE, style_layers=",".join(STYLE_LAYERS[:count])
        )
        last = STYLE_LAYERS[count - 1]
        cells.append(cell(made.picture, last if count == 1 else f"... to {last}"))
    return sheet(cells, columns=5, background="light")


def starts() -> Tensor:
    """Gatys 2016, figure 6: other starts, with the photo's pull and without."""
    ways: dict[str, dict[str, Any]] = {
        "from the photo": {"init": "content"},
        "from the painting": {"init": "style"},
        "from noise": {"init": "noise"},
        "from other noise": {"init": "noise", "seed": 1},
        "photo, style alone": {"init": "content", "strength": 100},
        "noise, style alone": {"init": "noise", "strength": 100},
    }
    cells = [cell(painted("cat", "dots", **way).picture, word) for word, way in ways.items()]
    return sheet(cells, columns=3, background="light")


def progress() -> Tensor:
    """A run from noise and one from the photo, after so many steps."""
    files = (ROOT / "examples" / "frog.jpg", ROOT / "styles" / "starry.jpg")
    settings = {"size": SIDE, "iterations": ITERATIONS, "strength": FREE}
    cells = []
    for init, word in (("noise", "noise"), ("content", "the photo")):
        for event in api.steps("style", *files, init=init, **settings):
            if isinstance(event, Step) and event.index in (2, 8, 30, ITERATIONS):
                picture = event.picture()
                size = fit((picture.shape[-2], picture.shape[-1]), SIDE)
                label = f"from {word}, step {event.index}"
                cells.append(cell(resize(picture, size), label))
    return sheet(cells, columns=4, background="light")


def no_blend() -> Tensor:
    """Crops, pixel by pixel: a blend and a change of colours keep the photo's every edge."""
    long, side = 360, 170
    before = photo("frog", long)
    made = painted("frog", "starry", size=long, strength=FREE).picture
    other = images.load(ROOT / "styles" / "starry.jpg").picture
    other = resize(other, (before.shape[-2], before.shape[-1]))
    recoloured = painted("frog", "starry", size=long, color="only", strength=100).picture
    ways = {
        "the photo": before,
        "a blend of both": (before + other) / 2,
        "only its colours": recoloured,
        "artgen style": made,
    }
    cells = [
        cell(picture[..., top : top + side, left : left + side], label)
        for top, left in ((30, 120), (90, 10))
        for label, picture in ways.items()
    ]
    return sheet(cells, columns=4, background="light")


def pooling() -> Tensor:
    """Max and average pooling."""
    cells = [cell(photo("town"), "the photo")]
    for pool in ("max", "average"):
        made = painted("town", "starry", pooling=pool, strength=FREE)
        cells.append(cell(made.picture, f"--pooling {pool}"))
    return sheet(cells, columns=3, background="light")


def style_losses() -> Tensor:
    """What of the style is compared, and how long a run takes."""
    cells = [cell(photo("portrait"), "the photo")]
    for loss in ("gram", "moments", "adain", "sliced"):
        made = painted("portrait", "starry", style_loss=loss, strength=FREE)
        cells.append(cell(made.picture, f"{loss}: {made.seconds:.1f} s"))
    return sheet(cells, columns=5, background="light")


# Two filters that anyone can compute, on pictures of 16 x 16 px: is a pixel yellow, and is it on an
# upright line? Grounds and patches are equally light, so that a line is all that the second sees.
GROUND, LIGHT, COLOURED = 0.45, 0.8, 0.4  # lightness, a line's lightness, how yellow yellow is
LUMA = (0.299, 0.587, 0.114)


def colour(light: float, yellow: float) -> Tensor:
    """(3, 1, 1): an RGB of a lightness whose red and green exceed its blue by `yellow`."""
    blue = light - (LUMA[0] + LUMA[1]) * yellow
    return torch.tensor([blue + yellow, blue + yellow, blue]).view(3, 1, 1)


def drawings() -> dict[str, Tensor]:
    """Pictures (1, 3, 16, 16), each a quarter yellow and a quarter lines."""
    ground = colour(GROUND, 0).expand(3, 16, 16)
    line, white, patch = colour(LIGHT, COLOURED), colour(LIGHT, 0), colour(GROUND, COLOURED)
    together, apart = ground.clone(), ground.clone()
    together[:, :, 1::4] = line
    apart[:, 4:12, :8], apart[:, :, 8::2] = patch, white
    partly = ground.clone()
    partly[:, :8, 1::4], partly[:, 8:, 1::4] = line, white
    for left in range(2, 16, 4):
        partly[:, 10:14, left : left + 2] = patch
    tiles = partly.view(3, 4, 4, 4, 4).permute(1, 3, 0, 2, 4).reshape(16, 3, 4, 4)
    order = torch.randperm(16, generator=torch.Generator().manual_seed(2))
    moved = tiles[order].view(4, 4, 3, 4, 4).permute(2, 0, 3, 1, 4).reshape(3, 16, 16)
    return {
        "they fire together": together[None],
        "apart": apart[None],
        "in part": partly[None],
        "the same, shuffled": moved[None],
    }


def responses(picture: Tensor) -> Tensor:
    """(1, 2, 16, 16): how yellow each pixel is, and how much it is on a line; 1 where it is."""
    yellow = (picture[:, :2].mean(1, keepdim=True) - picture[:, 2:]) / COLOURED
    light = (picture * torch.tensor(LUMA).view(1, 3, 1, 1)).sum(1, keepdim=True)
    around = F.pad(light, (1, 1, 0, 0), mode="replicate")
    kernel = torch.tensor([-0.5, 1.0, -0.5]).view(1, 1, 1, 3) / (LIGHT - GROUND)
    return torch.cat([yellow, F.conv2d(around, kernel)], 1).relu()


def matrix(gram: Tensor, side: int) -> Tensor:
    """A Gram matrix (2, 2) as squares, the larger the lighter, each with its number."""
    made = torch.full((1, 3, side, side), 0.97)
    half = side // 2
    for row, column in product(range(2), range(2)):
        value = float(gram[row, column])
        square = torch.full((1, 3, half - 4, half - 4), 0.15 + 2.4 * value)
        ink = images.lettering(f"{value:.3g}", 22)
        top, left = (half - 4 - ink.shape[-2]) // 2, (half - 4 - ink.shape[-1]) // 2
        under = square[..., top : top + ink.shape[-2], left : left + ink.shape[-1]]
        sheets.put(square, under.lerp(torch.full_like(under, value < 0.2), ink), top, left)
        sheets.put(made, square, row * half + 2, column * half + 2)
    return made


def gram() -> Tensor:
    """Two filters that fire together, apart and in part, and their Gram matrices."""
    side, cells = 160, []
    for label, picture in drawings().items():
        seen = responses(picture)
        products = functional.moments(seen)[1] / picture[0, 0].numel()
        maps = [seen[:, one : one + 1].expand(-1, 3, -1, -1) for one in range(2)]
        pictures = [sheets.enlarged(one, side) for one in (picture, *maps)]
        labels = (label, "A: is it yellow?", "B: is it an upright line?", "AA  AB / BA  BB")
        drawn = [*pictures, matrix(products, side)]
        cells += [cell(one, word) for one, word in zip(drawn, labels, strict=True)]
    return sheet(cells, columns=4, background="light")


FIGURES: dict[str, Callable[[], Tensor]] = {
    "styles": styles,
    "gram": gram,
    "style-layers": style_layers,
    "content-layers": content_layers,
    "tradeoff": tradeoff,
    "starts": starts,
    "progress": progress,
    "no-blend": no_blend,
    "pooling": pooling,
    "losses": style_losses,
    "neighbours": neighbours,
    "coherence": coherence,
}


def main(wanted: Sequence[str]) -> int:
    """Makes them, one after the other."""
    if unknown := set(wanted) - set(FIGURES):
        print(f"There is no {', '.join(sorted(unknown))}. Known: {', '.join(FIGURES)}.")
        return 2
    KEPT.mkdir(parents=True, exist_ok=True)
    DOCS.mkdir(exist_ok=True)
    for name in wanted or FIGURES:
        path = DOCS / f"{name}.jpg"
        images.save(FIGURES[name](), path, quality=80)
        print(path.relative_to(ROOT), f"{path.stat().st_size / 1000:.0f} kB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

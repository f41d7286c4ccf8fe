"""One rule for the masks of all commands: labels, paint on a transparent layer, and dark greys."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from artgen import images

from .said import Said

Artgen = Callable[..., Said]
QUICK = ["--net", "tiny", "--iterations", "1"]
COMMANDS = [
    ["style", "photo.png", "paint.png", "--protect", "mask.png", "--size", "67", *QUICK],
    ["style", "photo.png", "paint.png", "--mask", "mask.png=photo.png", "--size", "67", *QUICK],
    ["dream", "photo.png", "--mask", "mask.png", *QUICK],
    ["texture", "--inpaint", "photo.png", "--mask", "mask.png", "--net", "tiny"],
]


def label(path: Path) -> None:
    """Label 1 in the right half, dark red, as Pascal VOC has it."""
    mask = Image.new("P", (67, 49), 0)
    mask.putpalette([0, 0, 0, 128, 0, 0])
    mask.paste(1, (33, 0, 67, 49))
    mask.save(path)


def layer(path: Path) -> None:
    """White paint in the right half of a transparent layer."""
    mask = Image.new("RGBA", (67, 49), (0, 0, 0, 0))
    mask.paste((255, 255, 255, 255), (33, 0, 67, 49))
    mask.save(path)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
@pytest.mark.parametrize("write", [label, layer])
def test_a_mask_counts_whoever_wrote_it(
    folder: Path, artgen: Artgen, command: list[str], write: Callable[[Path], None]
) -> None:
    found = []
    for name in ("plain", "written"):
        if name == "plain":
            mask = np.zeros((49, 67), np.uint8)
            mask[:, 33:] = 255
            Image.fromarray(mask).save("mask.png")
        else:
            write(Path("mask.png"))
        said = artgen(*command, "-o", f"{name}.png")
        assert said.code == 0, said.err
        assert "nowhere near white" not in said.err
        found.append(images.load(f"{name}.png").picture)
    assert found[0].equal(found[1])


@pytest.mark.parametrize("command", COMMANDS[:3], ids=lambda words: words[0])
def test_a_mask_that_is_nowhere_white_is_named(
    folder: Path, artgen: Artgen, command: list[str]
) -> None:
    Image.linear_gradient("L").resize((67, 49)).point(lambda level: level // 4).save("mask.png")
    said = artgen(*command, "-o", "out.png")
    assert said.code == 0, said.err
    assert said.err.count("'mask.png' of --") == 1
    assert "nowhere near white: its brightest place counts as 25%" in said.err

"""How well films follow a painted frame of a clip: artgen fast follow, and other ways beside it.

    python benchmarks/follow.py --make town.mp4
    python benchmarks/follow.py clip.mp4 60=key.png out.mp4 --style starry.jpg --weights DIR

The first writes a clip of the project's own, a pan and a zoom over examples/town.jpg. The second
compares films that were made of a clip, frame by frame:

- *key*: mean difference of the key's frame from the key, of 255;
- *flicker*: mean difference of a frame from the one before it, moved along the clip's own optical
  flow, over that of the clip, in the second before 2 s after the key;
- with --weights (vgg16.safetensors is in DIR) and --style, *strokes* (see strokes.py) and *Gram*,
  the distance of Gram matrices at relu3_3 from the style's over the photo's: of the key, and of the
  frame 2 s after it.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path

import torch
import torch.nn.functional as F
from flicker import difference
from machine import machine
from torch import Tensor

from artgen import images, video
from artgen.figures.sheet import Cell, sheet
from artgen.ops.optical_flow import flow
from artgen.ops.resize import fit, resize
from artgen.runs.key_frames import place_of

TOWN = Path(__file__).resolve().parents[1] / "examples" / "town.jpg"
SIZE, RATE, COUNT = (360, 640), 24, 120
LATER = 2  # seconds after the key at which a film is judged
OFFSETS = (-2, 0, 2)  # seconds from the key, of the sheet's columns
CELL = 320  # px, their width


def make(path: Path) -> None:
    """Write a clip that pans and zooms over a photo."""
    photo = images.load(TOWN).picture
    height, width = photo.shape[-2:]
    film = video.Film(path, SIZE, video.Timing(Fraction(RATE)), quality=90)
    for number in range(COUNT):
        gone = number / (COUNT - 1)
        wide = 820 - 240 * gone  # of the part of the photo that is seen, in its pixels
        high = wide * SIZE[0] / SIZE[1]
        right = wide / 2 + (width - wide) * (0.1 + 0.75 * gone)
        down = high / 2 + (height - high) * (0.55 - 0.15 * gone)
        theta = torch.tensor(
            [
                [wide / width, 0.0, 2 * right / width - 1],
                [0.0, high / height, 2 * down / height - 1],
            ]
        )
        grid = F.affine_grid(theta[None], [1, 3, 2 * SIZE[0], 2 * SIZE[1]], align_corners=False)
        seen = F.grid_sample(photo, grid, mode="bicubic", align_corners=False)
        film.add(F.avg_pool2d(seen, 2).clamp(0, 1))
    film.finish()


def frames(path: Path, start: int, count: int) -> list[Tensor]:
    """Frames of a film, from a number on; of a folder, pictures named by number, as in 60.png."""
    if path.is_dir():
        numbers = range(start, start + count)
        return [images.load(path / f"{number}.png").picture for number in numbers]
    return list(islice(video.frames(video.probe(path), start), count))


class Judge:
    """Strokes and Gram distances, as VGG-16 sees them."""

    def __init__(self, weights: Path, style: Path) -> None:
        from quality import gram
        from strokes import StrokesJudge, nearest_distance

        self.judge, self.style = StrokesJudge(weights), images.load(style).picture
        self.gram, self.nearest = gram, nearest_distance

    def __call__(self, made: Tensor, photo: Tensor) -> tuple[float, float]:
        """Strokes and Gram distance of a painted photo; both (1, 3, H, W)."""
        size = (made.shape[-2], made.shape[-1])
        style = resize(self.style, fit((self.style.shape[-2], self.style.shape[-1]), max(size)))
        painted, before, wanted = (
            self.judge.look(one, (one.shape[-2], one.shape[-1]))[0] for one in (made, photo, style)
        )
        rows = [one[0].flatten(1).T for one in (painted, before, wanted)]
        grams = [self.gram(one) for one in (painted, before, wanted)]
        strokes = self.nearest(rows[0], rows[2]) / self.nearest(rows[1], rows[2])
        apart = (grams[0] - grams[2]).norm() / (grams[1] - grams[2]).norm()
        return strokes, float(apart)


def compare(clip: Path, key: str, films: Sequence[Path], judge: Judge | None) -> None:
    """Print a line for each film."""
    rate, place = round(video.probe(clip).rate), place_of(key)
    index = place.index or 0
    (own,) = frames(clip, index, 1)
    painted = resize(images.load(place.path).picture, (own.shape[-2], own.shape[-1]))
    begin = index + (LATER - 1) * rate
    photos = frames(clip, begin, rate + 1)
    motions = [flow(after, before) for before, after in pairwise(photos)]
    still = difference(photos, motions)
    if judge:
        print("{:24} strokes {:.3f}  Gram {:.3f}".format("the key", *judge(painted, own)))
    for film in films:
        if film.is_dir():  # has no frames in a row
            continue
        (back,) = frames(film, index, 1)
        made = frames(film, begin, rate + 1)
        told = f"{film.name:24} key {255 * float((back - painted).abs().mean()):5.1f}"
        told += f"  flicker {difference(made, motions) / still:.2f}"
        if judge:
            told += "  strokes {:.3f}  Gram {:.3f}".format(*judge(made[-1], photos[-1]))
        print(told, flush=True)


def draw(clip: Path, key: str, films: Sequence[Path], out: Path) -> None:
    """Write a sheet: a row for the clip and each film, a column for each of some seconds."""
    rate, place = round(video.probe(clip).rate), place_of(key)
    painted = images.load(place.path).picture
    small = resize(painted, fit((painted.shape[-2], painted.shape[-1]), CELL))
    beside = [None] * (len(OFFSETS) // 2)
    cells: list[Cell | None] = [*beside, Cell("key", "the key", small), *beside]
    for film in (clip, *films):
        for offset in OFFSETS:
            (frame,) = frames(film, (place.index or 0) + offset * rate, 1)
            label = f"{film.stem}, {offset:+d} s" if offset else film.stem
            small = resize(frame, fit((frame.shape[-2], frame.shape[-1]), CELL))
            cells.append(Cell(f"{film.stem}{offset:+d}", label, small))
    images.save(sheet(cells, columns=len(OFFSETS)), out, quality=84)


def main() -> None:
    """Makes the clip, or compares films."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("clip", type=Path, nargs="?")
    parser.add_argument("key", nargs="?", help="NUMBER=FILE, as of --key")
    parser.add_argument("films", type=Path, nargs="*")
    parser.add_argument("--make", type=Path, help="write the clip to this file")
    parser.add_argument("--style", type=Path)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--sheet", type=Path, help="write a sheet of frames to this file")
    given = parser.parse_args()
    if given.make:
        make(given.make)
        return
    print(machine())
    judge = Judge(given.weights, given.style) if given.weights and given.style else None
    compare(given.clip, given.key, given.films, judge)
    if given.sheet:
        draw(given.clip, given.key, given.films, given.sheet)


if __name__ == "__main__":
    main()

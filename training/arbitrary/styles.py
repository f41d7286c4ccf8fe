"""Styles to learn from: paintings and drawings of chance, each time another piece, other colours.

A hundred paintings are few for a network that has to do with any. Hence crops of any size, mirrored
and turned, hues turned, channels exchanged, and beside the paintings pictures that are drawn here:
strokes, hatchings, dots, mosaics and marbled paper in the colours of one of them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor

__all__ = ["Styles", "drawing"]

SIDE = 320  # px of a drawing
DRAWINGS = 120
DRAWN, PLANNED, PHOTOS = 0.18, 0.15, 0.04  # how often a drawing, one of examples/, a photo
LEAST, MOST = 208, 304  # px, roots of the area that is looked at

Colour = tuple[int, int, int]


def _palette(painting: Image.Image, dice: random.Random) -> list[Colour]:
    """Some colours of a painting."""
    small = painting.convert("RGB").resize((24, 24))
    pixels = [small.getpixel((x, y)) for x in range(24) for y in range(24)]
    return [pixels[dice.randrange(len(pixels))] for _ in range(dice.randint(2, 9))]


def drawing(painting: Image.Image, dice: random.Random) -> Image.Image:
    """A picture of chance, in a painting's colours."""
    colours = _palette(painting, dice)
    kind = dice.choice((_strokes, _strokes, _strokes, _hatching, _dots, _mosaic, _marbled))
    return kind(colours, dice)


def _field(dice: random.Random) -> list[tuple[float, float, float, float]]:
    """Waves whose sum is a direction at every place."""
    return [
        (dice.uniform(-1, 1), dice.uniform(-1, 1), dice.uniform(0, 7), dice.uniform(0, 1.5))
        for _ in range(dice.randint(1, 4))
    ]


def _angle(
    waves: list[tuple[float, float, float, float]], x: float, y: float, speed: float
) -> float:
    return sum(high * math.sin((a * x + b * y) * speed + at) for a, b, at, high in waves)


def _strokes(colours: Sequence[Colour], dice: random.Random) -> Image.Image:
    """Brush strokes along a field of directions, each in one colour with a little of chance."""
    made = Image.new("RGB", (SIDE, SIDE), dice.choice(colours))
    pen, waves = ImageDraw.Draw(made), _field(dice)
    width, length = dice.choice((2, 3, 4, 6, 9, 14)), dice.choice((8, 16, 30, 60, 110))
    speed, loose, turn = dice.uniform(0.005, 0.05), dice.uniform(0, 40), dice.uniform(0, 6.3)
    patches, size = [dice.choice(colours) for _ in range(36)], SIDE / 6
    for _ in range(min(round(2.5 * SIDE * SIDE / (width * length)), 4000)):
        x, y = dice.uniform(0, SIDE), dice.uniform(0, SIDE)
        patch = patches[min(int(x / size), 5) * 6 + min(int(y / size), 5)]
        base = patch if dice.random() < 0.7 else dice.choice(colours)
        colour = tuple(max(0, min(255, round(c + dice.gauss(0, loose)))) for c in base)
        points = [(x, y)]
        for _ in range(max(length // 6, 2)):
            angle = turn + _angle(waves, x, y, speed)
            x, y = x + 6 * math.cos(angle), y + 6 * math.sin(angle)
            points.append((x, y))
        pen.line(points, colour, max(1, round(width * dice.uniform(0.6, 1.3))), "curve")
    return made


def _hatching(colours: Sequence[Colour], dice: random.Random) -> Image.Image:
    """Lines of one ink on paper, crossing where it is dark."""
    paper, ink = max(colours, key=sum), min(colours, key=sum)
    made = Image.new("RGB", (SIDE, SIDE), paper)
    pen, waves = ImageDraw.Draw(made), _field(dice)
    step, speed = dice.choice((3, 4, 5, 7, 10)), dice.uniform(0.008, 0.04)
    for turn in dice.sample((0.0, 0.8, 1.57, 2.3), dice.randint(1, 3)):
        along, across = (math.cos(turn), math.sin(turn)), (-math.sin(turn), math.cos(turn))
        for n in range(-SIDE // step, SIDE // step):
            for m in range(-SIDE // 12, SIDE // 12):
                x, y = (SIDE / 2 + n * step * across[i] + 12 * m * along[i] for i in (0, 1))
                if _angle(waves, x, y, speed) * math.cos(turn * 3) > dice.uniform(-0.5, 0.3):
                    end = (x + 13 * along[0], y + 13 * along[1] + dice.uniform(-1, 1))
                    pen.line([(x, y), end], ink, max(1, step // 4))
    return made


def _dots(colours: Sequence[Colour], dice: random.Random) -> Image.Image:
    made = Image.new("RGB", (SIDE, SIDE), dice.choice(colours))
    pen, large = ImageDraw.Draw(made), dice.choice((2, 3, 5, 8, 14))
    for _ in range(min(3 * SIDE * SIDE // (large * large), 9000)):
        x, y, r = dice.uniform(0, SIDE), dice.uniform(0, SIDE), large * dice.uniform(0.4, 1)
        pen.ellipse((x - r, y - r, x + r, y + r), dice.choice(colours))
    return made


def _mosaic(colours: Sequence[Colour], dice: random.Random) -> Image.Image:
    """Cells around points of chance, with or without joints between them."""
    chance = torch.Generator().manual_seed(dice.randrange(2**31))
    count = dice.choice((20, 60, 150, 400))
    points = torch.rand(count, 2, generator=chance) * SIDE
    grid = torch.stack(torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij"), -1)
    apart = torch.cdist(grid.view(-1, 2).float(), points)
    near, which = apart.topk(2, largest=False)
    table = torch.tensor([dice.choice(colours) for _ in range(count)], dtype=torch.uint8)
    cells = table[which[:, 0]]
    cells[near[:, 1] - near[:, 0] < dice.choice((0, 2, 4, 7))] = torch.tensor(
        dice.choice(colours), dtype=torch.uint8
    )
    return Image.fromarray(cells.view(SIDE, SIDE, 3).numpy())


def _marbled(colours: Sequence[Colour], dice: random.Random) -> Image.Image:
    """A smooth landscape of chance, its heights coloured in bands."""
    chance = torch.Generator().manual_seed(dice.randrange(2**31))
    height = torch.zeros(1, 1, SIDE, SIDE)
    for cells in (4, 9, 20, 45):
        noise = torch.randn(1, 1, cells, cells, generator=chance) / cells
        height += F.interpolate(noise, (SIDE, SIDE), mode="bicubic") * 4
    bands = (height[0, 0] * dice.uniform(2, 12)).sin().mul(0.5).add(0.5) * (len(colours) - 1)
    table, low = torch.tensor(colours).float(), bands.floor().long().clamp(0, len(colours) - 2)
    share = (bands - low)[..., None]
    share = share if dice.random() < 0.5 else share.round()
    return Image.fromarray((table[low] * (1 - share) + table[low + 1] * share).byte().numpy())


class Styles:
    """A style for each number, always the same one.

    Args:
        paintings, photos: files to learn from.
        seed: of every random number.
        planned: the styles of examples/, drawn with other seeds.
    """

    def __init__(
        self,
        paintings: Sequence[Path],
        photos: Sequence[Path],
        seed: int = 0,
        planned: Sequence[Path] = (),
    ) -> None:
        opened = [Image.open(path).convert("RGB") for path in paintings]
        dice = random.Random(seed)
        self.paintings = [pil_to_tensor(one) for one in opened]
        self.drawings = [pil_to_tensor(drawing(dice.choice(opened), dice)) for _ in range(DRAWINGS)]
        self.planned = [pil_to_tensor(Image.open(path).convert("RGB")) for path in planned]
        self.photos, self.seed = list(photos), seed

    def __getitem__(self, number: int) -> Tensor:
        """A picture (1, 3, side, side) in [0, 1]."""
        dice = random.Random(f"{self.seed} {number}")
        chance = dice.random()
        if chance < DRAWN:
            picture = dice.choice(self.drawings)
        elif chance < DRAWN + PLANNED and self.planned:
            picture = dice.choice(self.planned)
        elif chance < DRAWN + PLANNED + PHOTOS:
            picture = pil_to_tensor(Image.open(dice.choice(self.photos)).convert("RGB"))
        else:
            picture = dice.choice(self.paintings)
        return _recoloured(_piece(picture, dice), dice).clamp(0, 1)


def _piece(picture: Tensor, dice: random.Random) -> Tensor:
    """Most or all of it, at any size, mirrored, sometimes turned: strokes go every way."""
    share = dice.uniform(0.75, 1.0)
    cut = [round(length * share) for length in picture.shape[1:]]
    top, left = (
        dice.randint(0, length - x) for length, x in zip(picture.shape[1:], cut, strict=True)
    )
    piece = picture[None, :, top : top + cut[0], left : left + cut[1]].float() / 255
    scale = math.sqrt(dice.uniform(LEAST, MOST) ** 2 / (cut[0] * cut[1]))
    size = [round(length * scale) for length in cut]
    piece = F.interpolate(piece, size, mode="bicubic", antialias=True).clamp(0, 1)
    piece = piece.flip(-1) if dice.random() < 0.5 else piece
    return piece.rot90(dice.randint(1, 3), (-2, -1)) if dice.random() < 0.3 else piece


def _recoloured(piece: Tensor, dice: random.Random) -> Tensor:
    """Half of them: hue, saturation and contrast changed; now and then channels exchanged."""
    if dice.random() < 0.5:
        return piece
    if dice.random() < 0.3:
        piece = piece[:, dice.sample(range(3), 3)]
    if dice.random() < 0.1:
        piece = 1 - piece
    grey = piece.mean(1, keepdim=True)
    angle = dice.gauss(0, 0.9)
    third, cosine, sine = 1 / 3, math.cos(angle), math.sin(angle) / math.sqrt(3)
    same, next_, last = third + 2 * third * cosine, third * (1 - cosine), third * (1 - cosine)
    turn = torch.tensor(
        [
            [same, next_ - sine, last + sine],
            [last + sine, same, next_ - sine],
            [next_ - sine, last + sine, same],
        ]
    )  # about the axis of greys
    chroma = torch.einsum("ij,bjhw->bihw", turn, piece - grey) * dice.uniform(0.4, 1.5)
    light = (grey - 0.5) * dice.uniform(0.7, 1.3) + 0.5 + dice.uniform(-0.1, 0.1)
    return light + chroma

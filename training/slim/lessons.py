"""What the teachers say of crops, told once and kept: a cache of lessons on disk.

VGG-16 costs as much as a step of slim. Its answers are linear in the heads that have to meet them,
so they are kept as principal components, in half precision, at a sample of positions: about 0.8 MB
a crop. Each file is one batch. The last crops of a batch are earlier ones with a little noise, or
what a network's gradient makes of them: how the answers move with the picture is a lesson of its
own, for pictures are made by gradients.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from climbs import Network, climbed
from data import Crops
from safetensors.torch import load_file, save_file
from teachers import TEACHINGS, Teachers, Teaching
from torch import Tensor

__all__ = ["Basis", "Lesson", "Lessons", "grid", "stride"]

SIDES = ((128, 8), (192, 4), (256, 2))  # of a crop, and how many of them are a batch
ODDS = (0.4, 0.35, 0.25)  # large crops, for the deep layers look 200 px far
PARTNERS = {128: 2, 192: 1, 256: 1}  # of these with a little noise besides
CLIMBED = 0.5  # of the lessons have partners that slim's gradient draws, or VGG-16's
OWN = 0.7  # of these are slim's
OLD = 0.35  # of the lessons hold slim@1's teachers' answers, too


def stride(layer: str) -> int:
    """Pixels from one position of the layer to the next."""
    return 2 ** (int(layer[4]) - 1)


def grid(teaching: Teaching, offset: int) -> tuple[slice, ...]:
    """The positions of its layer that a lesson asks for; `offset` below step squared."""
    top, left = divmod(offset, teaching.step)
    step = teaching.step
    return slice(None), slice(None), slice(top, None, step), slice(left, None, step)


def _aligned(truth: Tensor, teaching: Teaching, picture: Tensor) -> Tensor:
    """The teacher's answer on the student's grid."""
    side = picture.shape[-1] // stride(teaching.layer)
    if truth.shape[-1] != side:
        truth = F.interpolate(truth, (side, side), mode="bilinear", align_corners=False)
    return truth


@dataclass(frozen=True)
class Basis:
    """Mean and principal components of one target, over the training pictures.

    Attributes:
        mean: (C,).
        components: (k, C), orthonormal.
        variance: in total, of all components.
        left: the share of it that lies beyond these k.
    """

    mean: Tensor
    components: Tensor
    variance: float
    left: float

    @property
    def scale(self) -> float:
        """By which components are divided, so that one of them varies by about 1."""
        return float((self.variance / len(self.components)) ** 0.5)

    def of(self, truth: Tensor) -> Tensor:
        """Components (B, k, h, w) of answers (B, C, h, w)."""
        weight = self.components / self.scale
        return F.conv2d(truth, weight[..., None, None], -(weight @ self.mean))

    def mean_inside(self) -> tuple[Tensor, float]:
        """The mean's own components (k,), and the square of what of it lies beyond them."""
        inside = self.components @ self.mean / self.scale
        whole = float(self.mean.square().sum()) / self.scale**2
        return inside, max(0.0, whole - float(inside.square().sum()))


@dataclass(frozen=True)
class Lesson:
    """A batch of pictures with what the teachers say of them.

    Attributes:
        picture: (B, 3, H, W).
        offsets: which grid each teaching is read on.
        truths: by number of the teaching, (B, k, h, w).
        partners: the last so many pictures are the first so many, a little moved.
    """

    picture: Tensor
    offsets: tuple[int, ...]
    truths: dict[int, Tensor]
    partners: int


class Lessons:
    """The cache in `folder`: asked for a lesson it makes a new one, or reads one of those it has.

    Args:
        crops: where pictures come from; its `random` decides everything here.
        weights: the folder of the teachers' files.
        uses: how often each is used, in the mean, while the cache grows.
        most: files kept; then a new one takes the oldest one's place.

    Attributes:
        student: slim as it is, by whose gradient some crops are moved; nobody at first.
    """

    def __init__(self, crops: Crops, weights: Path, folder: Path, uses: int, most: int) -> None:
        self.crops, self.folder, self.uses, self.most = crops, folder, uses, most
        self.teachers = Teachers(weights, "replicate", vgg16=True)
        self.student: Network | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.files = sorted(folder.glob("lesson-*.safetensors"))
        self.bases = self._bases()

    def _pictures(self) -> tuple[Tensor, int]:
        """A batch, and how many of it are partners."""
        pick = int(torch.multinomial(torch.tensor(ODDS), 1, generator=self.crops.random))
        self.crops.side, self.crops.batch = SIDES[pick]
        picture = next(self.crops)
        partners = PARTNERS[self.crops.side]
        if self.student and self._chance(CLIMBED):
            partners = (len(picture) + partners) // 2
            network = self.student if self._chance(OWN) else self._vgg16
            moved = climbed(network, picture[:partners], self.crops.random)
            picture = torch.cat([picture[:partners], moved])
            return (picture * 255).round() / 255, partners
        noisy = []
        for one in picture[:partners]:
            strength = float(torch.empty(()).uniform_(0.01, 0.06, generator=self.crops.random))
            noisy.append(one + strength * self.crops.noise(one))
        picture = (torch.cat([picture, torch.stack(noisy)]) * 255).round() / 255
        return picture.clamp(0, 1), partners

    def _chance(self, odds: float) -> bool:
        return float(torch.rand((), generator=self.crops.random)) < odds

    def _vgg16(self, picture: Tensor) -> dict[str, Tensor]:
        said = self.teachers.parts[-1](picture)
        return {name.removeprefix("vgg16/"): value for name, value in said.items()}

    def _bases(self) -> tuple[Basis, ...]:
        file = self.folder / "basis.safetensors"
        if not file.exists():
            kept = {}
            for index, basis in enumerate(self._principal(batches=40)):
                kept[f"{index}.mean"], kept[f"{index}.components"] = basis.mean, basis.components
                kept[f"{index}.numbers"] = torch.tensor(
                    [basis.variance, basis.left], dtype=torch.float64
                )
            _write(kept, file)
        kept = load_file(file)
        found = []
        for index in range(len(TEACHINGS)):
            variance, left = kept[f"{index}.numbers"].tolist()
            components = kept[f"{index}.components"]
            found.append(Basis(kept[f"{index}.mean"], components, variance, left))
        return tuple(found)

    @torch.no_grad()
    def _principal(self, batches: int) -> list[Basis]:
        sums = [0.0] * len(TEACHINGS)
        squares: list[Tensor | float] = [0.0] * len(TEACHINGS)
        counts = [0] * len(TEACHINGS)
        for _ in range(batches):
            picture, partners = self._pictures()
            picture = picture[: len(picture) - partners]
            said = self.teachers(picture)
            for index, (teaching, offset) in enumerate(
                zip(TEACHINGS, self._offsets(), strict=True)
            ):
                truth = _aligned(said[teaching.target], teaching, picture)
                rows = truth[grid(teaching, offset)].movedim(1, -1).flatten(0, 2)
                sums[index] = sums[index] + rows.double().sum(0)
                squares[index] = squares[index] + (rows.T @ rows).double()
                counts[index] += len(rows)
        found = []
        for teaching, total, square, count in zip(TEACHINGS, sums, squares, counts, strict=True):
            assert isinstance(total, Tensor)
            mean = total / count
            values, vectors = torch.linalg.eigh(square / count - torch.outer(mean, mean))
            values, vectors = values.flip(0).clamp(min=0), vectors.flip(1)
            left = float(values[teaching.channels :].sum() / values.sum())
            components = vectors[:, : teaching.channels].T.contiguous().float()
            found.append(Basis(mean.float(), components, float(values.sum()), left))
        return found

    def _offsets(self) -> tuple[int, ...]:
        random = self.crops.random
        return tuple(int(torch.randint(t.step**2, (), generator=random)) for t in TEACHINGS)

    @torch.no_grad()
    def ask(self) -> Lesson:
        """A new lesson, which is kept. slim@1's teachers are asked about some only."""
        picture, partners = self._pictures()
        old = self._chance(OLD)
        offsets = self._offsets()
        said = self.teachers(picture) if old else self.teachers.parts[-1](picture)
        kept = {
            "picture": (picture * 255).round().to(torch.uint8),
            "offsets": torch.tensor(offsets),
            "partners": torch.tensor(partners),
        }
        for index, (teaching, offset) in enumerate(zip(TEACHINGS, offsets, strict=True)):
            if teaching.target in said:
                truth = _aligned(said[teaching.target], teaching, picture)[grid(teaching, offset)]
                kept[f"truth.{index}"] = self.bases[index].of(truth).half().contiguous()
        number = int(self.files[-1].stem.partition("-")[2]) + 1 if self.files else 0
        file = self.folder / f"lesson-{number:07}.safetensors"
        _write(kept, file)
        self.files.append(file)
        while len(self.files) > self.most:
            self.files.pop(0).unlink(missing_ok=True)
        return _lesson(kept)

    def take(self, step: int) -> Lesson:
        """The lesson of a step: every `uses`-th time a new one."""
        if step % self.uses == 0 or not self.files:
            return self.ask()
        pick = int(torch.randint(len(self.files), (), generator=self.crops.random))
        return _lesson(load_file(self.files[pick]))


def _lesson(kept: dict[str, Tensor]) -> Lesson:
    truths = {int(k.partition(".")[2]): v.float() for k, v in kept.items() if "truth." in k}
    picture = (kept["picture"].float() / 255).contiguous(memory_format=torch.channels_last)
    return Lesson(picture, tuple(kept["offsets"].tolist()), truths, int(kept["partners"]))


def _write(tensors: dict[str, Tensor], file: Path) -> None:
    """A file that is there whole or not at all."""
    unfinished = file.with_suffix(".tmp")
    save_file(tensors, unfinished)
    os.replace(unfinished, file)

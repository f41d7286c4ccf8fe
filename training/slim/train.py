"""Trains slim from random weights: every layer must explain the teachers' through a linear map.

    python training/slim/train.py --pictures DIR --weights DIR --data DIR --out DIR --steps 3000

DIR of --pictures is train.tar unpacked. A checkpoint is written every few minutes, and a run that
is started again goes on from it.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from data import Crops, split
from safetensors.torch import save_file
from teachers import TEACHINGS, Teachers
from torch import Tensor, nn

from artgen.networks.zoo.slim import chain

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


Grids = tuple[tuple[slice, ...], ...]  # per lesson: which positions of the layer are asked for


def random_grids(random: torch.Generator) -> Grids:
    """Every fourth row and column of block 1, every second of block 2, all of the others.

    The shallow maps are large and smooth; reading all of them would cost more than the network.
    """
    grids = []
    for lesson in TEACHINGS:
        step = {"1": 4, "2": 2}.get(lesson.layer[4], 1)
        top, left = torch.randint(step, (2,), generator=random).tolist()
        grids.append((slice(None), slice(None), slice(top, None, step), slice(left, None, step)))
    return tuple(grids)


@dataclass(frozen=True)
class Lesson:
    """A batch of pictures with what the teachers say of them."""

    picture: Tensor
    grids: Grids
    truths: tuple[Tensor, ...]


class Lessons:
    """Asks the teachers about a new batch now and then, and repeats recent answers in between.

    The teachers cost as much as the student's own step; each answer is used `uses` times, in
    random order out of a pool, so that no two steps in a row see the same pictures.
    """

    def __init__(self, crops: Crops, teachers: Teachers, device: str, uses: int, pool: int) -> None:
        self.crops, self.teachers, self.device = crops, teachers, device
        self.uses, self.size = uses, pool
        self.pool: list[Lesson] = []
        self.step = 0

    def _ask(self) -> Lesson:
        picture = next(self.crops).to(self.device).contiguous(memory_format=torch.channels_last)
        said = self.teachers(picture)
        grids = random_grids(self.crops.random)
        truths = []
        for lesson, grid in zip(TEACHINGS, grids, strict=True):
            truth = said[lesson.target]
            side = picture.shape[-1] // 2 ** (int(lesson.layer[4]) - 1)
            if truth.shape[-1] != side:
                truth = F.interpolate(truth, (side, side), mode="bilinear", align_corners=False)
            truths.append(truth[grid].to(torch.bfloat16))
        return Lesson(picture, grids, tuple(truths))

    def __next__(self) -> Lesson:
        fresh = self.step % self.uses == 0 or not self.pool
        self.step += 1
        if fresh:
            self.pool.append(self._ask())
            if len(self.pool) > self.size:
                del self.pool[int(torch.randint(self.size, (1,), generator=self.crops.random))]
            return self.pool[-1]
        return self.pool[int(torch.randint(len(self.pool), (1,), generator=self.crops.random))]


class Student(nn.Module):
    """slim with a batch norm behind each convolution, and the maps that are thrown away afterwards.

    Without the norms half the ReLUs of the deeper layers die within a few hundred steps. They are
    folded into the convolutions when slim is saved; well before the end they stop following the
    batch, whose colours would blur what the first layers have to say exactly.
    """

    def __init__(self) -> None:
        super().__init__()
        self.chain, self.norms, widths = chain(), nn.ModuleDict(), {}
        for name, layer in self.chain.named_children():
            if isinstance(layer, nn.Conv2d):
                layer.padding_mode = "replicate"  # as fast as zeros; reflect forgets channels_last
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
                layer.bias = None
                self.norms[name] = nn.BatchNorm2d(layer.out_channels, momentum=0.02)
                widths[name.replace("conv", "relu")] = layer.out_channels
        self.maps = nn.ModuleList(nn.Conv2d(widths[t.layer], t.channels, 1) for t in TEACHINGS)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))

    def forward(self, picture: Tensor, grids: Grids) -> list[Tensor]:
        """What each lesson's map makes of the student's activations, on each lesson's grid."""
        x, seen = (picture - self.mean) / self.std, {}
        for name, layer in self.chain.named_children():
            x = layer(x)
            if name in self.norms:
                x = self.norms[name](x)
            seen[name] = x
        lessons = zip(TEACHINGS, self.maps, grids, strict=True)
        return [mapped(seen[t.layer][grid]) for t, mapped, grid in lessons]


def folded(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The convolutions of a student's state, its norms folded in: slim's own tensors (float32)."""
    tensors = {}
    for key in [k for k in state if k.startswith("chain.")]:
        name = key.split(".")[1]
        weight, bias, mean, variance = (
            state[f"norms.{name}.{part}"]
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        gain = weight / (variance + 1e-5).sqrt()
        kernel = state[key] * gain.view(-1, 1, 1, 1)
        tensors[f"{name}.weight"] = kernel.float().cpu().contiguous()
        tensors[f"{name}.bias"] = (bias - mean * gain).float().cpu()
    return tensors


class Muon(torch.optim.Optimizer):
    """Momentum whose matrices are orthogonalised by a Newton-Schulz iteration (Jordan et al. 2024).

    torch has had one since 2.9, but for matrices only; convolutions are flattened here.
    """

    def __init__(self, params, lr: float, momentum: float = 0.95) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None) -> None:
        for group in self.param_groups:
            for p in group["params"]:
                mean = self.state[p].setdefault("mean", torch.zeros_like(p))
                mean.lerp_(p.grad, 1 - group["momentum"])
                update = orthogonal(p.grad.lerp(mean, group["momentum"]).flatten(1))
                update *= max(1, update.shape[0] / update.shape[1]) ** 0.5
                p.add_(update.view_as(p), alpha=-group["lr"])


def orthogonal(matrix: Tensor) -> Tensor:
    """The nearest semi-orthogonal matrix, roughly: five steps of a quintic Newton-Schulz."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix) / (matrix.norm() + 1e-7)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


def lesson_losses(answers: list[Tensor], truths: tuple[Tensor, ...]) -> Tensor:
    """Squared error over variance of each lesson, (lessons,)."""
    losses = []
    for answer, told in zip(answers, truths, strict=True):
        truth = told.float()
        error = (answer.float() - truth).square().mean((0, 2, 3)).sum()
        losses.append(error / truth.var((0, 2, 3)).sum())
    return torch.stack(losses)


def optimisers(student: Student, lr: float) -> list[torch.optim.Optimizer]:
    """Muon for the convolutions; Adam for norms and maps, which are plain regressions."""
    kernels = [p for p in student.chain.parameters() if p.ndim == 4]
    others = list(student.norms.parameters())
    return [
        Muon(kernels, lr=lr),
        torch.optim.AdamW([*others, *student.maps.parameters()], lr=2e-3, weight_decay=0.0),
    ]


def rate(step: int, steps: int) -> float:
    """Warm-up, plateau, and a linear fall over the last half."""
    return min(1.0, (step + 1) / 100, 0.01 + 2.0 * (1 - step / steps))


def save(path: Path, state: dict) -> None:
    """A checkpoint that is either the old one or the new one, never half of it."""
    torch.save(state, path.with_suffix(".tmp"))
    os.replace(path.with_suffix(".tmp"), path)


def main() -> None:
    """Trains, logging a line of JSON every 50 steps, and leaves slim.safetensors (float32)."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--lr", type=float, default=0.02)
    parser.add_argument("--uses", type=int, default=3)
    parser.add_argument("--pool", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()

    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    files = split(options.pictures, options.data).train
    crops = Crops(files, options.side, options.batch, options.seed)
    teachers = Teachers(options.weights).to(options.device, memory_format=torch.channels_last)
    lessons = Lessons(crops, teachers, options.device, options.uses, options.pool)
    student = Student().to(options.device, memory_format=torch.channels_last)
    steppers = optimisers(student, options.lr)
    weights = torch.tensor([t.weight for t in TEACHINGS], device=options.device)
    average = {k: v.clone() for k, v in student.state_dict().items()}
    start, checkpoint = 0, options.out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location=options.device, weights_only=True)
        student.load_state_dict(state["student"])
        for stepper, saved in zip(steppers, state["steppers"], strict=True):
            stepper.load_state_dict(saved)
        average, start = state["average"], state["step"]
        crops.random.set_state(state["random"].cpu())
    base = [[group["lr"] for group in s.param_groups] for s in steppers]
    if start:
        base = state["base"]
    log = (options.out / "log.jsonl").open("a")
    smooth, began, saved_at = torch.ones(len(TEACHINGS)), time.time(), time.time()
    for step in range(start, options.steps):
        student.norms.train(step < options.steps // 2)
        lesson = next(lessons)
        losses = lesson_losses(student(lesson.picture, lesson.grids), lesson.truths)
        for stepper in steppers:
            stepper.zero_grad(set_to_none=True)
        (losses * weights).sum().backward()
        for stepper, rates in zip(steppers, base, strict=True):
            for group, lr in zip(stepper.param_groups, rates, strict=True):
                group["lr"] = lr * rate(step, options.steps)
            stepper.step()
        decay = min(0.998, step / (step + 10))
        for key, value in student.state_dict().items():
            if value.is_floating_point():
                average[key].lerp_(value, 1 - decay)
        smooth.lerp_(losses.detach().float().cpu(), 1 - min(0.98, step / (step + 1)))
        if step % 50 == 49:
            line = {
                t.layer + "<" + t.target: round(v, 4)
                for t, v in zip(TEACHINGS, smooth.tolist(), strict=True)
            }
            line = {"step": step + 1, "seconds": round(time.time() - began), **line}
            print(json.dumps(line), file=log, flush=True)
        if time.time() - saved_at > 180 or step + 1 == options.steps:
            state = {
                "student": student.state_dict(),
                "steppers": [s.state_dict() for s in steppers],
                "average": average,
                "base": base,
                "step": step + 1,
                "random": crops.random.get_state(),
            }
            save(checkpoint, state)
            save_file(folded(average), options.out / "slim.safetensors")
            saved_at = time.time()


if __name__ == "__main__":
    main()

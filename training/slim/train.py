"""Trains slim@2: every layer must explain the teachers' through a linear head.

    python training/slim/train.py --pictures DIR --weights DIR --data DIR --out DIR \
        --from src/artgen/data/slim.safetensors

DIR of --pictures is train.tar unpacked. Checkpoints are written every few minutes, whole or not at
all; a run that is started again goes on from the last one, also with another --steps. The learning
rate is steady and falls over the last part of --steps; weights averaged over the last thousand
steps are good at any time.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import torch
from data import Crops, split
from lessons import Basis, Lesson, Lessons, grid
from muon import Muon
from safetensors.torch import load_file, save_file
from shape import WIDTHS
from student import SHALLOW, Student, folded
from teachers import TEACHINGS, Teaching
from torch import Tensor, nn

KERNEL, MOVED = 0.3, 0.2  # weights of the two lessons beside the plain one
SAMPLE = 256  # positions whose similarities are compared
ROWS = 4096  # positions a batch that a head's first values are fitted on


class Losses:
    """What a lesson asks for, for each teaching: answers, their similarities, and their movement.

    - *plain*: squared error of the head's answer over the target's variance.
    - *kernel*: 1 - the alignment of the similarities that positions have with each other in slim's
      own activations, and in VGG-16's; the mean of the centred and the uncentred one (Kornblith et
      al. 2019). A style loss, and a content loss, are functions of these similarities alone, with
      no head between.
    - *moved*: the plain one for the change of the answer between a crop and its noisy partner.
    """

    def __init__(self, bases: tuple[Basis, ...]) -> None:
        self.means = [basis.mean_inside() for basis in bases]

    def __call__(
        self, student: Student, lesson: Lesson, seen: dict[str, Tensor]
    ) -> dict[str, dict[int, Tensor]]:
        plain, kernel, moved = {}, {}, {}
        for index, truth in lesson.truths.items():
            teaching = TEACHINGS[index]
            features = seen[teaching.layer][grid(teaching, lesson.offsets[index])]
            answer = student.heads[index](features)
            plain[index] = (answer - truth).square().mean()
            if lesson.partners:
                count = lesson.partners
                told, said = (x[-count:] - x[:count] for x in (truth, answer))
                moved[index] = (told - said).square().sum() / told.square().sum().clamp(min=1e-6)
            if not teaching.old:
                kernel[index] = self._unlike(features, truth, index)
        return {"plain": plain, "kernel": kernel, "moved": moved}

    def _unlike(self, features: Tensor, truth: Tensor, index: int) -> Tensor:
        count = truth.shape[0] * truth.shape[2] * truth.shape[3]
        picks = torch.randint(count, (min(SAMPLE, count),))
        x, y = (t.movedim(1, -1).flatten(0, 2)[picks] for t in (features, truth))
        mean, beyond = self.means[index]
        whole = (y + mean) @ (y + mean).T + beyond
        centred = x - x.mean(0)
        pairs = ((centred @ centred.T, (y - y.mean(0)) @ (y - y.mean(0)).T), (x @ x.T, whole))
        return torch.stack([1 - _alignment(one, other) for one, other in pairs]).mean()


def _alignment(one: Tensor, other: Tensor) -> Tensor:
    """Cosine of two matrices of similarities, each position's with itself left out."""
    apart = 1 - torch.eye(len(one))
    one, other = one * apart, other * apart
    return (one * other).sum() / (one.norm() * other.norm() + 1e-6)


@torch.no_grad()
def fit_heads(student: Student, lessons: list[Lesson], ridge: float = 1e-3) -> None:
    """Sets the heads to the best linear maps on these lessons."""
    inputs: dict[int, Tensor] = {}
    outputs: dict[int, Tensor] = {}
    for lesson in lessons:
        seen = student(lesson.picture)
        for index, truth in lesson.truths.items():
            teaching = TEACHINGS[index]
            x = seen[teaching.layer][grid(teaching, lesson.offsets[index])]
            x, y = (t.movedim(1, -1).flatten(0, 2)[:ROWS].double() for t in (x, truth))
            x = nn.functional.pad(x, (0, 1), value=1.0)
            inputs[index] = inputs.get(index, 0) + x.T @ x
            outputs[index] = outputs.get(index, 0) + x.T @ y
    for index, square in inputs.items():
        diagonal = ridge * square.diagonal().mean() * torch.eye(len(square), dtype=square.dtype)
        solved = torch.linalg.solve(square + diagonal, outputs[index]).float().T
        student.heads[index].weight.copy_(solved[:, :-1, None, None])
        student.heads[index].bias.copy_(solved[:, -1])


def optimisers(student: Student, lr: float, shallow: float) -> list[torch.optim.Optimizer]:
    """Muon for the convolutions; Adam for norms and heads, which are plain regressions."""
    kernels: tuple[list[nn.Parameter], ...] = ([], [])
    for name, layer in student.chain.named_children():
        if isinstance(layer, nn.Conv2d):
            kernels[name[4] in SHALLOW].append(layer.weight)
    groups = [{"params": kernels[0], "lr": lr}, {"params": kernels[1], "lr": shallow}]
    others = [*student.norms.parameters(), *student.heads.parameters()]
    return [Muon(groups, lr=lr), torch.optim.AdamW(others, lr=1e-3, weight_decay=0.0)]


def rate(step: int, steps: int, fall: float) -> float:
    """Warm-up, plateau, and a linear fall over the last part."""
    return min(1.0, (step + 1) / 100, 0.01 + (1 - step / steps) / fall)


def save(path: Path, state: dict) -> None:
    """A checkpoint that is either the old one or the new one, never half of it."""
    torch.save(state, path.with_suffix(".tmp"))
    os.replace(path.with_suffix(".tmp"), path)


def drawn(folders: list[Path]) -> tuple[Path, ...]:
    """The further pictures to learn from."""
    return tuple(file for folder in folders for file in sorted(folder.glob("*.jpg")))


def widths(text: str) -> tuple[tuple[int, ...], ...]:
    """Channels by block and convolution: 32,32/64,64/96,96,128/192,192,256/240,240."""
    return tuple(tuple(map(int, block.split(","))) for block in text.split("/"))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--more", type=Path, nargs="*", default=[], help="folders of pictures")
    parser.add_argument("--from", dest="old", type=Path, help="weights of slim@1 to begin with")
    parser.add_argument("--lessons", type=Path, help="the cache, if not in --out")
    parser.add_argument("--widths", type=widths, default=WIDTHS, help="such as 32,32/64,64/…")
    parser.add_argument("--steps", type=int, default=30_000)
    parser.add_argument("--until", type=int, help="stop at this step, to go on another time")
    parser.add_argument("--fall", type=float, default=0.4, help="last part, of falling rate")
    parser.add_argument("--lr", type=float, default=0.012)
    parser.add_argument("--shallow-lr", type=float, default=0.004)
    parser.add_argument("--shallow-every", type=int, default=3, help="steps that teach blocks 1, 2")
    parser.add_argument("--follow", type=float, default=0.5, help="part in which norms follow")
    parser.add_argument("--uses", type=int, default=6)
    parser.add_argument("--files", type=int, default=1500, help="lessons kept, of about 9 MB")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Trains, logging a line of JSON every 50 steps, and leaves slim.safetensors (float32)."""
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    checkpoint = options.out / "checkpoint.pt"
    state = torch.load(checkpoint, weights_only=True) if checkpoint.exists() else None
    files = split(options.pictures, options.data).train
    crops = Crops(files, 128, 8, options.seed, drawn(options.more))
    lessons = Lessons(
        crops,
        options.weights,
        options.lessons or options.out / "lessons",
        options.uses,
        options.files,
    )
    student = Student(options.widths)
    if state:
        student.load_state_dict(state["student"])
        crops.random.set_state(state["random"])
        torch.set_rng_state(state["torch_random"])
    else:
        while len(lessons.files) < 24:
            lessons.ask()
        first = [lessons.take(1) for _ in range(24)]
        if options.old:
            picture = torch.cat([one.picture for one in first if one.picture.shape[-1] == 128])
            student.grow(load_file(options.old), picture[:48])
        student.eval()
        fit_heads(student, first)
    student.to(memory_format=torch.channels_last)
    steppers = optimisers(student, options.lr, options.shallow_lr)
    base = [[group["lr"] for group in s.param_groups] for s in steppers]
    average = {k: v.clone() for k, v in student.state_dict().items()}
    start = 0
    if state:
        for stepper, saved in zip(steppers, state["steppers"], strict=True):
            stepper.load_state_dict(saved)
        average, start = state["average"], state["step"]
    losses_of = Losses(lessons.bases)
    log = (options.out / "log.jsonl").open("a")
    tally: dict[str, list[float]] = {}
    began, busy, saved_at = time.time(), time.process_time(), time.time()
    end = min(options.steps, options.until or options.steps)
    autocast = torch.cpu._is_avx512_bf16_supported()

    def look(picture: Tensor, shallow: bool = True) -> dict[str, Tensor]:
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            seen = student(picture, shallow)
        return {name: value.float() for name, value in seen.items()}

    lessons.student = look
    for step in range(start, end):
        student.follow(False)  # a lesson may need slim's own gradient, as it is
        lesson = lessons.take(step)
        student.follow(step < options.follow * options.steps)
        seen = look(lesson.picture, step % options.shallow_every == 0)
        found = losses_of(student, lesson, seen)
        loss = torch.zeros(())
        for kind, values in found.items():
            for index, value in values.items():
                loss = loss + weight(kind, TEACHINGS[index]) * value
                tally.setdefault(_name(kind, index), []).append(float(value.detach()))
        for stepper in steppers:
            stepper.zero_grad(set_to_none=True)
        loss.backward()
        for stepper, rates in zip(steppers, base, strict=True):
            for group, lr in zip(stepper.param_groups, rates, strict=True):
                group["lr"] = lr * rate(step, options.steps, options.fall)
            stepper.step()
        decay = min(0.998, (step + 1) / (step + 10))
        for key, value in student.state_dict().items():
            if value.is_floating_point():
                average[key].lerp_(value, 1 - decay)
        if step % 50 == 49:
            line = {name: round(sum(v) / len(v), 4) for name, v in sorted(tally.items())}
            took = {"seconds": time.time() - began, "processor": time.process_time() - busy}
            line = {"step": step + 1, **{k: round(v) for k, v in took.items()}, **line}
            print(json.dumps(line), file=log, flush=True)
            tally = {}
        if time.time() - saved_at > 300 or step + 1 == end:
            state = {
                "student": student.state_dict(),
                "steppers": [s.state_dict() for s in steppers],
                "average": average,
                "step": step + 1,
                "random": crops.random.get_state(),
                "torch_random": torch.get_rng_state(),
            }
            save(checkpoint, state)
            unfinished = options.out / "slim.tmp"
            save_file(folded(average), unfinished)
            os.replace(unfinished, options.out / "slim.safetensors")
            saved_at = time.time()


def weight(kind: str, teaching: Teaching) -> float:
    """How much a lesson counts; those on movement half in block 5, where they are half chaos."""
    share = {"plain": 1.0, "kernel": KERNEL, "moved": MOVED}[kind]
    if kind == "moved" and teaching.layer[4] == "5":
        share /= 2
    return share * teaching.weight


def _name(kind: str, index: int) -> str:
    teaching = TEACHINGS[index]
    return f"{kind} {teaching.layer}<{teaching.target}"


if __name__ == "__main__":
    main()

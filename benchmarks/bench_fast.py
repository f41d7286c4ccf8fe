"""One pass of the shipped networks, in seconds, against one iteration of `artgen style`'s work.

    python benchmarks/bench_fast.py

Pictures of noise, 512 x 512 and 1920 x 1080, once loaded; the median of five: in a style that the
painter has learnt, and in that of any picture, which has been looked at before. The ratio is to one
evaluation of loss and gradient through slim at 512 px, timed in the same run. Last, a film of
1280 x 720 px that moves over a photo, with `--steady` as by default and without it: the processor
time of a frame, ffmpeg's included, step by step, each step alone; and that of the whole film, from
the file to the file, and its frames a second, over those of the steps one after the other.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import pairwise
from pathlib import Path

import torch
from machine import finished, machine
from torch import Tensor

from artgen import images, video
from artgen.core.events import Result, Step
from artgen.fast import any_style_inference
from artgen.fast.inference import paint
from artgen.ops.optical_flow import Frame, Motion, Steady
from artgen.ops.resize import resize
from artgen.optim.memory import reused
from artgen.optim.plan import time_iterations
from artgen.runs import films
from artgen.runtime import Runtime
from artgen.techniques.fast_apply import FastApply

SIZES = ((512, 512), (1080, 1920))
FILM, FRAMES = (720, 1280), 24
TOWN = Path(__file__).parents[1] / "examples" / "town.jpg"
Passes = Callable[[Tensor], Iterator[tuple[int, int, Tensor]]]


def networks(runtime: Runtime) -> dict[str, Passes]:
    """How each network paints."""
    painter = runtime.painter().painter
    mix = painter.mix({painter.styles[1]: 1.0})
    extractor, decoder = runtime.extractor(any_style_inference.EXTRACTOR), runtime.decoder()[0]
    style_statistics = any_style_inference.style_statistics(
        extractor, decoder, [torch.rand(1, 3, 512, 512)]
    )
    return {
        "trained style": lambda picture: paint(painter, picture, mix),
        "any picture": lambda picture: any_style_inference.paint(
            extractor, decoder, picture, style_statistics
        ),
    }


def timed(passes: Passes, picture: Tensor, times: int, most: float = math.inf) -> float:
    """The median of so many passes, in seconds; of fewer where all take more than `most`."""
    seconds: list[float] = []
    until = time.perf_counter() + most
    for _ in range(times + 1):  # the first one sets things up
        finished(picture.device)
        began = time.perf_counter()
        for _ in passes(picture):
            pass
        finished(picture.device)
        seconds.append(time.perf_counter() - began)
        if len(seconds) > 1 and time.perf_counter() > until:
            break
    return statistics.median(seconds[1:])


def pan(path: Path) -> video.Clip:
    """Writes a film that moves over a photo, three pixels a frame."""
    height, width = FILM
    scene = resize(images.load(TOWN).picture, (height, width + 3 * FRAMES))
    film = video.Film(path, FILM, video.Timing(Fraction(24)), quality=95)
    for number in range(FRAMES):
        film.add(scene[..., 3 * number : 3 * number + width])
    film.finish()
    return video.probe(path)


@dataclass(frozen=True)
class Cost:
    """What something takes for each frame of a film, in seconds: as time passes, and processors."""

    seconds: float
    processor: float

    @classmethod
    def of(cls, work: Callable[[], object]) -> Cost:
        """That of something done for all the frames."""
        before, began = os.times(), time.perf_counter()
        work()
        seconds, after = time.perf_counter() - began, os.times()
        taken = sum(after[:4]) - sum(before[:4])  # this process's, and those that it waited for
        return cls(seconds / FRAMES, taken / FRAMES)

    def __str__(self) -> str:
        return f"{self.processor:.3f} s of processors"


def steps(clip: video.Clip, runtime: Runtime, settings: FastApply, out: Path) -> dict[str, Cost]:
    """What each step of a film costs alone."""
    frames = list(video.frames(clip))
    seen = [Frame(frame.contiguous()) for frame in frames]
    steady = Steady(settings.steady / 100)
    moved: list[Motion | None] = [None]
    painted: list[Tensor] = []
    shown: list[Tensor] = []
    film = video.Film(out, FILM, clip.timing, source=clip)

    def paint() -> None:
        for frame in frames:
            painted.extend(
                event.pictures["picture"]
                for event in settings.run({"content": [frame]}, runtime)
                if isinstance(event, Result)
            )

    def blend() -> None:
        for frame, made, motion in zip(seen, painted, moved, strict=True):
            steady.moved(motion)
            shown.append(steady(frame.whole, made))

    def write() -> None:
        for picture in shown:
            film.add(picture)
        film.finish()

    return {
        "reading": Cost.of(lambda: list(video.frames(clip))),
        "optical flow": Cost.of(
            lambda: moved.extend(
                steady.motion(Frame(one.whole), before) for before, one in pairwise(seen)
            )
        ),
        "network": Cost.of(paint),
        "steadying": Cost.of(blend),
        "writing": Cost.of(write),
    }


def shot(clip: video.Clip, runtime: Runtime, settings: FastApply, out: Path) -> None:
    """Paints a film, and writes it."""
    film = video.Film(out, FILM, clip.timing, source=clip)
    for event in films.shoot(settings, {}, clip, runtime):
        if isinstance(event, Step):
            film.add(event.picture(), event.state)
    film.finish()


def film_lines(runtime: Runtime, folder: Path) -> Iterator[str]:
    """A line for each step of a film, and for the whole, with and without `--steady`."""
    clip, out = pan(folder / "pan.mp4"), folder / "painted.mp4"
    for share in (70.0, 0.0):
        settings = FastApply(style="wave", steady=share)
        name = f"film {FILM[1]} x {FILM[0]}, --steady {share:.0f}"
        with reused():
            alone = steps(clip, runtime, settings, out)
        for step, cost in alone.items():
            yield f"{name}: {step}, a frame: {cost}"
        whole = Cost.of(partial(shot, clip, runtime, settings, out))
        apart = sum(cost.seconds for cost in alone.values())
        yield (
            f"{name}: {whole}, {1 / whole.seconds:.2f} frames a second, "
            f"{apart / whole.seconds:.2f} times as many as step by step"
        )


def main() -> None:
    """Prints a line for each network and size, and for a film."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    runtime = Runtime(options.device)
    print(machine())
    one = time_iterations(runtime.extractor("slim"), (512, 512)).seconds
    for name, passes in networks(runtime).items():
        for size in SIZES:
            picture = torch.rand(1, 3, *size).to(runtime.torch_device)
            median = timed(passes, picture, options.times)
            line = (
                f"{name:13} {size[1]:5} x {size[0]:<5} {runtime.precision_name:8} {median:6.3f} s"
            )
            print(f"{line}  ratio {median / one:.2f} to one iteration through slim at 512 x 512")
    with tempfile.TemporaryDirectory() as folder:
        for line in film_lines(runtime, Path(folder)):
            print(line)


if __name__ == "__main__":
    main()

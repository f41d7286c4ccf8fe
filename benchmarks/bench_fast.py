"""One pass of the shipped networks, in seconds, against one iteration of `artgen style`'s work.

    python benchmarks/bench_fast.py

Pictures of noise, 512 x 512 and 1920 x 1080, once loaded; the median of five: in a style that the
painter has learnt, and in that of any picture, which has been looked at before. The ratio is to one
evaluation of loss and gradient through slim at 512 px, timed in the same run. Last, frames a second
of a film of 640 x 360 px, from the file to the file, with `--steady` as by default and without it.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import torch
from machine import finished, machine
from torch import Tensor

from artgen import images, video
from artgen.core.events import Step
from artgen.fast import any_style_inference
from artgen.fast.inference import paint
from artgen.ops.resize import resize
from artgen.optim.plan import time_iterations
from artgen.runs import films
from artgen.runtime import Runtime
from artgen.techniques.fast_apply import FastApply

SIZES = ((512, 512), (1080, 1920))
FILM, FRAMES = (360, 640), 96
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


def frames_a_second(clip: video.Clip, runtime: Runtime, steady: float, out: Path) -> float:
    """Paints a film, and writes it."""
    settings = FastApply(style="wave", steady=steady)
    film = video.Film(out, FILM, clip.timing, source=clip)
    began = time.perf_counter()
    for event in films.shoot(settings, {}, clip, runtime):
        if isinstance(event, Step):
            film.add(event.picture(), event.state)
    film.finish()
    return FRAMES / (time.perf_counter() - began)


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
        clip = pan(Path(folder, "pan.mp4"))
        for steady in (70.0, 0.0):
            rate = frames_a_second(clip, runtime, steady, Path(folder, f"{steady:.0f}.mp4"))
            print(f"film {FILM[1]} x {FILM[0]}, --steady {steady:.0f}: {rate:.2f} frames a second")


if __name__ == "__main__":
    main()

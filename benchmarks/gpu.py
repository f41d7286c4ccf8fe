"""All that artgen does, timed on a GPU within eight minutes: a table for docs/performance.md.

    python benchmarks/gpu.py
    python benchmarks/gpu.py --device cuda:1 --minutes 5 --only film
    python benchmarks/gpu.py --device cpu --quick

Each part has its share of the time: one that is slow is repeated less often, and one that no longer
fits is left out, and said to be. Everything is warmed up before it is timed, and the GPU waited for
before a clock is read. An iteration, ours or the plain loop's, is as bench_speed.py has it, and the
plain loop is float32 as PyTorch has that by default, with TF32 in convolutions; vgg16 has its own
weights where they are at hand, else random ones, which take as long. A film goes from file to file
the way of `artgen fast apply`. The last line above tries every part on small pictures: its figures
say nothing, and its memory is that of the whole process so far.
"""

from __future__ import annotations

import argparse
import gc
import io
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import bench_fast
import bench_memory
import torch
from bench_speed import Race, seconds
from machine import at_hand, finished, machine
from torch import Tensor

from artgen import images, video
from artgen.cli.common import Common
from artgen.cli.filming import make_film
from artgen.cli.interrupts import Interrupts
from artgen.core.events import Result, Step
from artgen.errors import ArtgenError
from artgen.fast.trainer import LONG
from artgen.ops.resize import fit, resize
from artgen.runs import films
from artgen.runs.gallery import find_style
from artgen.runs.teaching import Training
from artgen.runtime import Runtime
from artgen.techniques.dream import Dream
from artgen.techniques.fast_apply import FastApply
from artgen.techniques.style import Style
from artgen.techniques.texture import Texture
from artgen.video.ffmpeg import ffmpeg, named

EXAMPLES = Path(__file__).parents[1] / "examples"
MINUTES, SPARE = 8.0, 30.0  # of all; seconds for what is imported before, and for the last part
WARM = 5  # iterations before any is timed
# A photo that a camera pans over and sways: what is there moves, and encodes as a photo does.
SWAY = "crop=w={1}:h={0}:x='(in_w-out_w)*(1+sin(n/40))/2':y='(in_h-out_h)*(1+cos(n/55))/2'"

Row = tuple[str, str]


@dataclass(frozen=True)
class Sizes:
    """In pixels, and how often."""

    small: int = 512
    large: int = 2048
    tile: int = 512
    dreams: tuple[int, ...] = (512, 1024)
    film: tuple[int, int] = (1080, 1920)
    crop: int = 224
    painting: int = 512  # that a training learns from
    photo: int = 10**5  # long side of the example pictures, at most
    iterations: int = 0  # of a run; 0 for the default
    pairs: int = 5
    count: int = 10  # iterations of each in a pair
    passes: int = 20
    frames: tuple[int, int] = (24, 300)  # that are filmed to warm up, and at most
    steps: tuple[int, int] = (5, 500)  # of a training, likewise


QUICK = Sizes(64, 96, 64, (64,), (72, 128), 64, 64, 96, 2, 1, 1, 1, (3, 6), (1, 2))


@dataclass(frozen=True)
class Bench:
    """Where it is measured, and how large everything is."""

    runtime: Runtime
    sizes: Sizes

    @property
    def device(self) -> torch.device:
        return self.runtime.torch_device


@dataclass(frozen=True)
class Part:
    """A part: what it is called, its seconds out of eight minutes, and what measures it."""

    name: str
    share: float
    measure: Callable[[Bench, float], Iterator[Row]]


def iteration(network: str, *, large: bool) -> Callable[[Bench, float], Iterator[Row]]:
    """Our L-BFGS against the plain loop."""

    def measure(bench: Bench, most: float) -> Iterator[Row]:
        until = time.perf_counter() + most
        size = bench.sizes.large if large else bench.sizes.small
        spec, file = at_hand(network)
        told = ", random weights" if spec.source.seed is not None else ""
        what = f"one L-BFGS iteration, {network}{told}, {size} px"
        race = Race.of(spec, file, size, bench.runtime)
        each = sum(race.pair(1))
        fitting = int((until - time.perf_counter()) / each / (bench.sizes.pairs + 1))
        count = max(min(fitting, bench.sizes.count), 1)
        race.pair(min(count, WARM))
        yield what, str(race.run(bench.sizes.pairs, count, until))

    return measure


def memory(network: str) -> Callable[[Bench, float], Iterator[Row]]:
    """What one iteration holds at most, in tiles, in one piece, and in the plain loop."""

    def measure(bench: Bench, most: float) -> Iterator[Row]:
        size, tile, seen = bench.sizes.large, bench.sizes.tile, []
        if bench.device.type not in ("cuda", "cpu"):
            yield f"peak, {network}, {size} px, one iteration", "counted with CUDA only"
            return
        for cut in (tile, None, bench_memory.PLAIN):
            emptied(bench.device)
            try:
                found = bench_memory.one(network, size, cut, str(bench.device))
            except torch.OutOfMemoryError:
                found = {}
            seen.append(f"{found['peak'] / 1e9:.2f}" if found else "(does not fit)")
        what = f"peak, {network}, {size} px, one iteration: tiles of {tile}, one piece, plain loop"
        yield what, ", ".join(seen) + " GB"

    return measure


def emptied(device: torch.device) -> None:
    """Gives back what earlier parts held."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()


def whole_run(
    bench: Bench, settings: Style | Dream | Texture, inputs: Mapping[str, list[Tensor]], most: float
) -> str:
    """A run from pictures to picture, after a short one; where it takes too long, so far."""
    if bench.sizes.iterations:
        settings = replace(settings, iterations=bench.sizes.iterations)
    short = min(WARM if isinstance(settings, Style | Texture) else 1, settings.iterations)
    for _ in replace(settings, iterations=short).run(inputs, bench.runtime):
        pass
    finished(bench.device)
    began, made = time.perf_counter(), 0
    for event in settings.run(inputs, bench.runtime):
        if isinstance(event, Step):
            made = event.index
            if time.perf_counter() - began > most:
                took = time.perf_counter() - began
                return f"stopped after {made} of {event.total} iterations, {took:.1f} s"
        elif isinstance(event, Result):
            event.pictures["picture"].cpu()
    return f"{time.perf_counter() - began:.2f} s, {made} iterations"


def picture(path: Path, bench: Bench) -> Tensor:
    """An example, (1, 3, H, W), on the CPU."""
    loaded = images.load(path).picture
    height, width = loaded.shape[-2:]
    most = min(max(height, width), bench.sizes.photo)
    return resize(loaded, fit((height, width), most))


def photo(bench: Bench) -> Tensor:
    """What is painted, dreamt on, and woven."""
    return picture(EXAMPLES / "frog.jpg", bench)


def painting(bench: Bench) -> Tensor:
    """In whose style."""
    return picture(find_style("starry"), bench)


def style(bench: Bench, most: float) -> Iterator[Row]:
    """The default picture."""
    settings = Style(size=bench.sizes.small)
    inputs = {"content": [photo(bench)], "style": [painting(bench)]}
    seen = whole_run(bench, settings, inputs, most)
    yield f"`style`, {settings.size} px, the run alone", seen


def dream(bench: Bench, most: float) -> Iterator[Row]:
    """Dreams of some sizes, the first one with the least time."""
    left = 2 ** len(bench.sizes.dreams) - 1
    for number, size in enumerate(bench.sizes.dreams):
        inputs = {"content": [photo(bench)]}
        seen = whole_run(bench, Dream(size=size), inputs, most * 2**number / left)
        yield f"`dream`, {size} px, the run alone", seen


def texture(bench: Bench, most: float) -> Iterator[Row]:
    """A square."""
    settings = Texture(size=str(bench.sizes.small))
    seen = whole_run(bench, settings, {"sample": [photo(bench)]}, most)
    yield f"`texture`, {settings.size} x {settings.size} px, the run alone", seen


def passes(bench: Bench, most: float) -> Iterator[Row]:
    """Both networks by themselves, a picture at a time."""
    small = (bench.sizes.small, bench.sizes.small)
    for name, network in bench_fast.networks(bench.runtime).items():
        for size in (small, bench.sizes.film):
            noise = torch.rand(1, 3, *size).to(bench.device)
            took = bench_fast.timed(network, noise, bench.sizes.passes, most / 4)
            what = f"`fast apply`, the network alone, {name}, {size[1]} x {size[0]} px"
            yield what, f"{1000 * took:.1f} ms: {1 / took:.1f} a second"


def film(bench: Bench, most: float) -> Iterator[Row]:
    """Films from file to file, and what reading and writing take of that."""
    height, width = bench.sizes.film
    few, many = bench.sizes.frames
    with tempfile.TemporaryDirectory() as folder:
        short, long, made = (Path(folder, f"{name}.mp4") for name in ("short", "long", "made"))
        pan(short, few, bench.sizes.film)
        quickest = few / painted(short, made, FastApply(), bench)
        count = int(max(min(many, quickest * most / 6), few))
        pan(long, count, bench.sizes.film)
        painted(short, made, FastApply(steady=0.0), bench)
        for told, settings in (("", FastApply()), (" with --steady 0", FastApply(steady=0.0))):
            rate = count / painted(long, made, settings, bench)
            what = f"`fast apply`{told}, a film of {count} frames, {width} x {height} px, to a file"
            yield what, f"{rate:.1f} frames a second"
        what = f"such a film read, {width} x {height} px; and written again, without painting"
        rates = [
            count / copied(made, Path(folder, "copy.mp4"), write=both) for both in (False, True)
        ]
        yield what, "{:.1f} and {:.1f} frames a second".format(*rates)


def pan(path: Path, count: int, size: tuple[int, int]) -> None:
    """Writes a film of a photo that is panned over."""
    larger = f"scale={6 * size[1] // 5}:{6 * size[0] // 5}:force_original_aspect_ratio=increase"
    ffmpeg(
        [
            *("-loop", "1", "-framerate", "30", "-i", named(EXAMPLES / "town.jpg")),
            *("-vf", f"{larger},{SWAY.format(*size)}", "-frames:v", str(count)),
            *("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", named(path)),
        ]
    )


def painted(path: Path, out: Path, settings: FastApply, bench: Bench) -> float:
    """Seconds from film to film, the way of the command."""
    out.unlink(missing_ok=True)
    common = Common(out=str(out), quiet=True, device=str(bench.device))
    finished(bench.device)
    began = time.perf_counter()
    clip, first = films.load(path)
    with redirect_stdout(io.StringIO()):
        make_film("fast_apply", settings, {"content": [first]}, clip, common, Interrupts())
    return time.perf_counter() - began


def copied(path: Path, out: Path, *, write: bool) -> float:
    """Seconds that a film takes to be read, and to be written too."""
    began = time.perf_counter()
    clip = video.probe(path)
    copy = video.Film(out, clip.size, clip.timing) if write else None
    for frame in video.frames(clip):
        if copy is not None:
            copy.add(frame)
    if copy is not None:
        copy.finish()
    return time.perf_counter() - began


def training(bench: Bench, most: float) -> Iterator[Row]:
    """Steps of `fast train`, in its precision, from photos on."""
    runtime = Runtime(str(bench.device), "float32")
    sizes = bench.sizes
    few, many = sizes.steps
    settings = Training(iterations=LONG - 1, crop=sizes.crop, style_size=sizes.painting)
    photos = sorted(EXAMPLES.glob("*.jpg"))
    steps = settings.trainer({"starry": painting(bench)}, photos, runtime).run()
    began = time.perf_counter()
    for _ in islice(steps, few):
        pass
    finished(bench.device)
    each = (time.perf_counter() - began) / few
    count = int(max(min(many, most / each - few), 1))
    took = seconds(lambda: next(steps), bench.device, count)
    what = f"`fast train`, float32, {settings.batch} photos of {settings.crop} px a step"
    yield what, f"{1 / took:.2f} steps a second"


PARTS = (
    Part("iteration slim", 20, iteration("slim", large=False)),
    Part("iteration slim large", 35, iteration("slim", large=True)),
    Part("iteration vgg16", 30, iteration("vgg16", large=False)),
    Part("iteration vgg16 large", 55, iteration("vgg16", large=True)),
    Part("memory slim", 20, memory("slim")),
    Part("memory vgg16", 30, memory("vgg16")),
    Part("film", 90, film),
    Part("passes", 25, passes),
    Part("training", 30, training),
    Part("style", 25, style),
    Part("dream", 35, dream),
    Part("texture", 25, texture),
)


def table(bench: Bench, parts: list[Part], minutes: float) -> int:
    """Prints a row for each figure as it comes; returns how many parts failed."""
    card = machine().partition(",")[0]
    if bench.device.type == "cuda":
        card = torch.cuda.get_device_name(bench.device)
    print(f"| what | {card} |\n|---|---|", flush=True)
    began, failed = time.perf_counter(), 0
    end = began + 60 * minutes - SPARE * minutes / MINUTES
    for part in parts:
        share, left = part.share * minutes / MINUTES, end - time.perf_counter()
        if left < share / 2:
            print(f"| {part.name} | left out: it takes {share:.0f} s, and {left:.0f} s are left |")
            continue
        try:
            for row in part.measure(bench, min(share, left)):
                print("| {} | {} |".format(*row), flush=True)
        except torch.OutOfMemoryError:
            print(f"| {part.name} | does not fit into its memory |", flush=True)
        except Exception as error:  # the other figures are worth having all the same
            traceback.print_exc()
            print(f"| {part.name} | failed: {type(error).__name__} |", flush=True)
            failed += 1
        emptied(bench.device)
    took = time.perf_counter() - began
    versions = f"CUDA {torch.version.cuda}, " if bench.device.type == "cuda" else ""
    print(f"\n{machine()}, {versions}{bench.runtime.precision_name}, {took:.0f} s in all.")
    return failed


def main(arguments: list[str] | None = None) -> int:
    """Prints the table; returns 2 where there is no GPU, and 1 where a part failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="that all may take")
    parser.add_argument("--only", default="", help="parts whose names begin so")
    parser.add_argument("--quick", action="store_true", help="tiny: to try it, not to measure")
    options = parser.parse_args(arguments)
    try:
        runtime = Runtime(options.device)
    except ArtgenError as error:
        print(error, file=sys.stderr)
        return 2
    if runtime.torch_device.type == "cpu" and options.device != "cpu":
        print("There is no GPU here that torch can use, and nothing was measured.", file=sys.stderr)
        return 2
    parts = [part for part in PARTS if part.name.startswith(options.only)]
    if not parts:
        print(f"Parts are: {', '.join(part.name for part in PARTS)}.", file=sys.stderr)
        return 2
    bench = Bench(runtime, QUICK if options.quick else Sizes())
    return 1 if table(bench, parts, options.minutes) else 0


if __name__ == "__main__":
    sys.exit(main())

"""One pass of the shipped painter, in seconds, against one iteration of `artgen style`'s work.

    python benchmarks/bench_fast.py

Pictures of noise, 512 x 512 and 1920 x 1080, once loaded; the median of five. The ratio is to one
evaluation of loss and gradient through slim at 512 px, timed in the same run.
"""

from __future__ import annotations

import argparse
import statistics
import time

import torch
from machine import machine

from artgen.painting import paint
from artgen.plan import time_iterations
from artgen.runtime import Runtime

SIZES = ((512, 512), (1080, 1920))


def main() -> None:
    """Prints a line a size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    runtime = Runtime(options.device)
    print(machine())
    one = time_iterations(runtime.extractor("slim"), (512, 512)).seconds
    painter = runtime.painter()
    mix = painter.mix({painter.styles[1]: 1.0})
    for size in SIZES:
        picture = torch.rand(1, 3, *size).to(runtime.torch_device)
        seconds = []
        for _ in range(options.times + 1):
            began = time.perf_counter()
            *_, (_, _, painted) = paint(painter, picture, mix)
            float(painted[0, 0, 0, 0])  # waits for the device
            seconds.append(time.perf_counter() - began)
        median = statistics.median(seconds[1:])
        line = f"{size[1]:5} x {size[0]:<5} {runtime.precision_name:9} {median:7.3f} s"
        print(f"{line}  ratio {median / one:.2f} to one iteration through slim at 512 x 512")


if __name__ == "__main__":
    main()

"""Peak memory and seconds against size: tiled, in one piece, and the plain loop's, each on its own.

    python benchmarks/bench_memory.py
    python benchmarks/bench_memory.py --net vgg19 --sizes 4096 --only tiled --tile 768

One iteration of Adam (of the plain loop: L-BFGS) with Gram, content and variation losses, in a
process of its own. `bound` is what may not grow with
the picture: the peak less the weights, the optimiser's state and ten buffers of the picture's size.
Nothing is tried in one piece where the plan says that the machine does not hold it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable

import torch
from bench_speed import CONTENT, VARIATION, plain
from machine import machine, seeded
from torch import Tensor

from artgen.core.events import Step
from artgen.losses.content import content_term
from artgen.losses.regularization import variation_term
from artgen.losses.style import Term, style_moments, style_term
from artgen.networks.extractor import FeatureExtractor
from artgen.optim import memory
from artgen.optim.canvas import Pixels
from artgen.optim.loop import optimise
from artgen.optim.plan import Work, make_plan
from artgen.optim.pyramid import Scale
from artgen.optim.stepper import Stepper
from artgen.runtime import Runtime

PICTURES = 10
PLAIN = -1  # stands for the plain loop where else the side of a tile stands
ADAM = 2  # pictures that Adam remembers; the third, the average, is among the ten


def peak(device: torch.device) -> Callable[[], int]:
    """Gives the most bytes that were held, until it is called: on a GPU from now on.

    On a CPU they are those of the whole process, which does nothing else for that reason.
    """
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        return lambda: int(torch.cuda.max_memory_allocated(device))
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def one(network: str, size: int, tile: int | None, device: str) -> dict[str, float]:
    """One iteration: peak bytes, bytes before anything was made, and seconds."""
    runtime = Runtime(device)
    extractor = FeatureExtractor(seeded(network)).to(runtime.torch_device)
    extractor.half_precision(runtime.dtype)
    style, content = (extractor.role(role).layers for role in ("style", "content"))
    height, width = 3 * size // 4, size
    photo = torch.rand(1, 3, height, width).to(runtime.torch_device)
    before, most = memory.used(runtime.torch_device), peak(runtime.torch_device)
    scale = Scale((height, width), 1)
    cut = tile if tile and tile != PLAIN else "off"
    plan = make_plan(Work(extractor, (*style, *content), "adam", [scale]), cut)
    if plan.bytes > memory.available(runtime.torch_device) + before:
        return {}
    if tile == PLAIN:
        began = time.perf_counter()
        plain(extractor.float(), photo, photo[..., :512, :512]).step()
        taken = most()
        return {"peak": taken, "seconds": time.perf_counter() - began}
    began = time.perf_counter()

    def pulls(_: Scale, side: int | None, __: Tensor) -> list[Term]:
        painting = photo[..., :512, :512]
        targets = style_moments(extractor, [painting], [1.0], tuple(style), side)
        return [
            style_term(targets, style, "gram", 1.0),
            content_term(extractor, photo, content, CONTENT, side),
            variation_term(VARIATION),
        ]

    events = optimise(Pixels(photo), extractor, [scale], pulls, Stepper("adam"), tile=plan.tile)
    steps = [event.index for event in events if isinstance(event, Step)]
    assert steps == [1]
    picture = photo.numel() * 4
    taken = most()
    return {
        "peak": taken,
        "bound": taken - before - (PICTURES + ADAM) * picture,
        "planned": plan.bytes,
        "seconds": time.perf_counter() - began,
    }


def apart(network: str, size: int, tile: int | None, device: str) -> dict[str, float]:
    """`one` in a process of its own, so that its peak is its own."""
    command = [sys.executable, __file__, "--one", network, str(size), str(tile or 0), device]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return {}
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Prints the machine, and one line for each size and way of cutting."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--net", default="slim")
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 1024, 2048, 4096])
    parser.add_argument("--only", choices=("tiled", "whole", "plain"))
    parser.add_argument("--tile", type=int, default=512)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        network, size, tile, device = options.one
        print(json.dumps(one(network, int(size), int(tile) or None, device)))
        return
    print(machine())
    cuts = {"plain": PLAIN, "tiled": options.tile, "whole": None}
    names = {"tiled": f"tiles of {options.tile}", "whole": "in one piece", "plain": "plain loop"}
    for size in options.sizes:
        plain_peak = 0.0
        for cut in [options.only] if options.only else cuts:
            found = apart(options.net, size, cuts[cut], options.device)
            line = f"{options.net:8} {size:5} px  {names[cut]:14}"
            for name in ("peak", "planned", "bound"):
                line += f"  {name} {found[name] / 1e9:6.2f} GB" if found.get(name) else " " * 20
            if found and cuts[cut] == PLAIN:
                plain_peak = found["peak"]
            elif found and plain_peak:
                line += f"  ratio {found['peak'] / plain_peak:.2f}"
            line += f"  {found['seconds']:7.1f} s" if found else "does not fit here"
            print(line, flush=True)


if __name__ == "__main__":
    main()

"""How far plates of filters excite them in crops never optimised, for each canvas; and the seconds.

    python benchmarks/plates.py --each 5 --layers conv3_1,conv4_1,conv4_2,conv5_1 --size 320

Every filter is drawn on a Fourier spectrum (moved at random) and on phases (seen in random crops),
from the same seed and with the same number of steps. Then new crops of both plates are looked at:
`crops`, as phases are optimised with, but drawn from another seed; and `windows`, parts of the
plate at its own size, as the spectrum is optimised with. The activation is the mean over positions
before the ReLU, of its positive part, and the ratio is that of phases over the spectrum.

    python benchmarks/plates.py --classes 20 --photos DIR --size 224

draws classes instead, on each canvas, and asks a network that has not made them (`class_judge.py`)
whether the plate's own class is among its first five. DIR holds photos, as train.tar's photos/.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from statistics import median

import torch
from class_judge import fitted
from torch import Tensor

from artgen.core.events import Result
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.imagenet import classes
from artgen.optim.phases import Crops
from artgen.runtime import Runtime
from artgen.techniques.see_class import SeeClass
from artgen.techniques.see_filters import SeeFilters

CANVASES = ("fourier", "phase")
FIRST = 5  # classes of the judge among which a plate's own should be
UNSEEN, COUNT, SIDE = 12345, 32, 112  # seed of the crops, their number, their side in pixels


def plates(
    settings: SeeFilters, layer: str, channels: list[int], runtime: Runtime
) -> tuple[list[Tensor], float]:
    """A plate (1, 3, H, W) of each channel, and the CPU seconds that each took."""
    began = time.process_time()
    *_, result = settings.run({}, runtime)
    assert isinstance(result, Result)
    seconds = (time.process_time() - began) / len(channels)
    return [result.pictures[f"{layer}-{n}"][:, :3] for n in channels], seconds


@torch.no_grad()
def activation(extractor: FeatureExtractor, layer: str, channel: int, shown: Tensor) -> float:
    """Mean positive activation of a channel over pictures (N, 3, h, w)."""
    return float(extractor(shown, [layer])[layer][:, channel].clamp(min=0).mean())


def crops(plate: Tensor) -> Tensor:
    """Crops of many sizes (COUNT, 3, SIDE, SIDE) of a plate, from a seed of their own."""
    drawn = Crops(COUNT, SIDE, first=0.4, last=0.4, noise=0)
    size = (plate.shape[-2], plate.shape[-1])
    (cut,) = drawn.draw(size, 0.0, torch.Generator().manual_seed(UNSEEN))
    return cut(plate)


def windows(plate: Tensor) -> Tensor:
    """Parts (COUNT, 3, SIDE, SIDE) of the plate's middle at its own size."""
    share = SIDE / plate.shape[-1]
    drawn = Crops(COUNT, SIDE, first=share, last=share, spread=0, center=0.1, noise=0)
    size = (plate.shape[-2], plate.shape[-1])
    (cut,) = drawn.draw(size, 0.0, torch.Generator().manual_seed(UNSEEN))
    return cut(plate)


def judge_classes(given: argparse.Namespace, runtime: Runtime) -> None:
    """Prints for each class and canvas the rank that the judge gives to the plate's own class."""
    judge = fitted(sorted(given.photos.glob("*.jpg")), runtime, given.kept)
    print(f"photos: {judge.right} of {judge.tried} have their class among the first five")
    step = max(len(judge.classes) // given.classes, 1)
    chosen = judge.classes[::step][: given.classes]
    for canvas in given.canvases.split(","):
        ranks, began = [], time.process_time()
        for number in chosen:
            settings = SeeClass(
                class_=str(number),
                canvas=canvas,
                size=given.size,
                iterations=given.iterations,
                opaque=True,
                separate=True,
            )
            *_, result = settings.run({}, runtime)
            assert isinstance(result, Result)
            order = judge(result.pictures[f"class-{number}"])[0].tolist()
            ranks.append(1 + order.index(number))
            print(f"{canvas:13s} {classes()[number]:30s} rank {ranks[-1]}", flush=True)
        seconds = (time.process_time() - began) / len(ranks)
        own = sum(rank <= FIRST for rank in ranks)
        print(
            f"{canvas}: {own} of {len(ranks)} among the first {FIRST}, "
            f"median rank {median(ranks):g}, {seconds:.1f} CPU s a plate"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--net", default="slim")
    parser.add_argument("--layers", default="conv3_1,conv4_1,conv4_2,conv5_1")
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--iterations", type=int, default=20, help="at each of four sizes")
    parser.add_argument("--classes", type=int, default=0, help="how many, instead of filters")
    parser.add_argument("--canvases", default="prior+fourier,phase", help="of the classes")
    parser.add_argument("--photos", type=Path, help="a folder of them, for the judge")
    parser.add_argument("--kept", type=Path, help="file of what the judge has seen of them")
    given = parser.parse_args()
    runtime = Runtime("cpu", "float32")
    if given.classes:
        judge_classes(given, runtime)
    else:
        compare_filters(given, runtime)


def compare_filters(given: argparse.Namespace, runtime: Runtime) -> None:
    """Prints for each filter its activation in new crops of the two plates, and the medians."""
    extractor = runtime.extractor(given.net)
    ratios: dict[str, list[float]] = {"crops": [], "windows": []}
    for layer in given.layers.split(","):
        count = extractor(torch.zeros(1, 3, 128, 128), [layer])[layer].shape[1]
        channels = torch.randperm(count, generator=runtime.generator())[: given.each].tolist()
        made, took = {}, {}
        for canvas in CANVASES:
            settings = SeeFilters(
                net=given.net,
                layer=layer,
                channels=",".join(map(str, channels)),
                canvas=canvas,
                size=given.size,
                iterations=given.iterations,
                separate=True,
            )
            made[canvas], took[canvas] = plates(settings, layer, channels, runtime)
        for index, channel in enumerate(channels):
            for name, seen in (("crops", crops), ("windows", windows)):
                old, new = (
                    activation(extractor, layer, channel, seen(made[canvas][index]))
                    for canvas in CANVASES
                )
                ratios[name].append(new / old)
                print(f"{layer} {channel:3d} {name:7s} {old:8.3f} {new:8.3f} {new / old:6.2f}")
        print(
            layer, {canvas: f"{took[canvas]:.1f} CPU s a plate" for canvas in CANVASES}, flush=True
        )
    for name, found in ratios.items():
        print(f"{name}: median ratio {median(found):.2f} of {len(found)} filters")


if __name__ == "__main__":
    main()

"""What a batch costs beyond a bare loop over the technique: 50 pictures of 256 px, in pairs.

    python benchmarks/bench_batch.py

Both start with a process that has imported torch and built nothing. The loop reads a picture, runs
the technique, and saves the result with its recipe. The batch does the same with one worker as
`artgen style FOLDER` does, ledger and pipes included; the second line leaves out the start of that
worker, which imports torch a second time. The median of alternating pairs.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

import torch
from machine import machine

from artgen import images
from artgen.core.events import Result
from artgen.jobs.film_maker import workshop
from artgen.jobs.ledger import Ledger, where
from artgen.jobs.local import Local
from artgen.jobs.messages import Job, JobDone, JobStarted, Order, Share
from artgen.jobs.recognise import hash_of, recogniser
from artgen.jobs.storage import Folder
from artgen.jobs.todo import make_plan, run
from artgen.ops.resize import resize
from artgen.runs.gallery import find_style
from artgen.runs.recipes import Recipe
from artgen.runtime import Runtime
from artgen.techniques.style import Style


def loop(photos: list[Path], out: Path, settings: Style) -> float:
    """Seconds for a bare loop."""
    began = time.perf_counter()
    runtime, style = Runtime(), images.load(find_style("starry"))
    for photo in photos:
        loaded = {"content": [images.load(photo)], "style": [style]}
        inputs = {role: [one.picture for one in many] for role, many in loaded.items()}
        for event in settings.run(inputs, runtime):
            if isinstance(event, Result):
                recipe = Recipe.of("style", settings, runtime, loaded, event).dumps()
                images.save(event.pictures["picture"], out / photo.name, recipe=recipe)
    return time.perf_counter() - began


def batch(photos: list[Path], out: Path, settings: Style) -> tuple[float, float]:
    """Seconds for a batch, and without the start of its worker."""
    began = time.perf_counter()
    order = Order("style", asdict(settings), fixed={"style": (str(find_style("starry")),)})
    jobs = [Job(one.name, one.name, {"content": (str(one),)}) for one in photos]
    share, place = Share("cpu", torch.get_num_threads()), Folder(str(out))
    with Ledger(where(str(out))) as ledger, Local(workshop(order, str(out)), [share]) as pool:
        plan = make_plan(jobs, hash_of(order), ledger.entries(), place, recogniser(order, place))
        ledger.expect(plan.news)
        first, done = 0.0, 0
        for event in run(plan.todo, ledger, pool, str(out)):
            if isinstance(event, JobStarted) and not first:
                first = time.perf_counter()
            done += isinstance(event, JobDone)
        end = time.perf_counter()
    assert done == len(photos)
    return end - began, end - first


def main() -> None:
    """Prints seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=50)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("-n", "--iterations", type=int, default=20, help="about two seconds")
    options = parser.parse_args()
    settings = Style(size=options.size, iterations=options.iterations)
    print(machine())
    whole, begun = [], []
    with tempfile.TemporaryDirectory() as folder:
        photos = []
        for number in range(options.pictures):
            picture = torch.rand((1, 3, 256, 256), generator=torch.Generator().manual_seed(number))
            photos.append(Path(folder, f"{number:03}.png"))
            images.save(resize(resize(picture, (16, 16)), (256, 256)), photos[-1])
        for time_ in range(options.times):
            bare, out = Path(folder, f"bare{time_}"), Path(folder, f"batch{time_}")
            bare.mkdir()
            alone = loop(photos, bare, settings)
            took, steady = batch(photos, out, settings)
            whole.append(took / alone)
            begun.append(steady / alone)
            print(
                f"loop {alone:6.1f} s, batch {took:6.1f} s, {steady:6.1f} s from the first picture"
            )
    print(f"ratio {statistics.median(whole):.3f}, {statistics.median(begun):.3f} from the first")


if __name__ == "__main__":
    main()

"""Draws what bench_memory.py printed: memory and seconds against size.

python benchmarks/bench_memory.py | tee memory.txt
python benchmarks/plot_memory.py memory.txt docs/memory.svg
"""

from __future__ import annotations

import argparse
import re
from collections import defaultdict
from pathlib import Path

import matplotlib as mpl
from matplotlib import pyplot as plt

LINE = re.compile(
    r"(?P<net>\S+) +(?P<size>\d+) px +(?P<cut>.+?) +"
    r"peak +(?P<peak>[\d.]+) GB.* (?P<seconds>[\d.]+) s$"
)


def main() -> None:
    """Reads the lines, draws two panels."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lines", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    found: dict[str, list[tuple[int, float, float]]] = defaultdict(list)
    machine, *lines = options.lines.read_text().splitlines()
    for match in filter(None, map(LINE.match, lines)):
        point = (int(match["size"]), float(match["peak"]), float(match["seconds"]))
        found[f"{match['net']}, {match['cut']}"].append(point)
    mpl.rcParams["svg.hashsalt"] = "artgen"  # the same picture from the same numbers
    figure, panels = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    for panel, column, label in zip(panels, (1, 2), ("peak, GB", "one iteration, s"), strict=True):
        for name, points in found.items():
            panel.plot([p[0] for p in points], [p[column] for p in points], "o-", label=name)
        panel.set(xscale="log", yscale="log", xlabel="long side, px", ylabel=label)
        panel.set_xticks(sorted({p[0] for points in found.values() for p in points}))
        panel.get_xaxis().set_major_formatter(mpl.ticker.ScalarFormatter())
        panel.minorticks_off()
        panel.grid(alpha=0.3)
    panels[0].legend(frameon=False, fontsize=8)
    figure.suptitle(machine, fontsize=8)
    figure.savefig(options.out, metadata={"Date": None})


if __name__ == "__main__":
    main()

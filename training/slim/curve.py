"""The curve of size against error: how much of VGG-16's layers k channels can explain at all.

    python training/slim/curve.py --pictures DIR --weights DIR --data DIR --plot docs/slim-curve.svg

A linear map from k channels gives at best the first k principal components of a layer. What lies
beyond them, as a share of the layer's variance on the held-out pictures, is the least error that
slim could have there if its channels were the best ones. Beside it, what as many channels cost.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import torch
from data import split
from measure import held_out
from shape import WIDTHS, size
from teachers import Vgg16
from torch import Tensor

LAYERS = {"relu2_2": 2, "relu3_3": 3, "relu4_3": 4, "relu5_3": 5}
CHANNELS = (16, 32, 48, 64, 96, 128, 160, 192, 224, 240, 256, 320, 384)


@torch.no_grad()
def bounds(vgg16: Vgg16, pictures: Iterable[Tensor]) -> dict[str, list[float]]:
    """By layer, the share of its variance beyond the first k components, k from 0 on."""
    counts = dict.fromkeys(LAYERS, 0)
    sums: dict[str, Tensor | float] = dict.fromkeys(LAYERS, 0.0)
    squares: dict[str, Tensor | float] = dict.fromkeys(LAYERS, 0.0)
    for picture in pictures:
        seen = vgg16(picture)
        for layer in LAYERS:
            rows = seen[f"vgg16/{layer}"].movedim(1, -1).flatten(0, 2)
            counts[layer] += len(rows)
            sums[layer] = sums[layer] + rows.double().sum(0)
            squares[layer] = squares[layer] + (rows.T @ rows).double()
    found = {}
    for layer, count in counts.items():
        mean = torch.as_tensor(sums[layer]) / count
        values = torch.linalg.eigvalsh(squares[layer] / count - torch.outer(mean, mean))
        explained = values.flip(0).clamp(min=0).cumsum(0)
        found[layer] = [1.0, *(1 - explained / explained[-1]).tolist()]
    return found


def widened(block: int, channels: int) -> int:
    """Multiply-adds a pixel of slim with so many channels in the last convolution of a block."""
    rows = [list(row) for row in WIDTHS]
    rows[block - 1][-1] = channels
    return size(rows)[0]


def table(found: dict[str, list[float]]) -> str:
    """As Markdown: the bound, and slim's multiply-adds a pixel with that many channels there."""
    lines = [f"| channels | {' | '.join(found)} |", "|---|" + "---|" * len(found)]
    for channels in CHANNELS:
        cells = []
        for layer, left in found.items():
            here = channels < len(left)
            cells.append(
                f"{left[channels]:.3f} ({widened(LAYERS[layer], channels):,})" if here else ""
            )
        lines.append(f"| {channels} | {' | '.join(cells)} |")
    return "\n".join(lines)


def plot(found: dict[str, list[float]], out: Path) -> None:
    """The bounds against channels, with slim's own widths marked."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    mpl.rcParams["svg.hashsalt"] = "artgen"  # the same picture from the same numbers
    figure, panel = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for layer, left in found.items():
        most = min(len(left) - 1, CHANNELS[-1])
        (line,) = panel.plot(range(1, most + 1), left[1 : most + 1], label=layer)
        width = WIDTHS[LAYERS[layer] - 1][-1]
        panel.plot(width, left[width], "o", color=line.get_color())
        panel.annotate(f"{width}", (width, left[width]), (0, 6), textcoords="offset points")
    panel.set(xlabel="channels (dots: slim's)", ylabel="share of the variance beyond them")
    panel.set(ylim=(0, 0.8))
    panel.grid(alpha=0.3)
    panel.legend(frameon=False, fontsize=8)
    figure.savefig(out, metadata={"Date": None})


def main() -> None:
    """Prints the table, and draws the curve where --plot says so."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    vgg16 = Vgg16(options.weights / "vgg16.safetensors").requires_grad_(False).eval()
    found = bounds(vgg16, held_out(split(options.pictures, options.data).held_out))
    print(table(found))
    if options.plot:
        plot(found, options.plot)


if __name__ == "__main__":
    main()

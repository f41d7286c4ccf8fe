"""The layers of the networks that paint, and of their extractor, as nodes of an ONNX graph.

The twins of `layers.py`, `unet.py` and `vgg_blocks.py`, made from the same weights. The style is
known when a graph is written: kernels are modulated and demodulated here and written as constants,
so that the graph holds plain convolutions, which runtimes compute in their fastest layout.
"""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from artgen.fast.array_files import ArrayFile
from artgen.fast.onnx_graph import Array, Graph
from artgen.fast.shared import DEMODULATION, PLANES, SIDE, SLOPE, SMALL, UNIT

__all__ = ["Layers", "chain"]

Floats = NDArray[np.floating]
LAST = np.iinfo(np.int64).max  # the end of a slice that goes on to the end


class Layers:
    """Writes the layers of one network, for one mixture of styles, into a graph.

    Args:
        graph: that is written to.
        weights: the network's.
        mix: (1, rows): shares of the styles, or a style's code.
    """

    def __init__(self, graph: Graph, weights: ArrayFile, mix: Array) -> None:
        self.graph, self.weights, self.mix = graph, weights, mix
        self._margin = graph.constant(np.array([0, 0, 1, 1, 0, 0, 1, 1]))

    def mixed(self, name: str) -> Array:
        """The row (N,) that the mixture makes of learnt rows (rows, N)."""
        row: Array = (self.mix @ self.weights[name])[0]
        return row

    def row(self, name: str) -> str:
        """The same as a constant (1, N, 1, 1)."""
        return self.graph.constant(self.mixed(name)[None, :, None, None])

    def conv(self, x: str, kernel: Floats, bias: Floats, stride: int = 1) -> str:
        """A convolution of 3 x 3, reflecting at the border, or of 1 x 1."""
        if kernel.shape[-1] > 1:
            x = self.graph.node("Pad", x, self._margin, mode="reflect")
        constants = self.graph.constant(kernel), self.graph.constant(bias)
        return self.graph.node("Conv", x, *constants, strides=(stride, stride))

    def modulated(self, x: str, name: str, stride: int = 1, length: float = UNIT) -> str:
        """The twin of layers.Modulated."""
        return self.conv(x, *self._kernel(name, length), stride)

    def _kernel(self, name: str, length: float) -> tuple[Floats, Floats]:
        """Kernels (O, I, 3, 3), modulated and of this length, and their bias (O,)."""
        gain = self.mixed(f"{name}.gain").astype(np.float64)
        kernel = self.weights[f"{name}.weight"] * gain[:, None, None]
        squares = np.square(kernel).sum((1, 2, 3), keepdims=True)
        return kernel * (length / np.sqrt(squares + DEMODULATION)), self.mixed(f"{name}.shift")

    def active(self, x: str) -> str:
        """The twin of layers.active."""
        return self.graph.node("LeakyRelu", x, alpha=SLOPE)

    def add(self, x: str, y: str) -> str:
        """The sum of two layers."""
        return self.graph.node("Add", x, y)

    def residual(self, x: str, name: str) -> str:
        """The twin of layers.Residual."""
        first = self.active(self.modulated(x, f"{name}.first"))
        return self.add(x, self.modulated(first, f"{name}.second", length=SMALL))

    def doubled(self, x: str, name: str, length: float = UNIT) -> str:
        """The twin of a Modulated after `double`, computed at the resolution before it.

        A kernel of 3 x 3 sees 2 x 2 different positions of a layer that was doubled by repetition,
        which ones depends on the parity of its place: four kernels of 2 x 2, whose weights are sums
        of the original's, give the four parities' results. What `reflect` mirrors there are the
        positions of the edge here.
        """
        kernel, bias = self._kernel(name, length)
        rows = np.stack([_pairs(kernel, parity, -2) for parity in (0, 1)])  # (2, O, I, 2, 3)
        parts = np.stack([_pairs(rows, parity, -1) for parity in (0, 1)], 1)  # (2, 2, O, I, 2, 2)
        many = len(kernel)
        x = self.graph.node("Pad", x, self._margin, mode="edge")
        constants = (
            self.graph.constant(parts.reshape(4 * many, *parts.shape[3:])),
            self.graph.constant(np.tile(bias, 4)),
        )
        x = self.graph.node("Conv", x, *constants)  # one position more a side than the layer had
        axes, ends = self.graph.constant(np.array([1, 2, 3])), (-1, LAST)
        pieces = []
        for number, (down, across) in enumerate(product((0, 1), repeat=2)):
            begin = np.array([number * many, down, across])
            end = np.array([(number + 1) * many, ends[down], ends[across]])
            bounds = self.graph.constant(begin), self.graph.constant(end)
            pieces.append(self.graph.node("Slice", x, *bounds, axes))
        joined = self.graph.node("Concat", *pieces, axis=1)
        return self.graph.node("DepthToSpace", joined, blocksize=2)

    def noise(self, name: str, height: int, width: int) -> str | None:
        """The twin of layers.Noise, (1, C, height, width); None where a network has none."""
        if f"{name}.loudness" not in self.weights:
            return None
        tile = self.weights[f"{name}.tile"][0]
        loudness = self.mixed(f"{name}.loudness").reshape(-1, PLANES)
        made = (loudness @ tile.reshape(PLANES, -1)).reshape(-1, SIDE, SIDE)
        whole = made[:, np.arange(height) % SIDE][:, :, np.arange(width) % SIDE]
        return self.graph.constant(whole[None])

    def enter(self, picture: str, gain: float = 1.0, shift: Floats | float = 0.0) -> str:
        """The twin of UNetBody.enter, of the picture times `gain` plus `shift` (3,).

        The first kernels (O, 12, 3, 3) see the picture with the four pixels of each 2 x 2 as
        channels; torch has these innermost, ONNX outermost.
        """
        kernel = self.weights["into_half.weight"].astype(np.float64)
        split = kernel.reshape(len(kernel), 3, 4, *kernel.shape[2:])
        bias = self.weights["into_half.bias"] + (split.sum((2, 3, 4)) @ np.broadcast_to(shift, 3))
        cells = self.graph.node("SpaceToDepth", picture, blocksize=2)
        return self.conv(cells, gain * split.swapaxes(1, 2).reshape(kernel.shape), bias)

    def paint(
        self,
        entered: str,
        photo: str,
        quarter: str | None,
        eighth: str | None,
        blocks: int,
    ) -> str:
        """The twin of UNetBody.paint, with as many residual blocks."""
        half = self.active(entered)
        across = self.active(self.modulated(half, "into_quarter", 2))
        x = self.modulated(across, "into_eighth", 2)
        x = self.active(x if eighth is None else self.add(x, eighth))
        for number in range(blocks):
            x = self.residual(x, f"blocks.{number}")
        across = across if quarter is None else self.add(across, quarter)
        x = self.active(self.add(self.doubled(x, "to_quarter"), across))
        x = self.residual(x, "at_quarter")
        x = self.active(self.add(self.doubled(x, "to_half"), half))
        x = self.active(self.doubled(x, "to_full"))
        x = self.conv(x, self.weights["last.weight"], self.weights["last.bias"])
        return self.add(x, self.graph.node("Mul", photo, self.row("photo_gain")))


def _pairs(kernel: Floats, parity: int, axis: int) -> Floats:
    """A kernel's three positions along an axis as the two that places of one parity see."""
    before, here, after = np.split(kernel, 3, axis=axis)
    pair = (before, here + after) if parity == 0 else (before + here, after)
    return np.concatenate(pair, axis=axis)


def chain(
    graph: Graph,
    weights: ArrayFile,
    picture: str,
    wanted: tuple[str, ...],
    mean: tuple[float, ...],
    std: tuple[float, ...],
) -> list[str]:
    """A VGG-shaped chain of layers, up to the last one wanted, with the edge repeated at borders.

    Args:
        graph: that is written to.
        weights: kernels and biases of conv1_1, conv1_2, …
        picture: name of an input (1, 3, H, W).
        wanted: names of ReLUs, in the order of the chain.
        mean, std: of RGB: subtracted, and divided by.

    Returns:
        The names of the layers wanted.
    """
    margin = graph.constant(np.array([0, 0, 1, 1, 0, 0, 1, 1]))
    shift, gain = (graph.constant(np.reshape(row, (1, 3, 1, 1))) for row in (mean, std))
    x = graph.node("Div", graph.node("Sub", picture, shift), gain)
    found: list[str] = []
    block = 1
    names = sorted(name.removesuffix(".weight") for name in weights.arrays if "weight" in name)
    for name in names:
        if len(found) == len(wanted):
            break
        if name[4] != str(block):
            x, block = graph.node("MaxPool", x, kernel_shape=(2, 2), strides=(2, 2)), block + 1
        kernel, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
        x = graph.node("Pad", x, margin, mode="edge")
        x = graph.node("Conv", x, graph.constant(kernel), graph.constant(bias))
        x = graph.node("Relu", x)
        if name.replace("conv", "relu") == wanted[len(found)]:
            found.append(x)
    return found

"""Inference in one pass without torch: a photo through a network's graph, in one piece.

The twin of `inference.py` and `any_style_inference.py`, for pictures that need no tiles: the same
weights, the same arithmetic. Graphs are written for one size of picture and one style, and kept
for the next picture of both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from artgen.core.defaults import IMAGENET_MEAN, IMAGENET_STD
from artgen.fast.array_files import ArrayFile, packaged
from artgen.fast.array_moments import AffineMap, Moments, moments_of, transport_map
from artgen.fast.graph_layers import Layers, chain
from artgen.fast.onnx_graph import Array, Graph, run, session
from artgen.fast.shared import (
    CONTRAST,
    DULL,
    EXTRACTOR,
    FLATTEST,
    LEVELS,
    ODD,
    READ,
    SHOWN,
    SLOPE,
    STRIDE,
    mixture,
    photo_share,
)
from artgen.fast.style_cache import kept_moments
from artgen.ops.arrays import fit, resized

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

__all__ = ["MISFITS", "Paints", "any_style", "trained"]

LEAST = 2 * STRIDE  # px a side of what a network takes
KEPT = 4  # graphs that are kept, for the next picture of the same size
Paints = Callable[[Array], Array]
"""A photo (1, 3, H, W) in [0, 1] -> the painted picture."""


class _Unlike(Exception):
    """A file holds another network than a graph can be made of."""


MISFITS = (_Unlike, KeyError, TypeError, ValueError)
"""What is raised for a file that is damaged inside."""


def _complete(weights: ArrayFile) -> None:
    if weights.unread:
        raise _Unlike(f"not read: {sorted(weights.unread)[0]}")


def _padded(picture: Array, margin: int = 0) -> Array:
    """The picture with its edge repeated: a margin, and then multiples of STRIDE."""
    height, width = (length + 2 * margin for length in picture.shape[-2:])
    down, across = (max(-length % STRIDE, LEAST - length) for length in (height, width))
    widths = ((0, 0), (0, 0), (margin, margin + down), (margin, margin + across))
    return np.pad(picture, widths, mode="edge") if down or across or margin else picture


def trained(
    weights: ArrayFile, shares: Mapping[str, float], strength: float, threads: int
) -> Paints:
    """How a painter paints in a mixture of its styles.

    Args:
        weights: of a painter's file.
        shares: style -> share.
        strength: from the photo (0) to the styles (1).
        threads: of the runtime.

    Raises:
        UsageError: for an unknown style, or shares that are no mixture.
    """
    mix = mixture(("photo", *weights.about["styles"]), shares, strength)
    blended = np.float32(photo_share(float(mix[0, 0])))

    @lru_cache(KEPT)
    def made(height: int, width: int) -> InferenceSession:
        return session(_painter(weights, mix, height, width), threads)

    def paint(photo: Array) -> Array:
        height, width = photo.shape[-2:]
        whole = _padded(photo, STRIDE)
        (painted,) = run(made(*whole.shape[-2:]), {"picture": whole})
        painted += (whole - painted) * blended
        inner = painted[..., STRIDE : STRIDE + height, STRIDE : STRIDE + width]
        return np.clip(inner, 0, 1)

    return paint


def _painter(weights: ArrayFile, mix: Array, height: int, width: int) -> Graph:
    """The twin of Painter.walk, without the photo that is blended in last."""
    graph = Graph()
    layers = Layers(graph, weights, mix)
    picture = graph.input("picture", (1, 3, height, width))
    entered = graph.node(
        "InstanceNormalization",
        layers.enter(picture, shift=-0.5),
        graph.constant(layers.mixed("norm.gain")),
        graph.constant(layers.mixed("norm.shift")),
        epsilon=FLATTEST,
    )
    painted = layers.paint(
        entered,
        picture,
        layers.noise("noise_quarter", height // 4, width // 4),
        layers.noise("noise_eighth", height // 8, width // 8),
        weights.about["blocks"],
    )
    graph.output(painted, (1, 3, height, width))
    _complete(weights)
    return graph


@dataclass(frozen=True)
class _Style:
    """The twin of any_style_inference.StyleStatistics."""

    moments: Mapping[str, Moments]
    mix: Array
    strength: float


def any_style(
    weights: ArrayFile,
    pictures: Sequence[Array],
    shares: Sequence[float],
    strength: float,
    threads: int,
) -> Paints:
    """How the decoder paints in the style of pictures.

    Args:
        weights: of the decoder's file.
        pictures: (1, 3, H, W) each, of any size.
        shares: of the pictures; only their ratios matter.
        strength: from the photo (0) to the style (1).
        threads: of the runtime.
    """
    extractor = packaged(weights.about.get("extractor", EXTRACTOR))
    seen = [_seen(extractor, picture, threads) for picture in pictures]
    style = _mixed(weights, seen, shares, strength)

    def paint(photo: Array) -> Array:
        height, width = photo.shape[-2:]
        whole = _padded(photo)
        graph = _seeing(extractor, *whole.shape[-2:])
        # Not kept: its memory would be there beside the decoder's.
        features = run(session(graph, threads), {"picture": whole})
        seen = dict(zip(LEVELS, [whole, *features], strict=True))
        light = {level: moments_of(features) for level, features in seen.items()}
        ways = {level: _way(light[level], style, level) for level in LEVELS}
        graph = _decoder(weights, style.mix, seen, ways, light["image"])
        names = ("image", "quarter", "eighth")
        inputs = {name: seen[level] for name, level in zip(names, LEVELS, strict=True)}
        (painted,) = run(session(graph, threads), inputs)
        # The network's colours are close to the style's; this makes them exact.
        painted = np.clip(_way(moments_of(painted), style, "image")(painted), 0, 1)
        painted += (whole - painted) * np.float32(photo_share(1 - style.strength))
        return painted[..., :height, :width]

    return paint


def _way(light: Moments, style: _Style, level: str) -> AffineMap:
    return transport_map(light, style.moments[level]).partly(style.strength)


def _seen(extractor: ArrayFile, picture: Array, threads: int) -> Mapping[str, Moments]:
    """The moments of a style picture, and of its layers."""

    def look(picture: Array) -> Mapping[str, Moments]:
        least = 2 ** (len(READ) - 1)  # for which the last of the layers has a position
        height, width = fit((picture.shape[-2], picture.shape[-1]), SHOWN)
        shown = resized(picture, (max(height, least), max(width, least)))
        made = session(_looking(extractor, *shown.shape[-2:]), threads)
        return {"image": moments_of(shown), **_told(run(made, {"picture": shown}))}

    shapes = {"image": 3, **{layer: _shape(extractor, layer)[0] for layer in READ}}
    return kept_moments(picture, f"{extractor.sha256} at {SHOWN} px", shapes, look)


def _mixed(
    weights: ArrayFile,
    seen: Sequence[Mapping[str, Moments]],
    shares: Sequence[float],
    strength: float,
) -> _Style:
    """The twin of any_style_inference.style_statistics, of pictures that have been seen."""
    found: dict[str, Moments] = {}
    for each, share in zip(seen, shares, strict=True):
        for level, moments in each.items():
            part = moments.times(share / sum(shares))
            found[level] = part if level not in found else found[level].plus(part)
    rows = []
    for layer in READ:
        rows += [found[layer].mean, np.sqrt(np.diag(found[layer].covariance).clip(min=0))]
    described = np.concatenate(rows)[None].astype(np.float32)
    apart = ((described - weights["centre"]) / weights["spread"]).clip(-ODD, ODD)
    hidden = apart @ weights["read.weight"].T + weights["read.bias"]
    hidden = np.where(hidden > 0, hidden, SLOPE * hidden)
    code = np.tanh(hidden @ weights["say.weight"].T + weights["say.bias"])
    mix = np.concatenate([[[1 - strength, strength]], strength * code], 1).astype(np.float32)
    return _Style(found, mix, strength)


def _seeing(weights: ArrayFile, height: int, width: int) -> Graph:
    """The features of a photo at the levels that are mapped."""
    graph = Graph()
    picture = graph.input("picture", (1, 3, height, width))
    found = chain(graph, weights, picture, LEVELS[1:], IMAGENET_MEAN, IMAGENET_STD)
    for level, name in zip(LEVELS[1:], found, strict=True):
        channels, stride = _shape(weights, level)
        graph.output(name, (1, channels, height // stride, width // stride))
    return graph


def _looking(weights: ArrayFile, height: int, width: int) -> Graph:
    """What of a style picture's layers READ is needed: each one's features, or just the means of
    each channel and of its squares, which take less memory."""
    graph = Graph()
    picture = graph.input("picture", (1, 3, height, width))
    sides = graph.constant(np.array([2, 3]))
    found = chain(graph, weights, picture, READ, IMAGENET_MEAN, IMAGENET_STD)
    for level, name in zip(READ, found, strict=True):
        channels, stride = _shape(weights, level)
        shape = height // stride, width // stride
        if level in LEVELS:
            graph.output(name, (1, channels, *shape))
            continue
        graph.output(graph.node("ReduceMean", name, sides, keepdims=0), (1, channels))
        share = graph.constant(np.array(1 / (shape[0] * shape[1])))
        squares = graph.node("ReduceSumSquare", name, sides, keepdims=0)
        graph.output(graph.node("Mul", squares, share), (1, channels))
    return graph


def _told(outputs: Sequence[Array]) -> dict[str, Moments]:
    """Moments of the layers READ from what the graph of `_looking` has for each of them."""
    rest, found = iter(outputs), {}
    for level in READ:
        one = next(rest)
        if level in LEVELS:
            found[level] = moments_of(one)
        else:
            mean, squares = one[0].astype(np.float64), next(rest)[0].astype(np.float64)
            found[level] = Moments(mean, np.diag(squares))  # products of two channels are not read
    return found


def _shape(weights: ArrayFile, layer: str) -> tuple[int, int]:
    """Channels and stride of a layer of the extractor."""
    name = layer.replace("relu", "conv")
    return len(weights[f"{name}.bias"]), 2 ** (int(name[4]) - 1)


def _decoder(
    weights: ArrayFile,
    mix: Array,
    seen: Mapping[str, Array],
    ways: Mapping[str, AffineMap],
    colours: Moments,
) -> Graph:
    """The twin of Decoder.forward, with the maps of the features in its first kernels."""
    graph = Graph()
    layers = Layers(graph, weights, mix)
    height, width = seen["image"].shape[-2:]
    picture = graph.input("image", seen["image"].shape)
    carried = layers.conv(picture, *ways["image"].kernel())
    features = []
    places = zip(("quarter", "eighth"), LEVELS[1:], weights["loudness"], strict=True)
    for name, level, loud in places:
        given = graph.input(name, seen[level].shape)
        matrix, shift = ways[level].kernel()
        see = weights[f"see_{name}.weight"][..., 0, 0].astype(np.float64) / loud
        bias = see @ shift + weights[f"see_{name}.bias"]
        x = layers.conv(given, (see @ matrix[..., 0, 0])[..., None, None], bias)
        stride = height // seen[level].shape[-2]
        noise = layers.noise(f"noise_{name}", height // stride, width // stride)
        features.append(x if noise is None else layers.add(x, noise))
    variance = np.diag(colours.covariance).clip(min=0).mean()
    gain = CONTRAST / np.sqrt(variance + DULL**2)
    entered = layers.enter(picture, gain, -gain * colours.mean)
    entered = graph.node("Mul", entered, layers.row("first.gain"))
    entered = layers.add(entered, layers.row("first.shift"))
    painted = layers.paint(entered, carried, features[0], features[1], weights.about["blocks"])
    graph.output(painted, seen["image"].shape)
    _complete(weights)
    return graph

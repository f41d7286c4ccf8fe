"""One extractor for every network: a picture goes in, named activations come out.

A network is a chain of named layers described by a NetworkSpec. The extractor runs that chain up to
the deepest layer wanted and no further. It normalises the picture by the network's own mean and
standard deviation, so nobody else has to.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cached_property
from itertools import zip_longest
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor, nn

from artgen.core.choices import POOLINGS
from artgen.core.events import Provenance
from artgen.errors import UsageError, did_you_mean
from artgen.networks import weights
from artgen.networks.fused_conv import conv_relu, convolved, watched
from artgen.networks.geometry import Geometry, Pool, geometry_of
from artgen.networks.spec import NetworkSpec, Role

__all__ = ["PADDINGS", "POOLINGS", "FeatureExtractor"]

LARGER = "Take a larger size, a less narrow picture, or layers nearer to the picture."
_Mode = Literal["zeros", "replicate", "reflect", "circular"]
PADDINGS: dict[str, _Mode] = {
    "zero": "zeros",
    "replicate": "replicate",
    "reflect": "reflect",
    "circular": "circular",
}


class FeatureExtractor(nn.Module):
    """A frozen network that returns the named activations it is asked for.

    Args:
        spec: the network.
        padding: what lies beyond the picture's border: zero (as the networks were published),
            replicate, reflect, or circular (the picture wraps round).
        pooling: max (as trained), average (Gatys et al. 2016, section 2) or l2.
        file: a weights file to use instead of the cached or packaged one.
        watcher: called before and during a download.

    Attributes:
        mean, std: (1, 3, 1, 1), subtracted from RGB in [0, 1], and dividing it.
        layers: names of all layers, in order.

    Raises:
        UsageError: for an unknown padding or pooling.
        WeightsError: for weights that cannot be had or do not fit.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        spec: NetworkSpec,
        *,
        padding: str = "replicate",
        pooling: str = "max",
        file: Path | None = None,
        watcher: weights.Watcher | None = None,
    ) -> None:
        super().__init__()
        if padding not in PADDINGS:
            raise UsageError(f"There is no padding {padding!r}.", did_you_mean(padding, PADDINGS))
        if pooling not in POOLINGS:
            raise UsageError(f"There is no pooling {pooling!r}.", did_you_mean(pooling, POOLINGS))
        self.spec = spec
        with torch.device("meta"):  # no time is spent on random initial weights
            chain = spec.build()
        self.origin = weights.load(
            spec.name, spec.source, chain, file, watcher, spec.parts(head=False)
        )
        self.chain = nn.Sequential()
        for name, layer in chain.named_children():
            pooled = Pool(layer, pooling) if isinstance(layer, nn.MaxPool2d) else layer
            self.chain.add_module(name, pooled)
        for module in self.chain.modules():
            if isinstance(module, nn.Conv2d) and module.padding != (0, 0):
                module.padding_mode = PADDINGS[padding]
        self.padding = padding
        self.register_buffer("mean", torch.tensor(spec.mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(spec.std).view(1, 3, 1, 1), persistent=False)
        self.layers = tuple(name for name, _ in self.chain.named_children())
        self.requires_grad_(False).eval()
        self.to(memory_format=torch.channels_last)

    @property
    def dtype(self) -> torch.dtype:
        """What the convolutions compute in: float32, float64, or a reduced precision."""
        return next(self.chain.parameters()).dtype

    def half_precision(self, dtype: torch.dtype) -> FeatureExtractor:
        """Computes the convolutions in `dtype`; picture, mean and deviation stay as they are."""
        self.chain.to(dtype)
        return self

    def resolve(self, name: str) -> str:
        """The layer that a name, in any of the field's spellings, stands for.

        `conv3_1`, `relu3_1`, `pool3` are themselves; `block3` is its last ReLU; `block3_conv1` (as
        in Keras, activation included) is `relu3_1`; `block3_pool` is `pool3`.

        Raises:
            UsageError: if this network has no such layer; the hint lists those it has.
        """
        if name == "image" or name in self.layers:
            return name
        if name in self.spec.aliases:
            return self.spec.aliases[name]
        if match := re.fullmatch(r"block(\d)(?:_(conv(\d)|pool))?", name):
            block, part, index = match.groups()
            relus = [layer for layer in self.layers if layer.startswith(f"relu{block}_")]
            found = relus[-1] if relus and part is None else f"relu{block}_{index}"
            found = f"pool{block}" if part == "pool" else found
            if found in self.layers:
                return found
        raise UsageError(
            f"The network {self.spec.name!r} has no layer {name!r}.",
            did_you_mean(name, [*self.layers, *self.spec.aliases]),
        )

    def provenance(self, tile: int | None = None) -> Provenance:
        """Provenance of a picture made with this network, in tiles of `tile` px or in one piece."""
        return Provenance(self.spec.full_name, self.origin.sha256, tile)

    def role(self, name: str) -> Role:
        """The layers this network recommends for a use.

        Raises:
            UsageError: if it recommends none.
        """
        try:
            return self.spec.roles[name]
        except KeyError:
            hint = did_you_mean(name, self.spec.roles)
            raise UsageError(f"{self.spec.name!r} has no role {name!r}.", hint) from None

    @cached_property
    def _geometries(self) -> tuple[Geometry, ...]:
        """Those of the chain's layers, which are asked for thousands of times a run."""
        return tuple(geometry_of(module) for module in self.chain)

    def _upto(self, layer: str) -> tuple[Geometry, ...]:
        """Those of the layers up to this one, itself included."""
        return self._geometries[: 0 if layer == "image" else self.layers.index(layer) + 1]

    def stride(self, layer: str) -> int:
        """Pixels of the picture from one position of `layer` to the next."""
        stride = 1
        for geometry in self._upto(self.resolve(layer)):
            stride *= geometry.stride
        return stride

    def radius(self, layer: str) -> int:
        """Pixels by which a position's receptive field exceeds its own cell, on either side.

        The cell of position p is the pixels p * stride to (p + 1) * stride - 1. No pixel farther
        from it than this affects the position; hence a tile whose halo is this wide, and begins at
        a multiple of the stride, gives every inner position its exact value.
        """
        first, last, stride = 0, 0, 1  # position 0 sees the pixels first … last
        for geometry in self._upto(self.resolve(layer)):
            first -= geometry.padding * stride
            last += (geometry.kernel - 1 - geometry.padding) * stride
            stride *= geometry.stride
        return max(-first, last - (stride - 1), 0)

    def length(self, layer: str, length: int) -> int:
        """Positions of `layer` along an axis on which the picture has `length` pixels."""
        for geometry in self._upto(self.resolve(layer)):
            length = geometry.after(length)
        return length

    def multiply_adds(self, layers: Collection[str], size: tuple[int, int]) -> int:
        """Multiply-adds of the convolutions for a picture (H, W), up to the deepest layer."""
        found, (height, width) = 0, size
        deepest = max(layers, key=lambda name: self.layers.index(self.resolve(name)))
        for module, geometry in zip(self.chain, self._upto(self.resolve(deepest)), strict=False):
            height, width = (geometry.after(length) for length in (height, width))
            weights = [c.weight.numel() for c in module.modules() if isinstance(c, nn.Conv2d)]
            found += sum(weights) * height * width
        return found

    def smallest(self, layer: str) -> int:
        """The shortest side of a picture, in pixels, for which `layer` has any position."""
        side = 1
        for geometry in reversed(self._upto(self.resolve(layer))):
            # Reflection needs a neighbour to mirror.
            least = geometry.padding + 1 if self.padding == "reflect" else 1
            side = max(geometry.before(side), least)
        return side

    def check_size(
        self,
        size: tuple[float, float],
        layers: Collection[str],
        what: str = "picture",
        hint: str = LARGER,
    ) -> None:
        """Refuses a picture for which some layer would have no position.

        Args:
            size: (H, W) of the picture, in pixels.
            layers: those that will be needed.
            what: name of the picture in the message.
            hint: what to do about it.

        Raises:
            UsageError: with the size that is needed.
        """
        least, layer = max((self.smallest(name), name) for name in layers)
        if min(size) < least:
            raise UsageError(
                f"At {size[1]:.0f} x {size[0]:.0f} px the {what} is too small for {layer} of "
                f"{self.spec.name!r}, which needs at least {least} px on each side.",
                hint,
            )

    def forward(self, picture: Tensor, wanted: Collection[str]) -> dict[str, Tensor]:
        """The activations called `wanted`, and the picture itself as `"image"`.

        Args:
            picture: (B, 3, H, W), RGB in [0, 1]; or (1, 3n, H, W), n pictures that belong together,
                whose activations are concatenated as (1, nC, H, W).
            wanted: names of layers, in any spelling that `resolve` knows.

        Returns:
            Name as in `wanted` -> activation (B, C, h, w).

        Raises:
            UsageError: for an unknown layer, or a picture too small for one.
        """
        layers = {name: self.resolve(name) for name in wanted}
        keep = set(layers.values()) - {"image"}
        deepest = max((self.layers.index(name) for name in keep), default=-1)
        last = self.layers[deepest] if keep else "image"
        self.check_size((picture.shape[-2], picture.shape[-1]), [last])
        seen = {"image": picture}
        several = picture.shape[1] // 3
        rgb = picture if several == 1 else picture.reshape(several, 3, *picture.shape[-2:])
        x = ((rgb - self.mean) / self.std).to(self.dtype)
        x = x.contiguous(memory_format=torch.channels_last)
        waiting: nn.Conv2d | None = None
        chain = list(self.chain.named_children())[: deepest + 1]
        after = [layer for _, layer in chain[1:]]
        for (name, layer), following in zip_longest(chain, after):
            unseen = name not in keep and isinstance(following, nn.ReLU)
            if unseen and isinstance(layer, nn.Conv2d) and not watched(layer, following):
                waiting = layer  # its own activation is not wanted: it is fused with its ReLU
                continue
            if waiting is not None:
                x = conv_relu(x, waiting)
            else:
                x = convolved(x, layer) if isinstance(layer, nn.Conv2d) else layer(x)
            waiting = None
            if name in keep:
                seen[name] = x if several == 1 else _side_by_side(x)
        return {"image": picture} | {name: seen[layer] for name, layer in layers.items()}


def _side_by_side(features: Tensor) -> Tensor:
    """Activations (N, C, H, W) of N pictures as those of one, (1, NC, H, W)."""
    return features.flatten(0, 1)[None].contiguous(memory_format=torch.channels_last)

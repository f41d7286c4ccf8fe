"""Texture synthesis at work: what pulls at the canvas at each scale, its noise, its colours."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artgen.losses.guides import Guide
from artgen.losses.long_range import structure_term
from artgen.losses.regularization import variation_term
from artgen.losses.sliced_wasserstein import sliced_term
from artgen.losses.style import style_moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.resize import resample
from artgen.optim.canvas import Pixels
from artgen.optim.pyramid import Scale, aligned, pyramid
from artgen.techniques.texture import palette
from artgen.techniques.texture.materials import Material, Part
from artgen.techniques.texture.palette import Palette

__all__ = ["Pull", "Synthesis", "scales_of"]

COARSEST = 96  # shorter side of the smallest sample at the coarsest scale, in pixels
STRUCTURE_STRIDES = (4, 8)  # of the layers on which structure is compared


@dataclass(frozen=True)
class Pull:
    """What is compared, and how strongly.

    Attributes:
        loss: one of STYLE_LOSSES.
        layers: layer -> weight.
        strength: of the style loss.
        structure, reach: weight of the long-range term, and how far it looks, in positions.
        smoothness: weight of the total variation.
    """

    loss: str
    layers: Mapping[str, float]
    strength: float
    structure: float
    reach: int
    smoothness: float


@dataclass(frozen=True)
class Synthesis:
    """A texture in the making. The canvas may be seen with circular padding; a sample never wraps.

    Attributes:
        material: what it is made from.
        canvas_eye, sample_eye: what looks at the canvas, and at the samples.
        pull: what is compared.
        scales: from coarse to fine.
        zoom: a sample's pixels at the last scale over its own.
        wraps: whether the canvas goes on at its opposite edge.
    """

    material: Material
    canvas_eye: FeatureExtractor
    sample_eye: FeatureExtractor
    pull: Pull
    scales: Sequence[Scale]
    zoom: tuple[float, float]
    wraps: bool

    def terms(self, scale: Scale, tile: int | None) -> list[Term]:
        """What pulls at one scale, at which the samples are as much smaller as the canvas is."""
        samples = [self.reduced(sample, scale) for sample in self.material.samples]
        found = []
        for number, part in enumerate(self.material.parts):
            guides = [
                None if mask is None else self._seen(self.reduced(mask, scale))
                for mask in part.masks
            ]
            guide = self._guide(part, scale)
            found += self._pulls(samples, guides, guide, scale.size, part.share, number, tile)
        return [*found, variation_term(self.pull.smoothness, wraps=self.wraps)]

    def probe(self, picture: Tensor) -> list[Term]:
        """What would pull, if a picture (1, C, h, w) were the sample and as large as the canvas."""
        size, count = (picture.shape[-2], picture.shape[-1]), len(self.material.parts)
        several = (self._pulls([picture], [None], None, size, 1.0, n, None) for n in range(count))
        return [term for some in several for term in some]

    def _pulls(
        self,
        samples: Sequence[Tensor],
        guides: Sequence[Guide | None],
        guide: Guide | None,
        size: tuple[int, int],
        share: float,
        number: int,
        tile: int | None,
    ) -> list[Term]:
        """The terms of one part; a part pulls as strongly as it is large."""
        pull, eye = self.pull, self.sample_eye
        shares = self.material.shares[: len(samples)]
        moments = style_moments(eye, samples, shares, tuple(pull.layers), tile, guides)
        after = f" {number}" if number else ""
        weight = pull.strength * share
        name = f"texture{after}"
        if pull.loss == "sliced":
            turns = torch.Generator().manual_seed(max(size))  # others at each scale
            near = sliced_term(
                *(eye, samples, shares, pull.layers, weight, turns, name, guide), guides=guides
            )
        else:
            near = style_term(moments, pull.layers, pull.loss, weight, name, guide)
        far = {x: w for x, w in pull.layers.items() if eye.stride(x) in STRUCTURE_STRIDES}
        rows = structure_term(
            eye,
            samples,
            shares,
            moments,
            far if pull.structure else {},
            size,
            reach=pull.reach,
            weight=pull.structure * weight,
            wraps=self.wraps,
            guides=guides,
            guide=guide,
            name=f"structure{after}",
        )
        return [near] if rows is None else [near, rows]

    def _seen(self, mask: Tensor) -> Guide:
        return Guide(self.sample_eye, mask, tuple(self.pull.layers), strict=True)

    def _guide(self, part: Part, scale: Scale) -> Guide | None:
        if part.place is None:
            return None
        place = resample(part.place, scale.size, "bilinear", wraps=self.wraps).clamp(0, 1)
        return Guide(self.canvas_eye, place, tuple(self.pull.layers))

    def canvas(self, generator: torch.Generator) -> Pixels:
        """The canvas before the first step: noise, where nothing is held."""
        material, first = self.material, self.scales[0]
        made = torch.zeros(1, material.channels, *first.size)
        samples = [self.reduced(sample, first).cpu() for sample in material.samples]
        for part in material.parts:
            masks = [None if m is None else self.reduced(m, first).cpu() for m in part.masks]
            colours = Palette.of(samples, material.shares, masks)
            noise = palette.noise(first.size, colours, generator)
            place = torch.ones(1) if part.place is None else resample(part.place, first.size).cpu()
            made = torch.where(place > 0.5, noise, made)
        return self.begun(made)

    def begun(self, picture: Tensor) -> Pixels:
        """A canvas with a picture (1, C, h, w) of one of the scales, where nothing is held."""
        picture, held = picture.to(self.material.samples[0]), self.material.held
        if held is not None:
            picture = held.at((picture.shape[-2], picture.shape[-1])).around(picture)
        return Pixels(picture, wraps=self.wraps, held=held)

    def recoloured(self, picture: Tensor) -> Tensor:
        """The finished canvas (1, C, H, W), each part of it in its samples' colours."""
        material, size = self.material, (picture.shape[-2], picture.shape[-1])
        for part in material.parts:
            place = None if part.place is None else resample(part.place, size)
            if material.held is not None:
                hole = resample(material.held.mask, size)
                place = hole if place is None else place * hole
            colours = Palette.of(material.samples, material.shares, part.masks)
            picture = palette.match(picture, colours, place)
        return picture

    def reduced(self, sample: Tensor, scale: Scale) -> Tensor:
        """A sample at a scale: its pixels are to the canvas's as they are in the result."""
        last = self.scales[-1].size
        height, width = (
            max(round(length * zoom * now / then), 1)
            for length, zoom, now, then in zip(
                sample.shape[-2:], self.zoom, scale.size, last, strict=True
            )
        )
        return resample(sample, (height, width)).clamp(0, 1)


def scales_of(
    size: tuple[int, int],
    sample: tuple[float, float],
    iterations: int,
    extractor: FeatureExtractor,
    layers: Collection[str],
    *,
    wraps: bool,
) -> list[Scale]:
    """From the scale at which the samples are just large enough up to the canvas's own.

    Args:
        size: (H, W) of the canvas.
        sample: (H, W) of the sample with the shortest side, in pixels of the canvas.
        iterations: over all scales.
        extractor: the network that looks.
        layers: those that it is asked for.
        wraps: whether the canvas goes on at the opposite edge, as multiples of the stride do.

    Raises:
        UsageError: where the canvas or a sample is too small for them.
    """
    height, width = size
    stride = max(map(extractor.stride, layers)) if wraps else 1
    made = (-(-height // stride) * stride, -(-width // stride) * stride)
    for what, there, hint in (
        ("texture", made, "a larger --size"),
        ("sample", sample, "a larger sample, a larger --scale"),
    ):
        extractor.check_size(there, layers, what, f"Take {hint}, or a smaller --depth.")
    shortest, least = min(sample), max(map(extractor.smallest, layers))
    smallest = min(COARSEST / shortest, 1) * max(made)
    floor = least * max(made) / min(made)
    return aligned(pyramid(made, iterations, math.ceil(max(smallest, floor))), stride)

"""The optimisation of a texture: terms of each scale, initial noise, final colours."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from artgen.losses.guides import Guide
from artgen.losses.long_range import structure_term
from artgen.losses.patch_table import PatchTable, Source
from artgen.losses.patches import Layout, Matches, matches_of, patch_term
from artgen.losses.regularization import variation_term
from artgen.losses.sliced_wasserstein import sliced_term
from artgen.losses.style import style_moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.resize import resample
from artgen.optim.canvas import Pixels
from artgen.optim.pyramid import Scale, aligned, pyramid, usable
from artgen.techniques.texture import palette
from artgen.techniques.texture.inputs import CanvasPart, TextureInputs
from artgen.techniques.texture.palette import Palette

__all__ = ["Synthesis", "TextureLoss", "scales_of"]

COARSEST = 96  # shorter side of the smallest sample at the coarsest scale, in pixels
STRUCTURE_STRIDES = (4, 8)  # of the layers that the long-range loss compares
PROBED = 9  # number of a scale, by which a probe has as few rounds of searches as the finest
PATCH_STRIDES = (2, 4, 8)  # of the layers whose patches are compared


@dataclass(frozen=True)
class TextureLoss:
    """The loss of a texture.

    Attributes:
        loss: one of STYLE_LOSSES.
        layers: layer -> weight.
        strength: weight of the style loss.
        structure, reach: weight of the long-range loss, and its reach in positions of a layer.
        smoothness: weight of the total variation.
        patches: weight of the patches; 0 for statistics alone.
        last: of that weight, what is left at the last of several scales.
    """

    loss: str
    layers: Mapping[str, float]
    strength: float
    structure: float
    reach: int
    smoothness: float
    patches: float
    last: float


@dataclass(frozen=True)
class Synthesis:
    """The optimisation of one texture. The canvas may be periodic; a sample never is.

    Attributes:
        material: what it is made from.
        canvas_extractor, sample_extractor: the extractors for the canvas and for the samples.
        pull: the loss.
        scales: from coarse to fine.
        zoom: scale factors (height, width) of a sample at the last scale.
        wraps: whether the canvas is periodic.
        seed: of what is drawn where a scale begins.
        layouts: by the number of a scale, where its patches are from, as far as known.
    """

    material: TextureInputs
    canvas_extractor: FeatureExtractor
    sample_extractor: FeatureExtractor
    pull: TextureLoss
    scales: Sequence[Scale]
    zoom: tuple[float, float]
    wraps: bool
    seed: int
    layouts: dict[int, Layout] = field(default_factory=dict)

    def terms(self, scale: Scale, tile: int | None, opening: Tensor) -> list[Term]:
        """The terms of one scale, with the samples scaled as the canvas is.

        Args:
            scale: of the canvas.
            tile: side of the tiles in pixels; None for one piece.
            opening: the picture (1, C, H, W) that the scale begins with; no term depends on it.
        """
        found = []
        for number, part in enumerate(self.material.parts):
            samples, shares, masks = self._samples(part, scale)
            guides = [None if mask is None else self._seen(mask) for mask in masks]
            guide = self._guide(part, scale)
            weights = part.share, shares
            found += self._pulls(samples, guides, guide, scale.size, weights, number, tile)
        if self.pull.patches:
            rank = list(self.scales).index(scale)
            left = self.pull.last if 0 < rank == len(self.scales) - 1 else 1.0
            found.append(self._patched(self._matches(rank), left))
        return [*found, variation_term(self.pull.smoothness, wraps=self.wraps)]

    def probe(self, picture: Tensor) -> list[Term]:
        """The terms for a picture (1, C, h, w) that is both sample and canvas."""
        size, count = (picture.shape[-2], picture.shape[-1]), len(self.material.parts)
        found = []
        for number in range(count):
            found += self._pulls([picture], [None], None, size, (1.0, (1.0,)), number, None)
        if self.pull.patches:
            found.append(
                self._patched(self._found([Source(picture, 1.0)], size, PROBED, None), 1.0)
            )
        return found

    def _matches(self, rank: int) -> Matches:
        """The patches that correspond to the canvas's at a scale, found from coarse to fine."""
        scale, coarser = self.scales[rank], None
        if rank:
            coarser = self.layouts.get(rank - 1) or self._matches(rank - 1).layout
        place = self.material.place
        if place is not None:
            place = resample(place, scale.size, "bilinear", wraps=self.wraps)
        sources = [
            replace(
                one,
                picture=self.reduced(one.picture, scale),
                mask=None if one.mask is None else self.reduced(one.mask, scale),
                guide=None if one.guide is None else self.reduced(one.guide, scale),
            )
            for one in self.material.sources
        ]
        found = self._found(sources, scale.size, rank, coarser, place)
        self.layouts[rank] = found.layout
        return found

    def _found(
        self,
        sources: Sequence[Source],
        size: tuple[int, int],
        rank: int,
        coarser: Layout | None,
        place: Tensor | None = None,
    ) -> Matches:
        """The patches that correspond to the canvas's; each scale draws from a seed of its own."""
        generator = torch.Generator().manual_seed(self.seed + rank)
        eye, layers = self.sample_extractor, patch_layers(self.sample_extractor, self.pull.layers)
        table = PatchTable.of(eye, sources, layers, generator)
        return matches_of(table, self.canvas_extractor, size, coarser, rank, generator, place)

    def _patched(self, matches: Matches, left: float) -> Term:
        return patch_term(matches, self.pull.strength * self.pull.patches * left)

    def _pulls(
        self,
        samples: Sequence[Tensor],
        guides: Sequence[Guide | None],
        guide: Guide | None,
        size: tuple[int, int],
        weights: tuple[float, Sequence[float]],
        number: int,
        tile: int | None,
    ) -> list[Term]:
        """The terms of one part; `weights` are its own, by its area, and those of its samples."""
        pull, eye, (share, shares) = self.pull, self.sample_extractor, weights
        moments = style_moments(eye, samples, shares, tuple(pull.layers), tile, guides)
        after = f" {number}" if number else ""
        weight = pull.strength * share
        name = f"texture{after}"
        if pull.loss == "sliced":
            turns = torch.Generator().manual_seed(max(size))  # different at each scale
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
        return Guide(self.sample_extractor, mask, tuple(self.pull.layers), strict=True)

    def _samples(
        self, part: CanvasPart, scale: Scale | None = None
    ) -> tuple[list[Tensor], list[float], list[Tensor | None]]:
        """The samples that a part is made from, their weights and masks, reduced to a scale."""
        material, chosen = self.material, part.chosen
        samples = [material.samples[number] for number in chosen]
        masks = [part.masks[number] for number in chosen]
        if scale is not None:
            samples = [self.reduced(sample, scale) for sample in samples]
            masks = [None if mask is None else self.reduced(mask, scale) for mask in masks]
        return samples, [material.shares[number] for number in chosen], masks

    def _guide(self, part: CanvasPart, scale: Scale) -> Guide | None:
        if part.place is None:
            return None
        place = resample(part.place, scale.size, "bilinear", wraps=self.wraps).clamp(0, 1)
        return Guide(self.canvas_extractor, place, tuple(self.pull.layers))

    def canvas(self, generator: torch.Generator) -> Pixels:
        """The initial canvas: noise, where it is not fixed."""
        material, first = self.material, self.scales[0]
        made = torch.zeros(1, material.channels, *first.size)
        for part in material.parts:
            samples, shares, masks = self._samples(part, first)
            shown = [None if mask is None else mask.cpu() for mask in masks]
            colours = Palette.of([sample.cpu() for sample in samples], shares, shown)
            noise = palette.noise(first.size, colours, generator)
            place = torch.ones(1) if part.place is None else resample(part.place, first.size).cpu()
            made = torch.where(place > 0.5, noise, made)
        return self.begun(made)

    def begun(self, picture: Tensor) -> Pixels:
        """A canvas with a picture (1, C, h, w) of one of the scales, where it is not fixed."""
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
            colours = Palette.of(*self._samples(part))
            picture = palette.match(picture, colours, place)
        return picture

    def finish_seconds(self) -> float:
        """How long the finished canvas takes to get its samples' colours, in seconds."""
        material, size = self.material, self.scales[-1].size
        colours = Palette.of(material.samples, material.shares)
        return len(material.parts) * palette.seconds(size[0] * size[1], colours)

    def reduced(self, sample: Tensor, scale: Scale) -> Tensor:
        """A sample (1, C, h, w) at a scale, reduced as much as the canvas is."""
        last = self.scales[-1].size
        height, width = (
            max(round(length * zoom * now / then), 1)
            for length, zoom, now, then in zip(
                sample.shape[-2:], self.zoom, scale.size, last, strict=True
            )
        )
        return resample(sample, (height, width)).clamp(0, 1)


def patch_layers(extractor: FeatureExtractor, layers: Mapping[str, float]) -> dict[str, float]:
    """Of some layers with weights, those whose patches are compared; all if that is none.

    The picture itself is among them: so a thing has its own colours, and not the mean thing's.
    """
    near = (name == "image" or extractor.stride(name) in PATCH_STRIDES for name in layers)
    found = {x: weight for (x, weight), one in zip(layers.items(), near, strict=True) if one}
    return found if len(found) > 1 else dict(layers)


def scales_of(
    size: tuple[int, int],
    sample: tuple[float, float],
    iterations: int,
    extractor: FeatureExtractor,
    layers: Collection[str],
    *,
    wraps: bool,
    coarsest: int = COARSEST,
) -> list[Scale]:
    """The scales, from that at which the samples are just large enough, to the canvas's own.

    Args:
        size: (H, W) of the canvas.
        sample: (H, W) of the sample with the shortest side, in pixels of the canvas.
        iterations: over all scales.
        extractor: the feature extractor.
        layers: the layers that are used.
        wraps: whether the canvas is periodic; its sides are then multiples of the stride.
        coarsest: shorter side of the smallest sample at the coarsest scale, in pixels.

    Raises:
        UsageError: if the canvas or a sample is too small for the layers.
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
    smallest = min(coarsest / shortest, 1) * max(made)
    floor = least * max(made) / min(made)
    scales = aligned(pyramid(made, iterations, math.ceil(max(smallest, floor))), stride)
    return usable(scales, least)

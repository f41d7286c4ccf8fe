"""The inputs of a texture: samples, their maps and masks, labels, and the fixed part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from artgen.core.parsing import equal_unless_given
from artgen.errors import UsageError
from artgen.losses.patch_table import Source
from artgen.ops.color import luma
from artgen.ops.numerics import TINY
from artgen.ops.reductions import full_mean
from artgen.optim.canvas import MaskedPicture
from artgen.techniques.common.masks import FAINT, covering, mask_over
from artgen.techniques.texture.labels import labels
from artgen.techniques.texture.maps import spread

__all__ = ["CanvasPart", "TextureInputs"]

LEVELS = 8  # of progress, in histograms
RARE = 0.05  # of the commonest level: what is rarer in a sample counts no more for that
RIM = 4  # pixels around a hole that are optimised too: their features see across its edge


@dataclass(frozen=True)
class CanvasPart:
    """A part of the canvas, and the parts of the samples that it is made from.

    Attributes:
        place: (1, 1, H, W), where on the canvas; None for all of it.
        masks: (1, 1, h, w), where on each sample; None for all of it.
        share: its share of the canvas's area.
    """

    place: Tensor | None
    masks: Sequence[Tensor | None]
    share: float = 1.0

    @property
    def chosen(self) -> list[int]:
        """Numbers of the samples that it is made from: those whose mask is not black all over."""
        several = enumerate(self.masks)
        return [number for number, mask in several if mask is None or bool(mask.any())]


@dataclass(frozen=True)
class TextureInputs:
    """Everything that a texture is made from.

    Attributes:
        samples: (1, C, h, w) each: three channels of colour, and then those of the maps.
        shares: weight of each sample.
        parts: of the canvas.
        held: the part of the canvas that may not change; None if all may.
        layered: whether the last three channels are the samples' alpha.
        place: (1, G, H, W), the maps that the canvas follows: its labels, and its progress.
        sources: the samples, with the same maps of them.
    """

    samples: Sequence[Tensor]
    shares: Sequence[float]
    parts: Sequence[CanvasPart]
    held: MaskedPicture | None = None
    layered: bool = False
    place: Tensor | None = None
    sources: Sequence[Source] = ()

    @classmethod
    def of(
        cls,
        inputs: Mapping[str, Sequence[Tensor]],
        weights: tuple[float, ...],
        size: tuple[int, int],
        margin: tuple[int, int],
        *,
        wraps: bool,
    ) -> TextureInputs:
        """The inputs of a texture, checked and brought to one size.

        Args:
            inputs: `sample`, `sample_mask`, `with`, `guide`, `sample_guide`, `progress`,
                `sample_progress`, `inpaint`, `mask` and `extend`, as far as given, pictures
                (1, 3, h, w); samples and maps may have alpha.
            weights: of the samples.
            margin: rows and columns that the canvas has beyond each edge of the result.
            wraps: whether the result is periodic.

        Raises:
            UsageError: for pictures that do not belong together.
        """
        held = _held(inputs, size, margin, wraps=wraps)
        samples, masks = _samples(inputs)
        covers = None if held else _alphas(samples)
        samples = [one[:, :3] for one in samples]
        shares = equal_unless_given(weights, len(samples), "sample")
        hole = None if held is None else held.mask
        place = None if hole is None else _widened(hole)
        parts = [CanvasPart(place, masks, 1.0 if place is None else float(full_mean(place)))]
        if inputs.get("guide"):
            parts = _parts(inputs, samples, masks, hole, size, margin)
        place, guides = _followed(parts if inputs.get("guide") else [], len(samples))
        if inputs.get("progress"):
            progress, theirs = _progress(inputs, samples, size, margin)
            place, guides = _joined(place, progress), list(map(_joined, guides, theirs))
            parts = [replace(part, masks=_evened(part, progress, theirs)) for part in parts]
        mapped = _mapped(samples, inputs.get("with", ()))
        if covers is not None:
            alone = zip(mapped, covers, strict=True)
            mapped = [torch.cat([one, cover.repeat(1, 3, 1, 1)], 1) for one, cover in alone]
        several = zip(mapped, shares, masks, guides, strict=True)
        sources = [Source(*one) for one in several]
        return cls(mapped, shares, parts, held, covers is not None, place, sources)

    @property
    def channels(self) -> int:
        """Channels of the canvas: three, three more for each map, and for each alpha channel."""
        return self.samples[0].shape[1]


def _samples(inputs: Mapping[str, Sequence[Tensor]]) -> tuple[list[Tensor], list[Tensor | None]]:
    """The samples and their masks; without one, the known part of the picture with the hole."""
    samples, given = list(inputs.get("sample", ())), inputs.get("sample_mask", ())
    own = not samples
    if own:
        samples = [*inputs.get("inpaint", ()), *inputs.get("extend", ())]
    if not samples:
        raise UsageError("There is no sample.", "Name a picture of the texture.")
    masks: list[Tensor | None] = [None] * len(samples)
    if given:
        if len(given) != len(samples):
            raise UsageError(
                f"There are {len(samples)} samples and {len(given)} masks of them.",
                "Give --sample-mask once for each sample.",
            )
        masks = [
            mask_over(mask, _size(sample), "--sample-mask")
            for mask, sample in zip(given, samples, strict=True)
        ]
    elif own and inputs.get("mask"):
        hole = mask_over(inputs["mask"][0], _size(samples[0]), "--mask")
        kept = 1 - (hole > 0).float()
        if not bool(kept.any()):
            raise UsageError("--mask is white all over.", "What is black in it is kept.")
        masks = [kept]
    return samples, masks


def _held(
    inputs: Mapping[str, Sequence[Tensor]],
    size: tuple[int, int],
    margin: tuple[int, int],
    *,
    wraps: bool,
) -> MaskedPicture | None:
    """The fixed part: a picture without its hole, or the middle of a larger canvas."""
    if inputs.get("inpaint"):
        photo = covering(inputs["inpaint"][0], size, "--inpaint", "the result")
        hole = mask_over(inputs["mask"][0], size, "--mask")
        return MaskedPicture(photo, hole, wraps)
    if not inputs.get("extend"):
        return None
    photo = inputs["extend"][0]
    height, width = _size(photo)
    if height > size[0] or width > size[1]:
        raise UsageError(
            f"At {size[1]} x {size[0]} px the result is smaller than the picture to be extended, "
            f"which is {width} x {height} px.",
            "Take a larger --size.",
        )
    top, left = (size[0] - height) // 2 + margin[0], (size[1] - width) // 2 + margin[1]
    down, right = (size[0] + 2 * margin[0] - height - top, size[1] + 2 * margin[1] - width - left)
    around = (left, right, top, down)
    mask = F.pad(photo.new_zeros(1, 1, height, width), around, value=1.0)
    return MaskedPicture(F.pad(photo, around, mode="replicate"), mask, wraps)


def _widened(hole: Tensor) -> Tensor:
    """A hole with its rim, from where features see across the edge."""
    return F.max_pool2d(hole, 2 * RIM + 1, 1, RIM)


def _parts(
    inputs: Mapping[str, Sequence[Tensor]],
    samples: Sequence[Tensor],
    masks: Sequence[Tensor | None],
    hole: Tensor | None,
    size: tuple[int, int],
    margin: tuple[int, int],
) -> list[CanvasPart]:
    """One part for each label of the guide."""
    given = inputs.get("sample_guide", ())
    if len(given) != len(samples):
        raise UsageError(
            f"There are {len(samples)} samples and {len(given)} guides of them.",
            "Give --sample-guide once for each sample.",
        )
    guide = covering(inputs["guide"][0], size, "--guide", "the result")
    rows, columns = margin
    guide = F.pad(guide, (columns, columns, rows, rows), mode="replicate")
    seen = [
        covering(one, _size(sample), "--sample-guide", "the sample")
        for one, sample in zip(given, samples, strict=True)
    ]
    found = []
    for place, there in labels(guide, seen):
        both = [one if mask is None else one * mask for one, mask in zip(there, masks, strict=True)]
        if not any(bool(one.any()) for one in both):
            raise UsageError(
                "A colour of --guide lies on the sample only where that does not count.",
                "Take another --sample-guide, or another mask.",
            )
        place = place if hole is None else place * _widened(hole)
        if bool(place.any()):
            found.append(CanvasPart(place, both, float(full_mean(place))))
    return found


def _followed(parts: Sequence[CanvasPart], count: int) -> tuple[Tensor | None, list[Tensor | None]]:
    """Labels as maps, which differ by 1 (squared, summed) from label to label.

    Returns:
        (1, G, H, W) of the canvas and (1, G, h, w) of each sample; None without labels.
    """
    places = [part.place for part in parts if part.place is not None]
    if not places:
        return None, [None] * count
    there = zip(*(part.masks for part in parts), strict=True)
    masks = [[one for one in several if one is not None] for several in there]
    return torch.cat(places, 1) / 2**0.5, [torch.cat(one, 1) / 2**0.5 for one in masks]


def _joined(one: Tensor | None, other: Tensor) -> Tensor:
    """All channels of maps (1, G, H, W), of which there may be none yet, and of others."""
    return other if one is None else torch.cat([one, other], 1)


def _progress(
    inputs: Mapping[str, Sequence[Tensor]],
    samples: Sequence[Tensor],
    size: tuple[int, int],
    margin: tuple[int, int],
) -> tuple[Tensor, list[Tensor]]:
    """The map of progress of the canvas (1, 1, H, W), and that of each sample (1, 1, h, w)."""
    given = inputs.get("sample_progress", ())
    if len(given) != len(samples):
        raise UsageError(
            f"There are {len(samples)} samples and {len(given)} maps of their progress.",
            "Give --sample-progress once for each sample.",
        )
    theirs = [
        luma(covering(one, _size(sample), "--sample-progress", "the sample"))
        for one, sample in zip(given, samples, strict=True)
    ]
    if max(float(one.max()) for one in theirs) - min(float(one.min()) for one in theirs) < FAINT:
        raise UsageError(
            "--sample-progress is of one brightness: nothing in it progresses.",
            "Give a map of the sample that goes from dark to bright as the texture changes.",
        )
    rows, columns = margin
    progress = luma(covering(inputs["progress"][0], size, "--progress", "the result"))
    return F.pad(progress, (columns, columns, rows, rows), mode="replicate"), theirs


def _evened(part: CanvasPart, progress: Tensor, theirs: Sequence[Tensor]) -> list[Tensor]:
    """Masks (1, 1, h, w) of the samples by which they progress as often as the part's canvas does.

    So the statistics of the samples are those that the canvas should have.
    """
    masks = [
        torch.ones_like(one) if mask is None else mask
        for one, mask in zip(theirs, part.masks, strict=True)
    ]
    place = torch.ones_like(progress) if part.place is None else part.place
    wanted = _histogram([progress], [place])
    ratio = wanted / _histogram(theirs, masks).clamp(min=wanted.max() * RARE)
    ratio = ratio / ratio.max().clamp(min=TINY)
    return [mask * ratio[_level(one)] for one, mask in zip(theirs, masks, strict=True)]


def _histogram(maps: Sequence[Tensor], weights: Sequence[Tensor]) -> Tensor:
    """Shares (LEVELS,) of the levels in maps (1, 1, h, w), with weights (1, 1, h, w)."""
    found = sum(
        torch.bincount(_level(one).flatten(), weight.flatten().double(), LEVELS)
        for one, weight in zip(maps, weights, strict=True)
    )
    assert isinstance(found, Tensor)
    return (found / found.sum().clamp(min=TINY)).float()


def _level(progress: Tensor) -> Tensor:
    """The level of each pixel of a map (1, 1, h, w), from 0 to LEVELS - 1."""
    return (progress * LEVELS).long().clamp(0, LEVELS - 1)


def _alphas(samples: Sequence[Tensor]) -> list[Tensor] | None:
    """The alpha (1, 1, h, w) of each sample; None if all are opaque."""
    if all(one.shape[1] == 3 for one in samples):
        return None
    return [one[:, 3:] if one.shape[1] == 4 else torch.ones_like(one[:, :1]) for one in samples]


def _mapped(samples: Sequence[Tensor], maps: Sequence[Tensor]) -> list[Tensor]:
    """The samples, the first with the channels of its maps."""
    if not maps:
        return list(samples)
    if len(samples) > 1:
        raise UsageError(
            "--with names a map of the sample, and there are several samples.", "Give one sample."
        )
    (sample,) = samples
    covers = [spread(covering(one, _size(sample), "--with", "the sample")) for one in maps]
    return [torch.cat([sample, *covers], 1)]


def _size(picture: Tensor) -> tuple[int, int]:
    return picture.shape[-2], picture.shape[-1]

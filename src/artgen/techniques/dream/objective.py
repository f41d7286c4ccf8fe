"""The objective of a dream at each octave, and the variants on a sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from artgen.core.events import Note
from artgen.losses.activation import activation_term, guided_term
from artgen.losses.classification import class_term
from artgen.losses.style import style_moments, style_term
from artgen.losses.term import Term
from artgen.networks import weights
from artgen.networks.channels import Channels, energies
from artgen.networks.classifier import Classifier
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import all_networks
from artgen.ops.resize import fit, resample
from artgen.techniques.common.painting import Painting

__all__ = ["DreamObjective", "Variant", "answers", "silent", "variants"]

GUIDE = 256  # long side of a guide in pixels: about that of the coarse octaves
EVIDENCE = 0.03  # a class's weight beside a style: the score of a recognised class is in the tens
FACTORS = (0.25, 0.5, 1.0, 2.0, 4.0)
ITERATIONS = (2, 5, 10, 20, 40)
SEEDS = 6


@dataclass(frozen=True)
class DreamObjective:
    """What a dream maximises.

    Attributes:
        extractor: the feature extractor.
        layers: layer -> weight.
        objective, match: as in `activation` and `guided`.
        guide: (1, 3, h, w), a picture whose features are amplified; None for any features.
        channels: layer -> which of its channels to amplify; None for all.
        painting: a style picture whose statistics the dream should have; None for none.
        painter_eye: the extractor for the style picture: not periodic where the dream is.
        style_weight: of the style loss; the dream has the weight 1.
        goal: a classifier and the class to amplify instead of the layers.
    """

    extractor: FeatureExtractor
    layers: Mapping[str, float]
    objective: str
    match: str
    guide: Tensor | None = None
    channels: Channels | None = None
    painting: Painting | None = None
    painter_eye: FeatureExtractor | None = None
    style_weight: float = 0.0
    goal: tuple[Classifier, int] | None = None

    def terms(self, here: Tensor, tile: int | None) -> list[Term]:
        """The terms of an octave that begins with the picture (1, 3, H, W)."""
        found = [self._dream(here, tile)]
        if self.painting is not None and self.painter_eye is not None:
            found.append(self._style(self.painting, self.painter_eye, max(here.shape[-2:]), tile))
        return found

    def _dream(self, here: Tensor, tile: int | None) -> Term:
        if self.goal is not None:
            return class_term(*self.goal, EVIDENCE)
        loud = energies(self.extractor, here, tuple(self.layers), tile)
        if self.guide is None:
            return activation_term(self.layers, loud, self.objective, self.channels)
        seen = self._seen(self.guide)
        return guided_term(self.extractor, seen, self.layers, loud, self.match, self.channels)

    @property
    def names(self) -> tuple[str, ...]:
        """All layers whose features the terms use."""
        style = self.extractor.role("style").layers if self.painting is not None else {}
        return tuple(sorted({*self.layers, *style}))

    @property
    def field(self) -> int:
        """Side of a neuron's receptive field, in pixels; 0 if the whole picture is used."""
        if self.objective != "neuron" or self.guide is not None or self.goal is not None:
            return 0
        eye = self.extractor
        return max(2 * eye.radius(layer) + eye.stride(layer) for layer in self.layers)

    def _style(
        self, painting: Painting, eye: FeatureExtractor, side: int, tile: int | None
    ) -> Term:
        """The style loss, with the style picture at the size for a dream of `side` px."""
        role = eye.role("style")
        seen = painting.at(side, max(map(eye.smallest, role.layers)))
        moments = style_moments(eye, [seen], [1.0], tuple(role.layers), tile)
        return style_term(moments, role.layers, "moments", self.style_weight * role.scale)

    def _seen(self, guide: Tensor) -> Tensor:
        """The guide (1, 3, h, w), at the size at which its features are computed."""
        least = max(map(self.extractor.smallest, self.layers))
        height, width = fit((guide.shape[-2], guide.shape[-1]), GUIDE)
        return resample(guide, (max(height, least), max(width, least))).clamp(0, 1)


def silent(channels: Channels, loud: Mapping[str, Tensor]) -> Iterator[Note]:
    """Notes on channels without any gradient: inactive behind a ReLU.

    Args:
        channels: layer -> which of its channels are amplified.
        loud: layer -> strength of each channel, (C,).
    """
    for layer, chosen in channels.items():
        if not loud[layer][list(chosen)].sum():
            numbers = ", ".join(map(str, chosen))
            yield Note(
                f"Nothing in the photo stirs channel {numbers} of {layer}: it may not dream. "
                "The layer before the ReLU (conv…) does even so."
            )


@dataclass(frozen=True)
class Variant:
    """One picture of a sheet: its name, its label, and the settings that differ."""

    name: str
    label: str
    changes: Mapping[str, Any]
    seed: int | None = None


def answers(extractor: FeatureExtractor, size: tuple[int, int]) -> list[str]:
    """The layers worth a dream of a size (H, W) each: ReLUs, and layers made of several.

    Pooling layers show the same as the layer before them, and so does a convolution as its ReLU.
    """
    return [
        name
        for name, module in extractor.chain.named_children()
        if (isinstance(module, nn.ReLU) or hasattr(module, "widest"))
        and extractor.smallest(name) <= min(size)
    ]


def variants(vary: str, layers: Sequence[str], step: float, seed: int) -> list[Variant]:
    """The pictures of a sheet.

    Args:
        vary: one of `settings.VARIED`; `none` for a picture of every layer.
        layers: those layers.
        step: the step length that is varied, by FACTORS.
        seed: the first seed.
    """
    if vary == "step":
        lengths = [min(step * times, 1.0) for times in FACTORS]
        return [
            Variant(f"step-{n}", f"step {length:.4g}", {"step": length})
            for n, length in enumerate(lengths)
        ]
    if vary == "iterations":
        return [
            Variant(f"iterations-{count}", f"{count} steps an octave", {"iterations": count})
            for count in ITERATIONS
        ]
    if vary == "seed":
        return [Variant(f"seed-{n}", f"seed {n}", {}, n) for n in range(seed, seed + SEEDS)]
    if vary == "net":
        networks = all_networks()
        states = [weights.status(name, networks.get(name).source) for name in networks]
        return [
            # A layer's name belongs to one network.
            Variant(one.name, one.name, {"net": one.name, "layer": "", "weights": ""})
            for one in states
            if one.present and one.kind != "random"
        ]
    return [Variant(name, name, {"layer": name}) for name in layers]

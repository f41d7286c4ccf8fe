"""Attribution: which pixels matter for a score, by Captum's methods, as maps of one kind.

A score is a module: pictures (B, 3, H, W) in, scores (B, K) out; a target is one of the scores.
A map is (1, 1, H, W), at least zero, and large where a pixel matters.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.core.events import Provenance
from artgen.core.optional import require
from artgen.errors import UsageError
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.numerics import wide

__all__ = [
    "GREY",
    "METHODS",
    "AttributionTarget",
    "Neuron",
    "Probabilities",
    "attribute",
    "guided",
    "square_of",
]

SAMPLES = 24  # noisy copies of SmoothGrad
NOISE = 0.1  # their standard deviation: the paper recommends 10 to 20 % of the range
STEPS = 32  # points on the path of integrated gradients
AT_ONCE = 4  # pictures in one batch
GREY = 0.5  # of the square that occludes


@dataclass(frozen=True)
class AttributionTarget:
    """Which score of a network is to be attributed to pixels.

    Attributes:
        label: of the score, for a title.
        score: the module, pictures (B, 3, H, W) -> scores (B, K).
        index: which of the K scores is meant.
        below: the layer whose activations Grad-CAM weights; None where there is none.
        provenance: which network and weights are asked.
    """

    label: str
    score: nn.Module
    index: int
    below: nn.Module | None
    provenance: Provenance = field(default_factory=Provenance)


class Neuron(nn.Module):
    """Activation (B, 1) of that neuron of a layer's channel which is most active for a picture.

    Its position is fixed, whatever pictures (B, 3, H, W) are evaluated later.
    """

    def __init__(
        self, extractor: FeatureExtractor, layer: str, channel: int, picture: Tensor
    ) -> None:
        super().__init__()
        self.extractor, self.layer, self.channel = extractor, layer, channel
        with torch.no_grad():
            self.place = int(self._maps(picture)[0].argmax())

    def _maps(self, picture: Tensor) -> Tensor:
        return wide(self.extractor(picture, [self.layer])[self.layer][:, self.channel]).flatten(1)

    def forward(self, picture: Tensor) -> Tensor:
        return self._maps(picture)[:, self.place : self.place + 1]


class Probabilities(nn.Module):
    """Probabilities (B, K) instead of logits (B, K), of pictures (B, 3, H, W)."""

    def __init__(self, score: nn.Module) -> None:
        super().__init__()
        self.score = score

    def forward(self, picture: Tensor) -> Tensor:
        return torch.softmax(self.score(picture), 1)


def attribute(
    method: str, target: AttributionTarget, picture: Tensor, seed: int = 0, square: int = 0
) -> Tensor:
    """How much each pixel of a picture (1, 3, H, W) matters: (1, 1, H, W), at least zero.

    Args:
        method: one of METHODS.
        question: the score for which they matter.
        picture: as the network sees it, in [0, 1].
        seed: of SmoothGrad's noise.
        square: side of the square that occludes, in pixels; a fifth of the short side if 0.

    Raises:
        UsageError: where Captum is missing, or for Grad-CAM of a layer with nothing below it.
    """
    require("captum", "see", f"The method {method!r}")
    leaf = picture.detach().clone().requires_grad_()
    with _alone(leaf.device, seed), torch.enable_grad():
        if method == "occlusion":
            found = _occlusion(target, leaf, square)
        else:
            found = METHODS[method](target, leaf)
    return found.detach().float().clamp(min=0)


def guided(target: AttributionTarget, picture: Tensor) -> Tensor:
    """The gradient (1, 3, H, W) of guided backpropagation itself, for a picture (1, 3, H, W).

    Springenberg et al., Striving for Simplicity, ICLR 2015.
    """
    require("captum", "see", "Guided backpropagation")
    with _alone(picture.device, 0), torch.enable_grad():
        return _guided(target, picture.detach().clone().requires_grad_()).detach()


def _gradient(target: AttributionTarget, leaf: Tensor) -> Tensor:
    """Simonyan, Vedaldi & Zisserman 2014: the largest gradient over the colour channels."""
    from captum.attr import Saliency

    found: Tensor = Saliency(target.score).attribute(leaf, target=target.index)
    return found.amax(1, keepdim=True)


def _guided(target: AttributionTarget, leaf: Tensor) -> Tensor:
    from captum.attr import GuidedBackprop

    found: Tensor = GuidedBackprop(target.score).attribute(leaf, target=target.index)
    return found


def _guided_map(target: AttributionTarget, leaf: Tensor) -> Tensor:
    return _guided(target, leaf).abs().amax(1, keepdim=True)


def _smoothgrad(target: AttributionTarget, leaf: Tensor) -> Tensor:
    """Smilkov et al. 2017: the mean gradient over noisy copies."""
    from captum.attr import NoiseTunnel, Saliency

    found: Tensor = NoiseTunnel(Saliency(target.score)).attribute(
        leaf,
        nt_samples=SAMPLES,
        nt_samples_batch_size=AT_ONCE,
        stdevs=NOISE,
        target=target.index,
    )
    return found.amax(1, keepdim=True)


def _integrated(target: AttributionTarget, leaf: Tensor) -> Tensor:
    """Sundararajan, Taly & Yan 2017: gradients integrated on the path from black to the picture."""
    from captum.attr import IntegratedGradients

    found: Tensor = IntegratedGradients(target.score).attribute(
        leaf, target=target.index, n_steps=STEPS, internal_batch_size=AT_ONCE
    )
    return found.sum(1, keepdim=True).abs()


def _gradcam(target: AttributionTarget, leaf: Tensor) -> Tensor:
    """Selvaraju et al. 2017: a layer's activations, each channel weighted by its mean gradient."""
    from captum.attr import LayerGradCam

    if target.below is None:
        raise UsageError(
            f"Grad-CAM has nothing to weigh: there is no layer below {target.label}.",
            "Take a layer farther from the picture, or --method gradient.",
        )
    found: Tensor = LayerGradCam(target.score, target.below).attribute(
        leaf, target=target.index, relu_attributions=True
    )
    size = (leaf.shape[-2], leaf.shape[-1])
    return F.interpolate(found.float(), size, mode="bicubic", align_corners=False)


def _occlusion(target: AttributionTarget, leaf: Tensor, square: int) -> Tensor:
    """Zeiler & Fergus 2014: how much a grey square lowers the score where it lies."""
    from captum.attr import Occlusion

    side = square_of(leaf, square)
    stride = max(side // 3, 1)
    with torch.no_grad():
        found: Tensor = Occlusion(target.score).attribute(
            leaf,
            sliding_window_shapes=(3, side, side),
            strides=(3, stride, stride),
            baselines=GREY,
            target=target.index,
            perturbations_per_eval=AT_ONCE,
        )
    return found[:, :1]


def square_of(picture: Tensor, side: int) -> int:
    """Side in pixels of the square that occludes a picture (1, 3, H, W).

    Args:
        picture: its short side is the limit.
        side: as asked for; a fifth of the short side if 0.
    """
    short = min(picture.shape[-2:])
    return min(side or max(short // 5, 1), short)


METHODS: Mapping[str, Callable[[AttributionTarget, Tensor], Tensor]] = {
    "gradient": _gradient,
    "guided": _guided_map,
    "smoothgrad": _smoothgrad,
    "integrated": _integrated,
    "gradcam": _gradcam,
    "occlusion": lambda target, leaf: _occlusion(target, leaf, 0),
}


@contextmanager
def _alone(device: torch.device, seed: int) -> Iterator[None]:
    """Random numbers from a seed, without effect on others, and without Captum's warnings."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(seed)
        yield

"""The loop as tests drive it: a few terms on a small network, one scale, passes counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import Tensor

from artgen.core.events import Step
from artgen.losses.content import content_term
from artgen.losses.regularization import variation_term
from artgen.losses.style import style_moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.optim.canvas import Pixels
from artgen.optim.loop import optimise
from artgen.optim.pyramid import Scale
from artgen.optim.stepper import Stepper

__all__ = ["Make", "count_passes", "pulling", "steps"]

STYLE = {"relu1_1": 1.0, "relu2_1": 1.0, "relu3_1": 1.0}
Make = Callable[[FeatureExtractor], list[Term]]


def pulling(extractor: FeatureExtractor, photo: Tensor, painting: Tensor) -> list[Term]:
    """Style, content and variation, made for an extractor in its own precision."""
    here, there = photo.to(extractor.dtype), painting.to(extractor.dtype)
    targets = style_moments(extractor, [there], [1.0], tuple(STYLE))
    return [
        style_term(targets, STYLE, "moments", 1.0),
        content_term(extractor, here, {"relu4_2": 1.0}, 0.1),
        variation_term(5.0),
    ]


def steps(
    stepper: Stepper, canvas: Pixels, extractor: FeatureExtractor, pulls: list[Term], count: int
) -> Iterator[Step]:
    """One scale, of the canvas's own size."""
    scales = [Scale(canvas.size, count)]
    for event in optimise(canvas, extractor, scales, lambda *_: pulls, stepper):
        assert isinstance(event, Step)
        yield event


def count_passes(extractor: FeatureExtractor) -> list[int]:
    """A list that grows by one with every forward pass."""
    passes: list[int] = []
    extractor.register_forward_hook(lambda *_: passes.append(1))
    return passes

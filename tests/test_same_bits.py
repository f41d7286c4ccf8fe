"""A picture is the same to the last bit however many threads made it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from bits import COUNTS, Varying, threads
from pictures import smooth
from torch import Tensor

from artgen.core.events import Result, Step
from artgen.losses.evaluate import evaluate
from artgen.losses.neighbour_table import Neighbours
from artgen.losses.neighbours import neighbours_term
from artgen.losses.style import style_moments, style_term
from artgen.networks import weights
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo import all_networks
from artgen.runs.recipes import settings_from
from artgen.runtime import Runtime

SIZE = (99, 131)  # above 32,768 values torch shares a picture out among threads
FILTER = {"layer": "conv3_1", "channels": "3", "octaves": 1, "iterations": 2}
RUNS = {
    "style, L-BFGS": ("style", {"iterations": 4, "size": 131}),
    "style, moments": ("style", {"iterations": 4, "size": 131, "style_loss": "moments"}),
    "style, neighbours": ("style", {"iterations": 4, "size": 131, "style_loss": "neighbours"}),
    "style, gram": ("style", {"iterations": 4, "size": 131, "style_loss": "gram"}),
    "style, Adam": ("style", {"iterations": 4, "size": 131, "optimizer": "adam"}),
    "dream": ("dream", {"iterations": 3, "size": 131}),
    "texture": ("texture", {"iterations": 2, "size": "120x96"}),
    "texture, patches": ("texture", {"iterations": 2, "size": "120x96", "match": "patches"}),
    "fast": ("fast_apply", {"style": "starry"}),
    "filters, spectrum": ("see_filters", {**FILTER, "size": 131}),
    "filters, phases": ("see_filters", {**FILTER, "size": 219, "canvas": "phase"}),
    "filters, prior": ("see_filters", {**FILTER, "size": 131, "canvas": "prior"}),
    "class": ("see_class", {"net": "tiny", "class_": "31", "size": 131, "iterations": 1}),
    "filters, pixels": ("see_filters", {**FILTER, "size": 131, "canvas": "pixels"}),
}


def picture(name: str, settings: dict[str, object], runtime: Runtime) -> Tensor:
    """What a technique makes of a drawn photo, and of a drawn painting."""
    made = settings_from(name, settings)
    photo, painting = smooth(*SIZE, seed=1), smooth(SIZE[1], SIZE[0], seed=2).pow(2)
    inputs = {
        one.name: [painting if one.name == "style" else photo]
        for one in made.inputs
        if not one.optional or one.name == "sample"
    }
    found = [event for event in made.run(inputs, runtime) if not isinstance(event, Step)][-1]
    assert isinstance(found, Result)
    return found.pictures["picture"]


@pytest.mark.parametrize("name", RUNS)
def test_a_run_makes_the_same_picture_with_any_number_of_threads(
    name: str, runtime: Runtime
) -> None:
    found = []
    for count in COUNTS:
        with threads(count):
            found.append(picture(*RUNS[name], runtime))
    assert all(torch.equal(one, found[0]) for one in found)


@pytest.fixture
def varying() -> Iterator[Varying]:
    """Several threads, for what tries every operation with other numbers of them."""
    with threads(2):
        yield Varying()


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({*all_networks()} - {"vgg19"}))  # as vgg16
def test_no_operation_of_a_network_varies(name: str, varying: Varying) -> None:
    spec = replace(all_networks().get(name), source=weights.Source("none", seed=3))
    extractor = FeatureExtractor(spec)
    layers = dict.fromkeys(extractor.layers[-3:], 1.0)
    photo = smooth(48, 64, seed=1)
    moments = style_moments(extractor, [photo.flip(3)], [1.0], tuple(layers))
    pull = style_term(moments, layers, "gram", 1.0)
    with varying:
        found = Neighbours.of(extractor, [photo.flip(2)], [1.0], layers)
        queries = found.queries(extractor, photo)
        near = neighbours_term(extractor, found, queries, (48, 64), 1.0)
        evaluate(photo, extractor, [pull, near])
    assert varying.found == []

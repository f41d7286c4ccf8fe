"""A class as a term: its evidence, whole or in tiles."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.losses.classification import class_term
from artgen.losses.evaluate import evaluate
from artgen.networks.classifier import Classifier
from artgen.runtime import Runtime


@pytest.fixture
def classifier(runtime: Runtime) -> Classifier:
    return runtime.classifier("tiny")


def test_its_objective_is_the_classs_evidence(classifier: Classifier, photo: Tensor) -> None:
    losses, _, gradient = evaluate(photo, classifier.extractor, [class_term(classifier, 7)])
    assert float(losses["class"]) == pytest.approx(-float(classifier(photo)[0, 7]), abs=1e-5)
    assert gradient.abs().max() > 0


def test_its_objective_is_the_same_in_tiles(classifier: Classifier, photo: Tensor) -> None:
    terms = [class_term(classifier, 7)]
    whole, tiled = (evaluate(photo, classifier.extractor, terms, tile) for tile in (None, 16))
    torch.testing.assert_close(whole[1].double(), tiled[1].double(), atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(whole[2], tiled[2], atol=1e-7, rtol=1e-4)

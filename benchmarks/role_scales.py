"""Measures the scales of the networks' roles: what makes default weights mean the same on each.

    python benchmarks/role_scales.py squeezenet vgg19 published=FILE

For every example photo and shipped style: the style loss between the two, and the content loss
between the photo and the picture that slim@1's default run makes of them. A network's scale is
slim@1's median over its own, so slim@1's is 1 by definition, and weights mean what they always did.
The numbers printed belong into networks/zoo/*.py.
After an equals sign stands a weights file, for networks whose own are not here.
"""

from __future__ import annotations

import argparse
import statistics
from itertools import islice
from pathlib import Path

import published  # noqa: F401 -- a network more
import torch
from torch import Tensor

from artgen import images
from artgen.core.events import Result
from artgen.losses.content import content_term
from artgen.losses.style import style_moments, style_term
from artgen.losses.term import Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.regions import whole
from artgen.ops.resize import fit, resize
from artgen.runs.recipes import settings_from
from artgen.runtime import Runtime

SIDE = 256
FIRST = "slim@1"


def _load(path: Path) -> Tensor:
    picture = images.load(path).picture
    return resize(picture, fit((picture.shape[-2], picture.shape[-1]), SIDE))


def _painted(photo: Tensor, painting: Tensor, runtime: Runtime) -> Tensor:
    technique = settings_from("style", {"size": SIDE, "iterations": 120, "net": FIRST})
    *_, last = technique.run({"content": [photo], "style": [painting]}, runtime)
    assert isinstance(last, Result)
    return last.pictures["picture"]


@torch.no_grad()
def _value(extractor: FeatureExtractor, term: Term, picture: Tensor) -> float:
    features = extractor(picture, term.layers)
    return float(term.loss(term.statistics(features, whole(features))))


def losses(
    extractor: FeatureExtractor, triples: list[tuple[Tensor, Tensor, Tensor]]
) -> tuple[float, float]:
    """Median style and content losses of a network over photos, paintings and results."""
    style, content = extractor.role("style").layers, extractor.role("content").layers
    styles, contents = [], []
    for photo, painting, painted in triples:
        targets = style_moments(extractor, [painting], [1.0], tuple(style))
        styles.append(_value(extractor, style_term(targets, style, "moments", 1.0), photo))
        contents.append(_value(extractor, content_term(extractor, photo, content, 1.0), painted))
    return statistics.median(styles), statistics.median(contents)


def main() -> None:
    """Prints one line for each network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="+", metavar="NAME[=FILE]")
    parser.add_argument("--examples", type=Path, default=Path("examples"))
    parser.add_argument("--styles", type=Path, default=Path("styles"))
    options = parser.parse_args()
    photos = [_load(path) for path in islice(sorted(options.examples.glob("*.jpg")), 4)]
    paintings = [_load(path) for path in islice(sorted(options.styles.glob("*.jpg")), 4)]
    runtime = Runtime("cpu", "float32")
    triples = [(c, s, _painted(c, s, runtime)) for c in photos for s in paintings]
    wanted = losses(runtime.extractor(FIRST), triples)
    for text in options.networks:
        name, _, file = text.partition("=")
        got = losses(runtime.extractor(name, file=Path(file) if file else None), triples)
        style, content = (a / b for a, b in zip(wanted, got, strict=True))
        print(f"{name}: style scale {style:.2f}, content scale {content:.2f}")


if __name__ == "__main__":
    main()

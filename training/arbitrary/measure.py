"""How near the decoder comes to paintings that it never saw, on photos that it never saw.

    python training/arbitrary/measure.py --data DATA

Prints means over all paintings/ and every third of photos/ of DATA: the style loss `moments` (the
Wasserstein distance, relative to the painting, over slim's style layers with their weights) and the
content loss (at relu4_2, relative to the photo), both without a weight; of the photo as it is, of
the photo in the painting's colours, and of what is painted.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor

from artgen import images
from artgen.fast import any_style_inference
from artgen.fast.gaussian_transport import transport_map
from artgen.losses import functional
from artgen.losses.content import content_term
from artgen.losses.evaluate import evaluate
from artgen.losses.style import style_term
from artgen.networks.extractor import FeatureExtractor
from artgen.ops.resize import fit, resize
from artgen.runtime import Runtime

SIDE = 384  # px, of photos


def judged(
    extractor: FeatureExtractor,
    style_statistics: any_style_inference.StyleStatistics,
    photo: Tensor,
    made: Tensor,
) -> Tensor:
    """Style and content loss of a picture, (2,)."""
    style, content = (extractor.role(role).layers for role in ("style", "content"))
    asked = [
        style_term(style_statistics.moments, style, "moments", 1.0),
        content_term(extractor, photo, content, 1.0),
    ]
    found, _, _ = evaluate(made, extractor, asked)
    return torch.stack([found["style"], found["content"]])


def main() -> None:
    """Prints a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    runtime = Runtime("cpu", "float32")
    extractor, decoder = runtime.extractor(any_style_inference.EXTRACTOR), runtime.decoder()[0]
    means: dict[str, list[Tensor]] = {"photo": [], "its colours": [], "painted": []}
    for painting in sorted((options.data / "paintings").glob("*.jpg")):
        style_statistics = any_style_inference.style_statistics(
            extractor, decoder, [images.load(painting).picture]
        )
        for path in sorted((options.data / "photos").glob("*.jpg"))[::3]:
            whole = images.load(path).picture
            photo = resize(whole, fit(tuple(whole.shape[-2:]), SIDE))
            total, products = functional.moments(photo)
            pixels, target = photo[0, 0].numel(), style_statistics.moments["image"]
            way = transport_map(total / pixels, products / pixels, target.mean, target.root)
            *_, (_, _, painted) = any_style_inference.paint(
                extractor, decoder, photo, style_statistics
            )
            for name, one in zip(means, (photo, way(photo).clamp(0, 1), painted), strict=True):
                means[name].append(judged(extractor, style_statistics, photo, one))
    for name, rows in means.items():
        style, content = torch.stack(rows).mean(0).tolist()
        print(f"{name:12} style {style:.3f}  content {content:.3f}")


if __name__ == "__main__":
    main()

"""How near pictures made from codes come to the photos, as outside judges see it.

    PYTHONPATH=training/slim python training/prior/measure.py --pictures DIR --data DATA \
        --weights WEIGHTS

Prints means over photos that were never learned from, of which the middle is made again from slim's
relu5_1: by the prior, and by 100 steps of L-BFGS from noise, as `artgen see invert` does it.

- PSNR, of RGB; that of the photo's mean colour beside it;
- code: cosine of the code and that of what was made of it, mean over positions;
- vgg16 and squeezenet: squared distances of features of unit length, summed over layers.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import torch
from data import split
from distances import distance
from teachers import SqueezeNet, Vgg16
from torch import Tensor

from artgen import images
from artgen.core.events import Result
from artgen.fast.prior import CODE, EXTRACTOR, made_again
from artgen.ops.resize import resample
from artgen.runtime import Runtime
from artgen.techniques.see_invert import SeeInvert, decibels

VGG = tuple(f"vgg16/{name}" for name in ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3"))


@torch.no_grad()
def figures(
    photo: Tensor, made: Tensor, code: Callable[[Tensor], Tensor], judges: list
) -> dict[str, float]:
    """The figures of a picture made again, both (1, 3, H, W)."""
    found = {
        "PSNR": decibels(made, photo),
        "code": float(torch.cosine_similarity(code(photo), code(made)).mean()),
    }
    for name, judge in zip(("vgg16", "squeezenet"), judges, strict=True):
        told, seen = judge(photo), judge(made)
        layers = VGG if name == "vgg16" else tuple(told)
        found[name] = sum(float(distance(seen[layer], told[layer])) for layer in layers)
    return found


def inverted(photo: Tensor, runtime: Runtime) -> Tensor:
    """The photo optimised from noise."""
    settings = SeeInvert(net=EXTRACTOR, layer=CODE, size=max(photo.shape[-2:]), separate=True)
    *_, result = settings.run({"content": [photo]}, runtime)
    assert isinstance(result, Result)
    return result.pictures[CODE]


def main() -> None:
    """Prints a row for each way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("pictures", "data", "weights"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--side", type=int, default=160, help="px of the middle square")
    parser.add_argument("--every", type=int, default=1, help="take only every so many-th photo")
    parser.add_argument("--invert", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    runtime = Runtime("cpu", "float32")
    extractor, (prior, _) = runtime.extractor(EXTRACTOR), runtime.prior()
    judges = [
        Vgg16(options.weights / "vgg16.safetensors").requires_grad_(False),
        SqueezeNet(options.weights / "squeezenet1_1.safetensors").requires_grad_(False),
    ]

    def code(picture: Tensor) -> Tensor:
        return extractor(picture, [CODE])[CODE]

    held = split(options.pictures, options.data).held_out
    rows: dict[str, list[dict[str, float]]] = {}
    for path in [one for one in held if one.parent.name == "photos"][:: options.every]:
        photo = images.load(path).picture[:, :3]
        side = min(photo.shape[-2:])
        top, left = ((length - side) // 2 for length in photo.shape[-2:])
        photo = photo[..., top : top + side, left : left + side]
        photo = resample(photo, (options.side, options.side)).clamp(0, 1)
        plain = photo.mean((2, 3), keepdim=True).expand_as(photo)
        ways = {"mean colour": plain, "prior": made_again(prior, extractor, photo)}
        if options.invert:
            ways["optimised"] = inverted(photo, runtime)
        for name, made in ways.items():
            rows.setdefault(name, []).append(figures(photo, made, code, judges))
    for name, found in rows.items():
        means = {key: sum(one[key] for one in found) / len(found) for key in found[0]}
        print(f"{name:12}", len(found), *(f"{key} {value:.3f} " for key, value in means.items()))


if __name__ == "__main__":
    main()

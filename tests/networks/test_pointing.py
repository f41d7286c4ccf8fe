"""The pointing game (Zhang et al. 2016): a class's saliency is largest on the object."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
import torch
from torch import Tensor

from artgen import images
from artgen.networks.attribution import AttributionTarget, attribute
from artgen.networks.imagenet import find_class
from artgen.runtime import Runtime

# Class and box of the object (left, top, right, bottom, as shares of the photo), drawn by hand.
# Those with a number are of train.tar.
OBJECTS = {
    "photos/duck": ("drake", (0.40, 0.38, 0.82, 0.62)),
    "photos/taj_mahal": ("mosque", (0.20, 0.06, 0.84, 0.50)),
    "photos/stanford_night": ("bell cote", (0.70, 0.02, 0.86, 0.75)),
    "0000": ("tench", (0.11, 0.36, 0.88, 0.68)),
    "0080": ("black grouse", (0.33, 0.22, 0.67, 0.55)),
    "0319": ("admiral", (0.36, 0.25, 0.72, 0.60)),
    "0359": ("black-footed ferret", (0.16, 0.40, 0.60, 0.62)),
    "0372": ("langur", (0.05, 0.42, 0.42, 0.78)),
}
CROPS = 5  # of each


def crops(box: tuple[float, float, float, float]) -> list[tuple[float, float, float]]:
    """Windows (left, top, side) that hold most of the box, and whose middle misses it."""
    left, top, right, bottom = box
    found = []
    for side in (0.8, 0.7, 0.6, 0.5):
        for step in range(121):
            x, y = step % 11 / 10 * (1 - side), step // 11 / 10 * (1 - side)
            if left <= x + side / 2 <= right and top <= y + side / 2 <= bottom:
                continue
            wide = min(right, x + side) - max(left, x)
            high = min(bottom, y + side) - max(top, y)
            if min(wide, high) > 0 and wide * high >= 0.6 * (right - left) * (bottom - top):
                found.append((x, y, side))
    order = torch.randperm(len(found), generator=torch.Generator().manual_seed(0))
    return [found[int(index)] for index in order[:CROPS]]


def photo(shared: Path, name: str, tmp_path: Path) -> Tensor:
    path = shared / f"data/{name}.jpg"
    if not path.exists():
        with tarfile.open(shared / "data/train.tar") as archive:
            member = archive.extractfile(f"photos/{name}.jpg")
            assert member is not None
            path = tmp_path / f"{name}.jpg"
            path.write_bytes(io.BytesIO(member.read()).getvalue())
    return images.load(path).picture


@pytest.mark.shared
@pytest.mark.slow
def test_saliency_points_at_the_object(shared: Path, tmp_path: Path) -> None:
    file = shared / "weights/squeezenet1_1.safetensors"
    classifier = Runtime("cpu", "float32").classifier("squeezenet", file)
    last = classifier.extractor.chain.get_submodule(classifier.last)
    hits = played = 0
    for name, (class_, box) in OBJECTS.items():
        whole = photo(shared, name, tmp_path)
        height, width = whole.shape[-2:]
        for x, y, side in crops(box):
            rows = slice(round(y * height), round((y + side) * height))
            columns = slice(round(x * width), round((x + side) * width))
            seen = classifier.seen(whole[..., rows, columns])
            target = AttributionTarget(class_, classifier, find_class(class_), last)
            found = attribute("gradcam", target, seen)
            down, across = divmod(int(found.flatten().argmax()), found.shape[-1])
            there = x + side * (across + 0.5) / found.shape[-1]
            below = y + side * (down + 0.5) / found.shape[-2]
            hits += box[0] <= there <= box[2] and box[1] <= below <= box[3]
            played += 1
    assert played == 40
    assert hits >= 36  # the middle of the crop would score 0

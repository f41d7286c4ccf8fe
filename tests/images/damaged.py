"""Reads damaged files of one format after the other, and prints what became of them as JSON.

A process of its own: a decoder in C could end it, and its peak of memory is measured.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from artgen import images
from artgen.errors import PictureError

from .encoders import ENCODERS, encoded

CUTS, CHANGES = 20, 200
SLOW = {"exr": 30}  # changes of a format that is decoded in a process of its own
LIMIT = 100_000  # pixels


def damaged(whole: bytes, seed: int, changes: int) -> Iterator[bytes]:
    """The file cut at 20 places, and with each of 200 bytes changed, most of them in its header."""
    chosen = random.Random(seed)
    for number in range(CUTS):
        yield whole[: len(whole) * number // CUTS]
    for number in range(changes):
        broken = bytearray(whole)
        place = chosen.randrange(len(whole) if number % 2 else min(len(whole), 300))
        broken[place] ^= chosen.randrange(1, 256)
        yield bytes(broken)


def tried(kind: str, folder: Path, image: Image.Image) -> dict[str, object]:
    """What became of the damaged files of one format."""
    whole = encoded(kind, folder, image).read_bytes()
    read = refused = 0
    slowest, wrong = 0.0, ""
    for broken in damaged(whole, len(kind), SLOW.get(kind, CHANGES)):
        path = folder / f"broken.{kind}"
        path.write_bytes(broken)
        began = time.monotonic()
        try:
            images.size_of(path)
            images.load(path, max_pixels=LIMIT)
            read += 1
        except PictureError as error:
            refused += 1
            if "\n" in str(error) or not error.message.endswith("."):
                wrong = str(error)
        except Exception as error:
            wrong = repr(error)
        slowest = max(slowest, time.monotonic() - began)
    return {"read": read, "refused": refused, "slowest": slowest, "wrong": wrong}


def peak() -> int:
    """Bytes that this process has had at most."""
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found if sys.platform == "darwin" else found * 1024


def main() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (24, 40, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind in ENCODERS:  # what is loaded once is not the damage's
            images.load(encoded(kind, folder, image))
        for kind in sys.argv[1:] or ENCODERS:
            before = peak()
            print(json.dumps({"kind": kind}), flush=True)
            found = tried(kind, folder, image)
            print(json.dumps({"kind": kind, "grown": peak() - before, **found}), flush=True)


if __name__ == "__main__":
    main()

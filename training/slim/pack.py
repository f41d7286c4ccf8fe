"""Packs trained weights for the package: float16 safetensors, and what rounding costs, measured.

python training/slim/pack.py runs/slim/slim.safetensors src/artgen/data/slim.safetensors
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from shape import spec

from artgen.networks.extractor import FeatureExtractor

BUDGET = 5_000_000  # bytes


def main() -> None:
    """Writes the file; prints its size and each layer's relative squared error from rounding."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("trained", type=Path)
    parser.add_argument("packed", type=Path)
    options = parser.parse_args()
    tensors = {key: value.half() for key, value in load_file(options.trained).items()}
    options.packed.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, options.packed, metadata={"network": "slim", "version": "2"})
    size = options.packed.stat().st_size
    if size > BUDGET:
        raise SystemExit(f"{size} bytes are more than {BUDGET}")
    print(f"{size} bytes")
    exact = FeatureExtractor(spec(options.trained), file=options.trained)
    rounded = FeatureExtractor(spec(options.packed), file=options.packed)
    picture = torch.rand(1, 3, 128, 128, generator=torch.Generator().manual_seed(0))
    layers = [f"relu{block}_1" for block in range(1, 6)]
    with torch.no_grad():
        wanted, got = exact(picture, layers), rounded(picture, layers)
    for layer in layers:
        error = (wanted[layer] - got[layer]).square().sum() / wanted[layer].square().sum()
        print(f"{layer}: {float(error):.1e}")


if __name__ == "__main__":
    main()

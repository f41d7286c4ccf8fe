"""Packs a training's running average for the package, in float16.

python training/arbitrary/pack.py runs/any/state.safetensors src/artgen/data/decoder.safetensors
"""

from __future__ import annotations

from packing import pack

from artgen.fast.any_style import Decoder

BUDGET = 6_000_000  # bytes

if __name__ == "__main__":
    pack(Decoder(), BUDGET)

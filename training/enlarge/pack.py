"""Packs a training's running average for the package, in float16.

python training/enlarge/pack.py runs/enlarge/state.safetensors src/artgen/data/enlarger.safetensors
"""

from __future__ import annotations

from packing import pack

from artgen.fast.enlarger import Enlarger

BUDGET = 4_000_000  # bytes

if __name__ == "__main__":
    pack(Enlarger(), BUDGET)

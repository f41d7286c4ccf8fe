"""Packs a training's running average for the package, in float16.

python training/prior/pack.py runs/prior/state.safetensors src/artgen/data/prior.safetensors
"""

from __future__ import annotations

from packing import pack

from artgen.fast.prior import Prior

BUDGET = 4_000_000  # bytes

if __name__ == "__main__":
    pack(Prior(), BUDGET)

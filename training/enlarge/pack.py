"""Packs a training's running average for the package, in float16.

python training/enlarge/pack.py runs/enlarge/state.safetensors src/artgen/data/enlarger.safetensors
"""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.torch import load_file

from artgen.fast import model_files
from artgen.fast.enlarger import Enlarger

BUDGET = 4_000_000  # bytes


def main() -> None:
    """Writes the file; prints its size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("state", type=Path)
    parser.add_argument("packed", type=Path)
    options = parser.parse_args()
    state = load_file(options.state)
    enlarger = Enlarger()
    enlarger.load_state_dict({name: state[f"average {name}"] for name in enlarger.state_dict()})
    model_files.save(enlarger, options.packed, {"steps": str(int(state["index"]))})
    size = options.packed.stat().st_size
    if size > BUDGET:
        raise SystemExit(f"{size} bytes are more than {BUDGET}")
    print(f"{size} bytes, after {int(state['index'])} steps")


if __name__ == "__main__":
    main()

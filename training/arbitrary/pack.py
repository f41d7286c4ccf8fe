"""Packs a training's running average for the package, in float16.

python training/arbitrary/pack.py runs/any/state.safetensors src/artgen/data/decoder.safetensors
"""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.torch import load_file

from artgen.fast import model_files
from artgen.fast.any_style import Decoder

BUDGET = 6_000_000  # bytes


def main() -> None:
    """Writes the file; prints its size."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("state", type=Path)
    parser.add_argument("packed", type=Path)
    options = parser.parse_args()
    state = load_file(options.state)
    decoder = Decoder()
    tensors = {name: state[f"weight {name}"] for name in decoder.state_dict()}
    tensors |= {name: state[f"average {name}"] for name, _ in decoder.named_parameters()}
    decoder.load_state_dict(tensors)
    model_files.save(decoder, options.packed, {"steps": str(int(state["index"]))})
    size = options.packed.stat().st_size
    if size > BUDGET:
        raise SystemExit(f"{size} bytes are more than {BUDGET}")
    print(f"{size} bytes, after {int(state['index'])} steps")


if __name__ == "__main__":
    main()

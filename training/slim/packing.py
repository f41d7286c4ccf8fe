"""Packs what a course has learnt: the running average of the weights, in float16."""

from __future__ import annotations

import argparse
from pathlib import Path

from safetensors.torch import load_file
from torch import nn

from artgen.fast import model_files

__all__ = ["pack"]


def pack(learner: nn.Module, budget: int) -> None:
    """Writes the file that the command line names; prints its size.

    Args:
        learner: a network of the shape that was trained.
        budget: bytes that the file may have.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("state", type=Path)
    parser.add_argument("packed", type=Path)
    options = parser.parse_args()
    state = load_file(options.state)
    tensors = {name: state[f"weight {name}"] for name in learner.state_dict()}
    tensors |= {name: state[f"average {name}"] for name, _ in learner.named_parameters()}
    learner.load_state_dict(tensors)
    model_files.save(learner, options.packed, {"steps": str(int(state["index"]))})
    size = options.packed.stat().st_size
    if size > budget:
        raise SystemExit(f"{size} bytes are more than {budget}")
    print(f"{size} bytes, after {int(state['index'])} steps")

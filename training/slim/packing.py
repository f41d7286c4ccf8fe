"""Packs what a course has learnt: the running average of the weights, in float16."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from safetensors import safe_open
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
    parser.add_argument("--earlier", type=Path, help="the packed network that it began with")
    options = parser.parse_args()
    state = load_file(options.state)
    tensors = {name: state[f"weight {name}"] for name in learner.state_dict()}
    tensors |= {name: state[f"average {name}"] for name, _ in learner.named_parameters()}
    learner.load_state_dict(tensors)
    steps = int(state["index"])
    if options.earlier:
        with safe_open(options.earlier, "pt") as file:
            steps += int(json.loads(file.metadata()["artgen"])["said"]["steps"])
    model_files.save(learner, options.packed, {"steps": str(steps)})
    size = options.packed.stat().st_size
    if size > budget:
        raise SystemExit(f"{size} bytes are more than {budget}")
    print(f"{size} bytes, after {steps} steps")

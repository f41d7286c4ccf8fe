"""Trained painters as files: written, read, found. Nothing in a file is ever run.

A painter's file is safetensors in float16, which costs its pictures nothing that shows; its header
tells the styles' names and the network's widths.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save as serialise

from artgen.errors import ArtgenError, WeightsError
from artgen.painter import Painter
from artgen.weights import Origin
from artgen.weights.reading import read

__all__ = ["KIND", "SHIPPED", "Trained", "load", "save", "write"]

KIND = "artgen painter 1"
SHIPPED = Path(__file__).parent / "data" / "painter.safetensors"


@dataclass(frozen=True)
class Trained:
    """A painter that has been read, what its file said of it, and where it came from."""

    painter: Painter
    said: Mapping[str, str]
    origin: Origin


def save(painter: Painter, path: Path, said: Mapping[str, str] | None = None) -> None:
    """Writes a painter, whole or not at all.

    Args:
        painter: on any device.
        path: of the file.
        said: what its header is to tell beside the shape of the network.

    Raises:
        WeightsError: if there is no room or no right to write it.
    """
    about = {
        "kind": KIND,
        "styles": painter.styles[1:],
        "widths": painter.widths,
        "blocks": len(painter.blocks),
        "said": said or {},
    }
    tensors = {
        name: value.detach().cpu().half().contiguous()
        for name, value in painter.state_dict().items()
    }
    # One entry only: safetensors writes several in an order that changes.
    write(serialise(tensors, {"artgen": json.dumps(about)}), path)


def write(content: bytes, path: Path) -> None:
    """Writes a file, whole or not at all.

    Raises:
        WeightsError: if there is no room or no right to write it.
    """
    draft = path.with_name(path.name + ".new")
    try:
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        why = error.strerror or error
        raise WeightsError(f"{path} cannot be written: {why}.", "Choose another -o.") from error


def load(path: Path) -> Trained:
    """Reads a painter: in float32, on the CPU, not to be trained by accident.

    Raises:
        WeightsError: for a file that is absent, damaged, or no painter's.
    """
    tensors, digest = read(path)
    about = _header(path)
    if about.get("kind") != KIND:
        raise WeightsError(f"{path} is not a network that artgen fast train made.")
    try:
        with torch.device("meta"):
            painter = Painter(about["styles"], tuple(about["widths"]), int(about["blocks"]))
        painter.load_state_dict({k: v.float() for k, v in tensors.items()}, assign=True)
        said = {str(key): str(value) for key, value in about["said"].items()}
    except (ArtgenError, AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise WeightsError(
            f"{path} is no painter that this version of artgen knows.",
            "Train it again, or update artgen.",
        ) from error
    painter.requires_grad_(False).eval().to(memory_format=torch.channels_last)
    return Trained(painter, said, Origin(path, digest))


def _header(path: Path) -> dict[str, Any]:
    """What a safetensors file says of itself to artgen; nothing where it is none."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        text = file.read(length) if length <= path.stat().st_size else b""
    try:
        about = json.loads(json.loads(text)["__metadata__"]["artgen"])
    except (ValueError, KeyError, TypeError):
        return {}
    return about if isinstance(about, dict) else {}

"""A trained network's file as arrays: the same safetensors that torch reads, without torch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from artgen.core.files import PACKAGE_DATA
from artgen.core.tensor_files import safetensors_header
from artgen.errors import WeightsError
from artgen.fast.onnx_graph import Array

__all__ = ["ArrayFile", "header", "packaged", "read"]

# The types of numbers that are read.
KINDS: dict[str, np.dtype[Any]] = {"F16": np.dtype("<f2"), "F32": np.dtype("<f4")}


@dataclass
class ArrayFile:
    """A file's arrays in float32, what its header says, and which of the arrays were asked for.

    Attributes:
        arrays: by name.
        about: artgen's own metadata: the kind of network, its styles and its shape.
        sha256: of the file's bytes, in hex.
    """

    arrays: Mapping[str, Array]
    about: Mapping[str, Any]
    sha256: str
    _asked: set[str] = field(default_factory=set)

    def __contains__(self, name: str) -> bool:
        return name in self.arrays

    def __getitem__(self, name: str) -> Array:
        self._asked.add(name)
        return self.arrays[name]

    @property
    def unread(self) -> set[str]:
        """Arrays that nobody has asked for: the network is not the one that it was taken for."""
        return set(self.arrays) - self._asked


def header(path: Path) -> dict[str, Any]:
    """artgen's own metadata in a file; empty if it has none, or numbers that are not read here.

    Raises:
        WeightsError: for a file that is missing, cut or damaged, or no safetensors file.
    """
    head = safetensors_header(path, WeightsError)
    about = _about(head)
    head.pop("__metadata__", None)
    known = all(isinstance(one, dict) and one.get("dtype") in KINDS for one in head.values())
    return about if known else {}


def _about(head: Mapping[str, Any]) -> dict[str, Any]:
    try:
        about = json.loads(head["__metadata__"]["artgen"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return about if isinstance(about, dict) else {}


def read(path: Path) -> ArrayFile:
    """All arrays of a file, in float32.

    Raises:
        WeightsError: for a file that is missing, cut or damaged.
        KeyError, TypeError, ValueError: for one of another kind than artgen writes.
    """
    head = safetensors_header(path, WeightsError)
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    about = _about(head)
    head.pop("__metadata__", None)
    arrays = {}
    for name, one in head.items():
        begin, end = one["data_offsets"]
        numbers = np.frombuffer(content[start + begin : start + end], KINDS[one["dtype"]])
        arrays[name] = numbers.reshape(one["shape"]).astype(np.float32)
    return ArrayFile(arrays, about, hashlib.sha256(content).hexdigest())


def packaged(full_name: str) -> ArrayFile:
    """The weights inside the package of a network's version, such as `slim@1`.

    Raises:
        WeightsError: if there are none.
    """
    for path in sorted(PACKAGE_DATA.glob("*.safetensors")):
        said = safetensors_header(path, WeightsError).get("__metadata__", {})
        if f"{said.get('network')}@{said.get('version')}" == full_name:
            return read(path)
    raise WeightsError(f"There are no weights of {full_name} here.", "Install artgen once more.")

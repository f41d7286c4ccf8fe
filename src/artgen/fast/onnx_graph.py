"""A small writer of ONNX graphs: nodes and constants in, the bytes of a model out.

The `onnx` package would do the same; importing it takes longer than painting a picture. What is
written here is the part of ONNX's protocol buffers (onnx.proto, IR version 8) that a chain of
convolutions needs.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

__all__ = ["Array", "Graph", "run", "runtime_version", "session"]

Array = NDArray[np.float32]
"""What flows through a graph: (1, C, H, W), float32."""

IR, OPSET = 8, 18
FLOAT, INT = 1, 7  # of TensorProto.DataType
_KINDS: dict[str, int] = {"float32": FLOAT, "int64": INT}


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 127:
        found.append(number & 127 | 128)
        number >>= 7
    return bytes([*found, number])


def _field(number: int, value: int | float | str | bytes) -> bytes:
    """A field of a message: a whole number, a 32-bit float, or text and bytes with their length."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value & (1 << 64) - 1)
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    content = value.encode() if isinstance(value, str) else value
    return _begun(number, len(content)) + content


def _begun(number: int, length: int) -> bytes:
    """The beginning of a field of so many bytes, which follow."""
    return _varint(number << 3 | 2) + _varint(length)


def _attribute(name: str, value: int | float | str | Sequence[int]) -> bytes:
    start = _field(1, name)
    if isinstance(value, float):
        return start + _field(2, value) + _field(20, 1)
    if isinstance(value, int):
        return start + _field(3, value) + _field(20, 2)
    if isinstance(value, str):
        return start + _field(4, value) + _field(20, 3)
    return start + b"".join(_field(8, one) for one in value) + _field(20, 7)


def _value(name: str, shape: Sequence[int]) -> bytes:
    """An input or output: its name, and its shape of floats."""
    sides = b"".join(_field(1, _field(1, side)) for side in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, FLOAT) + _field(2, sides)))


class Graph:
    """A graph that is written node by node; values are known by their names."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[tuple[bytes, memoryview]] = []  # each one's head, and its numbers
        self._inputs: list[bytes] = []
        self._outputs: list[bytes] = []
        self._count = 0

    def _name(self, letter: str) -> str:
        self._count += 1
        return f"{letter}{self._count}"

    def input(self, name: str, shape: Sequence[int]) -> str:
        """An input of float32, of this shape."""
        self._inputs.append(_value(name, shape))
        return name

    def constant(self, array: NDArray[Any]) -> str:
        """A constant: whole numbers as int64, all others as float32."""
        whole = np.issubdtype(array.dtype, np.integer)
        kept = np.ascontiguousarray(array, dtype=np.int64 if whole else np.float32)
        name = self._name("c")
        shape = b"".join(_field(1, side) for side in kept.shape)
        kind = _field(2, _KINDS[kept.dtype.name])
        head = shape + kind + _field(8, name) + _begun(9, kept.nbytes)
        self._constants.append((head, kept.reshape(-1).view(np.uint8).data))
        return name

    def node(self, kind: str, *inputs: str, **attributes: int | float | str | Sequence[int]) -> str:
        """A node of ONNX's operator `kind`; returns the name of its output."""
        name = self._name("v")
        parts = [_field(1, one) for one in inputs] + [_field(2, name), _field(3, name)]
        parts.append(_field(4, kind))
        parts += [_field(5, _attribute(key, value)) for key, value in attributes.items()]
        self._nodes.append(b"".join(parts))
        return name

    def output(self, name: str, shape: Sequence[int]) -> None:
        """Make a value of this shape an output."""
        self._outputs.append(_value(name, shape))

    def dumps(self) -> bytes:
        """The model as the bytes of an .onnx file."""
        parts: list[bytes | memoryview] = [_field(2, "artgen")]  # megabytes, so copied only once
        parts += [_field(1, one) for one in self._nodes]
        for head, numbers in self._constants:
            parts += [_begun(5, len(head) + len(numbers)), head, numbers]
        parts += [_field(11, one) for one in self._inputs]
        parts += [_field(12, one) for one in self._outputs]
        begun = _field(1, IR) + _begun(7, sum(map(len, parts)))
        return b"".join([begun, *parts, _field(8, _field(1, "") + _field(2, OPSET))])


def session(graph: Graph, threads: int) -> InferenceSession:
    """A graph, ready to run on the CPU with this many threads."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Threads that wait for each other sleep: awake they would take processors from other work.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # errors only: they are raised too
    return onnxruntime.InferenceSession(graph.dumps(), options, providers=["CPUExecutionProvider"])


def runtime_version() -> str:
    """The version of the runtime that computes graphs."""
    import onnxruntime

    return str(onnxruntime.__version__)


def run(made: InferenceSession, inputs: Mapping[str, Array]) -> list[Array]:
    """The outputs of a graph, in the order in which they were declared."""
    import onnxruntime

    options = onnxruntime.RunOptions()
    # The memory of layers is returned: graphs follow each other, and none needs another's.
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    # Copied: what the runtime returns lies in memory that would not be returned while it lives.
    return [one.copy() for one in made.run(None, dict(inputs), options)]

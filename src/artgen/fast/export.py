"""Export of a painter as a graph for other programs: ONNX, or PyTorch's exported program.

The graph is the network alone: its inputs are `picture` and `mix`, its output is `painted`. What
artgen does around it (tiles, any size, colours kept) is not part of it. The order of the styles in
`mix`, which a graph cannot hold, is in the file's metadata.
"""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram

from artgen.errors import UsageError, did_you_mean
from artgen.fast.model_files import write
from artgen.fast.multi_style import Network, drive, measure
from artgen.fast.unet import STRIDE

__all__ = ["KINDS", "export"]

KINDS = ("onnx", "pt2")
NEEDED = ("onnx", "onnxscript")  # packages that torch.onnx imports
TRIED = (8, 6)  # cells of the example picture; different sides, so that they stay independent
MOST = 2**17  # cells a side: a million pixels; some versions of torch need an upper limit


class _Graph(nn.Module):
    """A painter for pictures whose sides are multiples of the stride: no padding by size."""

    def __init__(self, painter: Network) -> None:
        super().__init__()
        self.painter = painter

    def forward(self, picture: Tensor, mix: Tensor) -> Tensor:
        return drive(self.painter.walk(picture, mix), measure).clamp(0, 1)


def export(painter: Network, kind: str, path: Path) -> None:
    """Write a painter as a graph, atomically.

    Its inputs are `picture` (1, 3, H, W) in [0, 1], H and W multiples of 8 and at least 16, and
    `mix` (1, styles), shares that add up to 1, in the order of the file's `styles` (a JSON list:
    in the metadata of an ONNX file, an extra file `styles` in a .pt2); its output is `painted`
    (1, 3, H, W) in [0, 1]. All are float32.

    Args:
        painter: on the CPU, in float32.
        kind: `onnx`, or `pt2` for torch.export.load.
        path: of the file.

    Raises:
        UsageError: for another kind, or where a package that it needs is not installed.
        WeightsError: if there is no space or no permission to write the file.
    """
    if kind not in KINDS:
        raise UsageError(f"There is no export to {kind!r}.", did_you_mean(kind, KINDS))
    if kind == "onnx" and any(find_spec(package) is None for package in NEEDED):
        raise UsageError(
            f"An export to ONNX needs the packages {' and '.join(NEEDED)}.",
            "Install them: pip install 'artgen[export]'.",
        )
    styles = json.dumps(painter.styles)
    with _quiet():
        graph = _traced(painter)
        content = _onnx(graph, styles) if kind == "onnx" else _pt2(graph, styles)
    write(content, path)


def _traced(painter: Network) -> ExportedProgram:
    down, across = (STRIDE * Dim(name, min=2, max=MOST) for name in ("down", "across"))
    shapes = {"picture": {2: down, 3: across}, "mix": None}
    height, width = (STRIDE * cells for cells in TRIED)
    tried = (torch.zeros(1, 3, height, width), painter.mix({painter.styles[-1]: 1.0}))
    return torch.export.export(_Graph(painter).eval(), tried, dynamic_shapes=shapes, strict=False)


def _onnx(graph: ExportedProgram, styles: str) -> bytes:
    made = torch.onnx.export(
        graph.run_decompositions({torch.ops.aten.addcmul.default: _addcmul}),
        (),
        input_names=["picture", "mix"],
        output_names=["painted"],
        dynamo=True,
        verbose=False,
    )
    assert made is not None  # None is possible only without dynamo
    made.model.metadata_props["styles"] = styles
    content: bytes = made.model_proto.SerializeToString()
    return content


def _addcmul(added: Tensor, one: Tensor, other: Tensor) -> Tensor:
    """A decomposition that torch 2.6 lacks where the length of a side is dynamic."""
    return added + one * other


def _pt2(graph: ExportedProgram, styles: str) -> bytes:
    file = io.BytesIO()
    torch.export.save(graph, file, extra_files={"styles": styles})
    return file.getvalue()


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress the log messages and warnings of torch's exporters."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logger.setLevel(logging.ERROR)
        try:
            yield
        finally:
            logger.setLevel(level)

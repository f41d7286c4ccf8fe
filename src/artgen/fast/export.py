"""Export of a painter as a graph for other programs: ONNX, or PyTorch's exported program.

The graph is the network alone: its inputs are `picture` and `mix`, its output is `painted`. What
artgen does around it (tiles, colours kept) is not part of it. The order of the styles in
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
OLDEST = (2, 9)  # of torch, which then defers its questions about sizes
TRIED = (61, 47)  # px of the example picture; different sides, so that they stay independent
LEAST, MOST = 2 * STRIDE, 2**20  # px a side; some versions of torch need an upper limit


class _Graph(nn.Module):
    """A painter for pictures of any size from 16 px on, padded and cut inside the graph."""

    def __init__(self, painter: Network) -> None:
        super().__init__()
        self.painter = painter

    def forward(self, picture: Tensor, mix: Tensor) -> Tensor:
        sides = picture.shape[-2:]
        for axis, side in zip((2, 3), sides, strict=True):
            # The edge repeated, as `padded` does it: exporters know no such padding by size.
            whole = (side + STRIDE - 1) // STRIDE * STRIDE
            picture = picture.index_select(axis, torch.arange(whole).clamp(max=side - 1))
        painted = drive(self.painter.walk(picture, mix), measure).clamp(0, 1)
        for axis, side in zip((2, 3), sides, strict=True):
            painted = painted.index_select(axis, torch.arange(side))
        return painted


def export(painter: Network, kind: str, path: Path) -> None:
    """Write a painter as a graph, atomically.

    Its inputs are `picture` (1, 3, H, W) in [0, 1], H and W at least 16, and
    `mix` (1, styles), shares that add up to 1, in the order of the file's `styles` (a JSON list:
    in the metadata of an ONNX file, an extra file `styles` in a .pt2); its output is `painted`
    (1, 3, H, W) in [0, 1]. All are float32.

    Args:
        painter: on the CPU, in float32.
        kind: `onnx`, or `pt2` for torch.export.load.
        path: of the file.

    Raises:
        UsageError: for another kind, or where a package that it needs is missing or too old.
        WeightsError: if there is no space or no permission to write the file.
    """
    if kind not in KINDS:
        raise UsageError(f"There is no export to {kind!r}.", did_you_mean(kind, KINDS))
    if kind == "onnx" and any(find_spec(package) is None for package in NEEDED):
        raise UsageError(
            f"An export to ONNX needs the packages {' and '.join(NEEDED)}.",
            "Install them: pip install 'artgen[export]'.",
        )
    if tuple(map(int, torch.__version__.split(".")[:2])) < OLDEST:
        raise UsageError(
            f"An export needs torch {OLDEST[0]}.{OLDEST[1]} or newer; this is {torch.__version__}.",
            "Update it: pip install -U torch torchvision.",
        )
    styles = json.dumps(painter.styles)
    with _quiet():
        graph = _traced(painter)
        content = _onnx(graph, styles) if kind == "onnx" else _pt2(graph, styles)
    write(content, path)


def _traced(painter: Network) -> ExportedProgram:
    height, width = (Dim(name, min=LEAST, max=MOST) for name in ("height", "width"))
    shapes = {"picture": {2: height, 3: width}, "mix": None}
    tried = (torch.zeros(1, 3, *TRIED), painter.mix({painter.styles[-1]: 1.0}))
    return torch.export.export(
        _Graph(painter).eval(),
        tried,
        dynamic_shapes=shapes,
        strict=False,
        # Of padded sizes torch asks what always holds, but cannot prove it beforehand.
        prefer_deferred_runtime_asserts_over_guards=True,
    )


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

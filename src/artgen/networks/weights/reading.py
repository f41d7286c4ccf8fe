"""Reading of untrusted weights files: safetensors, Keras's, PyTorch's pickles by weights_only."""

from __future__ import annotations

import hashlib
import pickle
import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from artgen.errors import ArtgenError, WeightsError
from artgen.networks.weights.keras import is_keras, read_keras
from artgen.networks.weights.source import Contents, Source
from artgen.networks.weights.store import sha256_of

__all__ = ["Shapes", "WeightsMismatch", "fit", "read"]

Shapes = Mapping[str, tuple[int, ...]]
"""Name of a tensor -> the shape a network wants it in."""

DEEPEST = 4  # levels of a checkpoint that are searched for its weights
WRAPPED = ("state_dict", "model_state_dict", "params_ema", "model", "net", "network", "params")
PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "network.")  # of a whole network's names
FOREIGN = {  # endings of other programs' files
    ".t7": "Torch 7",
    ".mlmodel": "Core ML",
    ".mlpackage": "Core ML",
    ".onnx": "ONNX",
    ".pb": "TensorFlow",
    ".tflite": "TensorFlow Lite",
    ".caffemodel": "Caffe",
}
INSIDE = {  # names in other programs' archives
    "/code/": "TorchScript",
    "exported_program.json": "torch.export",  # until torch 2.7
    "archive_format": "torch.export",
}


class WeightsMismatch(Exception):
    """Tensors of another network; `fitting` counts those whose name and shape fitted."""

    def __init__(self, reason: str, fitting: int) -> None:
        super().__init__(reason)
        self.fitting = fitting


def read(file: Path) -> Contents:
    """The named tensors in a file, of any shape, and the SHA-256 of its bytes; runs no code.

    Raises:
        UsageError: for a file of Keras where h5py is not installed.
        WeightsError: for a file that is absent, empty, cut, damaged, unsafe, or holds no tensors.
    """
    try:
        with file.open("rb") as stream:
            head = stream.read(9)
        if not head:
            raise WeightsError(f"{file} is empty.", "Fetch or copy it once more.")
        # safetensors begins with the length of its JSON header; no pickle or zip begins like that.
        content: object
        if head[8:] == b"{":
            (content, digest), form = _safetensors(file), "safetensors"
        elif is_keras(file, head):
            content, digest, form = _keras(file), sha256_of(file), "keras"
        else:
            content, digest, form = _pickle(file), sha256_of(file), "pytorch"
    except IsADirectoryError as error:
        raise WeightsError(f"{file} is a folder, not a weights file.", "Name a file.") from error
    except FileNotFoundError as error:
        raise WeightsError(f"There is no weights file {file}.", "Check its path.") from error
    except OSError as error:
        raise WeightsError(
            f"Cannot read {file}: {error.strerror or error}.", "Check who may read it."
        ) from error
    tensors = _tensors(content)
    if not tensors:
        raise WeightsError(
            f"{file} holds no named tensors.",
            "Take a state dict: safetensors, or what torchvision publishes.",
        )
    return Contents(tensors, digest, form)


def _safetensors(file: Path) -> tuple[object, str]:
    from safetensors import SafetensorError
    from safetensors.torch import load

    # The bytes that are hashed are the bytes that are loaded, and no file stays mapped: Windows
    # lets nobody replace a mapped one.
    content = file.read_bytes()
    try:
        return load(content), hashlib.sha256(content).hexdigest()
    except (SafetensorError, KeyError, ValueError) as error:
        raise _damaged(file) from error


def _pickle(file: Path) -> object:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old protocols: what counts is whether it loads
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # torch's message for anything that it would have had to import or call.
        if re.search(r"GLOBAL|[Uu]nsupported (global|class)|reduce", str(error)):
            raise WeightsError(
                f"{file} holds code beside its tensors; it was not loaded and nothing of it ran.",
                "Take safetensors, or a file from a source that you trust.",
            ) from error
        raise _damaged(file) from error
    except Exception as error:  # a broken pickle fails in any way it likes, OSError included
        raise _damaged(file) from error


def _keras(file: Path) -> object:
    try:
        return read_keras(file)
    except ArtgenError:
        raise
    except Exception as error:  # h5py has no error of its own for a damaged file
        raise _damaged(file) from error


def _damaged(file: Path) -> WeightsError:
    read = "safetensors, PyTorch's .pth, Keras's .h5 and .keras are read."
    if format := _foreign(file):
        return WeightsError(
            f"{file} is in another program's format, {format}.",
            f"Save the network's state dict there, and take that: {read}",
        )
    return WeightsError(
        f"{file} is cut, damaged, or no weights file at all.",
        f"Fetch or copy it once more; {read}",
    )


def _foreign(file: Path) -> str | None:
    """The name of another program's format; None if it is not known as one."""
    if zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
        found = (kind for mark, kind in INSIDE.items() if any(mark in name for name in names))
        return next(found, None)
    return FOREIGN.get(file.suffix.lower())


def _tensors(content: object, levels: int = DEEPEST) -> dict[str, Tensor]:
    """The state dict in what was read; training programs save theirs one level down, or two."""
    if not isinstance(content, Mapping) or not levels:
        return {}
    wrapped = (_tensors(content[key], levels - 1) for key in WRAPPED if key in content)
    if found := next(filter(None, wrapped), None) or _named(content):
        return found
    inner = list(filter(None, (_tensors(value, levels - 1) for value in content.values())))
    return inner[0] if len(inner) == 1 else {}


def _named(content: Mapping[object, object]) -> dict[str, Tensor]:
    """Its own tensors, without the prefixes that wrappers of a whole network give to names."""
    items = content.items()
    found = {k: v.detach() for k, v in items if isinstance(k, str) and isinstance(v, Tensor)}
    for prefix in PREFIXES:
        if all(name.startswith(prefix) for name in found):
            found = {name.removeprefix(prefix): value for name, value in found.items()}
    return found


def fit(tensors: Mapping[str, Tensor], source: Source, wanted: Shapes) -> dict[str, Tensor]:
    """A file's tensors as a network's: float32, contiguous, of the names and shapes in `wanted`.

    Args:
        tensors: name -> tensor of any shape, in the published naming or the network's.
        source: has the converter from the published naming.
        wanted: name -> shape.

    Raises:
        WeightsMismatch: if they are not that network's; it says which tensor and which shapes.
    """
    if source.convert is not None and not set(tensors) & set(wanted):
        tensors = source.convert(tensors)
    fitting = [key for key in wanted if key in tensors and tensors[key].shape == wanted[key]]
    for key, shape in wanted.items():
        if key in tensors and tensors[key].shape != shape:
            reason = f"{key} is {_by(tensors[key].shape)} where {_by(shape)} belongs"
            raise WeightsMismatch(reason, len(fitting))
    for keys, what in ((set(wanted) - set(tensors), "has no"), (set(tensors) - set(wanted), "has")):
        if keys:
            more = f" and {len(keys) - 1} more" if len(keys) > 1 else ""
            belongs = ", which it should not" if what == "has" else ""
            raise WeightsMismatch(f"it {what} {min(keys)}{more}{belongs}", len(fitting))
    return {key: _plain(key, tensors[key], len(fitting)) for key in wanted}


def _plain(key: str, tensor: Tensor, fitting: int) -> Tensor:
    if tensor.layout is not torch.strided or not tensor.is_floating_point():
        raise WeightsMismatch(f"{key} does not hold plain floating point numbers", fitting)
    tensor = tensor.to(torch.float32, copy=True, memory_format=torch.contiguous_format)
    # A NaN spoils both extremes, and this reads fifty times as fast as isfinite().all().
    if not all(extreme.isfinite() for extreme in tensor.aminmax()):
        raise WeightsMismatch(f"{key} holds numbers that are not finite", fitting)
    return tensor


def _by(shape: tuple[int, ...]) -> str:
    return " x ".join(str(side) for side in shape) or "a single number"

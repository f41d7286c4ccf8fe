"""Reading of Keras's files: HDF5 (.h5, .weights.h5) and archives (.keras); no code is run."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import torch
from torch import Tensor

from artgen.core.optional import require
from artgen.core.tensor_files import MOST_TENSORS
from artgen.errors import WeightsError

__all__ = ["LARGEST", "is_keras", "read_keras"]

SIGNATURE = b"\x89HDF\r\n\x1a\n"
INSIDE = "model.weights.h5"  # where a .keras archive has its weights
LARGEST = 4 << 30  # bytes of tensors in a file; VGG-19 with its head has 0.6 of 2^30
# Groups of a whole model, at the top of the file, that hold no weights of its layers.
ASIDE = ("optimizer", "optimizer_weights", "metrics", "compile_metrics", "loss_tracker")


def is_keras(file: Path, head: bytes) -> bool:
    """Whether a file that begins with the bytes `head` is HDF5 or a .keras archive."""
    if head.startswith(SIGNATURE):
        return True
    if not head.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(file) as archive:
            return INSIDE in archive.namelist()
    except Exception:  # a damaged archive fails in any way it likes
        return False


def read_keras(file: Path) -> dict[str, Tensor]:
    """The floating point tensors of a Keras file, by their paths in it, kernels as (H, W, I, O).

    The path of a layer that says its name, as Keras 3's do, ends in that name:
    `layers/conv2d/block1_conv1/vars/0`. Links to other files are not followed.

    Raises:
        UsageError: if h5py is not installed.
        WeightsError: if the file refers to other files, is larger than memory should hold, or has
            Theano's kernels, which are flipped.
        Exception: any of h5py's, for a file that is damaged.
    """
    require("h5py", "keras", "Reading a file of Keras")
    import h5py

    found: dict[str, Tensor] = {}
    with _opened(file) as stream, h5py.File(stream, "r") as content:
        _check_backend(file, content)
        total = 0
        for path, item in _datasets(content):
            if item.external or item.is_virtual:
                raise WeightsError(
                    f"{file} refers to other files; they were not read.",
                    "Take a file that holds its weights itself.",
                )
            total += item.nbytes
            if total > LARGEST:
                raise WeightsError(
                    f"{file} says that it holds more than {LARGEST >> 30} GiB of weights.",
                    "Take the weights of the network alone.",
                )
            if item.dtype.kind == "f" and item.dtype.itemsize <= 8:
                values = item[()].astype(item.dtype.newbyteorder("="))
                found[_named(path, item)] = torch.from_numpy(values)
    return found


def _opened(file: Path) -> BinaryIO:
    """The HDF5 bytes of a file: its own, or those in its archive."""
    stream = file.open("rb")
    if stream.read(2) != b"PK":
        stream.seek(0)
        return stream
    with stream, zipfile.ZipFile(stream) as archive:
        if archive.getinfo(INSIDE).file_size > LARGEST:
            raise zipfile.BadZipFile("too large")
        return io.BytesIO(archive.read(INSIDE))


def _datasets(content: Any) -> Iterator[tuple[str, Any]]:
    """Every dataset of an HDF5 file, with its path; `visit` follows neither links nor circles."""
    from h5py import Dataset

    paths: list[str] = []

    def add(path: str) -> bool | None:  # whether to stop
        paths.append(path)
        return True if len(paths) > MOST_TENSORS else None

    if content.visit(add):
        raise WeightsError(
            f"{content.filename} holds more than {MOST_TENSORS} groups and tensors.",
            "Take the weights of the network alone.",
        )
    for path in paths:
        item = content[path]
        if isinstance(item, Dataset) and path.split("/")[0] not in ASIDE:
            yield path, item


def _named(path: str, item: Any) -> str:
    """The dataset's path, with the name that Keras 3 gives to the group of a layer's variables."""
    name = item.parent.attrs.get("name")
    if isinstance(name, str) and re.search(r"/vars/\d+$", path):
        group, _, number = path.rpartition("/vars/")
        return f"{group}/{name}/vars/{number}"
    return path


def _check_backend(file: Path, content: Any) -> None:
    """Raises an error for a file with Theano's kernels."""
    from h5py import HardLink

    groups = [content]
    if isinstance(content.get("model_weights", getlink=True), HardLink):
        groups.append(content["model_weights"])
    for group in groups:
        backend = group.attrs.get("backend", "")
        if backend in ("theano", b"theano"):
            raise WeightsError(
                f"{file} was saved by Keras on Theano, whose kernels are flipped.",
                "Load it in Keras on another backend, and save it once more.",
            )

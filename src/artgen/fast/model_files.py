"""Trained painters, and the decoder of any style, as files. Nothing in a file is ever run.

A painter's file is safetensors in float16, which costs its pictures nothing that shows; its header
tells of which kind the network is, the styles' names, and what else its shape depends on.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors.torch import save as serialise
from torch import nn

from artgen.core.events import Provenance
from artgen.core.files import PACKAGE_DATA, drafted
from artgen.errors import ArtgenError, UsageError, WeightsError
from artgen.fast.any_style import Decoder
from artgen.fast.johnson import Johnson, from_checkpoint
from artgen.fast.multi_style import Network, Painter
from artgen.networks.weights import Origin
from artgen.networks.weights.reading import read

__all__ = [
    "DECODER",
    "SHIPPED",
    "Trained",
    "check",
    "learner",
    "load",
    "load_decoder",
    "save",
    "take",
    "write",
]

SHIPPED, DECODER = (PACKAGE_DATA / f"{name}.safetensors" for name in ("painter", "decoder"))
Kind = TypeVar("Kind", bound=nn.Module)


def _painter(about: Mapping[str, Any]) -> Painter:
    return Painter(about["styles"], tuple(about["widths"]), int(about["blocks"]))


def _johnson(about: Mapping[str, Any]) -> Johnson:
    (style,) = about["styles"]
    return Johnson(style)


def _decoder(about: Mapping[str, Any]) -> Decoder:
    return Decoder(about["seen"], about["widths"], int(about["blocks"]), int(about["code"]))


BUILD: Mapping[str, Callable[[Mapping[str, Any]], Painter | Johnson]] = {
    "artgen painter 3": _painter,
    "artgen johnson 1": _johnson,
}


DECODERS: Mapping[str, Callable[[Mapping[str, Any]], Decoder]] = {"artgen decoder 1": _decoder}


@dataclass(frozen=True)
class Trained:
    """A painter that has been read, what its file said of it, and where it came from."""

    painter: Network
    said: Mapping[str, str]
    origin: Origin

    @property
    def provenance(self) -> Provenance:
        """What says of a picture that this has painted it."""
        name = self.origin.file.stem if self.origin.file else ""
        return Provenance(name, self.origin.sha256)


def save(
    painter: Painter | Johnson | Decoder, path: Path, said: Mapping[str, str] | None = None
) -> None:
    """Writes a painter, or a decoder, whole or not at all.

    Args:
        painter: on any device.
        path: of the file.
        said: what its header is to tell beside the shape of the network.

    Raises:
        WeightsError: if there is no room or no right to write it.
    """
    about: dict[str, object]
    if isinstance(painter, Painter):
        about = {
            "kind": "artgen painter 3",
            "styles": painter.styles[1:],
            "widths": painter.widths,
            "blocks": len(painter.blocks),
        }
    elif isinstance(painter, Johnson):
        about = {"kind": "artgen johnson 1", "styles": painter.styles[1:]}
    else:
        about = {"kind": "artgen decoder 1", **painter.shape}
    about["said"] = said or {}
    tensors = {
        name: value.detach().cpu().half().contiguous()
        for name, value in painter.state_dict().items()
    }
    # One entry only: safetensors writes several in an order that changes.
    write(serialise(tensors, {"artgen": json.dumps(about)}), path)


def check(path: Path) -> None:
    """Refuses, before any work, a path where no network can be written.

    Raises:
        UsageError: for another ending than .safetensors, or a folder that is not there.
    """
    if path.suffix != ".safetensors":
        raise UsageError(f"-o is {path}.", "A network's name ends in .safetensors.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Make it first.")


def write(content: bytes, path: Path) -> None:
    """Writes a file, whole or not at all.

    Raises:
        WeightsError: if there is no room or no right to write it.
    """
    try:
        with drafted(path, path.with_name(path.name + ".new")) as draft:
            draft.write_bytes(content)
    except OSError as error:
        why = error.strerror or error
        raise WeightsError(f"{path} cannot be written: {why}.", "Choose another -o.") from error


def load(path: Path) -> Trained:
    """Reads a painter: in float32, on the CPU, not to be trained by accident.

    Raises:
        WeightsError: for a file that is absent, damaged, or no painter's.
    """
    found = _load(path, BUILD)
    if found is None:
        raise WeightsError(
            f"{path} is not a network that artgen fast train made.",
            "An old .pth or .model of PyTorch's examples becomes one by artgen fast import.",
        )
    return Trained(*found)


def load_decoder(path: Path = DECODER) -> tuple[Decoder, Origin]:
    """Reads a decoder, as `load` does a painter.

    Raises:
        WeightsError: for a file that is absent, damaged, or no decoder's.
    """
    found = _load(path, DECODERS)
    if found is None:
        raise WeightsError(f"{path} is no decoder of any style.", "Install artgen again.")
    return found[0], found[2]


def _load(
    path: Path, known: Mapping[str, Callable[[Mapping[str, Any]], Kind]]
) -> tuple[Kind, dict[str, str], Origin] | None:
    """The network in a file, what was said of it, and the file; None for another kind of file."""
    tensors, digest = read(path)
    about = _header(path)
    build = known.get(str(about.get("kind")))
    if build is None:
        return None
    try:
        with torch.device("meta"):
            network = build(about)
        network.load_state_dict({k: v.float() for k, v in tensors.items()}, assign=True)
        said = {str(key): str(value) for key, value in about["said"].items()}
    except (ArtgenError, AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise WeightsError(
            f"{path} is no painter that this version of artgen knows.",
            "Train it again, or update artgen.",
        ) from error
    network.requires_grad_(False).eval().to(memory_format=torch.channels_last)
    return network, said, Origin(path, digest)


def learner(trained: Trained) -> Painter:
    """The network, if it is of a kind that can learn styles beside its own.

    Raises:
        UsageError: if not.
    """
    if not isinstance(trained.painter, Painter):
        raise UsageError(
            f"{trained.origin.file} holds one style and cannot learn another.",
            "Add styles to a network that artgen fast train made.",
        )
    return trained.painter


def take(checkpoint: Path, path: Path, name: str = "") -> str:
    """Makes a painter's file of an old checkpoint of PyTorch's fast_neural_style example.

    Args:
        checkpoint: .pth, .model or safetensors; nothing in it is run.
        path: of the file to write.
        name: what its style is to be called; the checkpoint's own name where it is left out.

    Returns:
        The style's name.

    Raises:
        UsageError: for a name that no style can have.
        WeightsError: for a checkpoint that is absent, damaged, unsafe or of another network, and
            if there is no room or no right to write the file.
    """
    tensors, digest = read(checkpoint)
    painter = from_checkpoint(tensors, name or checkpoint.stem)
    save(painter, path, {"checkpoint": checkpoint.name, "sha256": digest})
    return painter.styles[1]


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

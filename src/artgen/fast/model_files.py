"""Files of painters, decoder, enlarger and prior. Nothing in a file is ever executed.

A painter's file is safetensors in float16, with no visible loss; its header says which kind of
network it is, the names of its styles, and what else the network's shape depends on.
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
from artgen.core.tensor_files import safetensors_header
from artgen.errors import ArtgenError, UsageError, WeightsError
from artgen.fast.any_style import Decoder
from artgen.fast.enlarger import Enlarger
from artgen.fast.johnson import Johnson, from_checkpoint
from artgen.fast.multi_style import Network, Painter
from artgen.fast.prior import Prior
from artgen.fast.shared import DECODER, DECODER_KIND, JOHNSON_KIND, PAINTER_KIND, SHIPPED
from artgen.networks.weights import Origin
from artgen.networks.weights.reading import read

__all__ = [
    "DECODER",
    "ENLARGER",
    "PRIOR",
    "SHIPPED",
    "Trained",
    "check",
    "learner",
    "load",
    "load_decoder",
    "load_enlarger",
    "load_prior",
    "save",
    "take",
    "write",
]

ENLARGER, PRIOR = (PACKAGE_DATA / f"{name}.safetensors" for name in ("enlarger", "prior"))
# What a network's header may say: channels, residual blocks, numbers in all, and styles.
WIDEST, MOST_BLOCKS, MOST_NUMBERS, MOST_STYLES = 4096, 64, 16, 1000
Kind = TypeVar("Kind", bound=nn.Module)


def _painter(about: Mapping[str, Any]) -> Painter:
    return Painter(about["styles"], tuple(about["widths"]), int(about["blocks"]))


def _johnson(about: Mapping[str, Any]) -> Johnson:
    (style,) = about["styles"]
    return Johnson(style)


def _decoder(about: Mapping[str, Any]) -> Decoder:
    return Decoder(about["seen"], about["widths"], int(about["blocks"]), int(about["code"]))


BUILD: Mapping[str, Callable[[Mapping[str, Any]], Painter | Johnson]] = {
    PAINTER_KIND: _painter,
    JOHNSON_KIND: _johnson,
}


def _enlarger(about: Mapping[str, Any]) -> Enlarger:
    return Enlarger(int(about["channels"]), int(about["blocks"]), int(about["fine"]))


def _prior(about: Mapping[str, Any]) -> Prior:
    return Prior(about["seen"], about["widths"], int(about["blocks"]))


DECODERS: Mapping[str, Callable[[Mapping[str, Any]], Decoder]] = {DECODER_KIND: _decoder}
ENLARGERS: Mapping[str, Callable[[Mapping[str, Any]], Enlarger]] = {"artgen enlarger 1": _enlarger}
PRIORS: Mapping[str, Callable[[Mapping[str, Any]], Prior]] = {"artgen prior 1": _prior}
KINDS: Mapping[type[nn.Module], str] = {
    Decoder: next(iter(DECODERS)),
    Enlarger: next(iter(ENLARGERS)),
    Prior: next(iter(PRIORS)),
}


@dataclass(frozen=True)
class Trained:
    """A painter read from a file, what its header says, and where it came from."""

    painter: Network
    said: Mapping[str, str]
    origin: Origin

    @property
    def provenance(self) -> Provenance:
        """The network, with its weights, for the recipe of a picture that it painted."""
        name = self.origin.file.stem if self.origin.file else ""
        return Provenance(name, self.origin.sha256)


def save(
    painter: Painter | Johnson | Decoder | Enlarger | Prior,
    path: Path,
    said: Mapping[str, str] | None = None,
) -> None:
    """Write a painter, a decoder, an enlarger or a prior to a file, atomically.

    Args:
        painter: on any device.
        path: of the file.
        said: entries for the header, besides the shape of the network.

    Raises:
        WeightsError: if there is no space or no permission to write it.
    """
    about: dict[str, object]
    if isinstance(painter, Painter):
        about = {
            "kind": PAINTER_KIND,
            "styles": painter.styles[1:],
            "widths": painter.widths,
            "blocks": len(painter.blocks),
        }
    elif isinstance(painter, Johnson):
        about = {"kind": JOHNSON_KIND, "styles": painter.styles[1:]}
    else:
        about = {"kind": KINDS[type(painter)], **painter.shape}
    about["said"] = said or {}
    tensors = {
        name: value.detach().cpu().half().contiguous()
        for name, value in painter.state_dict().items()
    }
    # One entry only: safetensors writes several in an order that changes.
    write(serialise(tensors, {"artgen": json.dumps(about)}), path)


def check(path: Path, flag: str = "-o") -> None:
    """Check, before any work, that a network can be written to a path, given with this option.

    Raises:
        UsageError: for an extension other than .safetensors, or a folder that does not exist.
    """
    if path.suffix != ".safetensors":
        raise UsageError(f"{flag} is {path}.", "A network's name ends in .safetensors.")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"There is no folder {path.parent}.", "Make it first.")


def write(content: bytes, path: Path) -> None:
    """Write a file, atomically.

    Raises:
        WeightsError: if there is no space or no permission to write it.
    """
    try:
        with drafted(path, path.with_name(path.name + ".new")) as draft:
            draft.write_bytes(content)
    except OSError as error:
        why = error.strerror or error
        raise WeightsError(f"{path} cannot be written: {why}.", "Choose another -o.") from error


def load(path: Path) -> Trained:
    """Read a painter: in float32, on the CPU, without gradients.

    Raises:
        WeightsError: for a file that is missing, damaged, or not a painter.
    """
    found = _load(path, BUILD)
    if found is None:
        raise WeightsError(
            f"{path} is not a network that artgen fast train made.",
            "An old .pth or .model of PyTorch's examples becomes one by artgen fast import.",
        )
    return Trained(*found)


def load_decoder(path: Path = DECODER) -> tuple[Decoder, Origin]:
    """Read a decoder, as `load` reads a painter.

    Raises:
        WeightsError: for a file that is missing, damaged, or not a decoder.
    """
    return _shipped(path, DECODERS, "decoder of any style")


def load_enlarger(path: Path = ENLARGER) -> tuple[Enlarger, Origin]:
    """Read an enlarger, as `load` reads a painter.

    Raises:
        WeightsError: for a file that is missing, damaged, or not an enlarger.
    """
    return _shipped(path, ENLARGERS, "network that enlarges")


def load_prior(path: Path = PRIOR) -> tuple[Prior, Origin]:
    """Read a prior, as `load` reads a painter.

    Raises:
        WeightsError: for a file that is missing, damaged, or not a prior.
    """
    return _shipped(path, PRIORS, "network that makes pictures from features")


def _shipped(
    path: Path, known: Mapping[str, Callable[[Mapping[str, Any]], Kind]], what: str
) -> tuple[Kind, Origin]:
    """A network of the package, and its origin."""
    found = _load(path, known)
    if found is None:
        raise WeightsError(f"{path} is no {what}.", "Install artgen again.")
    return found[0], found[2]


def _load(
    path: Path, known: Mapping[str, Callable[[Mapping[str, Any]], Kind]]
) -> tuple[Kind, dict[str, str], Origin] | None:
    """The network in a file, its header and its origin; None for another kind of file."""
    contents = read(path)
    about = _header(path) if contents.format == "safetensors" else {}
    build = known.get(str(about.get("kind")))
    if build is None:
        return None
    try:
        _check_shape(about)
        with torch.device("meta"):
            network = build(about)
        network.load_state_dict({k: v.float() for k, v in contents.tensors.items()}, assign=True)
        said = {str(key): str(value) for key, value in about["said"].items()}
    except (
        *(ArtgenError, AttributeError, KeyError, OverflowError),
        *(RecursionError, RuntimeError, TypeError, ValueError),
    ) as error:
        raise WeightsError(
            f"{path} is no painter that this version of artgen knows.",
            "Train it again, or update artgen.",
        ) from error
    network.requires_grad_(False).eval().to(memory_format=torch.channels_last)
    return network, said, Origin(path, contents.sha256)


def learner(trained: Trained) -> Painter:
    """The network, if it is of a kind that can learn more styles.

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
    """Convert an old checkpoint of PyTorch's fast_neural_style example to a painter's file.

    Args:
        checkpoint: .pth, .model or safetensors; no code in it is executed.
        path: of the file to write.
        name: the name of its style; the checkpoint's file name if empty.

    Returns:
        The name of the style.

    Raises:
        UsageError: for a name that a style cannot have.
        WeightsError: for a checkpoint that is missing, damaged, unsafe or of another network, and
            if there is no space or no permission to write the file.
    """
    contents = read(checkpoint)
    painter = from_checkpoint(contents.tensors, name or checkpoint.stem)
    save(painter, path, {"checkpoint": checkpoint.name, "sha256": contents.sha256})
    return painter.styles[1]


def _header(path: Path) -> dict[str, Any]:
    """artgen's metadata in a safetensors file; empty if it has none."""
    try:
        about = json.loads(safetensors_header(path, WeightsError)["__metadata__"]["artgen"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return about if isinstance(about, dict) else {}


def _check_shape(about: Mapping[str, Any]) -> None:
    """Check what a network is built from, before it is built.

    Raises:
        ValueError: for what no network that was trained here has.
    """
    numbers = [about.get(one, 1) for one in ("blocks", "code", "channels", "fine")]
    numbers += [*about.get("widths", ()), *about.get("seen", ())]
    styles = about.get("styles", [])
    sound = all(type(one) is int and 0 <= one <= WIDEST for one in numbers)
    sound = sound and about.get("blocks", 1) <= MOST_BLOCKS and len(numbers) <= MOST_NUMBERS
    sound = sound and isinstance(styles, list) and len(styles) <= MOST_STYLES
    if not sound or not all(isinstance(one, str) and one for one in styles):
        raise ValueError("no shape of a network")

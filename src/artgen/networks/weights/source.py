"""Records of weights: their source, origin and status, and the callbacks of a download."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

__all__ = ["Contents", "Offer", "Origin", "Part", "Source", "Status", "Watcher"]


@dataclass(frozen=True)
class Source:
    """Where a network's weights come from: inside the package, an address, or a seed.

    Attributes:
        licence: under which the weights are given.
        packaged: name of a safetensors file in the package's data folder.
        url: address of a published file, for networks that are fetched.
        size: bytes of that file.
        digest: SHA-256 of that file (or of the packaged one) in hex; its first digits will do.
        convert: turns the published file's tensors into this chain's (names as in the chain).
        seed: seed of random weights, for networks in tests.
        from_caffe: turns weights trained on Caffe's pixels (names and shapes as in the chain) into
            weights for the network's own normalisation; None where none are known.
    """

    licence: str
    packaged: str | None = None
    url: str | None = None
    size: int = 0
    digest: str = ""
    convert: Callable[[Mapping[str, Tensor]], dict[str, Tensor]] | None = None
    seed: int | None = None
    from_caffe: Callable[[Mapping[str, Tensor]], dict[str, Tensor]] | None = None


@dataclass(frozen=True)
class Contents:
    """Contents of a weights file.

    Attributes:
        tensors: by their names in the file, of any shape.
        sha256: of the file's bytes, in hex.
        format: `safetensors`, `pytorch` or `keras`.
    """

    tensors: Mapping[str, Tensor]
    sha256: str
    format: str


@dataclass(frozen=True)
class Part:
    """What of a published file is kept as a file of its own, beside a network's layers.

    Attributes:
        name: of the file in the cache.
        source: the network's, with what turns the published tensors into the part's.
        build: makes its modules, whose shapes the tensors must have.
    """

    name: str
    source: Source
    build: Callable[[], nn.Module]


@dataclass(frozen=True)
class Origin:
    """What was loaded: the file (None for a seed) and the SHA-256 of its bytes."""

    file: Path | None
    sha256: str


@dataclass(frozen=True)
class Status:
    """State of a network's weights on this machine.

    Attributes:
        name: the network's.
        kind: `packaged`, `download` or `random`.
        licence: under which the weights are given.
        file: where they are, or would be once fetched; None for random ones.
        present: whether they can be used now, without a download.
        size: bytes of `file`; 0 where it is absent.
        download: bytes of the published file; 0 for a network that is not fetched.
        url: address of the published file.
        sha256: remembered digest of `file`; empty where nothing is remembered.
        published: remembered digest of the published file; empty until one has been seen.
    """

    name: str
    kind: str
    licence: str
    file: Path | None
    present: bool
    size: int
    download: int
    url: str | None
    sha256: str
    published: str


@dataclass(frozen=True)
class Offer:
    """A download about to begin; `already` bytes of its `size` are here from an earlier try."""

    name: str
    url: str
    size: int
    already: int
    licence: str


def _silent(*_: object) -> None:
    """The default callback, which does nothing."""


@dataclass(frozen=True)
class Watcher:
    """Callbacks of a download or an import. To refuse a download, raise from `announce`.

    Attributes:
        announce: called once, before the first byte.
        progress: called with the bytes done and the bytes in all (None where they are unknown).
        waiting: called with the network's name when another process is fetching the same one.
        note: called with a sentence for the user: what was assumed about a file.
    """

    announce: Callable[[Offer], None] = _silent
    progress: Callable[[int, int | None], None] = _silent
    waiting: Callable[[str], None] = _silent
    note: Callable[[str], None] = _silent

"""What techniques have in common that look at things: a network that looks, a labelled sheet."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from artgen.errors import UsageError
from artgen.networks.extractor import FeatureExtractor
from artgen.runtime import Runtime
from artgen.techniques.common.options import Net, Pooling, Weights

__all__ = ["Looking", "Pooled", "channelled"]


@dataclass(frozen=True)
class Looking:
    """Settings that say which network looks."""

    net: Net = "slim"
    weights: Weights = ""

    @property
    def file(self) -> Path | None:
        """The weights file that is named, if one is."""
        return Path(self.weights) if self.weights else None

    @property
    def named(self) -> str:
        """The network as sheets name it: without a version, which only their recipes tell."""
        return self.net.partition("@")[0]

    def network(
        self, runtime: Runtime, *, pooling: str = "max", wraps: bool = False
    ) -> FeatureExtractor:
        """The network that looks; beyond an edge it sees the edge, or the opposite one."""
        padding = "circular" if wraps else "replicate"
        return runtime.extractor(self.net, padding=padding, pooling=pooling, file=self.file)


@dataclass(frozen=True)
class Pooled(Looking):
    """Settings of a network whose pooling may be chosen."""

    pooling: Pooling = "max"

    def eye(self, runtime: Runtime, *, wraps: bool = False) -> FeatureExtractor:
        """The network that looks, pooling as it is told to."""
        return self.network(runtime, pooling=self.pooling, wraps=wraps)


def channelled(extractor: FeatureExtractor, layer: str) -> str:
    """The layer that a name stands for, once it is one with channels.

    Raises:
        UsageError: for an unknown layer, or for the picture itself.
    """
    found = extractor.resolve(layer)
    if found == "image":
        raise UsageError(
            "'image' is what the network looks at, and has no channels.",
            f"Take a layer of {extractor.spec.name!r}, such as {extractor.layers[0]}.",
        )
    return found

"""Settings that choose the feature network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from artgen.core.events import Note, Step
from artgen.errors import UsageError
from artgen.techniques.common.options import Net, Pooling, Weights

if TYPE_CHECKING:
    from artgen.networks.extractor import FeatureExtractor
    from artgen.networks.weights import Origin
    from artgen.runtime import Runtime

__all__ = ["NetworkSettings", "Pooled", "channelled", "with_network"]


@dataclass(frozen=True)
class NetworkSettings:
    """Settings that choose the feature network."""

    net: Net = "slim"
    weights: Weights = ""

    @property
    def file(self) -> Path | None:
        """The weights file, if one is named."""
        return Path(self.weights) if self.weights else None

    @property
    def named(self) -> str:
        """The network's name for sheets: without a version, which only their recipes have."""
        return self.net.partition("@")[0]

    def network(
        self, runtime: Runtime, *, pooling: str = "max", wraps: bool = False
    ) -> FeatureExtractor:
        """The network; beyond an edge it sees the edge repeated, or the opposite one (`wraps`)."""
        padding = "circular" if wraps else "replicate"
        return runtime.extractor(self.net, padding=padding, pooling=pooling, file=self.file)


@dataclass(frozen=True)
class Pooled(NetworkSettings):
    """Settings of a network whose pooling can be chosen."""

    pooling: Pooling = "max"

    def eye(self, runtime: Runtime, *, wraps: bool = False) -> FeatureExtractor:
        """The feature extractor, with the pooling of the settings."""
        return self.network(runtime, pooling=self.pooling, wraps=wraps)


def channelled(extractor: FeatureExtractor, layer: str) -> str:
    """The full name of a layer with channels.

    Raises:
        UsageError: for an unknown layer, or for `image`, the picture itself.
    """
    found = extractor.resolve(layer)
    if found == "image":
        raise UsageError(
            "'image' is what the network looks at, and has no channels.",
            f"Take a layer of {extractor.spec.name!r}, such as {extractor.layers[0]}.",
        )
    return found


def with_network(events: Iterable[Step | Note], name: str, origin: Origin) -> Iterator[Step | Note]:
    """The events of a run in which a further network takes part: the recipe names it, too."""
    for event in events:
        if isinstance(event, Step):
            by = event.provenance
            by = replace(by, beside=(*by.beside, (name, origin.sha256)))
            event = replace(event, provenance=by)
        yield event

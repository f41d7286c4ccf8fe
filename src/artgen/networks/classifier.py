"""A feature network with its head: pictures in, a score for each class out."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from artgen.errors import UsageError, WeightsError
from artgen.networks import weights
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.heads import applied
from artgen.networks.zoo import all_networks
from artgen.ops.numerics import wide
from artgen.ops.resize import shortened

__all__ = ["Classifier"]


class Classifier(nn.Module):
    """An extractor and its network's head.

    Args:
        extractor: with zeros beyond the border, as such networks were trained.
        file: a weights file to use instead of the cached one; it has to hold the head.
        watcher: called before and during a download.

    Raises:
        UsageError: for a network that has no head; the hint names those that do.
        WeightsError: for weights that cannot be had or do not fit.
    """

    def __init__(
        self,
        extractor: FeatureExtractor,
        file: Path | None = None,
        watcher: weights.Watcher | None = None,
    ) -> None:
        super().__init__()
        spec = extractor.spec
        if spec.head is None:
            raise UsageError(
                f"The network {spec.name!r} has no head: it tells no classes apart.",
                f"Take one that does: --net {' or '.join(_with_heads())}.",
            )
        self.extractor, self.side = extractor, spec.head.side
        (part,) = spec.parts(head=True)
        here = weights.status(part.name, part.source).present
        if file is None and not here and spec.head.on_request:
            raise WeightsError(
                f"The head of {spec.name!r} is not here.",
                f"`artgen nets fetch {spec.name} --head` downloads it.",
            )
        with torch.device("meta"):
            chain, self.head = spec.build(), spec.head.build()
        if file is None and not here:
            weights.fetch(spec.name, spec.source, chain, watcher, [part])
        weights.load(part.name, part.source, self.head, file)
        self.requires_grad_(False).eval()

    @property
    def last(self) -> str:
        """The layer that the head takes as input."""
        return self.extractor.layers[-1]

    def seen(self, picture: Tensor, side: int = 0) -> Tensor:
        """A picture (1, 3, H, W) as the network sees it, with a short side of `side` px, in [0, 1].

        If 0, the side that it was trained with.
        """
        return shortened(picture.to(self.extractor.mean), side or self.side)

    def forward(self, picture: Tensor) -> Tensor:
        """Scores (B, classes), float32, of pictures (B, 3, H, W) in [0, 1]: logits."""
        features = self.extractor(picture, [self.last])[self.last]
        return wide(applied(self.head, features))

    @torch.no_grad()
    def guesses(self, picture: Tensor) -> Tensor:
        """Probabilities (classes,) of a picture (1, 3, H, W) in [0, 1]."""
        return torch.softmax(self(picture), 1)[0]


def _with_heads() -> list[str]:
    """Names of the networks that have a head and trained weights."""
    networks = all_networks()
    specs = [networks.get(name) for name in networks]
    return [spec.name for spec in specs if spec.head is not None and spec.source.seed is None]

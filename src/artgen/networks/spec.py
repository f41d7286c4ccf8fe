"""Description of a network: layers, source of its weights, roles, normalisation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from torch import nn

from artgen.core.defaults import IMAGENET_MEAN, IMAGENET_STD
from artgen.networks import weights
from artgen.networks.heads import Head

__all__ = ["NetworkSpec", "Role"]


@dataclass(frozen=True)
class Role:
    """Layers with weights that a network recommends for a use, and a scale factor.

    `scale` makes a technique's default weights mean the same on this network as on the others. That
    of `style` and `content` is measured (benchmarks/role_scales.py); that of `dream`, a factor of
    the step, is chosen by eye, as the dreams are.
    """

    layers: Mapping[str, float]
    scale: float = 1.0


@dataclass(frozen=True)
class NetworkSpec:
    """Description of a network.

    Attributes:
        name: what `--net` calls it.
        summary: one line for `artgen nets list`.
        build: makes the chain of named layers, its weights still random.
        source: where its weights come from, and under which licence.
        roles: `style`, `neighbours`, `content`, `dream` and `texture`.
        aliases: other names for its layers; VGG-shaped names (`block4`) need none.
        head: its classification head, if it has one.
        version: of weights that may be trained anew; 0 for weights that stay as they were
            published. Pictures are made again with the version that made them.
        earlier: its versions before this one.
        mean, std: of RGB in [0, 1]: subtracted, and divided by.
    """

    name: str
    summary: str
    build: Callable[[], nn.Sequential]
    source: weights.Source
    roles: Mapping[str, Role]
    aliases: Mapping[str, str] = field(default_factory=dict)
    head: Head | None = None
    version: int = 0
    earlier: tuple[NetworkSpec, ...] = ()
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD

    @property
    def full_name(self) -> str:
        """The name of exactly this version: `slim@1`."""
        return f"{self.name}@{self.version}" if self.version else self.name

    def parts(self, *, head: bool) -> list[weights.Part]:
        """What else of its published file is kept: the head, if it is small or asked for."""
        if self.head is None or (self.head.on_request and not head):
            return []
        source = replace(self.source, convert=self.head.convert, from_caffe=None)
        return [weights.Part(f"{self.name}-head", source, self.head.build)]

"""What is known of a network beside its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from torch import nn

from artgen.networks import weights
from artgen.networks.heads import Head

__all__ = ["NetworkSpec", "Role"]

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Role:
    """Layers with weights that a network recommends for a use, and how strongly they speak.

    `scale` makes a technique's default weights mean the same on this network as on the others. That
    of `style` and `content` is measured (benchmarks/role_scales.py); that of `dream`, a factor of
    the step, is chosen by eye, as the dreams are.
    """

    layers: Mapping[str, float]
    scale: float = 1.0


@dataclass(frozen=True)
class NetworkSpec:
    """All that is known of a network beside its weights.

    Attributes:
        name: what `--net` calls it.
        summary: one line for `artgen nets list`.
        build: makes the chain of named layers, its weights still random.
        source: where its weights come from, and under which licence.
        roles: `style`, `content`, `dream` and `texture`.
        aliases: other names for its layers; VGG-shaped names (`block4`) need none.
        head: what it has behind its last layer, if it tells classes apart.
        version: of weights that may be trained anew; 0 for weights that stay as they were
            published. Pictures are made again with the version that made them.
        earlier: its versions before this one.
        mean, std: what the network subtracts from RGB in [0, 1], and divides it by.
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
        """The name that means this version for ever: `slim@1`."""
        return f"{self.name}@{self.version}" if self.version else self.name

    def parts(self, *, head: bool) -> list[weights.Part]:
        """What of its published file is kept beside its layers: the head, if small or asked for."""
        if self.head is None or (self.head.on_request and not head):
            return []
        source = replace(self.source, convert=self.head.convert)
        return [weights.Part(f"{self.name}-head", source, self.head.build)]

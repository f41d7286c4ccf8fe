"""The score that a saliency method explains: of a class, or of one channel of a layer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from torch import Tensor

from artgen.core.schema import Option
from artgen.errors import UsageError
from artgen.figures.bar_chart import percentage
from artgen.networks.attribution import AttributionTarget, Neuron, Probabilities
from artgen.networks.channels import before_relu, below, choose, energies
from artgen.networks.imagenet import SIDE, classes, find_class
from artgen.ops.resize import shortened
from artgen.runtime import Runtime
from artgen.techniques.common.network import channelled
from artgen.techniques.common.options import Looked, Net
from artgen.techniques.common.sheet import SeeSettings

__all__ = ["AttributionSettings"]


@dataclass(frozen=True)
class AttributionSettings(SeeSettings):
    """Settings that choose the score."""

    class_: Annotated[
        str,
        Option("a class, by name or number; by default, the most probable one", metavar="NAME"),
    ] = ""
    layer: Annotated[
        str, Option("use a channel of this layer instead of a class", "l", metavar="NAME")
    ] = ""
    channel: Annotated[
        str, Option("the channel of the layer; by default, the strongest", metavar="NUMBER")
    ] = ""
    size: Looked = 0
    net: Net = "squeezenet"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.class_ and self.layer:
            raise UsageError("--class and --layer cannot be combined.", "Give one of them.")
        if self.channel and not self.layer:
            raise UsageError("--channel is of a layer.", "Name it: --layer NAME.")

    def target(
        self, photo: Tensor, runtime: Runtime, *, shares: bool = False
    ) -> tuple[Tensor, AttributionTarget]:
        """The photo (1, 3, H, W) at the network's input size, and the score to explain.

        Args:
            photo: (1, 3, h, w), as given.
            runtime: device and precision.
            shares: whether a class's score is its probability; its logit otherwise.

        Raises:
            UsageError: for an unknown class, layer or channel, a network without a head, or a photo
                too small.
        """
        if self.layer:
            return self._about_a_channel(photo, runtime)
        wanted = find_class(self.class_) if self.class_ else None
        classifier = runtime.classifier(self.net, self.file)
        seen = classifier.seen(photo, self.size)
        found = classifier.guesses(seen)
        index = int(found.argmax()) if wanted is None else wanted
        label = f"{classes()[index]}, {percentage(float(found[index]))}"
        last = classifier.extractor.chain.get_submodule(classifier.last)
        score, provenance = classifier, classifier.extractor.provenance()
        return seen, AttributionTarget(
            label, Probabilities(score) if shares else score, index, last, provenance
        )

    def _about_a_channel(self, photo: Tensor, runtime: Runtime) -> tuple[Tensor, AttributionTarget]:
        extractor = self.network(runtime)
        layer = before_relu(extractor, channelled(extractor, self.layer))
        seen = shortened(photo.to(extractor.mean), self.size or SIDE)
        loud = energies(extractor, seen, [layer])
        text = self.channel or "strongest:1"
        (channel, *more) = choose(text, loud, runtime.generator())[layer]
        if more:
            raise UsageError(f"--channel is {text!r}.", "A saliency is of one channel.")
        under = below(extractor, layer)
        module = None if under is None else extractor.chain.get_submodule(under)
        neuron = Neuron(extractor, layer, channel, seen)
        label = f"{layer}, channel {channel}"
        return seen, AttributionTarget(label, neuron, 0, module, extractor.provenance())

"""What is asked of a photo: a class by name, or a channel of any network."""

from __future__ import annotations

from typing import Any

import pytest
from torch import Tensor

from artgen.core.events import Result, Step
from artgen.runtime import Runtime
from artgen.techniques import technique


def made(name: str, photo: Tensor, **settings: Any) -> tuple[list[Step], dict[str, Tensor]]:
    asked = technique(name)(**{"net": "tiny", "size": 40, "separate": True} | settings)
    *events, result = asked.run({"content": [photo]}, Runtime("cpu", "float32"))
    assert isinstance(result, Result)
    return [one for one in events if isinstance(one, Step)], dict(result.pictures)


@pytest.mark.parametrize("net", ["tiny", "slim"])
def test_a_channel_needs_no_head(photo: Tensor, net: str) -> None:
    words = {"net": net, "layer": "relu2_1", "channel": "3", "method": "gradient,gradcam"}
    _, pictures = made("see_saliency", photo, **words)
    assert pictures["gradient"].std() > 0
    # A neuron sees a part of the photo only.
    assert pictures["gradient"].amax(1).lt(0.03).float().mean() > 0.5


def test_a_class_may_be_named(photo: Tensor) -> None:
    one, two = (
        made("see_saliency", photo, class_=name, method="gradient")[1] for name in ("31", "toucan")
    )
    assert not one["gradient"].equal(two["gradient"])

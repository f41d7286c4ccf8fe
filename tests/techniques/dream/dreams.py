"""Dreams as tests make them: small, by the smallest network."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from artgen.core.events import Result, Step
from artgen.runtime import Runtime
from artgen.techniques.dream import Dream

__all__ = ["dream", "events", "made"]


def dream(**changes: Any) -> Dream:
    return Dream(**{"net": "tiny", "size": 67, "octaves": 2, "iterations": 3} | changes)


def events(
    settings: Dream, runtime: Runtime, photo: Tensor, **more: list[Tensor]
) -> tuple[list[Step], Tensor]:
    """The steps of a run, and its picture."""
    *events, result = settings.run({"content": [photo], **more}, runtime)
    assert isinstance(result, Result)
    steps = [event for event in events if isinstance(event, Step)]
    return steps, result.pictures["picture"]


def made(settings: Dream, runtime: Runtime, photo: Tensor, **more: list[Tensor]) -> Tensor:
    return events(settings, runtime, photo, **more)[1]

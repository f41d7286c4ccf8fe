"""Textures as tests make them: small, by the smallest network."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from artgen.core.events import Result, Step
from artgen.runtime import Runtime
from artgen.techniques.texture import Texture

__all__ = ["Made", "events", "made", "texture"]

Made = tuple[list[Step], dict[str, Tensor]]


def texture(**changes: Any) -> Texture:
    return Texture(**{"net": "tiny", "size": "67x49", "iterations": 4} | changes)


def events(settings: Texture, runtime: Runtime, *samples: Tensor, **more: Tensor) -> Made:
    inputs = {"sample": list(samples)} | {role.rstrip("_"): [one] for role, one in more.items()}
    *events, result = settings.run(inputs, runtime)
    assert isinstance(result, Result)
    return [event for event in events if isinstance(event, Step)], dict(result.pictures)


def made(settings: Texture, runtime: Runtime, *samples: Tensor, **more: Tensor) -> Tensor:
    return events(settings, runtime, *samples, **more)[1]["picture"]

"""The choice between torch and graphs: a picture that graphs can make is made by them, at once."""

from __future__ import annotations

from artgen.images import Loaded
from artgen.runs.inputs import Read, frame_of
from artgen.techniques.base import HasGraphs, Technique

__all__ = ["at_once", "within_reach"]


def at_once(
    settings: Technique,
    read: Read,
    *,
    device: str = "auto",
    precision: str = "auto",
    tile: str = "auto",
) -> bool:
    """Whether a picture is made by graphs, without torch.

    Graphs compute in float32 on the CPU, in one piece. `auto` leaves that to this function: to
    import torch, and to start a GPU, takes longer than a picture of the size that graphs make.

    Args:
        settings: of the technique.
        read: its inputs.
        device, precision, tile: as asked for; see `Runtime`.
    """
    if not (within_reach(device, precision, tile) and isinstance(settings, HasGraphs)):
        return False
    frame = frame_of(settings, read)
    if not isinstance(frame, Loaded):
        return False
    return settings.has_graph(frame.size, len(read.get("style", ())))


def within_reach(device: str, precision: str, tile: str) -> bool:
    """Whether graphs can do what is asked of a runtime: float32 on the CPU, in one piece."""
    plain = device in ("auto", "cpu") and precision in ("auto", "float32")
    return plain and tile in ("auto", "off")

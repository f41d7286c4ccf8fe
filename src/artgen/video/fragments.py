"""Fragments of an MP4, shifted in time and stripped of the header, so that films can grow.

Boxes are those of ISO/IEC 14496-12: `moov` describes the film, and each `moof` with the `mdat`
after it holds some frames; `tfdt` is the time at which the first of them is shown.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

__all__ = ["bare", "later"]

HEAD, VERSION = 8, 4  # bytes of a box's length and name; of its version and flags


def bare(film: bytes) -> bytes:
    """The fragments without the header before them."""
    return film[next(start for name, start, _ in _boxes(film, 0, len(film)) if name == b"moof") :]


def later(film: bytes, ticks: int) -> bytes:
    """The film with every fragment shifted by `ticks` of its time scale."""
    moved = bytearray(film)
    for name, start, end in _boxes(film, 0, len(film)):
        if name == b"moof":
            for at in _times(film, start, end):
                (time,) = struct.unpack_from(">Q", film, at)
                struct.pack_into(">Q", moved, at, time + ticks)
    return bytes(moved)


def _times(film: bytes, start: int, end: int) -> Iterator[int]:
    """Offsets of a fragment's start times: eight bytes each, as ffmpeg writes them."""
    for name, inner, inner_end in _boxes(film, start + HEAD, end):
        if name == b"traf":
            boxes = _boxes(film, inner + HEAD, inner_end)
            yield from (at + HEAD + VERSION for kind, at, _ in boxes if kind == b"tfdt")


def _boxes(film: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of every box between two offsets."""
    while start < end:
        length, name = struct.unpack_from(">I4s", film, start)
        yield name, start, start + length
        start += length

"""Fragments of an MP4: moved in time, and cut off from their heading, so that films can grow.

Boxes are those of ISO/IEC 14496-12: `moov` says what kind of film it is, and each `moof` with the
`mdat` after it holds some frames; `tfdt` says when the first of them is shown.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

__all__ = ["bare", "later"]

HEAD, VERSION = 8, 4  # bytes of a box's length and name; of what stands before its values


def bare(film: bytes) -> bytes:
    """The fragments without what comes before them."""
    return film[next(start for name, start, _ in _boxes(film, 0, len(film)) if name == b"moof") :]


def later(film: bytes, ticks: int) -> bytes:
    """The film with every fragment so many ticks of its own clock later."""
    moved = bytearray(film)
    for name, start, end in _boxes(film, 0, len(film)):
        if name == b"moof":
            for at in _times(film, start, end):
                (time,) = struct.unpack_from(">Q", film, at)
                struct.pack_into(">Q", moved, at, time + ticks)
    return bytes(moved)


def _times(film: bytes, start: int, end: int) -> Iterator[int]:
    """Where a fragment says when it begins: eight bytes, as ffmpeg writes them."""
    for name, inner, inner_end in _boxes(film, start + HEAD, end):
        if name == b"traf":
            boxes = _boxes(film, inner + HEAD, inner_end)
            yield from (at + HEAD + VERSION for kind, at, _ in boxes if kind == b"tfdt")


def _boxes(film: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, beginning and end of every box between two places."""
    while start < end:
        length, name = struct.unpack_from(">I4s", film, start)
        yield name, start, start + length
        start += length

"""How much memory there is for a run: the device's, or the machine's within a container's limit."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from artgen.core.containers import group_folders
from artgen.errors import OutOfMemory

if TYPE_CHECKING:
    import torch

__all__ = ["available", "check_room", "reused", "used"]

SHARE = 0.8  # of the free memory that a plan may use
PICTURES = 3  # of float32 RGB, at least, that any run holds
# Parameters of glibc's mallopt: what is set while memory is reused, and afterwards. That its own
# values follow from what was freed before cannot be had again: these are the largest they reach.
TRIM, MMAP_FROM, MMAPS = -1, -3, -4
REUSED = ((MMAPS, 0), (TRIM, 2**31 - 1))
RETURNED = ((MMAPS, 65_536), (MMAP_FROM, 32 * 2**20), (TRIM, 64 * 2**20))
NO_LIMIT = 2**60  # version 1 of control groups writes about this number for no limit


def available(device: torch.device | None = None) -> int:
    """Bytes that a run may plan with: four fifths of what is free now, on a device or the CPU.

    On a CPU a container's limit counts as well as the machine's memory: a process that exceeds it
    is killed without an error.
    """
    if device is not None and device.type == "cuda":
        import torch

        free, _ = torch.cuda.mem_get_info(device)
        cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return int((free + cached) * SHARE)
    free = int(psutil.virtual_memory().available)
    limits = [left for left in map(_left, group_folders("memory")) if left is not None]
    return int(min([free, *limits]) * SHARE)


def used(device: torch.device) -> int:
    """Bytes that this process uses on the device now."""
    if device.type == "cuda":
        import torch

        return int(torch.cuda.memory_allocated(device))
    return int(psutil.Process().memory_info().rss)


@contextmanager
def reused() -> Iterator[None]:
    """Keeps memory that is freed for what asks for as much again, as frame after frame does.

    glibc gives blocks of more than 32 MB back to the system at once, which clears every page of
    the next one. With other C libraries nothing changes.
    """
    allocator = ctypes.CDLL(None) if sys.platform == "linux" else None
    known = hasattr(allocator, "mallopt") and hasattr(allocator, "malloc_trim")
    if allocator is None or not known:
        yield
        return
    try:
        for parameter, value in REUSED:
            allocator.mallopt(parameter, value)
        yield
    finally:
        for parameter, value in RETURNED:
            allocator.mallopt(parameter, value)
        allocator.malloc_trim(0)


def check_room(size: tuple[int, int], device: torch.device | None = None) -> None:
    """Check, before anything of a size is made, that a few pictures (H, W) of it fit.

    Raises:
        OutOfMemory: if they do not.
    """
    height, width = size
    room = available(device)
    if PICTURES * 3 * 4 * height * width > room:
        raise OutOfMemory(
            f"{width} x {height} px take more than the {room / 1e9:.1f} GB that may be used here.",
            "Take a smaller --size.",
        )


def _left(folder: Path) -> int | None:
    """Bytes below a control group's limit that are still free; None where it sets no limit.

    Cached file pages count as used there, but are released under memory pressure.
    """
    names = (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes"))
    for most, now in names:
        try:
            limit, usage = (folder / most).read_text().strip(), (folder / now).read_text()
            stat = (folder / "memory.stat").read_text()
        except OSError:
            continue
        if not limit.isdecimal() or int(limit) >= NO_LIMIT:
            return None
        sizes = dict(line.split() for line in stat.splitlines())
        # Version 1 counts nested groups under another name; version 2 always counts them.
        files = sizes.get("total_inactive_file", sizes.get("inactive_file", "0"))
        return max(int(limit) - int(usage) + int(files), 0)
    return None

"""How much memory a process has had at most."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

__all__ = ["peak"]

STATUS = Path("/proc/self/status")


def peak() -> int:
    """Bytes that this process has had at most.

    Linux counts in getrusage what the parent had, too, when it started this process; the status
    does not.
    """
    if STATUS.exists():
        return int(STATUS.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found if sys.platform == "darwin" else found * 1024

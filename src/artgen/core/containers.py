"""Linux control groups: how much of a machine a container leaves to this process."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["group_folders", "processor_quota"]

PROC = Path("/proc/self")


def group_folders(controller: str, proc: Path = PROC) -> Iterator[Path]:
    """Folders of this process's control group and of its ancestors, innermost first.

    A group's limits hold for all groups inside it, so a limit is the least one of all of these.
    Version 2 has one tree for all controllers, version 1 one for each; a machine may have both.

    Args:
        controller: `cpu` or `memory`.
        proc: the process's folder in procfs.

    Yields nothing where there are no control groups: on other systems than Linux.
    """
    try:
        groups = (proc / "cgroup").read_text(encoding="utf-8", errors="surrogateescape")
        mounts = (proc / "mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return
    own = dict(_group(line) for line in groups.splitlines() if line.count(":") >= 2)
    for names, root, place in filter(None, map(_mount, mounts.splitlines())):
        if names and controller not in names:
            continue
        path = next((own[key] for key in own if (controller in key if names else not key)), None)
        if path is None:
            continue
        # A mount may show only a subtree, as it does in many containers.
        inner = path.removeprefix(root.rstrip("/")) if path.startswith(root) else ""
        folder = place / inner.lstrip("/")
        while folder != place.parent:
            if folder.is_dir():
                yield folder
            folder = folder.parent


def processor_quota(proc: Path = PROC) -> tuple[float | None, str]:
    """The CPU quota in processors, None for none; and a sentence on what could not be read.

    Version 2 has `cpu.max` ("150000 100000": one and a half), version 1 a quota and a period in
    microseconds, a negative quota for none.
    """
    least: float | None = None
    trouble = ""
    for folder in group_folders("cpu", proc):
        try:
            found = _quota(folder)
        except (ValueError, ZeroDivisionError):
            trouble = f"The quota of processors in {folder} cannot be read, and does not count."
            continue
        if found is not None:
            least = found if least is None else min(least, found)
    return least, trouble


def _quota(folder: Path) -> float | None:
    """The quota of one group.

    Raises:
        ValueError, ZeroDivisionError: for a file that holds none.
    """
    try:
        quota, period = (folder / "cpu.max").read_text().split()
    except OSError:
        try:
            quota = (folder / "cpu.cfs_quota_us").read_text().strip()
            period = (folder / "cpu.cfs_period_us").read_text().strip()
        except OSError:
            return None
    if quota == "max" or int(quota) == -1:
        return None
    found = int(quota) / int(period)
    if found <= 0:
        raise ValueError(found)
    return found


def _group(line: str) -> tuple[frozenset[str], str]:
    """A line of `/proc/self/cgroup`, "4:cpu,cpuacct:/a/b": its controllers, none for version 2."""
    _, names, path = line.split(":", 2)
    return frozenset(filter(None, names.split(","))), path


def _mount(line: str) -> tuple[frozenset[str], str, Path] | None:
    """A line of `/proc/self/mountinfo`: controllers, root group, and mount point.

    None for other file systems. The kernel escapes blanks in names as octal numbers.
    """
    before, _, after = line.partition(" - ")
    fields, kind = before.split(), after.split()
    if len(fields) < 5 or len(kind) < 3 or kind[0] not in ("cgroup", "cgroup2"):
        return None
    root, place = (re.sub(r"\\(\d{3})", lambda m: chr(int(m[1], 8)), f) for f in fields[3:5])
    names = frozenset(kind[2].split(",")) if kind[0] == "cgroup" else frozenset()
    return names, root, Path(place)

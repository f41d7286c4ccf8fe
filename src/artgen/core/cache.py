"""The user's cache: folders of files that can be made again, and that hold only so many."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from artgen.core.files import PARTS, is_abandoned, write_whole
from artgen.errors import PictureError

__all__ = ["cache_folder", "recalled", "remember"]

DIGEST = hashlib.sha256().digest_size  # bytes before a file's content, which tell damage


def cache_folder(name: str) -> Path:
    """A folder of the cache (which need not exist yet); ARTGEN_HOME chooses another place."""
    if home := os.environ.get("ARTGEN_HOME"):
        return Path(home).expanduser() / name
    import platformdirs

    return Path(platformdirs.user_cache_dir("artgen", appauthor=False)) / name


def recalled(folder: Path, key: str) -> bytes | None:
    """What was remembered under a key; None where there is nothing, or it is damaged."""
    path = folder / key
    try:
        found = path.read_bytes()
        os.utime(path)  # the last one to be removed
    except OSError:
        return None
    content = found[DIGEST:]
    return content if hashlib.sha256(content).digest() == found[:DIGEST] else None


def remember(folder: Path, key: str, content: bytes, most: int) -> None:
    """Keep a content under a key, and of all that the folder holds the `most` last used.

    A cache that cannot be written is none: everything in it can be made again.
    """
    with suppress(OSError, PictureError):
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / key, hashlib.sha256(content).digest() + content)
        for part in folder.glob(PARTS):
            if is_abandoned(part):
                part.unlink(missing_ok=True)
        files = [one for one in folder.iterdir() if not one.name.startswith(".")]
        for old in sorted(files, key=_used)[: max(len(files) - most, 0)]:
            old.unlink(missing_ok=True)


def _used(path: Path) -> float:
    """When a file was last used; long ago if another process has removed it."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0

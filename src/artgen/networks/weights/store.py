"""The user's cache of weights: a safetensors file for each network, and a record beside it."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from artgen.core.cache import cache_folder
from artgen.core.files import drafted
from artgen.errors import WeightsError

__all__ = ["CacheRecord", "install", "kept", "lock", "recall", "sha256_of", "where", "writing"]


@dataclass(frozen=True)
class CacheRecord:
    """Record of a cached file.

    Attributes:
        sha256: of the file in the cache.
        published: of the published file, from the first time that one was seen.
        came_from: the address, or the name of the file it was imported from.
    """

    sha256: str = ""
    published: str = ""
    came_from: str = ""


def where() -> Path:
    """The folder of the cache (which need not exist yet); ARTGEN_HOME chooses another."""
    return cache_folder("weights")


def kept(name: str) -> Path:
    """Path of the cached weights of the network `name`."""
    return where() / f"{name}.safetensors"


def recall(name: str) -> CacheRecord:
    """The record of `name`; an empty Memory where there is none."""
    try:
        stored = json.loads(_memory_file(name).read_text("utf-8"))
    except (OSError, ValueError):
        return CacheRecord()
    stored = stored if isinstance(stored, dict) else {}
    known = {key: stored.get(key) for key in asdict(CacheRecord())}
    return CacheRecord(**{key: value for key, value in known.items() if isinstance(value, str)})


def install(name: str, content: bytes, published: str, came_from: str) -> None:
    """Puts a network's safetensors into the cache, whole or not at all.

    Raises:
        WeightsError: if the folder cannot be written.
    """
    memory = CacheRecord(hashlib.sha256(content).hexdigest(), published, came_from)
    # The record first: after a crash between the two, the digest shows that the file is another.
    _replace(_memory_file(name), json.dumps(asdict(memory), indent=1).encode())
    _replace(kept(name), content)


@contextlib.contextmanager
def lock(name: str, waiting: Callable[[str], None]) -> Iterator[None]:
    """Locks a network's files in the cache against other processes.

    Args:
        name: the network's.
        waiting: called with it if another process holds the lock.

    Raises:
        WeightsError: if the folder cannot be written.
    """
    import filelock

    with writing(where()):
        where().mkdir(parents=True, exist_ok=True)
        guard = filelock.FileLock(where() / f"{name}.lock")
        try:
            guard.acquire(timeout=0)
        except filelock.Timeout:
            waiting(name)
            guard.acquire()
    try:
        yield
    finally:
        guard.release()


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turns an OSError of a disk that is full or not writable into a WeightsError."""
    try:
        yield
    except OSError as error:
        raise WeightsError(
            f"Cannot write {place}: {error.strerror or error}.",
            "Make room there, or let ARTGEN_HOME name another folder.",
        ) from error


def sha256_of(file: Path) -> str:
    """The SHA-256 of a file's bytes, in hex.

    Raises:
        WeightsError: if the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 20):
                digest.update(chunk)
    except OSError as error:
        raise WeightsError(
            f"Cannot read {file}: {error.strerror or error}.", "Check who may read it."
        ) from error
    return digest.hexdigest()


def _memory_file(name: str) -> Path:
    return where() / f"{name}.json"


def _replace(file: Path, content: bytes) -> None:
    """The caller holds the lock, so the draft's name can be fixed; leftovers are overwritten."""
    with writing(file), drafted(file, file.with_name(file.name + ".new")) as draft:
        draft.write_bytes(content)

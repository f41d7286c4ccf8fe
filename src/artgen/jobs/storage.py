"""Storage of pictures: folders of this machine, or any URL that fsspec supports."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from artgen.core.files import PARTS, is_abandoned, part_of, put_whole, unwritable, write_whole
from artgen.errors import PictureError

__all__ = [
    "Folder",
    "Outputs",
    "Store",
    "anywhere",
    "fetched",
    "is_url",
    "outputs",
    "remote",
    "sha256",
    "stamp",
    "tidied",
]


def is_url(text: str) -> bool:
    """Whether this is a URL and not a path."""
    return "://" in text


def anywhere(source: str) -> str:
    """An absolute path, or a URL."""
    return source if is_url(source) else os.path.abspath(source)


def remote(url: str) -> tuple[Any, str]:
    """fsspec's file system of a URL, and the path there.

    Raises:
        PictureError: if there is none, or it needs a package that is not installed.
    """
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(url)
    except (ImportError, ValueError, OSError) as error:
        raise PictureError(f"{url} cannot be reached: {error}.", "Check the address.") from error
    return system, str(path)


def stamp(source: str) -> str:
    """A fingerprint that changes when a file does, without reading it; empty if it is missing."""
    if not is_url(source):
        try:
            found = os.stat(source)
        except (OSError, ValueError):
            return ""
        return f"{found.st_size}:{found.st_mtime_ns}"
    system, path = remote(source)
    with suppress(OSError):
        info = system.info(path)
        said = [info.get(key) for key in ("size", "ETag", "etag", "mtime", "LastModified")]
        return ":".join(str(one) for one in said if one is not None)
    return ""


@contextmanager
def fetched(source: str) -> Iterator[Path]:
    """A picture as a local file; a URL's is downloaded, and removed afterwards.

    Raises:
        PictureError: if a URL cannot be read. Paths are not checked here.
    """
    if not is_url(source):
        yield Path(source)
        return
    system, path = remote(source)
    import tempfile

    with tempfile.TemporaryDirectory(prefix="artgen-") as folder:
        here = Path(folder, PurePosixPath(path).name)
        try:
            here.write_bytes(system.cat_file(path))
        except Exception as error:  # each file system has errors of its own
            raise PictureError(f"{source} cannot be read: {error}.", "Check the URL.") from error
        yield here


def sha256(source: str) -> str:
    """SHA-256 of a file's bytes; empty if it cannot be read."""
    found = hashlib.sha256()
    try:
        with fetched(source) as path, path.open("rb") as file:
            while block := file.read(1 << 20):
                found.update(block)
    except (OSError, ValueError, PictureError):
        return ""
    return found.hexdigest()


class Outputs(Protocol):
    """The place for pictures. Names are paths below it, with slashes."""

    root: str

    def size(self, name: str) -> int | None:
        """Bytes of a file; None if there is none."""
        ...

    def source(self, name: str) -> str:
        """A file's path or URL."""
        ...

    def write(self, name: str, data: bytes) -> None:
        """Write a file, atomically, and its folder if that does not exist."""
        ...

    def draft(self, name: str) -> AbstractContextManager[Path]:
        """A local file to write to, which is moved to its place at the end."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file, or a folder and its contents, if it exists."""
        ...

    def tidy(self) -> None:
        """Remove incomplete files of killed runs, and none that a run is writing."""
        ...


class Folder:
    """A folder of this machine; nothing is written outside of it, whatever links it contains."""

    def __init__(self, root: str) -> None:
        self.root = root

    def source(self, name: str) -> str:
        return str(Path(self.root, name))

    def size(self, name: str) -> int | None:
        try:
            return self._inside(name).stat().st_size
        except (OSError, ValueError):
            return None

    def write(self, name: str, data: bytes) -> None:
        path = self._inside(name)
        _make(path.parent)
        write_whole(path, data)

    @contextmanager
    def draft(self, name: str) -> Iterator[Path]:
        path = self._inside(name)
        _make(path.parent)
        part = part_of(path, path.suffix)
        try:
            yield part
            put_whole(path, part)
        finally:
            part.unlink(missing_ok=True)

    def remove(self, name: str) -> None:
        path = self._inside(name)
        with suppress(OSError):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def tidy(self) -> None:
        for part in filter(is_abandoned, Path(self.root).rglob(PARTS)):
            with suppress(OSError):
                part.unlink()

    def _inside(self, name: str) -> Path:
        """The file, links resolved.

        Raises:
            PictureError: if a link leads out of the folder.
        """
        root = Path(os.path.realpath(self.root))
        path = Path(os.path.realpath(root / name))
        if root not in path.parents:
            raise PictureError(
                f"{name} would be written outside of {self.root}: a link leads out of it.",
                "Remove the link, or choose another -o.",
            )
        return path


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from error


class Store:
    """A folder at a URL: s3://, gs://, file:// and whatever else fsspec supports."""

    def __init__(self, root: str) -> None:
        self.root = root.rstrip("/")
        self._system, self._path = remote(self.root)

    def source(self, name: str) -> str:
        return f"{self.root}/{name}"

    def size(self, name: str) -> int | None:
        try:
            return int(self._system.info(f"{self._path}/{name}")["size"])
        except (OSError, KeyError, TypeError):
            return None

    def write(self, name: str, data: bytes) -> None:
        with self._telling(name) as path:
            self._system.pipe_file(path, data)  # object stores show a file once it is complete

    @contextmanager
    def draft(self, name: str) -> Iterator[Path]:
        import tempfile

        with tempfile.TemporaryDirectory(prefix="artgen-") as folder:
            here = Path(folder, PurePosixPath(name).name)
            yield here
            with self._telling(name) as path:
                self._system.put_file(str(here), path)

    def remove(self, name: str) -> None:
        with suppress(Exception):  # each file system has errors of its own
            self._system.rm(f"{self._path}/{name}", recursive=True)

    @contextmanager
    def _telling(self, name: str) -> Iterator[str]:
        """The path of a file that is about to be written."""
        path = f"{self._path}/{name}"
        try:
            self._system.makedirs(path.rpartition("/")[0], exist_ok=True)
            yield path
        except Exception as error:  # each file system has errors of its own
            raise PictureError(
                f"{self.source(name)} cannot be written: {error}.", "Check the URL and the rights."
            ) from error

    def tidy(self) -> None:
        """Nothing to do: incomplete files do not appear in a store."""


@contextmanager
def tidied(place: Outputs) -> Iterator[None]:
    """Removes incomplete files: of killed runs, and of one that an error ends, its own workers'."""
    place.tidy()
    try:
        yield
    except BaseException:
        place.tidy()  # what the workers wrote when they were ended
        raise


def outputs(root: str) -> Outputs:
    """The storage at a path or a URL."""
    if root.startswith("file://"):
        return Folder(remote(root)[1])
    return Store(root) if is_url(root) else Folder(root)

"""Films out, chunk by chunk, so that an interrupted run loses next to nothing.

OUT.part.mp4 grows by a chunk of frames at a time and can be played at any time: it is fragmented
(ISO/IEC 14496-12, movie fragments). A chunk is encoded while the frames of the next one are made.
The folder OUT.part holds what is needed to resume after it. At the end the frames are copied into
the final file without being encoded again, together with the sound of the film they come from.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import SafetensorError

from artgen.core.files import drafted
from artgen.errors import PictureError, UsageError
from artgen.video import fragments
from artgen.video.companions import companions_of
from artgen.video.containers import SUFFIXES
from artgen.video.encoding import Look, Raw, join
from artgen.video.reading import Clip
from artgen.video.timing import Timing

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["DONE", "STATE", "Film", "check_film"]

CHUNK, CHUNK_BYTES = 48, 300_000_000  # most frames, and bytes of them, in a chunk
DONE, LENGTH, STATE = "frames done", "bytes done", ".state"


class Film:
    """A film that is being written, chunk by chunk.

    An unfinished film of the same recipe is resumed: `done` is the number of its frames, and
    `state` what was given to `keep` after the last of them.

    Args:
        path: of the finished film; its suffix determines the codec.
        size: (H, W) of its frames; as of a Look.
        timing: when its frames are shown.
        recipe: TOML; an unfinished film of another recipe is not resumed.
        source: the film that it is made from, whose sound it gets, if it has any.
        quality: 1 to 100.

    Raises:
        UsageError: for a suffix that is no film's, or an unfinished film of another recipe there.
        PictureError: if it cannot be written.
    """

    def __init__(
        self,
        path: str | Path,
        size: tuple[int, int],
        timing: Timing,
        *,
        recipe: str = "",
        source: Clip | None = None,
        quality: int = 80,
    ) -> None:
        self.path, self.recipe = Path(path), recipe
        check_film(self.path, source.path if source else None)
        suffix = self.path.suffix.lower()
        self.look = Look(suffix, size, timing, quality)
        if source is not None:
            self.look = Look.of(suffix, size, source, quality)
        self.beside = companions_of(source, self.look.suffix) if source else None
        self.parts = self.path.with_name(self.path.name + ".part")
        self.growing = self.path.with_name(self.path.stem + ".part.mp4")
        self.waiting: list[bytes] = []
        self.state: dict[str, Tensor] = {}
        self.done, self.length = 0, 0
        self._writer = ThreadPoolExecutor(1, "film")
        self._written: Future[None] | None = None
        with self._told():
            self._go_on()
        self._raw = Raw(self.look, source, self.done)

    @property
    def notes(self) -> Sequence[str]:
        """A sentence for each kind of thing of the source that the film does not get."""
        return self.beside.notes if self.beside else ()

    def _go_on(self) -> None:
        """Resumes what an earlier run left, or begins."""
        said = self.parts / "recipe.toml"
        if self.parts.is_dir() and said.is_file():
            if said.read_text(encoding="utf-8") != self.recipe:
                raise UsageError(
                    f"{self.parts} belongs to an unfinished film that was made another way.",
                    "Remove that folder, or choose another name for the output.",
                )
            self._count()
        else:
            self.parts.mkdir(exist_ok=True)
            said.write_text(self.recipe, encoding="utf-8")
        with self.growing.open("ab") as file:
            file.truncate(self.length)  # an incomplete chunk of an interrupted run

    def _count(self) -> None:
        """Reads the number of frames, and the state after the last of them."""
        from safetensors.torch import load_file

        try:
            # Copied: the alignment of a tensor's memory affects the last bits of its sums.
            state = {name: value.clone() for name, value in load_file(self._state).items()}
            done, length = int(state.pop(DONE)), int(state.pop(LENGTH))
            finite = all(bool(value.isfinite().all()) for value in state.values())
            if finite and done >= 0 and 0 <= length <= self.growing.stat().st_size:
                self.state, self.done, self.length = state, done, length
        except (OSError, SafetensorError, KeyError, RuntimeError, ValueError):
            pass  # begin from the first frame

    @property
    def _state(self) -> Path:
        return self.parts / "state.safetensors"

    def add(self, picture: Tensor, state: Callable[[], Mapping[str, Tensor]] = dict) -> None:
        """Adds the next frame; of a chunk that is full it does not wait until it is written.

        Args:
            picture: (1, 3, H, W) in [0, 1].
            state: returns what is needed to resume after it, tensors of any shape.

        Raises:
            PictureError: if there is no room for it, or was none for the chunk before.
        """
        if self._written is not None and self._written.done():
            self.settle()
        self.waiting.append(self._raw(picture))
        self.done += 1
        full = len(self.waiting) * len(self.waiting[0]) >= CHUNK_BYTES
        if full or len(self.waiting) == CHUNK:
            self._begin(state())

    def keep(self, state: Mapping[str, Tensor]) -> None:
        """Appends the waiting frames to the film so far, all or none, and waits until that is done.

        Args:
            state: what is needed to resume after them, tensors of any shape by name.

        Raises:
            PictureError: if there is no room for it.
        """
        if self.waiting:
            self._begin(state)
        self.settle()

    def _begin(self, state: Mapping[str, Tensor]) -> None:
        """Begins to append the waiting frames, once those before them are written."""
        import torch

        self.settle()
        # Copied: a run goes on changing its state.
        tensors = {name: value.detach().cpu().clone() for name, value in state.items()}
        tensors[DONE] = torch.tensor(self.done)
        chunk, self.waiting = deque(self.waiting), []
        self._written = self._writer.submit(self._append, chunk, self.done - len(chunk), tensors)

    def settle(self) -> None:
        """Waits for the chunk that is being written, if one is."""
        written, self._written = self._written, None
        if written is not None:
            written.result()

    def _append(self, chunk: deque[bytes], before: int, tensors: dict[str, Tensor]) -> None:
        """Appends a chunk of frames, after so many, and writes the state after it."""
        import torch
        from safetensors.torch import save_file

        draft, noted = self.parts / "chunk.mp4", self.parts / "state.new"
        with self._told():
            try:
                count = len(chunk)
                frames = (chunk.popleft() for _ in range(count))  # their memory is free at once
                self.look.write(draft, frames, count, start=before, fragmented=True)
                length = self._grow(draft.read_bytes(), before)
                with drafted(self._state, noted):
                    save_file({**tensors, LENGTH: torch.tensor(length)}, noted)
                self.length = length
            finally:
                for left in (draft, noted):
                    left.unlink(missing_ok=True)
                if self.growing.stat().st_size > self.length:
                    os.truncate(self.growing, self.length)

    def _grow(self, chunk: bytes, before: int) -> int:
        """Appends a chunk to the film so far, and returns the length of that in bytes."""
        chunk = fragments.later(chunk, self.look.timing.tick(before))
        with self.growing.open("ab") as file:
            file.write(fragments.bare(chunk) if before else chunk)
            file.flush()
            os.fsync(file.fileno())
            return file.tell()

    def finish(self, recipe: str = "") -> None:
        """Adds the sound, and moves the film to its path.

        Args:
            recipe: text for the film's comment; if not given, the one that it began with.

        Raises:
            PictureError: if there is no room for it; what there is so far stays.
        """
        self.keep({})
        self._writer.shutdown()
        draft = self.parts / f"film{self.look.suffix}"
        with self._told():
            note = recipe or self.recipe
            with drafted(self.path, draft):
                join([self.growing], draft, self.look, self.done, self.beside, note)
            self.growing.unlink()
        shutil.rmtree(self.parts, ignore_errors=True)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turns an error while the film is written into a PictureError."""
        try:
            yield
        except (OSError, SafetensorError) as error:
            done = f"What is done can be played: {self.growing}. The same command goes on there."
            raise PictureError(
                f"{self.path} cannot be written: {error}.",
                done if self.length else "Free some space, and start the same command once more.",
            ) from error


def check_film(path: Path, source: Path | None = None) -> None:
    """Refuses a path that no film can be written to.

    Args:
        path: of the film.
        source: the film that it is made from, if any: of an animated PNG comes another one.

    Raises:
        UsageError: for a suffix that is no film's, or a folder.
    """
    suffix, known = path.suffix.lower(), (*SUFFIXES, ".webp")
    animated = source is not None and source.suffix.lower() in (".png", ".apng")
    if suffix not in known and not (suffix == ".png" and animated):
        raise UsageError(f"{path} is no name of a film.", f"It can end with {', '.join(known)}.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Name a file in it, such as film.mp4.")

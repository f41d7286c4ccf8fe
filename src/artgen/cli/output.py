"""Where a picture goes, and how it is written, finished or not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Protocol

from torch import Tensor

from artgen import images
from artgen.core.schema import fields_of, worded
from artgen.ops.resize import resize
from artgen.runs.inputs import Read, frame_of
from artgen.runs.recipes import Recipe
from artgen.techniques.base import Technique

__all__ = ["Output", "Writing", "stem"]


class Writing(Protocol):
    """Which of the command line's options say how a picture is written."""

    @property
    def out(self) -> str: ...
    @property
    def bits(self) -> int: ...
    @property
    def quality(self) -> int: ...
    @property
    def keep_exif(self) -> bool: ...


class Output:
    """A picture's place.

    Args:
        name, settings: the technique.
        loaded: its inputs; transparency and EXIF come from the one that frames the result.
        size: (H, W) of the result, None where only the run tells.
        common: the options.

    Raises:
        UsageError, PictureError: where the picture could not be written after the run.
    """

    def __init__(
        self,
        name: str,
        settings: Technique,
        loaded: Read,
        size: tuple[int, int] | None,
        common: Writing,
    ) -> None:
        frame = frame_of(settings, loaded)
        alpha = None if frame is None else frame.alpha
        self.alpha = None if alpha is None or size is None else resize(alpha, size)
        self.exif = frame.exif if frame is not None and common.keep_exif else None
        self.common = common
        self.stem = stem(name, settings, loaded)
        self.written = False
        self.path = (
            None
            if common.out == "-"
            else (Path(common.out) if common.out else images.free_name(Path(), self.stem))
        )
        if self.path is not None:
            inputs = [one.path for many in loaded.values() for one in many]
            images.check_output(self.path, size, inputs=inputs, bits=common.bits)

    def write(self, picture: Tensor, recipe: Recipe) -> None:
        """To the file, or as PNG to stdout."""
        text, bits = recipe.dumps(), self.common.bits
        if self.path is None:
            sys.stdout.buffer.write(
                images.encode_png(picture, alpha=self.alpha, recipe=text, bits=bits, exif=self.exif)
            )
            sys.stdout.buffer.flush()
            return
        if not (self.written or self.common.out):
            self.path = images.free_name(Path(), self.stem)  # another run may have taken the first
        self._save(picture, self.path, text, self.alpha)
        self.written = True

    def write_beside(self, name: str, picture: Tensor, recipe: Recipe) -> Path | None:
        """Another picture of the same run, after the first; None where that went to stdout.

        It is named after the first: out.png and out-proof.png.

        Raises:
            PictureError, UsageError: where it cannot be written.
        """
        if self.path is None:
            return None
        text = recipe.dumps()
        beside = self.path.with_name(f"{self.path.stem}-{name}{self.path.suffix}")
        if not self.common.out:
            beside = images.free_name(beside.parent, beside.stem, beside.suffix)
        self._save(picture, beside, text, None)
        return beside

    def _save(self, picture: Tensor, path: Path, recipe: str, alpha: Tensor | None) -> None:
        images.save(
            picture,
            path,
            alpha=alpha,
            recipe=recipe,
            bits=self.common.bits,
            exif=self.exif,
            quality=self.common.quality,
        )


def stem(name: str, settings: Technique, loaded: Read) -> str:
    """photo-painting, photo-dream, or where there is no picture to be named after, kernels-slim."""
    roles = [one.name for one in settings.inputs if loaded.get(one.name)]
    if settings.inputs and not roles:  # what it was made of, it was given by a setting
        roles = [role for role, many in loaded.items() if many][:1]
    stems = [loaded[role][0].path.stem for role in roles]
    for field in fields_of(type(settings)):
        if field.option.positional:
            stems.append(worded(field, getattr(settings, field.name)))
    if len(stems) > 1:
        return "-".join(stems)
    word = name.rpartition("_")[2]
    return "-".join([*stems, word] if stems else [word, *_network(settings)])


def _network(settings: Technique) -> list[str]:
    net = getattr(settings, "net", None)
    return [net] if isinstance(net, str) else []

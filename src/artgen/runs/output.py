"""What a run makes as files: their names, and what they carry beside the picture."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import BinaryIO, Protocol, TypeVar

from torch import Tensor

from artgen import images, video
from artgen.core.files import write_whole
from artgen.core.schema import fields_of, worded
from artgen.errors import UsageError
from artgen.ops.resize import resize
from artgen.runs.inputs import Read, frame_of
from artgen.techniques.base import Technique

__all__ = ["PICTURE", "Encoder", "Form", "Output", "beside", "film_path", "stem"]

PICTURE = "picture"  # of a result's pictures the one that was asked for
STREAMED = Path("picture.png")  # what a stream is given
PathT = TypeVar("PathT", bound=PurePath)


class Form(Protocol):
    """How pictures are written: bits a channel, quality from 1 to 100, the photo's EXIF or none."""

    @property
    def bits(self) -> int: ...
    @property
    def quality(self) -> int: ...
    @property
    def keep_exif(self) -> bool: ...


class Encoder:
    """A run's pictures as the bytes of files, with what they take over from the photo.

    Its transparency goes with the picture that was asked for, where that has the size which was
    known before the run: it is then the photo itself that was worked on, and no sheet.

    Args:
        settings: of the technique; one of its inputs may frame the result.
        read: the inputs.
        size: (H, W) of the result; None where only the run tells.
        form: how pictures are written; 8 bits without EXIF if not given.
    """

    def __init__(
        self,
        settings: Technique,
        read: Read,
        size: tuple[int, int] | None,
        form: Form | None = None,
    ) -> None:
        frame = frame_of(settings, read)
        alpha = None if frame is None else frame.alpha
        self.size, self.form = size, form
        self.alpha = None if alpha is None or size is None else resize(alpha, size)
        self.exif = frame.exif if frame is not None and form and form.keep_exif else None

    def __call__(self, picture: Tensor, path: Path, recipe: str, name: str = PICTURE) -> bytes:
        """A picture (1, 3, H, W) in the format of the path's extension; `name` is the result's.

        Raises:
            PictureError, UsageError: where that format cannot hold it.
        """
        whole = name == PICTURE and (picture.shape[-2], picture.shape[-1]) == self.size
        written = (
            {} if self.form is None else {"bits": self.form.bits, "quality": self.form.quality}
        )
        alpha = self.alpha if whole else None
        return images.encode(
            picture.cpu(), path, alpha=alpha, recipe=recipe, exif=self.exif, **written
        )


class Output:
    """The place of a run's pictures: a file, or a stream that takes one picture.

    Args:
        name, settings: the technique.
        read: its inputs.
        size: (H, W) of the result, None where only the run tells.
        form: how pictures are written.
        out: path of the file; if empty, it is named after its inputs and goes into this folder.
        stream: takes a PNG in a file's place.

    Attributes:
        path: of the file; None for a stream.

    Raises:
        UsageError, PictureError: where the picture could not be written after the run.
    """

    def __init__(
        self,
        name: str,
        settings: Technique,
        read: Read,
        size: tuple[int, int] | None,
        form: Form,
        out: str = "",
        stream: BinaryIO | None = None,
    ) -> None:
        self.encoded = Encoder(settings, read, size, form)
        self.out, self.stream = out, stream
        self.stem = stem(name, settings, read)
        self.written = False
        self.path: Path | None = None
        if stream is None:
            self.path = Path(out) if out else images.free_name(Path(), self.stem)
            inputs = [one.path for many in read.values() for one in many]
            images.check_output(self.path, size, inputs=inputs, bits=form.bits)

    def write(self, picture: Tensor, recipe: str) -> None:
        """To the file, or as PNG to the stream.

        Raises:
            PictureError, UsageError: where it cannot be written.
        """
        if self.stream is not None:
            self.stream.write(self.encoded(picture, STREAMED, recipe))
            self.stream.flush()
            return
        assert self.path is not None
        if not (self.written or self.out):
            self.path = images.free_name(Path(), self.stem)  # another run may have taken the first
        write_whole(self.path, self.encoded(picture, self.path, recipe))
        self.written = True

    def write_beside(self, name: str, picture: Tensor, recipe: str) -> Path | None:
        """Another picture of the same run, after the first; None where that went to a stream.

        Raises:
            PictureError, UsageError: where it cannot be written.
        """
        if self.path is None:
            return None
        path = beside(self.path, name)
        if not self.out:
            path = images.free_name(path.parent, path.stem, path.suffix)
        write_whole(path, self.encoded(picture, path, recipe, name))
        return path


def beside(place: PathT, name: str) -> PathT:
    """Where another picture of the same run goes: out.png and out-proof.png."""
    return place.with_name(f"{place.stem}-{name}{place.suffix}")


def film_path(name: str, settings: Technique, read: Read, out: str) -> Path:
    """Where a film goes: a path that is given, or one named after the inputs, in this folder.

    Raises:
        UsageError: for a name that is no film's, or that of an input.
    """
    path = Path(out) if out else images.free_name(Path(), stem(name, settings, read), ".mp4")
    video.check_film(path)
    for one in (one.path for many in read.values() for one in many):
        if path.exists() and path.samefile(one):
            raise UsageError(
                f"{path} is an input too, and would be overwritten.",
                "Choose another name for the output.",
            )
    return path


def stem(name: str, settings: Technique, read: Read) -> str:
    """photo-painting, photo-dream, or where there is no picture to be named after, kernels-slim."""
    roles = [one.name for one in settings.inputs if read.get(one.name)]
    if settings.inputs and not roles:  # what it was made of, it was given by a setting
        roles = [role for role, many in read.items() if many][:1]
    stems = [read[role][0].path.stem for role in roles]
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

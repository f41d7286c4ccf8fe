"""The files that a run writes: their names, and their metadata."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar

from artgen import images, video
from artgen.core.events import FileSet
from artgen.core.files import write_folder, write_whole
from artgen.core.schema import fields_of, worded
from artgen.errors import UsageError
from artgen.ops.arrays import Array, resized
from artgen.runs.films import suffix_of
from artgen.runs.inputs import Read, frame_of
from artgen.techniques.base import HasCells, HasResolution, Technique

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "PICTURE",
    "Encoder",
    "EncodingOptions",
    "Output",
    "beside",
    "film_path",
    "folder_of",
    "page_beside",
    "stem",
]

PICTURE = "picture"  # the main one of a result's pictures
PAGE = ".html"  # of pages for a browser
STREAMED = Path("picture.png")  # the format of a stream
PathT = TypeVar("PathT", bound=PurePath)
NONE: Mapping[str, str] = MappingProxyType({})
NAMED = 4  # pictures of an input that a file's name has; a folder of them has more


class EncodingOptions(Protocol):
    """How pictures are written: bits a channel, quality from 1 to 100, with EXIF or not."""

    @property
    def bits(self) -> int: ...
    @property
    def quality(self) -> int: ...
    @property
    def keep_exif(self) -> bool: ...


class Encoder:
    """Encodes a run's pictures as the bytes of files, with metadata from the photo.

    The photo's transparency goes with the main picture if that has the size known before the run:
    the picture then shows the photo itself, and is not a sheet.

    Args:
        settings: of the technique; one of its inputs may give the result its proportions.
        read: the inputs, as read from files.
        size: (H, W) of the result; None if only the run can tell.
        form: how pictures are written; 8 bits without EXIF if not given.
    """

    def __init__(
        self,
        settings: Technique,
        read: Read,
        size: tuple[int, int] | None,
        form: EncodingOptions | None = None,
    ) -> None:
        frame = frame_of(settings, read)
        alpha = None if frame is None else frame.opacity
        self.size, self.form = size, form
        self.alpha = None if alpha is None or size is None else resized(alpha, size)
        self.dpi = settings.dots_per_inch if isinstance(settings, HasResolution) else 0.0
        self.exif = frame.exif if frame is not None and form and form.keep_exif else None

    def __call__(
        self, picture: Tensor, path: Path, recipe: str, name: str = PICTURE, data: int = 0
    ) -> bytes:
        """A picture (1, 3, H, W) in the format of the path's extension; `name` is the result's.

        One of four channels has its own transparency. `data` are the bits of what is no picture.

        Raises:
            PictureError, UsageError: if that format cannot hold it.
        """
        if data:
            bits = data if self.form is None else max(data, self.form.bits)
            return images.encode_data(picture, path, recipe=recipe, bits=bits)
        written = (
            {} if self.form is None else {"bits": self.form.bits, "quality": self.form.quality}
        )
        alpha = self.alpha_of(picture, name)
        return images.encode(
            picture[:, :3],
            path,
            alpha=alpha,
            recipe=recipe,
            exif=self.exif,
            dpi=self.dpi,
            **written,
        )

    def alpha_of(self, picture: Tensor, name: str = PICTURE) -> Tensor | Array | None:
        """Alpha (1, 1, H, W) of a result's picture: its fourth channel, or the input's alpha."""
        if picture.shape[1] == 4:
            return picture[:, 3:]
        whole = name == PICTURE and (picture.shape[-2], picture.shape[-1]) == self.size
        return self.alpha if whole else None


class Output:
    """Where a run's pictures go: a file, or a stream that takes one picture.

    Args:
        name, settings: the technique.
        read: its inputs, as read from files.
        size: (H, W) of the result; None if only the run can tell.
        form: how pictures are written.
        out: path of the file; if empty, it is in the current folder, named after the inputs.
        stream: gets a PNG instead of a file.
        titles: names for the file's name; see `stem`.

    Attributes:
        path: of the file; None for a stream.

    Raises:
        UsageError, PictureError: if the picture could not be written after the run.
    """

    def __init__(
        self,
        name: str,
        settings: Technique,
        read: Read,
        size: tuple[int, int] | None,
        form: EncodingOptions,
        out: str = "",
        stream: BinaryIO | None = None,
        titles: Mapping[str, str] = NONE,
    ) -> None:
        self.encoded = Encoder(settings, read, size, form)
        self.out, self.stream = out, stream
        self.stem = stem(name, settings, read, titles)
        self.written = False
        self.path: Path | None = None
        if stream is None:
            self.path = Path(out) if out else images.free_name(Path(), self.stem)
            inputs = [one.path for many in read.values() for one in many]
            images.check_output(self.path, size, inputs=inputs, bits=form.bits)

    def write(self, picture: Tensor, recipe: str) -> None:
        """Write a picture (1, 3, H, W) to the file, or as PNG to the stream.

        Raises:
            PictureError, UsageError: if it cannot be written.
        """
        if self.stream is not None:
            self.stream.write(self.encoded(picture, STREAMED, recipe))
            self.stream.flush()
            return
        assert self.path is not None
        if not (self.written or self.out):
            self.path = images.free_name(Path(), self.stem)  # another run may have taken the name
        write_whole(self.path, self.encoded(picture, self.path, recipe))
        self.written = True

    def write_beside(self, name: str, picture: Tensor, recipe: str, data: int = 0) -> Path | None:
        """Write a further picture (1, 3, H, W) of the run; returns its path, None for a stream.

        `data` are the bits a channel of what is no picture, (1, 1 to 4, H, W).

        Raises:
            PictureError, UsageError: if it cannot be written.
        """
        if self.path is None:
            return None
        path = beside(self.path, name, data=bool(data))
        if not self.out:
            path = images.free_name(path.parent, path.stem, path.suffix)
        write_whole(path, self.encoded(picture, path, recipe, name, data))
        return path

    def write_page(self, name: str, page: str) -> Path | None:
        """Write an HTML page of the run; returns its path, None for a stream.

        Raises:
            PictureError: if it cannot be written.
        """
        if self.path is None:
            return None
        path = page_beside(self.path, name)
        if not self.out:
            path = images.free_name(path.parent, path.stem, path.suffix)
        write_whole(path, page.encode())
        return path

    def write_files(self, files: FileSet) -> list[Path]:
        """Write a set of files into a folder of its own; returns their paths, none for a stream.

        Raises:
            PictureError: if they cannot be written.
        """
        if self.path is None:
            return []
        folder = folder_of(self.path, files)
        if not self.out:
            folder = images.free_name(folder.parent, folder.name, "")
        return write_folder(folder, files.files(self.path.stem))


def folder_of(place: PathT, files: FileSet) -> PathT:
    """The folder of a set of files of the same run: out-gltf beside out.png."""
    return place.with_name(f"{place.stem}-{files.folder}")


def page_beside(place: PathT, name: str) -> PathT:
    """The path of an HTML page of the same run: out-page.html beside out.png."""
    return beside(place, name).with_suffix(PAGE)


def beside(place: PathT, name: str, *, data: bool = False) -> PathT:
    """The path of a further picture of the same run: out.png and out-proof.png.

    Data are never compressed with loss, and so PNG, or EXR beside EXR.
    """
    suffix = ".png" if data and place.suffix.lower() != ".exr" else place.suffix
    return place.with_name(f"{place.stem}-{name}{suffix}")


def film_path(
    name: str,
    settings: Technique,
    read: Read,
    out: str,
    source: Path | None = None,
    titles: Mapping[str, str] = NONE,
) -> Path:
    """The path of a film: the one given, or one named after the inputs, in the current folder.

    Args:
        name, settings, read: the technique and its inputs.
        out: path of the film; "" for one that is named.
        source: the film that it is made from, if any; of an animated picture comes another one.
        titles: names for the file's name; see `stem`.

    Raises:
        UsageError: for an extension that is not a film's, or the name of an input.
    """
    suffix = suffix_of(source) if source else ".mp4"
    path = (
        Path(out) if out else images.free_name(Path(), stem(name, settings, read, titles), suffix)
    )
    video.check_film(path, source)
    for one in (one.path for many in read.values() for one in many):
        if path.exists() and path.samefile(one):
            raise UsageError(
                f"{path} is an input too, and would be overwritten.",
                "Choose another name for the output.",
            )
    return path


def stem(name: str, settings: Technique, read: Read, titles: Mapping[str, str] = NONE) -> str:
    """photo-painting, photo-explore of a sheet with cells, or without a picture, kernels-slim.

    Args:
        name, settings, read: the technique and its inputs.
        titles: input -> a name that stands for its pictures, such as the preset's that they come
            from; further names follow those of the inputs.
    """
    word = name.rpartition("_")[2]
    roles = [one.name for one in settings.inputs if read.get(one.name)]
    if settings.inputs and not roles:  # its pictures were given by a setting
        roles = [role for role, many in read.items() if many][:1]
    stems = [titles.get(role) or _stems(read, role) for role in roles]
    if isinstance(settings, HasCells):
        return "-".join([*stems[:1], word])
    stems += [title for role, title in titles.items() if role not in roles]
    for field in fields_of(type(settings)):
        if field.option.positional:
            stems.append(worded(field, getattr(settings, field.name)))
    if len(stems) > 1:
        return "-".join(stems)
    return "-".join([*stems, word] if stems else [word, *_network(settings)])


def _stems(read: Read, role: str) -> str:
    """The names of an input's pictures, `starry-wave`; of many, the first ones and their number."""
    found = [one.path.stem for one in read[role]]
    more = [f"and-{len(found) - NAMED + 1}-more"] if len(found) > NAMED else []
    return "-".join([*found[: NAMED - 1], *more] if more else found)


def _network(settings: Technique) -> list[str]:
    net = getattr(settings, "net", None)
    return [net] if isinstance(net, str) else []

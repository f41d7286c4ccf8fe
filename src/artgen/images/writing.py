"""Writing a picture: checked before the run, and written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
from PIL import Image

from artgen.core.defaults import QUALITY
from artgen.core.files import part_of, unwritable, write_whole
from artgen.errors import PictureError, UsageError
from artgen.images import jpeg_xl, openexr
from artgen.images.color_profile import Samples, srgb_light, srgb_profile
from artgen.images.formats import Format, for_output
from artgen.images.metadata import (
    ascii_tags,
    png_chunk,
    png_resolution,
    png_text,
    to_xmp,
    with_exif_directories,
    with_recipe,
    with_resolution,
    with_tga_recipe,
)
from artgen.ops.arrays import Array, resized
from artgen.ops.samples import to_floats, to_samples

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["check_output", "encode", "encode_data", "encode_png", "free_name", "save"]

_PNG_HEADER = 33  # signature and IHDR
_JPEG_SEGMENT = 65504  # bytes of XMP that fit into one segment of a JPEG file
_PROBE = 1 << 16  # bytes written to test a place


def check_output(
    path: str | Path,
    size: tuple[int, int] | None,
    *,
    inputs: Iterable[Path] = (),
    bits: int = 8,
) -> None:
    """Raises before the run what save() would raise after it.

    UsageError for a suffix, a size (H, W) in pixels or a depth that the format does not support,
    and for an output that is an input; PictureError for a path that cannot be written.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise UsageError(f"{path} is a folder.", "Name a file in it, such as picture.png.")
        found = for_output(path)
        found.check(size, bits)
        for one in inputs:
            if _same_file(path, one):
                raise UsageError(
                    f"{path} is an input too, and would be overwritten.",
                    "Choose another name for the output.",
                )
        with suppress(FileNotFoundError):
            path.lstat()  # fails for a name too long or with invalid characters
        _probe(path)
    except OSError as error:
        raise unwritable(path, error) from error
    except ValueError as error:  # a NUL in the name
        raise PictureError(f"{str(path)!r} is no file name.", "Choose another.") from error


def _same_file(path: Path, other: Path) -> bool:
    with suppress(OSError):
        return os.path.samefile(path, other)  # links, hard ones too
    return os.path.realpath(path) == os.path.realpath(other)


def _probe(path: Path) -> None:
    """Writes a little where the picture will go: permissions say nothing to a superuser."""
    probe = part_of(Path(os.path.realpath(path)))
    try:
        with probe.open("xb") as file:
            file.write(bytes(_PROBE))
    finally:
        with suppress(OSError):
            probe.unlink()


def save(
    picture: Tensor | Array,
    path: str | Path,
    *,
    alpha: Tensor | Array | None = None,
    recipe: str | None = None,
    bits: int = 8,
    exif: bytes | None = None,
    quality: int = QUALITY,
    dpi: float = 0,
) -> None:
    """Writes a picture (1, 3, H, W) in [0, 1] in the format of the path's suffix.

    It is written to a temporary file that is renamed, so that a file is there whole or not at all,
    and an older one stays until then.

    Args:
        picture: (1, 3, H, W) in [0, 1].
        path: its suffix says which format.
        alpha: (1, 1, h, w) in [0, 1], resized to the picture; JPEG has none and gets white.
        recipe: TOML, kept in the file's metadata.
        bits: a channel, 8 or 16; in EXR 8 are half floats, and 16 floats.
        exif: as `Loaded` has it.
        quality: 1 to 100, of JPEG, WebP, AVIF and JPEG XL, whose 100 is lossless.
        dpi: dots an inch, noted in all formats but TGA; 0 for no note.
    """
    path = Path(path)
    said: dict[str, Any] = {"recipe": recipe, "exif": exif, "quality": quality, "dpi": dpi}
    data = encode(picture, path, alpha=alpha, bits=bits, **said)
    write_whole(path, data)


def encode(
    picture: Tensor | Array,
    path: Path,
    *,
    alpha: Tensor | Array | None = None,
    recipe: str | None = None,
    bits: int = 8,
    exif: bytes | None = None,
    quality: int = QUALITY,
    dpi: float = 0,
) -> bytes:
    """The bytes that save() writes: a picture file in the format of the path's suffix.

    The picture is (1, 3, H, W), alpha (1, 1, h, w), both in [0, 1]; other arguments as of `save`.
    """
    found = for_output(path)
    found.check((picture.shape[-2], picture.shape[-1]), bits)
    samples = _samples(picture, alpha, bits, found)
    try:
        return _encode(samples, found, recipe, exif, quality, dpi)
    except Exception as error:  # encoders raise a dozen kinds of error
        raise PictureError(f"{path} could not be encoded: {error}", "Try a PNG.") from error


def encode_png(
    picture: Tensor | Array,
    *,
    alpha: Tensor | Array | None = None,
    recipe: str | None = None,
    bits: int = 8,
    exif: bytes | None = None,
) -> bytes:
    """A picture (1, 3, H, W), with alpha (1, 1, h, w), as the bytes of a PNG file."""
    found = for_output(Path("picture.png"))
    found.check((picture.shape[-2], picture.shape[-1]), bits)
    return _encode_png(_samples(picture, alpha, bits, found), recipe, exif)


def encode_data(
    data: Tensor | Array, path: Path, *, recipe: str | None = None, bits: int = 8
) -> bytes:
    """Numbers (1, C, H, W) in [0, 1] of 1 to 4 channels, as they are: no colours, and no alpha.

    EXR, where the path says so, has them as floats; all else is PNG of 8 or 16 bits.
    """
    if path.suffix.lower() == ".exr":
        return openexr.encode(to_floats(data), recipe, light=False)
    return _encode_png(to_samples(data, bits), recipe, None, srgb=False)


def free_name(folder: Path, stem: str, suffix: str = ".png") -> Path:
    """The first of stem.png, stem-2.png, stem-3.png … that does not exist in the folder."""
    # File systems take 255 bytes; some are left for the number and the extension.
    raw = os.fsencode(stem)
    stem = stem if len(raw) <= 200 else raw[:200].decode("utf-8", "ignore")
    path, number = folder / f"{stem}{suffix}", 2
    while os.path.lexists(path):
        path, number = folder / f"{stem}-{number}{suffix}", number + 1
    return path


def _samples(
    picture: Tensor | Array, alpha: Tensor | Array | None, bits: int, found: Format
) -> Samples:
    """Samples (H, W, 3), or (H, W, 4) with alpha: of 8 or 16 bits, or for EXR linear light."""
    if alpha is None and found.name != "EXR":
        return to_samples(picture, bits)
    colours = to_floats(picture)
    planes = [srgb_light(colours) if found.name == "EXR" else colours]
    if alpha is not None:
        whole = np.moveaxis(to_floats(alpha), 2, 0)[None]
        planes.append(np.moveaxis(resized(whole, colours.shape[:2])[0], 0, 2))
    if found.name == "EXR":
        return np.concatenate(planes, -1).astype(np.float16 if bits == 8 else np.float32)
    if alpha is not None and not found.alpha:
        planes = [colours * planes[1] + (1 - planes[1])]
    samples: Samples = np.rint(np.concatenate(planes, -1) * (2**bits - 1))
    return samples.astype(np.uint8 if bits == 8 else np.uint16)


def _encode(
    samples: Samples,
    found: Format,
    recipe: str | None,
    exif: bytes | None,
    quality: int,
    dpi: float,
) -> bytes:
    if found.name == "PNG":
        return _encode_png(samples, recipe, exif, dpi=dpi)
    if found.name == "EXR":
        return openexr.encode(samples, recipe, dpi=dpi)
    if found.name == "TGA":
        return _encode_tga(samples, recipe)
    xmp = to_xmp(recipe) if recipe is not None else None
    if found.name == "TIFF":
        return _encode_tiff(samples, xmp, exif, dpi)
    if recipe is not None:
        exif = with_recipe(exif, recipe)
    if dpi:
        exif = with_resolution(exif, dpi)
    if found.name == "JXL":
        return jpeg_xl.encode(samples, quality, xmp, exif)
    if found.name == "JPEG" and xmp and len(xmp) > _JPEG_SEGMENT:
        raise ValueError("its recipe is longer than the 64 KB that JPEG has for it.")
    options: dict[str, dict[str, Any]] = {
        # Colour at full resolution: saturated edges are what style transfer makes.
        "JPEG": {"subsampling": 0, "optimize": True},
        "WEBP": {"method": 4},
        "AVIF": {"subsampling": "4:4:4"},
    }
    extra: dict[str, Any] = {"xmp": xmp, "exif": exif}
    if dpi and found.name == "JPEG":
        extra["dpi"] = (dpi, dpi)  # in its own header, beside EXIF
    buffer = BytesIO()
    Image.fromarray(samples).save(
        buffer,
        found.name,
        quality=quality,
        icc_profile=srgb_profile(),
        **options[found.name],
        **{name: value for name, value in extra.items() if value is not None},
    )
    return buffer.getvalue()


def _encode_tga(samples: Samples, recipe: str | None) -> bytes:
    buffer = BytesIO()
    Image.fromarray(samples).save(buffer, "TGA", compression="tga_rle")
    data = buffer.getvalue()
    return data if recipe is None else with_tga_recipe(data, recipe)


def _encode_png(
    samples: Samples, recipe: str | None, exif: bytes | None, *, srgb: bool = True, dpi: float = 0
) -> bytes:
    # Pictures repeat runs at most: to look for more takes four times as long, for the same length.
    runs = imagecodecs.PNG.STRATEGY.RLE
    data = bytes(imagecodecs.png_encode(samples, level=6, strategy=runs))
    chunks = png_chunk(b"sRGB", b"\0") if srgb else b""
    if dpi:
        chunks += png_resolution(dpi)
    if recipe is not None:
        exif = with_recipe(exif, recipe)
    if exif is not None:
        chunks += png_chunk(b"eXIf", exif.removeprefix(b"Exif\0\0"))
    if recipe is not None:
        chunks += png_text(recipe)
    return data[:_PNG_HEADER] + chunks + data[_PNG_HEADER:]


def _encode_tiff(samples: Samples, xmp: bytes | None, exif: bytes | None, dpi: float) -> bytes:
    tags = ascii_tags(exif) if exif is not None else []
    if xmp is not None:
        tags.append((700, "B", len(xmp), xmp, True))
    buffer = BytesIO()
    import tifffile

    tifffile.imwrite(
        buffer,
        samples,
        byteorder="<",
        photometric="rgb",
        extrasamples=["unassalpha"] if samples.shape[2] == 4 else None,
        compression="zlib",
        predictor=True,
        iccprofile=srgb_profile(),
        software="artgen",
        metadata=None,
        extratags=tags,
        resolution=(dpi, dpi) if dpi else None,
        resolutionunit="INCH" if dpi else None,
    )
    data = buffer.getvalue()
    if exif is None or data.startswith(b"II\x2b"):  # BigTIFF counts in 64 bits: it goes without
        return data
    return with_exif_directories(data, exif)

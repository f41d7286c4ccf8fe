"""A small file of every format that is read, each written by a real encoder."""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import partial
from io import BytesIO
from pathlib import Path

import etcpak
import imagecodecs
import numpy as np
import OpenEXR
import tifffile
from numpy.typing import NDArray
from PIL import Image
from psd_tools import PSDImage

from artgen.images.color_profile import srgb_light
from artgen.ops.samples import to_bytes

from .samples import quadrants

Encoded = Callable[[Image.Image], bytes]
DX10 = {"BC4": 80, "BC7": 98, "BC6H": 95}  # of DXGI


def by_pillow(kind: str, image: Image.Image, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def light_of(image: Image.Image) -> NDArray[np.float32]:
    """A picture as linear light, (H, W, C); alpha stays."""
    floats = np.asarray(image, np.float32) / 255
    floats[..., :3] = srgb_light(floats[..., :3])
    return floats


def tiff(image: Image.Image) -> bytes:
    buffer = BytesIO()
    tifffile.imwrite(buffer, light_of(image), photometric="rgb", metadata=None)
    return buffer.getvalue()


def exr(image: Image.Image) -> bytes:
    light = light_of(image)
    if light.shape[2] == 4:
        light[..., :3] *= light[..., 3:]
    buffer = BytesIO()
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    OpenEXR.File(header, {image.mode: light}).write(buffer)
    return buffer.getvalue()


def radiance(image: Image.Image) -> bytes:
    return bytes(imagecodecs.rgbe_encode(light_of(image), header=True))


def psd(image: Image.Image) -> bytes:
    buffer = BytesIO()
    PSDImage.frompil(image).save(buffer)
    return buffer.getvalue()


def dds_head(kind: int, width: int, height: int) -> bytes:
    """The header of a compressed DDS with a DX10 part."""
    head = b"DDS " + struct.pack("<7I44x", 124, 0x1007, height, width, 0, 0, 0)
    head += struct.pack("<2I4s5I", 32, 4, b"DX10", 0, 0, 0, 0, 0) + struct.pack(
        "<5I", 0x1000, *[0] * 4
    )
    return head + struct.pack("<5I", kind, 3, 0, 1, 0)


def bc7(image: Image.Image) -> bytes:
    blocks = etcpak.compress_bc7(image.convert("RGBA").tobytes(), *image.size)
    return dds_head(DX10["BC7"], *image.size) + blocks


def bc4(image: Image.Image) -> bytes:
    blocks = etcpak.compress_bc4(image.convert("RGBA").tobytes(), *image.size)
    return dds_head(DX10["BC4"], *image.size) + blocks


def jxl(image: Image.Image) -> bytes:
    return bytes(imagecodecs.jpegxl_encode(np.asarray(image), lossless=True))


def jp2(image: Image.Image) -> bytes:
    return by_pillow("JPEG2000", image, irreversible=False)


def qoi(image: Image.Image) -> bytes:
    return bytes(imagecodecs.qoi_encode(np.asarray(image)))


def heif(image: Image.Image) -> bytes:
    import pillow_heif

    buffer = BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=-1)
    return buffer.getvalue()


def dng(image: Image.Image) -> bytes:
    """A digital negative of a Bayer sensor whose colours are those of sRGB."""
    light = np.asarray(light_of(image.convert("RGB")).clip(0, 1) * 65535, np.uint16)
    mosaic = light[..., 1].copy()
    mosaic[0::2, 0::2], mosaic[1::2, 1::2] = light[0::2, 0::2, 0], light[1::2, 1::2, 2]
    from_xyz = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)
    matrix = [part for value in from_xyz for part in (round(value * 10000), 10000)]
    tags = [
        (50706, "B", 4, (1, 4, 0, 0), True),  # DNGVersion
        (50708, "s", 0, "artgen test", True),  # UniqueCameraModel
        (33421, "H", 2, (2, 2), True),  # CFARepeatPatternDim
        (33422, "B", 4, (0, 1, 1, 2), True),  # CFAPattern
        (50721, "2i", 9, matrix, True),  # ColorMatrix1
        (50728, "2I", 3, (1, 1, 1, 1, 1, 1), True),  # AsShotNeutral
        (50778, "H", 1, 21, True),  # CalibrationIlluminant1: D65
        (50717, "I", 1, 65535, True),  # WhiteLevel
    ]
    buffer = BytesIO()
    tifffile.imwrite(buffer, mosaic, photometric=32803, metadata=None, extratags=tags)
    return buffer.getvalue()


# Suffix of a file -> its encoder. Two formats have several kinds.
ENCODERS: dict[str, Encoded] = {
    "png": partial(by_pillow, "PNG"),
    "jpg": partial(by_pillow, "JPEG", quality=98, subsampling=0),
    "webp": partial(by_pillow, "WEBP", lossless=True),
    "avif": partial(by_pillow, "AVIF", quality=98, subsampling="4:4:4"),
    "tif": partial(by_pillow, "TIFF"),
    "float.tif": tiff,
    "jxl": jxl,
    "tga": partial(by_pillow, "TGA"),
    "rle.tga": partial(by_pillow, "TGA", compression="tga_rle"),
    "exr": exr,
    "bmp": partial(by_pillow, "BMP"),
    "gif": partial(by_pillow, "GIF"),
    "heic": heif,
    "psd": psd,
    "dds": partial(by_pillow, "DDS"),
    "bc1.dds": partial(by_pillow, "DDS", pixel_format="DXT1"),
    "bc2.dds": partial(by_pillow, "DDS", pixel_format="BC2"),
    "bc3.dds": partial(by_pillow, "DDS", pixel_format="BC3"),
    "bc7.dds": bc7,
    "jp2": jp2,
    "ppm": partial(by_pillow, "PPM"),
    "qoi": qoi,
    "hdr": radiance,
    "ico": partial(by_pillow, "ICO", sizes=[(40, 24)]),
    "dng": dng,
}
LOSSY = {
    "jpg",
    "avif",
    "bc1.dds",
    "bc2.dds",
    "bc3.dds",
    "bc7.dds",
    "hdr",
    "exr",
    "float.tif",
    "heic",
}
OPAQUE = {"jpg", "bmp", "gif", "ppm", "hdr", "dng", "float.tif"}  # formats without alpha
EXTRAS = {"heic": "pillow_heif", "dng": "rawpy"}


def encoded(kind: str, folder: Path, image: Image.Image | None = None) -> Path:
    """A file of one of the ENCODERS: of red, green, blue and white, if not of another picture."""
    path = folder / f"picture.{kind}"
    path.write_bytes(ENCODERS[kind](quadrants() if image is None else image))
    return path


__all__ = ["ENCODERS", "EXTRAS", "LOSSY", "OPAQUE", "encoded", "light_of", "to_bytes"]

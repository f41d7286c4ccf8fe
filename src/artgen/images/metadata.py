"""What is written beside the pixels: the recipe always, EXIF only on request.

The recipe is an iTXt chunk "artgen" in PNG. In JPEG, WebP, AVIF, JPEG XL and TIFF it is an XMP
property, artgen:recipe: XMP is UTF-8 of nearly any length (64 KB in JPEG), all of them have a place
for it, and EXIF's comment stays as it was. EXIF has the same packet once more, as its tag for XMP:
programs that save a picture anew keep EXIF more often (Pillow with `exif=`). In EXR it is an
attribute, in TGA a developer's tag.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any, BinaryIO

from PIL import ExifTags, Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

__all__ = [
    "KEYWORD",
    "ascii_tags",
    "clean_exif",
    "exif_of",
    "exif_of_tiff",
    "from_xmp",
    "png_chunk",
    "png_resolution",
    "png_text",
    "recipe_in_exif",
    "tga_recipe",
    "to_xmp",
    "with_exif_directories",
    "with_recipe",
    "with_resolution",
    "with_tga_recipe",
]

KEYWORD = "artgen"
METRES = 0.0254  # of an inch
_INCH = 2  # as a unit, in EXIF
_NAMESPACE = "urn:artgen"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_ESCAPED = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# Of EXIF's first directory only what describes the picture: its other entries say how the old file
# was laid out, or which way up it was.
_KEPT = (
    ExifTags.Base.ImageDescription,
    ExifTags.Base.Make,
    ExifTags.Base.Model,
    ExifTags.Base.DateTime,
    ExifTags.Base.Artist,
    ExifTags.Base.Copyright,
)
# Sizes that no longer hold, and maker notes, whose inner offsets break when they are moved.
_DROPPED = {
    ExifTags.Base.ExifImageWidth,
    ExifTags.Base.ExifImageHeight,
    ExifTags.Base.ColorSpace,
    ExifTags.Base.ExifInteroperabilityOffset,
    ExifTags.Base.MakerNote,
}
_DIRECTORIES = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_BESIDE = 1  # tifffile drops the tags of directories; the tags one below stay, in order
_XMP = 700  # TIFF's tag for it
_MOST_EXIF = 60_000  # bytes: JPEG has 64 KB for all of EXIF
_TGA_FOOTER, _TGA_TAG = 26, 0x6172  # bytes; a number that developers may choose
_MOST = 8192  # bytes of one entry: JPEG has 64 KB for all of them


def _speakable(text: str) -> str:
    """The text without what XML cannot hold: it is escaped as in JSON, half surrogates replaced."""

    def replacement(found: re.Match[str]) -> str:
        code = ord(found[0])
        return "\ufffd" if 0xD800 <= code <= 0xDFFF else f"\\u{code:04x}"

    return _UNSPEAKABLE.sub(replacement, text)


def to_xmp(recipe: str) -> bytes:
    """An XMP packet that holds the recipe."""
    text = _speakable(recipe).translate(_ESCAPED)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">'
        f'<rdf:Description rdf:about="" xmlns:artgen="{_NAMESPACE}">'
        f"<artgen:recipe>{text}</artgen:recipe>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def from_xmp(packet: bytes) -> str | None:
    """The recipe in an XMP packet: an element, or an attribute, as some editors write it."""
    if b"<!" in packet:  # a DTD could define entities that grow without end; XMP has none
        return None
    from xml.etree import ElementTree

    name = f"{{{_NAMESPACE}}}recipe"
    with suppress(ElementTree.ParseError):
        for element in ElementTree.fromstring(packet.rstrip(b"\0")).iter():
            if element.tag == name:
                return element.text or ""
            if name in element.attrib:
                return element.attrib[name]
    return None


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_resolution(dpi: float) -> bytes:
    """The chunk of a PNG that has its resolution, in dots an inch."""
    dots = round(dpi / METRES)
    return png_chunk(b"pHYs", struct.pack(">IIB", dots, dots, 1))


def png_text(recipe: str) -> bytes:
    """The recipe as an uncompressed iTXt chunk, without a language."""
    return png_chunk(b"iTXt", KEYWORD.encode() + b"\0\0\0\0\0" + _speakable(recipe).encode())


def with_tga_recipe(tga: bytes, recipe: str) -> bytes:
    """A TGA file, with Pillow's footer at its end, and the recipe in a developer's area."""
    body, text = tga[:-_TGA_FOOTER], _speakable(recipe).encode()
    directory = struct.pack("<HHII", 1, _TGA_TAG, len(body), len(text))
    footer = struct.pack("<II", 0, len(body) + len(text)) + tga[-_TGA_FOOTER + 8 :]
    return body + text + directory + footer


def tga_recipe(file: BinaryIO) -> str | None:
    """The recipe in an open TGA file; None where there is none."""
    with suppress(OSError, struct.error, UnicodeDecodeError):
        file.seek(-_TGA_FOOTER, 2)
        footer = file.read()
        start = struct.unpack_from("<I", footer, 4)[0]
        if not start or not footer.endswith(b"TRUEVISION-XFILE.\0"):
            return None
        file.seek(start)
        (count,) = struct.unpack("<H", file.read(2))
        for tag, place, length in struct.iter_unpack("<HII", file.read(10 * count)):
            if tag == _TGA_TAG:
                file.seek(place)
                return file.read(length).decode()
    return None


def exif_of(image: Image.Image) -> Image.Exif:
    """A picture's EXIF, empty where it is broken: that is no reason to refuse the pixels."""
    with suppress(Exception):  # Pillow's parser meets whatever cameras and editors have written
        return image.getexif()
    return Image.Exif()


def with_recipe(exif: bytes | None, recipe: str) -> bytes | None:
    """EXIF with the recipe, unless that is too long."""
    packet = to_xmp(recipe)
    if len(packet) + len(exif or b"") > _MOST_EXIF:
        return exif
    return _joined(exif, {_XMP: packet})


def with_resolution(exif: bytes | None, dpi: float) -> bytes:
    """EXIF with a resolution, in dots an inch."""
    base = ExifTags.Base
    return _joined(exif, {base.XResolution: dpi, base.YResolution: dpi, base.ResolutionUnit: _INCH})


def _joined(exif: bytes | None, entries: Mapping[int, Any]) -> bytes:
    """EXIF with further entries in its first directory."""
    joined = Image.Exif()
    if exif is not None:
        joined.load(exif)
        for tag, value in joined.items():
            if isinstance(value, str):
                joined[tag] = value.encode("latin-1")  # as it was read; Pillow would write ASCII
    for tag, value in entries.items():
        joined[tag] = value
    return joined.tobytes()


def recipe_in_exif(exif: Image.Exif) -> str | None:
    """The recipe that `with_recipe` wrote; None where there is none."""
    with suppress(Exception):  # as above
        packet = exif.get(_XMP)
        return from_xmp(packet) if isinstance(packet, bytes) else None
    return None


def exif_of_tiff(file: BinaryIO) -> Image.Exif:
    """EXIF of an open TIFF file, whose own directory it is; empty where it is broken."""
    exif = Image.Exif()
    with suppress(Exception):  # as above
        file.seek(0)
        exif.load_from_fp(file)
        exif.get(ExifTags.Base.Make)
    return exif


def clean_exif(exif: Image.Exif) -> bytes | None:
    """EXIF bytes that --keep-exif keeps, without an orientation: the pixels are upright.

    The file must still be open: Pillow reads some directories only when they are accessed.
    """
    kept = Image.Exif()
    with suppress(Exception):  # as above
        for tag in _KEPT:
            if isinstance(text := exif.get(tag), str):
                kept[tag] = text.encode("latin-1")  # as Pillow read it, whatever it was meant to be
        for directory in _DIRECTORIES:
            entries = {
                tag: value
                for tag, value in exif.get_ifd(directory).items()
                if tag not in _DROPPED
                and not (isinstance(value, bytes | str) and len(value) > _MOST)
            }
            if entries:
                kept[directory] = entries
        return kept.tobytes() if len(kept) else None
    return None


def ascii_tags(exif: bytes) -> list[tuple[int, str, int, Any, bool]]:
    """EXIF's first directory as extra tags for tifffile, with placeholders for the others."""
    parsed = Image.Exif()
    parsed.load(exif)
    tags: list[tuple[int, str, int, Any, bool]] = []
    for tag, value in parsed.items():
        if tag in _DIRECTORIES:
            tags.append((tag - _BESIDE, "I", 1, 0, True))
        elif isinstance(value, str):
            data = value.encode("latin-1") + b"\0"
            tags.append((tag, "s", len(data), data, True))
    return tags


def with_exif_directories(tiff: bytes, exif: bytes) -> bytes:
    """Appends the EXIF and GPS directories to a little-endian TIFF with placeholders for them.

    tifffile writes no directory below another, and Pillow, which does, has no 16-bit RGB.
    """
    parsed = Image.Exif()
    parsed.load(exif)
    data = bytearray(tiff)
    import tifffile

    with tifffile.TiffFile(BytesIO(tiff)) as file:
        tags = file.pages.first.tags
        for directory in _DIRECTORIES:
            place = tags.get(directory - _BESIDE)
            if place is None:
                continue
            data += bytes(len(data) % 2)  # directories begin at even offsets
            entries = ImageFileDirectory_v2(b"II\x2a\x00\x08\x00\x00\x00", group=directory)
            for tag, value in parsed.get_ifd(directory).items():
                entries[tag] = value
            struct.pack_into("<H", data, place.offset, directory)
            struct.pack_into("<I", data, place.valueoffset, len(data))
            data += entries.tobytes(len(data))
    return bytes(data)

"""Picture formats: what each can hold, and how a file is recognised by its first bytes."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePath

from PIL import features

from artgen.errors import UsageError

__all__ = [
    "FORMATS",
    "HEAD",
    "WITHOUT_LIMIT",
    "Format",
    "for_output",
    "readable",
    "sniff",
    "suffixes",
    "writable",
]

HEAD = 256  # bytes that suffice for sniff()
WITHOUT_LIMIT = 2**31 - 1


@dataclass(frozen=True)
class Format:
    """One format. Sizes are in pixels; `name` is Pillow's name for it, where Pillow knows it.

    Attributes:
        suffixes: the first is the usual one.
        writes: whether artgen writes it.
        alpha: whether transparency is read, and written if the format is.
        read: bits a channel that are read at full depth.
        bits: bits a channel that are written (--bits).
        colours: what says which colours its numbers are.
        max_side, max_pixels: that are written.
        package: that has to be installed to read it; empty if it comes with artgen.
        limits: what of the format is not read, in a few words.
    """

    name: str
    suffixes: tuple[str, ...]
    writes: bool = True
    alpha: bool = True
    read: str = "8"
    bits: tuple[int, ...] = (8,)
    colours: str = "ICC profile"
    max_side: int = WITHOUT_LIMIT
    max_pixels: int = WITHOUT_LIMIT**2
    package: str = ""
    limits: str = ""

    def check(self, size: tuple[int, int] | None, bits: int) -> None:
        """Raises UsageError where this format cannot hold such a picture."""
        if bits not in self.bits:
            raise UsageError(
                f"{self.name} cannot be written with {bits} bits a channel.",
                f"It can with {' or '.join(map(str, self.bits))}; PNG and TIFF can with 8 or 16.",
            )
        if size is None:
            return
        height, width = size
        if max(size) > self.max_side or height * width > self.max_pixels:
            most = f"{self.max_side} pixels a side"
            if self.max_pixels < self.max_side**2:
                most += f" and {self.max_pixels // 10**6} megapixels"
            raise UsageError(
                f"A picture of {width} x {height} does not fit into {self.name}, "
                f"which holds at most {most}.",
                f"Write a {'TIFF' if self.name == 'PNG' else 'PNG or TIFF'} instead, or make the "
                "picture smaller.",
            )


_SRGB, _LINEAR = "taken as sRGB", "linear light"
FORMATS = (
    # libpng, which nearly every reader uses, refuses more than a million a side.
    Format(
        *("PNG", (".png",)),
        read="1 to 16",
        bits=(8, 16),
        colours="ICC profile, cICP (PQ, HLG)",
        max_side=1_000_000,
        limits="of an animation the first frame, where no film is made",
    ),
    # libjpeg stops at 65500, a little short of the 65535 that the header could say.
    Format("JPEG", (".jpg", ".jpeg"), alpha=False, max_side=65500),
    Format(
        "WEBP", (".webp",), max_side=16383, limits="of an animation the first frame, as for PNG"
    ),
    # What libavif, and so the browsers, read by default.
    Format(
        *("AVIF", (".avif",)),
        max_side=32768,
        max_pixels=16384**2,
        limits="10 and 12 bits are read as 8; of an animation the first frame, as for PNG",
    ),
    Format(
        *("TIFF", (".tif", ".tiff")),
        read="1 to 32, float",
        bits=(8, 16),
        colours="ICC profile; float without one: linear light",
        limits="the first page; not signed, not Lab with more than 8 bits",
    ),
    # Level 5 of the codestream, which every decoder reads.
    Format(
        *("JXL", (".jxl",)),
        read="8 to 16, float",
        bits=(8, 16),
        colours="its own description (sRGB, P3, PQ, HLG, …)",
        max_side=2**18,
        max_pixels=2**28,
        limits="an ICC profile inside it is left out, with a note; the first frame",
    ),
    Format("TGA", (".tga", ".vda", ".icb", ".vst"), colours=_SRGB, max_side=65535),
    Format(
        *("EXR", (".exr",)),
        read="half and float",
        bits=(8, 16),
        colours=f"{_LINEAR}, chromaticities",
        limits="the first part with colours; not deep, not luminance with chroma",
    ),
    Format("BMP", (".bmp", ".dib"), writes=False, alpha=False),
    Format("GIF", (".gif",), writes=False, colours=_SRGB, limits="the first frame, as for PNG"),
    Format("HEIF", (".heic", ".heif"), writes=False, package="pillow-heif"),
    Format(
        *("PSD", (".psd",)),
        writes=False,
        limits="the merged picture, which the program must have saved with it; not Lab",
    ),
    Format(
        *("DDS", (".dds",)),
        writes=False,
        read="8; BC6H: half",
        colours=f"{_SRGB}; BC6H: {_LINEAR}",
        limits="BC1 to BC7, and plain RGB; the largest of its sizes, the first of several",
    ),
    Format("JPEG2000", (".jp2", ".j2k", ".jpf", ".jpx", ".j2c"), writes=False, read="1 to 16"),
    Format(
        *("PPM", (".ppm", ".pgm", ".pbm", ".pnm", ".pfm")),
        writes=False,
        alpha=False,
        read="1 to 16, float",
        colours=f"{_SRGB}; PFM: {_LINEAR}",
        limits="not PAM",
    ),
    Format("QOI", (".qoi",), writes=False, colours=_SRGB),
    Format(
        *("HDR", (".hdr", ".pic")),
        writes=False,
        alpha=False,
        read="shared exponent",
        colours=_LINEAR,
        limits="RGB, rows from the top",
    ),
    Format("ICO", (".ico",), writes=False, colours=_SRGB, limits="the largest picture"),
    Format(
        *(
            "RAW",
            (
                *(".dng", ".cr2", ".cr3", ".nef", ".nrw", ".arw"),
                *(".raf", ".orf", ".rw2", ".pef", ".srw"),
            ),
        ),
        writes=False,
        alpha=False,
        read="10 to 16",
        colours="the camera's, developed with its white balance",
        package="rawpy",
    ),
)
_BY_NAME = {one.name: one for one in FORMATS}
_RAW_SUFFIXES = _BY_NAME["RAW"].suffixes
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"IIU\0", "RAW"),  # Panasonic's
    (b"IIRO", "RAW"),  # Olympus's
    (b"IIRS", "RAW"),
    (b"MMOR", "RAW"),
    (b"FUJIFILMCCD-RAW", "RAW"),
    (b"II\x2a\x00", "TIFF"),
    (b"MM\x00\x2a", "TIFF"),
    (b"II\x2b\x00", "TIFF"),  # BigTIFF
    (b"MM\x00\x2b", "TIFF"),
    (b"BM", "BMP"),
    (b"GIF8", "GIF"),
    (b"\xff\x0a", "JXL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JXL"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "JPEG2000"),
    (b"8BPS\0\x01", "PSD"),
    (b"DDS ", "DDS"),
    (b"qoif", "QOI"),
    (b"\x76\x2f\x31\x01", "EXR"),
    (b"#?RADIANCE", "HDR"),
    (b"#?RGBE", "HDR"),
    (b"\0\0\x01\0", "ICO"),
)
# AVIF first: its files may name a general HEIF brand (mif1) too.
_BRANDS = (
    ({b"avif", b"avis"}, "AVIF"),
    ({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}, "HEIF"),
    ({b"crx "}, "RAW"),
)


def sniff(head: bytes, name: str | PurePath = "") -> Format | None:
    """The format of a file that begins with these bytes, whatever its suffix.

    The name helps only where the bytes do not say it: TGA has no signature, and most camera raw
    files begin as any TIFF does.
    """
    suffix = PurePath(name).suffix.lower()
    for signature, known in _SIGNATURES:
        if head.startswith(signature):
            raw = known == "TIFF" and (suffix in _RAW_SUFFIXES or head[8:10] == b"CR")
            return _BY_NAME["RAW" if raw else known]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _BY_NAME["WEBP"]
    if head[:1] == b"P" and head[1:2] in b"123456fF" and head[2:3].isspace():
        return _BY_NAME["PPM"]
    if head[4:8] == b"ftyp":
        box = head[8 : int.from_bytes(head[:4], "big")]
        found = {box[start : start + 4] for start in range(0, len(box), 4)}
        for brands, known in _BRANDS:
            if found & brands:
                return _BY_NAME[known]
    if suffix in _BY_NAME["TGA"].suffixes and _may_be_tga(head):
        return _BY_NAME["TGA"]
    return None


def _may_be_tga(head: bytes) -> bool:
    """Whether the fields of a TGA header have values that occur."""
    if len(head) < 18:
        return False
    mapped, kind, bits = head[1], head[2], head[16]
    width, height = int.from_bytes(head[12:14], "little"), int.from_bytes(head[14:16], "little")
    kinds = {1: (8,), 2: (15, 16, 24, 32), 3: (8, 16)}
    fits = mapped in (0, 1) and bits in kinds.get(kind & 7, ()) and kind & ~0x0B == 0
    return fits and bool(width and height) and (mapped == 1 or kind & 7 != 1)


def readable() -> str:
    """The formats that load() reads, for a hint."""
    return ", ".join(one.name for one in FORMATS)


def suffixes() -> set[str]:
    """The extensions of pictures that are looked for in folders: camera raw only with rawpy."""
    known = {suffix for one in FORMATS for suffix in one.suffixes}
    return known if find_spec("rawpy") else known - {*_RAW_SUFFIXES}


def writable() -> str:
    """The extensions that save() knows, for a hint."""
    return ", ".join(suffix for one in FORMATS if one.writes for suffix in one.suffixes)


def for_output(path: Path) -> Format:
    """The format that an output's extension asks for; UsageError where there is none."""
    suffix = path.suffix.lower()
    known = {ending: one for one in FORMATS for ending in one.suffixes}
    hint = f"Use one of {writable()}."
    if not suffix:
        raise UsageError(f"{path} has no extension, so its format is unknown.", hint)
    if suffix not in known:
        raise UsageError(f"{path}: {suffix} is no picture format that artgen knows.", hint)
    if suffix == ".gif":
        raise UsageError(f"{path}: artgen writes .gif only for films and what is animated.", hint)
    if not known[suffix].writes:
        raise UsageError(f"{path}: artgen reads {suffix} but does not write it.", hint)
    if suffix == ".avif" and not features.check("avif"):
        raise UsageError(f"{path}: this Pillow was built without AVIF.", hint)
    return known[suffix]

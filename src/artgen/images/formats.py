"""Picture formats: what each can hold, and how a file is recognised by its first bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import features

from artgen.errors import UsageError

__all__ = ["FORMATS", "HEAD", "Format", "for_output", "readable", "sniff", "writable"]

HEAD = 256  # bytes that suffice for sniff()
_WITHOUT_LIMIT = 2**31 - 1


@dataclass(frozen=True)
class Format:
    """One format. Sizes are in pixels; `name` is Pillow's name for it."""

    name: str
    suffixes: tuple[str, ...]
    writes: bool = True
    alpha: bool = True
    bits: tuple[int, ...] = (8,)  # that artgen writes
    max_side: int = _WITHOUT_LIMIT
    max_pixels: int = _WITHOUT_LIMIT**2

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


FORMATS = (
    # libpng, which nearly every reader uses, refuses more than a million a side.
    Format("PNG", (".png",), bits=(8, 16), max_side=1_000_000),
    # libjpeg stops at 65500, a little short of the 65535 that the header could say.
    Format("JPEG", (".jpg", ".jpeg"), alpha=False, max_side=65500),
    Format("WEBP", (".webp",), max_side=16383),
    # What libavif, and so the browsers, read by default.
    Format("AVIF", (".avif",), max_side=32768, max_pixels=16384**2),
    Format("TIFF", (".tif", ".tiff"), bits=(8, 16)),
    Format("BMP", (".bmp",), writes=False),
    Format("GIF", (".gif",), writes=False),
    Format("HEIF", (".heic", ".heif"), writes=False),
)
_BY_NAME = {one.name: one for one in FORMATS}
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"II\x2a\x00", "TIFF"),
    (b"MM\x00\x2a", "TIFF"),
    (b"II\x2b\x00", "TIFF"),  # BigTIFF
    (b"MM\x00\x2b", "TIFF"),
    (b"BM", "BMP"),
    (b"GIF8", "GIF"),
)
# AVIF first: its files may name a general HEIF brand (mif1) too.
_BRANDS = (
    ({b"avif", b"avis"}, "AVIF"),
    ({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}, "HEIF"),
)


def sniff(head: bytes) -> Format | None:
    """The format of a file that begins with these bytes, whatever its suffix."""
    for signature, name in _SIGNATURES:
        if head.startswith(signature):
            return _BY_NAME[name]
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _BY_NAME["WEBP"]
    if head[4:8] == b"ftyp":
        box = head[8 : int.from_bytes(head[:4], "big")]
        found = {box[start : start + 4] for start in range(0, len(box), 4)}
        for brands, name in _BRANDS:
            if found & brands:
                return _BY_NAME[name]
    return None


def readable() -> str:
    """The formats that load() reads, for a hint."""
    return ", ".join(one.name for one in FORMATS)


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

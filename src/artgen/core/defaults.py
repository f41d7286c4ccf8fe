"""Defaults that several rooms share, each written once."""

from __future__ import annotations

__all__ = ["EXPOSURE_LIMIT", "MAX_PIXELS", "QUALITY"]

MAX_PIXELS = 500_000_000  # of an input picture, which is 6 GB as float32 RGB
EXPOSURE_LIMIT = 30.0  # stops up or down, more than any picture spans
QUALITY = 95  # of JPEG, WebP and AVIF: the highest that Pillow's documentation advises for JPEG

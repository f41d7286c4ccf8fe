"""What tests of writing share: a picture, a recipe, EXIF, and the formats."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor

SUFFIXES = [".png", ".jpg", ".jpeg", ".webp", ".avif", ".tif", ".tiff"]
ONE_EACH = [".png", ".jpg", ".webp", ".avif", ".tif"]
LOSSLESS = [".png", ".tif"]
RECIPE = json.dumps(
    {"prompt": "Größe — 日本語 \U0001f600 <a & b> ]]> \"'", "seed": 7}, ensure_ascii=False
)


def gradient(height: int = 48, width: int = 64) -> Tensor:
    """Smooth, as lossy formats like it; every channel goes another way."""
    y = torch.linspace(0, 1, height)[:, None].expand(height, width)
    x = torch.linspace(0, 1, width)[None, :].expand(height, width)
    return torch.stack([y, x, 1 - (x + y) / 2])[None]


def files(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir() if one.name != "home")


def exif_bytes() -> bytes:
    exif = Image.Exif()
    exif[0x010F] = "Maker"
    exif[0x013B] = "Zoë".encode()
    exif[0x8769] = {0x9003: "2024:05:06 07:08:09"}
    exif[0x8825] = {1: "N", 2: (51.0, 28.0, 38.0)}
    return exif.tobytes()

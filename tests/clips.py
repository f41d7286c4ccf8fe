"""Short films made for tests."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import imageio_ffmpeg
import torch
from pictures import smooth
from torch import Tensor

__all__ = ["drifting", "ffmpeg", "film_file"]


def drifting(count: int, height: int = 48, width: int = 64, *, step: int = 2) -> list[Tensor]:
    """Frames of a camera that moves to the right over a still scene, `step` pixels a frame."""
    scene = smooth(height, width + step * count, seed=5)
    return [scene[..., i * step : i * step + width] for i in range(count)]


def ffmpeg(*words: object, stdin: bytes = b"") -> None:
    """Runs ffmpeg, which has to succeed."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *map(str, words)]
    subprocess.run(command, input=stdin, check=True)


def film_file(
    path: Path, frames: Sequence[Tensor], rate: str = "12", *, sound: bool = False, more: str = ""
) -> Path:
    """Writes frames as a film, with a tone where `sound` is set."""
    height, width = frames[0].shape[-2:]
    raw = torch.cat(list(frames)).permute(0, 2, 3, 1).mul(255).round().byte().numpy().tobytes()
    tone = ["-f", "lavfi", "-i", "sine", "-shortest"] if sound else []
    size = ("-s", f"{width}x{height}")
    ffmpeg(
        *("-f", "rawvideo", "-pix_fmt", "rgb24", *size, "-r", rate, "-i", "-", *tone),
        *("-pix_fmt", "yuv444p", "-crf", 4, *more.split(), path),
        stdin=raw,
    )
    return path

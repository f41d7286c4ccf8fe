"""DDS files: the header that readers take, and every smaller size."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pictures import smooth
from PIL import Image

from artgen import images
from artgen.images.dds import encode_dds
from artgen.ops.mipmaps import mipmaps


@pytest.mark.parametrize(("srgb", "dxgi"), [(True, 99), (False, 98)])
def test_the_header_says_what_is_there(srgb: bool, dxgi: int) -> None:
    levels = mipmaps(smooth(32, 64, seed=1), "data")
    data = encode_dds(levels, srgb=srgb)
    assert int.from_bytes(data[128:132], "little") == dxgi
    assert int.from_bytes(data[28:32], "little") == len(levels) == 7
    blocks = sum(-(-one.shape[2] // 4) * -(-one.shape[3] // 4) for one in levels)
    assert len(data) == 148 + 16 * blocks
    with Image.open(BytesIO(data)) as image:
        assert image.size == (64, 32)


def test_artgen_reads_what_it_writes(tmp_path: Path) -> None:
    picture = smooth(32, 32, seed=2).mean(1, keepdim=True).expand(1, 3, 32, 32)
    path = tmp_path / "a.dds"
    path.write_bytes(encode_dds(mipmaps(picture, "colours"), srgb=True))
    assert (images.load(path).picture - picture).abs().mean() < 0.01

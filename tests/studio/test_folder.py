"""The studio's folder: open once."""

from __future__ import annotations

from pathlib import Path

import pytest

from artgen.errors import ArtgenError
from artgen.studio.folder import opened


def test_a_studio_is_open_once(tmp_path: Path) -> None:
    with (
        opened(tmp_path / "here"),
        pytest.raises(ArtgenError, match="Another artgen studio"),
        opened(tmp_path / "here"),
    ):
        pass
    with opened(tmp_path / "here") as folder:
        assert folder.made(7).name == "7"

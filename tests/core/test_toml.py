"""TOML from outside is of a bounded length, and is refused in no time."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from artgen.core.toml import MOST_DOTS, MOST_TEXT, read_text, table_of
from artgen.errors import RecipeError


def test_a_table_comes_back() -> None:
    text = 'a = 1\n[b]\nc = "1.5.7"\n[[d]]\ne = [0.5,\n1e9]\n'
    assert table_of(text) == {"a": 1, "b": {"c": "1.5.7"}, "d": [{"e": [0.5, 1e9]}]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a" * (MOST_TEXT + 1), "more than 256 KB"),
        ("a." * MOST_DOTS + "a.a = 1", "Line 1 has more than 50 dots"),
        ("\n[" + "a." * 200 + "a]", "Line 2 has more than 50 dots"),
        ("a = " + "[" * 5000, "no TOML"),
        ("a = " + "{a=" * 5000, "no TOML"),
        ("a = " + "1" * 5000, "no TOML"),
        ("a = 1\na = 2", "no TOML"),
        ("\0", "no TOML"),
        ("a" * 10_000 + " = 1\n" + "a" * 10_000 + " = 1", "no TOML"),
        ("\n".join("[" + "a." * 49 + f"a{n}]\n" + "b." * 49 + "b = 1" for n in range(1200)), ""),
    ],
)
def test_what_is_refused_is_refused_soon(text: str, said: str) -> None:
    before = time.process_time()
    if said:
        with pytest.raises(RecipeError, match=said) as caught:
            table_of(text)
        assert len(str(caught.value)) < 500
    else:
        assert table_of(text)
    assert time.process_time() - before < 3


def test_only_ordinary_files_of_text_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a = 1", encoding="utf-8")
    assert read_text(tmp_path / "a.toml") == "a = 1"
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(RecipeError, match="not UTF-8"):
        read_text(tmp_path / "b.toml")
    with pytest.raises(RecipeError, match="is a folder"):
        read_text(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.toml")
        with pytest.raises(RecipeError, match="not an ordinary file"):
            read_text(tmp_path / "pipe.toml")

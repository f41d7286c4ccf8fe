"""`artgen fast export`, as a user does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from artgen.fast import model_files
from artgen.fast.multi_style import Painter

from ..said import Said

Artgen = Callable[..., Said]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["onnx", "pt2"])
def test_a_network_is_exported_without_a_word(folder: Path, artgen: Artgen, kind: str) -> None:
    model_files.save(Painter(["red"], (8, 12, 16), 1), folder / "mine.safetensors")
    if kind == "onnx":
        pytest.importorskip("onnxscript")
    said = artgen("fast", "export", "mine.safetensors", "--to", kind, "-o", f"mine.{kind}")
    assert said.code == 0, said.err
    assert (said.out, said.err) == (f"mine.{kind}\n", "")
    assert Path(f"mine.{kind}").stat().st_size > 10_000


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["shipped", "--to", "onx", "-o", "x.onnx"], "Did you mean 'onnx'"),
        (["shipped", "--to", "pt2", "-o", "x.onnx"], "ends in .pt2"),
        (["shipped", "--to", "pt2"], "--out"),
        (["none.safetensors", "--to", "pt2", "-o", "x.pt2"], "none.safetensors"),
        (["photo.png", "--to", "pt2", "-o", "x.pt2"], "photo.png"),
    ],
)
def test_wrong_words_are_one_sentence(
    folder: Path, artgen: Artgen, words: list[str], sentence: str
) -> None:
    said = artgen("fast", "export", *words)
    assert said.code in (1, 2)
    assert sentence in said.err
    assert "Traceback" not in said.err
    assert not list(folder.glob("x.*"))

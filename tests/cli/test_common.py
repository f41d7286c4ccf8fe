"""Options of every technique: what makes no sense in any run is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .said import QUICK, Said, check

Artgen = Callable[..., Said]


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        (["--size", "0"], 2, "--size"),
        (["--size", "-5"], 2, "--size"),
        (["--content-weight", "nan"], 2, "--content-weight"),
        (["--style-weight", "inf"], 2, "--style-weight"),
        (["--tv-weight", "-1"], 2, "--tv-weight"),
        (["--strength", "101"], 2, "--strength"),
        (["--style-weights", "1,2,3"], 2, "3 weights"),
        (["--style-weights", "nan"], 2, "--style-weights"),
        (["--style-weights", "a,b"], 2, "--style-weights"),
        (["--style-weights", "-1"], 2, "--style-weights is -1.0"),
        (["--style-weights", "0"], 2, "all zero"),
        (["--style-scale", "1,2,3"], 2, "--style-scale takes 1 number"),
        (["--mask", "bad.png"], 2, "--mask MASK.png=STYLE"),
        (["--mask", "bad.png=stary"], 1, "Did you mean 'starry'"),
        (["--mask", "nowhere.png=starry"], 1, "nowhere.png"),
        (["--protect", "nowhere.png"], 1, "nowhere.png"),
        (["--style-layers", "relu1_1=x"], 2, "--style-layers"),
        (["--style-layers", "relu9_1"], 2, "Did you mean"),
        (["--optimizer", "lbgfs"], 2, "lbfgs"),
        (["--net", "slym"], 2, "slim"),
        (["--init", "nowhere.png"], 1, "nowhere.png"),
        (["--device", "cuda:99"], 1, "cpu"),
        (["--precision", "float12"], 1, "float32"),
        (["--weights", "nowhere.safetensors"], 1, "nowhere.safetensors"),
        (["-o", "out.xyz"], 2, ".png"),
        (["-o", "out.gif"], 2, ".png"),
        (["-o", "photo.png"], 2, "photo.png"),
        (["-o", "./../work/paint.png"], 2, "paint.png"),
        (["-o", "nowhere/out.png"], 1, "nowhere"),
        (["-o", "photo.png/out.png"], 1, "photo.png"),
        (["--bits", "12"], 2, "--bits"),
        (["-o", "out.jpg", "--bits", "16"], 2, "16"),
    ],
)
def test_options_that_make_no_sense(
    folder: Path, artgen: Artgen, words: list[str], code: int, expected: str
) -> None:
    quick = list(QUICK)
    if words[0] in ("--net", "--size"):
        at = quick.index(words[0])
        del quick[at : at + 2]
    check(artgen("style", "photo.png", "paint.png", *quick, *words), code, expected)

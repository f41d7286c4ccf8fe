"""Values by Tab: styles, presets, networks, layers, choices."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("artgen sty", ["style", "styles"]),
        ("artgen style photo.jpg st", ["starry"]),
        ("artgen fast apply photo.jpg wav", ["wave"]),
        ("artgen style photo.jpg --preset etch", ["etching"]),
        ("artgen style photo.jpg starry --net sl", ["slim"]),
        ("artgen style photo.jpg starry --color ma", ["match"]),
        ("artgen dream photo.jpg --net tiny --layer relu3_", ["relu3_1", "relu3_2"]),
        (
            "artgen style photo.jpg starry --style-layers relu1_1=2,relu2_",
            ["relu1_1=2,relu2_1", "relu1_1=2,relu2_2"],
        ),
        ("artgen style photo.jpg starry --net none --style-layers relu", []),
    ],
)
def test_what_is_begun_is_completed(line: str, expected: list[str]) -> None:
    words = line.split()
    done = subprocess.run(
        [sys.executable, "-m", "artgen"],
        env=os.environ
        | {
            "_ARTGEN_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == expected, done.stderr

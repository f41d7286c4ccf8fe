"""Photo and style in either order."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from artgen.runs.word_order import in_order, is_name, no_style
from artgen.techniques.dream import Dream
from artgen.techniques.explore import Explore
from artgen.techniques.fast_apply import FastApply
from artgen.techniques.style import Style


@pytest.mark.parametrize("word", ["starry", "starry=0.6,wave=0.4", "a.jpg=0.7,wave=0.3", "forest"])
def test_what_is_a_name(word: str) -> None:
    assert is_name(word)


@pytest.mark.parametrize(
    "word",
    [
        "a.jpg",
        "clip.MP4",
        "photos/",
        "photos/*.jpg",
        "https://a.org/b",
        "",
        "-",
        "there",
        Path("starry"),
    ],
)
def test_what_is_none(word: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there").write_bytes(b"")
    assert not is_name(word)


def test_a_folder_a_glob_and_a_film_are_no_styles(tmp_path: Path) -> None:
    assert all(map(no_style, (tmp_path, str(tmp_path), "*.jpg", "clip.mp4", "-")))
    assert not any(map(no_style, ("a.jpg", "starry", torch.rand(1, 3, 4, 4))))


@pytest.mark.parametrize(
    ("photos", "style", "expected"),
    [
        (["a.jpg"], "starry", (["a.jpg"], "starry")),
        (["starry"], "a.jpg", (["a.jpg"], "starry")),
        (["starry=1,wave=2", "a.jpg"], "b.jpg", (["a.jpg", "b.jpg"], "starry=1,wave=2")),
        (["any.jpg"], "clip.mp4", (["clip.mp4"], "any.jpg")),
        (["-"], "starry", (["-"], "starry")),
        (["-"], "a.jpg", (["-"], "a.jpg")),
        (["starry"], "-", (["-"], "starry")),
        (["a.jpg"], "-", (["-"], "a.jpg")),
        (["a.jpg"], "b.jpg", (["a.jpg"], "b.jpg")),  # two files: the photo comes first
    ],
)
def test_a_trained_style_before_or_after_the_photo(
    photos: list[str], style: str, expected: tuple[list[str], str]
) -> None:
    settings, words = in_order(FastApply, {"style": style}, {"content": photos})
    assert (words["content"], settings["style"]) == expected


@pytest.mark.parametrize("kind", [Style, Explore])
@pytest.mark.parametrize(
    ("photo", "styles", "expected"),
    [
        ("a.jpg", ["starry"], ("a.jpg", ["starry"])),
        ("starry", ["a.jpg"], ("a.jpg", ["starry"])),
        ("starry", ["wave", "a.jpg"], ("a.jpg", ["starry", "wave"])),
        ("starry", ["a.jpg", "b.jpg"], ("starry", ["a.jpg", "b.jpg"])),  # which is the photo?
        ("nobody", ["a.jpg"], ("nobody", ["a.jpg"])),
    ],
)
def test_styles_before_or_after_the_photo(
    kind: type[Style], photo: str, styles: list[str], expected: tuple[str, list[str]]
) -> None:
    _, words = in_order(kind, {}, {"content": [photo], "style": styles})
    assert (*words["content"], words["style"]) == expected


def test_a_technique_without_a_style_is_left_alone() -> None:
    given = {"content": ["starry"]}
    assert in_order(Dream, {"net": "slim"}, given) == ({"net": "slim"}, given)

"""The user's own defaults: set, shown, and weaker than what is given."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from artgen import images
from artgen.cli.config import change, config_file, defaults_for, read_config
from artgen.errors import UsageError

from .said import QUICK, Said

Artgen = Callable[..., Said]


def test_a_default_is_set_shown_used_and_removed(folder: Path, artgen: Artgen, home: Path) -> None:
    assert artgen("config").out == ""
    for key, value in (("style.size", 40), ("all.net", "tiny"), ("style.iterations", 2)):
        assert artgen("config", key, value).code == 0
    said = artgen("config")
    assert said.out.splitlines() == ["style.size = 40", "style.iterations = 2", "all.net = tiny"]
    assert str(home / "config.toml") in said.err
    assert artgen("config", "style.size").out == "40\n"
    assert str(home / "config.toml") in artgen("doctor").out
    artgen("style", "photo.png", "paint.png", "-o", "a.png")
    assert images.load("a.png").picture.shape[-1] == 40
    artgen("style", "photo.png", "paint.png", "-o", "b.png", "--size", 44)
    assert images.load("b.png").picture.shape[-1] == 44
    (home / "styles").mkdir()
    (home / "styles" / "my.toml").write_text('technique = "style"\n[settings]\nsize = 42\n')
    artgen("style", "photo.png", "paint.png", "-o", "c.png", "--preset", "my")
    assert images.load("c.png").picture.shape[-1] == 42
    assert artgen("config", "style.size", "--unset").code == 0
    assert "style.size" not in artgen("config").out


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("size", "'size' names no option"),
        ("style.sizes", "artgen style has no --sizes. Did you mean 'size'?"),
        ("stile.size", "There is no command 'stile'. Did you mean 'style'?"),
    ],
)
def test_what_is_no_option(artgen: Artgen, key: str, message: str) -> None:
    said = artgen("config", key, 3)
    assert said.code == 2
    assert message in said.err
    assert not config_file().exists()


def test_a_wrong_value_is_refused_by_the_command(folder: Path, artgen: Artgen) -> None:
    change("style", "size", "big")
    said = artgen("style", "photo.png", "paint.png", *QUICK[:2])
    assert said.code == 2
    assert "--size: It has to be a whole number." in said.err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("size = 3", "has 'size' outside of a table"),
        ("[style", "cannot be read"),
        ("[style]\nsizes = 3", "which is no option of it. Did you mean 'size'?"),
    ],
)
def test_a_broken_file_is_named(home: Path, text: str, message: str) -> None:
    home.mkdir()
    config_file().write_text(text)
    with pytest.raises(UsageError, match=r"config\.toml") as error:
        defaults_for("style", {"size": 0})
    assert message in str(error.value)


def test_numbers_lists_and_texts() -> None:
    for key, value in (("style-scale", "[1, 2]"), ("color", "keep"), ("tileable", "true")):
        change("style", key, value)
    assert read_config() == {"style": {"style-scale": [1, 2], "color": "keep", "tileable": True}}
    options = dict.fromkeys(("style_scale", "color", "tileable", "class_"), 0)
    found = defaults_for("style", options)
    assert found == {"style_scale": "1,2", "color": "keep", "tileable": True}

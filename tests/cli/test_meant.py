"""What a user of other programs means."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from artgen.cli.app import _commands, _techniques
from artgen.cli.meant import COMMANDS, OPTIONS, SAME, check_dashes
from artgen.cli.technique import command_app
from artgen.errors import UsageError

from .said import Said

Artgen = Callable[..., Said]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("photo.png starry", "To paint it: artgen style photo.png starry"),
        ("photo.png", "To paint it: artgen style photo.png starry"),
        ("no-such.jpg wave", "To paint it: artgen style no-such.jpg wave"),
        ("paint photo.png", "Did you mean artgen style?"),
        ("train", "Did you mean artgen fast train?"),
        ("stile", "Did you mean 'style'?"),
        ("style photo.png etching", "'etching' is a preset and not a style. Give it as --preset"),
        ("style photo.png", "one of cubist, dots"),
        ("style photo.png starry --gpu", "no option --gpu. Did you mean --device cuda?"),
        ("style photo.png starry --model vgg19", "Did you mean --net?"),
        ("fast apply photo.png starry --model m.pth", "Did you mean --painter?"),
        ("style photo.png starry --output-image=x.png", "Did you mean --out?"),
        ("style photo.png starry --style_weight 2", "Did you mean --style-weight?"),
        ("style photo.png starry --iteratons 2", "Did you mean --iterations?"),
        ("style photo.png starry --frobnicate", "There is no option --frobnicate. See:"),
        ("style -content_image photo.png", "no option -content_image. It is no option: the photo"),
        ("style photo.png starry -style_weight 2", "Did you mean --style-weight?"),
        ("style photo.png starry -seed 2", "Did you mean --seed?"),
        ("style photo.png starry -num_iterations 2", "Did you mean --iterations?"),
        ("dream photo.png --class frog", "Did you mean 'tree frog' or"),
    ],
)
def test_the_answer_has_what_is_meant(
    folder: Path, artgen: Artgen, words: str, expected: str
) -> None:
    said = artgen(*words.split())
    assert said.code in (1, 2)
    assert expected in said.err
    assert len(said.err.splitlines()) == 1


def test_short_options_and_values_stay_what_they_are() -> None:
    check_dashes(["-o", "-", "-s", "300", "-qn5", "-oout", "--", "-gpu"])
    with pytest.raises(UsageError):
        check_dashes(["-gpu"])


def test_all_that_is_named_is_there() -> None:
    lines = [line.split(": ")[0] for line in COMMANDS.strip().splitlines()]
    commands = {*_techniques(), *_commands()}
    assert {line.replace(" ", "_") for line in lines if line[0] != "-"} <= commands
    flags = {"--debug"}
    for name in _techniques():
        command = typer.main.get_command(command_app(name, name))
        flags |= {flag for one in command.params for flag in one.opts}
    named = [
        one for line in OPTIONS.strip().splitlines() for one in line.split(": ")[0].split(", ")
    ]
    assert {one.split()[0] for one in named} - flags == {"PLACE"}
    assert {f"--{one}" for one in SAME} <= flags

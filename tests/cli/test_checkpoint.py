"""OUT.part: an interrupted run goes on where it stopped, and nothing is left behind at the end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from artgen import images
from artgen.runs import checkpoint
from artgen.runs.checkpoint import Checkpoint

from .said import QUICK, Said

Artgen = Callable[..., Said]
STYLE = ("style", "photo.png", "paint.png", *QUICK, "--iterations", "8")


@pytest.fixture
def stopped(folder: Path, artgen: Artgen, monkeypatch: pytest.MonkeyPatch) -> Said:
    """A run that was interrupted after its fourth step, and thought worth keeping."""
    due, calls = Checkpoint.due, []

    def interrupting(self: Checkpoint, *, leaving: bool = False) -> bool:
        calls.append(1)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGINT)
        return due(self, leaving=leaving)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "WORTH", 0.0)
        patch.setattr(Checkpoint, "due", interrupting)
        return artgen(*STYLE, "-o", "a.png")


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_again_goes_on_to_the_last_bit(
    folder: Path, artgen: Artgen, monkeypatch: pytest.MonkeyPatch, optimizer: str
) -> None:
    monkeypatch.setattr(Checkpoint, "remove", lambda self: None)
    options = ("--optimizer", optimizer, "--size", "160", "--checkpoint", "1e-9")
    assert artgen(*STYLE, "-o", "a.png", *options).code == 0
    whole = images.load("a.png").picture
    assert artgen("again", "a.png.part").code == 0  # the last step's: nothing left to do
    assert torch.equal(images.load("a.png").picture, whole)


def test_an_interrupted_run_goes_on(stopped: Said, folder: Path, artgen: Artgen) -> None:
    assert stopped.code == 130
    assert "artgen again a.png.part" in stopped.err
    said = artgen("again", "a.png.part")
    assert (said.code, said.out.strip()) == (0, "a.png")
    assert artgen(*STYLE, "-o", "b.png").code == 0
    assert torch.equal(images.load("a.png").picture, images.load("b.png").picture)
    assert not Path("a.png.part").exists()


def test_a_quick_run_leaves_nothing_beside_its_picture(folder: Path, artgen: Artgen) -> None:
    assert artgen(*STYLE, "-o", "a.png").code == 0
    assert list(folder.glob("*.part*")) == []


def test_it_goes_on_at_its_own_size_only(stopped: Said, artgen: Artgen) -> None:
    said = artgen("again", "a.png.part", "--size", 64)
    assert said.code == 2
    assert "another size" in said.err


@pytest.mark.parametrize("data", [b"", b"no checkpoint", b"\x08\0\0\0\0\0\0\0{}      "])
def test_a_broken_checkpoint_is_one_sentence(folder: Path, artgen: Artgen, data: bytes) -> None:
    Path("a.png.part").write_bytes(data)
    said = artgen("again", "a.png.part")
    assert said.code == 1
    assert "Traceback" not in said.err
    assert said.err.count("\n") <= 3


def test_no_room_for_a_checkpoint(
    folder: Path, artgen: Artgen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("safetensors.torch.save_file", full)
    said = artgen(*STYLE, "-o", "a.png", "--checkpoint", "1e-9")
    assert said.code == 1
    assert "--checkpoint 0" in said.err
    assert list(folder.glob("*.part*")) == []


def harmed(name: str, change: Callable[[torch.Tensor], torch.Tensor | None]) -> None:
    """Changes one tensor of the checkpoint, or removes it."""
    said, state = checkpoint.read_state(Path("a.png.part"))
    made = change(state.pop(name))
    kept = {**state} if made is None else {**state, name: made.contiguous()}
    save_file(kept, "a.png.part", said)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("index", lambda _: torch.tensor(2**62)),
        ("index", lambda _: torch.tensor(-1)),
        ("index", lambda one: one.float()),
        ("index", lambda one: one.expand(2)),
        ("index", lambda _: None),
        ("made", lambda _: torch.tensor(2**62)),
        ("canvas", lambda one: one * torch.nan),
        ("canvas", lambda one: one[..., :-1]),
        ("canvas", lambda one: one[:, :2]),
        ("canvas", lambda one: one[0]),
        ("canvas", lambda one: one[:, :, :0]),
        ("canvas", lambda one: one.long()),
        ("opening", lambda one: one[..., :-1]),
        ("opening", lambda one: one / 0),
        ("best", lambda one: one[..., 1:]),
        ("best", lambda _: None),
        ("best", lambda one: one.half()),
        ("best_loss", lambda one: one * torch.nan),
        ("best_loss", lambda one: one.expand(3)),
        ("point", lambda one: one[..., 1:]),
        ("gradient", lambda _: None),
    ],
)
def test_a_damaged_checkpoint_is_refused_before_the_first_step(
    stopped: Said,
    artgen: Artgen,
    name: str,
    change: Callable[[torch.Tensor], torch.Tensor | None],
) -> None:
    harmed(name, change)
    before = Path("a.png").read_bytes()  # as it was when it was stopped
    said = artgen("again", "a.png.part", "-q")
    assert said.code == 1
    assert "should not" not in said.err
    assert said.err.count("\n") == 1
    assert Path("a.png").read_bytes() == before

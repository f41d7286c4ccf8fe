"""Every block of the README and of the documentation, in order, as written, in one folder.

Only numbers that make a run long are made small, and what would never end, or needs weights that
are not here, is parsed and not run.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from clips import drifting, film_file
from pictures import smooth

from artgen import images
from artgen.cli.app import _commands, _imported, _techniques, run

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "how-it-works.md", "inside.md", "judged.md", "scaling.md", "studio.md")
OTHERS = {"make", "pip", "pipx", "uv", "uvx", "conda", "docker", "python", "export", "curl"}
# Needs hours, a browser, a cluster, the network, or an optional package; or does not end.
UNRUN = (
    *("artgen studio", "artgen watch", "artgen fast train", "artgen fast export", "artgen bench"),
    *("artgen fast import", "artgen nets fetch", "artgen nets import", "artgen see saliency"),
    *("artgen see occlusion", "artgen see cutout", "artgen see patches", "artgen see map"),
    *("artgen see class", "artgen see guess", "artgen see fool", "artgen dream clip.mp4"),
    *("artgen fast follow", "artgen style clip.mp4"),
)
NEEDS = ("vgg19", "squeezenet", "--class", "--cluster", "mine.safetensors", "mosaic.safetensors")
NEEDS = (*NEEDS, "scene.safetensors", "slim@1", "--zoom", "duck.jpg --layer block4 --over", ".part")
OPTIMISED = ("see filters", "see invert", "see layers", "see style")
SMALL = {"--size": 40, "-s": 40, "--iterations": 2, "-n": 2, "--sweep": 3, "--octaves": 1}
MAPPED = ("--progress", "--direction")  # a texture has the size of its map
PACKED = 64  # a set for an engine has sides that are powers of two


def lines_of(page: str) -> Iterator[str]:
    path = ROOT / page if page == "README.md" else ROOT / "docs" / page
    for block in path.read_text(encoding="utf-8").split("```console\n")[1:]:
        for line in block.partition("```")[0].splitlines():
            if line.strip():
                yield line


def words_of(line: str) -> list[str]:
    return shlex.split(line, comments=True)


LINES = [line for page in PAGES for line in lines_of(page)]


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("artgen ")])
def test_every_command_is_one(line: str) -> None:
    """Its name, its options and the kinds of their values: nothing is run."""
    _, name, *rest = words_of(line)[: _end(line)]
    key = name
    if rest and f"{name}_{rest[0]}" in {*_commands(), *_techniques()}:
        key, *rest = f"{name}_{rest[0]}", *rest[1:]
    command = _imported(key, name, "", "")
    if rest and rest[0] in getattr(command, "commands", {}):
        command, *rest = command.commands[rest[0]], *rest[1:]
    command.make_context(name, list(rest))


def _end(line: str) -> int:
    """Where the command ends, before a pipe or a redirection."""
    words = words_of(line)
    return next((n for n, word in enumerate(words) if word in ("|", ">")), len(words))


def test_the_other_lines_are_of_known_programs() -> None:
    assert {words_of(line)[0] for line in LINES if words_of(line)} <= {"artgen", *OTHERS}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with everything that a reader of the documentation is said to have."""
    here = tmp_path / "desk"
    for folder in ("photos/trip", "paintings", "holiday", "inbox", "docs/inside"):
        (here / folder).mkdir(parents=True)
    shutil.copytree(ROOT / "styles", here / "styles")
    (here / "examples").mkdir()
    for name in ("frog", "duck", "cat", "town", "mountain", "portrait"):
        images.save(smooth(36, 48, seed=len(name)), here / "examples" / f"{name}.jpg")
    named = (
        "photo painting wall any other frog duck pebbles bricks moss bark field flowers waves rust "
        "fur"
    )
    for seed, name in enumerate(
        [
            *named.split(),
            "photos/frog",
            "photos/trip/cat",
            "paintings/a",
            "paintings/b",
            "holiday/a",
            "holiday/b",
            "forest",
        ]
    ):
        images.save(smooth(48, 64, seed=seed), here / f"{name}.jpg")
    white = torch.ones(1, 3, 48, 64)
    white[..., 20:] = 0
    for name in ("sky", "face", "clean", "hole", "normal", "roughness"):
        images.save(white, here / f"{name}.png")
    for name in ("plan", "labels"):
        images.save(white.flip(3), here / f"{name}.png")
    for name in ("map", "own", "lines"):  # from black to white
        images.save(torch.linspace(0, 1, 64).expand(1, 3, 48, 64), here / f"{name}.png")
    film_file(here / "clip.mp4", drifting(2))
    monkeypatch.chdir(here)
    return here


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_a_page_from_top_to_bottom(
    page: str, desk: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artgen.cli.view.Threads", _one_thread)
    call(["style", "photo.jpg", "starry", "-o", "favourite.png", "-s", "40", "-n", "2"])
    faults = []
    for line in lines_of(page):
        words = words_of(line)[: _end(line)]
        if not words or words[0] != "artgen" or line.startswith(UNRUN):
            continue
        if any(part in line for part in NEEDS):
            continue
        capfd.readouterr()
        code = call(small(words[1:]))
        out, err = capfd.readouterr()
        if " > " in line.partition("#")[0]:
            Path(words_of(line)[-1]).write_text(out, encoding="utf-8")
        if code:
            faults.append(f"{line}\n    {err.strip().splitlines()[-1:]}")
        told = re.search(r"# (?:writes )?([\w-]+\.(?:png|gif|mp4))\b", line)
        if told and not Path(told[1]).exists():
            faults.append(f"{line}\n    {told[1]} is not there: {out.strip()}")
    assert not faults, "\n".join(faults)


def _one_thread(_: object, *, torch: bool) -> object:
    from artgen.optim.threads import Threads

    return Threads(1, torch=torch)


def call(words: list[str]) -> int:
    with pytest.raises(SystemExit) as stop:
        run(words)
    return int(stop.value.code or 0)


def small(words: list[str]) -> list[str]:
    """The words, with numbers that make a run long replaced by small ones."""
    found, before = [], ""
    for word in words:
        if before in SMALL:
            word = "80x64" if "x" in word else str(min(int(word), SMALL[before]))
        found.append("100@200dpi" if before == "--print" else word)
        before = word
    command = " ".join(words[:2])
    for flag, commands in (
        ("--size", ("style", "texture", "dream", "explore", "chain")),
        ("--iterations", ("style", "texture", "dream", "explore", "enlarge", *OPTIMISED)),
        ("--octaves", ("see filters", "see layers")),
    ):
        known = any(command.startswith(one) for one in commands)
        short = {"--size": "-s", "--iterations": "-n"}.get(flag, flag)
        sized = flag == "--size" and {"--inpaint", "--guide", "--extend", *MAPPED} & {*words}
        if known and not sized and flag not in found and short not in found:
            sides = PACKED if flag == "--size" and "--pack" in words else SMALL[flag]
            found += [flag, str(sides)]
    painted = command.startswith(("style", "texture", "explore", "dream"))
    if painted and not {"--net", "--layer", "--sheet", "--vary"} & {*words}:
        found += ["--net", "tiny"]
    return found

"""Files as artgen reads them, damaged at random, and what becomes of them.

Nothing here is aimed at a library's weakness: bytes of sound files are changed, removed or
repeated, and words of texts replaced by others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import torch
from clips import drifting, film_file
from pictures import smooth
from PIL import Image
from safetensors.torch import save_file
from small import small_painter

from artgen import images
from artgen.core.events import Step
from artgen.errors import ArtgenError, explained
from artgen.fast import model_files
from artgen.jobs.ledger import Entry, Ledger
from artgen.jobs.messages import Made
from artgen.networks.weights.reading import read
from artgen.runs.checkpoint import Checkpoint, Checkpointing, read_checkpoint
from artgen.runs.execute import Run
from artgen.runs.presets import Preset
from artgen.runs.recipes import Origin, Recipe
from artgen.runtime import Runtime
from artgen.studio import clips
from artgen.techniques.style import Style

__all__ = ["KINDS", "OPERATIONS", "WORDS", "Change", "Kind", "damaged", "outcome", "sound"]

Change = tuple[str, float, bytes]
"""An operation, the place from 0 to 1 where it begins, and bytes for it."""
OPERATIONS = ("set", "insert", "delete", "repeat", "cut", "word")
WORDS = [
    *(b'""', b'".."', b'"/dev/null"', b'"a/b"', b"-1", b"0", b"1e400", b"nan", b"9" * 40),
    *(b"4611686018427387904", b"true", b"[]", b"{}", b"[[1]]", b'"\\ud800"', b"'", b'"', b"\n"),
    *(b"a." * 40, b"k" * 3000, b"[" * 500, b"\x00", b"\xff", b'{"a": 1}', b"style", b"content"),
]


@dataclass(frozen=True)
class Kind:
    """A kind of file: how a sound one is made, and how artgen reads one."""

    name: str
    suffix: str
    sound: Callable[[Path], None]
    used: Callable[[Path], object]


def damaged(content: bytes, changes: Sequence[Change]) -> bytes:
    """A file's bytes after changes, each at a place of what the ones before it have left."""
    for operation, place, value in changes:
        at = round(place * len(content))
        if operation == "set":
            content = content[:at] + value + content[at + len(value) :]
        elif operation == "insert":
            content = content[:at] + value + content[at:]
        elif operation == "delete":
            content = content[:at] + content[at + len(value) * 4 :]
        elif operation == "repeat":
            content = content[:at] + content[max(at - 64, 0) : at] * 8 + content[at:]
        elif operation == "cut":
            content = content[:at]
        else:  # a word of a text
            word = WORDS[(value or b"\0")[0] % len(WORDS)]
            end = next((n for n in range(at, len(content)) if content[n : n + 1] in b' ,"\n}'), at)
            content = content[:at] + word + content[end:]
    return content


def outcome(kind: Kind, path: Path) -> tuple[str, float]:
    """`read` or `refused`, or else what went wrong; and how many seconds it took."""
    began = time.monotonic()
    try:
        kind.used(path)
        said = "read"
    except ArtgenError as error:
        text = str(error)
        said = "refused" if 0 < len(text) < 4000 and "\n" not in text else f"no sentence: {text}"
    except Exception as error:
        said = explained(error)
    return said, time.monotonic() - began


@cache
def _runtime() -> Runtime:
    return Runtime("cpu", "float32")


def _inputs() -> dict[str, list[torch.Tensor]]:
    return {"content": [smooth(24, 32, seed=1)], "style": [smooth(32, 24, seed=2)]}


SETTINGS = Style(net="tiny", size=32, iterations=6, init="noise")


def _picture(suffix: str, **options: object) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        image = Image.effect_noise((48, 32), 80).convert("RGB")
        image.save(path, **options)  # type: ignore[arg-type]

    return make


def _load(path: Path) -> None:
    try:
        images.load(path)
    finally:
        images.read_recipe(path)


def _recipe(path: Path) -> None:
    inputs = [Origin("content", "frog.png"), Origin("style", "wave.jpg")]
    whole = Recipe.of("style", SETTINGS, _runtime(), {})
    path.write_text(replace(whole, inputs=inputs).dumps())


def _use_recipe(path: Path) -> None:
    recipe = Recipe.loads(path.read_text(encoding="utf-8", errors="replace"))
    recipe.check_inputs()
    recipe.build()


def _painter(path: Path) -> None:
    model_files.save(small_painter(), path)


def _weights(path: Path) -> None:
    torch.save({"a.weight": torch.ones(3, 4), "a.bias": torch.zeros(3)}, path)


def _part(path: Path) -> None:
    run = Run("style", SETTINGS, {}, _runtime())
    events = SETTINGS.run(_inputs(), _runtime())
    step = next(event for event in events if isinstance(event, Step) and event.index == 4)
    Checkpointing(Checkpoint(path.with_suffix(""), 9), run).write(step)


def _go_on(path: Path) -> None:
    recipe, state, _ = read_checkpoint(path)
    settings = recipe.build()
    if settings != SETTINGS:  # another run's, which may be a long one
        return
    next(event for event in settings.run(_inputs(), _runtime(), state) if isinstance(event, Step))


def _ledger(path: Path) -> None:
    with Ledger(path) as ledger:
        names = [f"{number}.png" for number in range(40)]
        ledger.expect([Entry(name, name, "ab" * 32, "1:2") for name in names])
        for name in names[::2]:
            ledger.done(name, Made(1.0, 2, "cd" * 32, 3))
        ledger.failed(names[1], "no reason")


def _use_ledger(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.expect([*ledger.entries().values()])


def _tensors(path: Path) -> None:
    save_file({"a": torch.ones(3, 4), "b": torch.zeros(2)}, path, {"artgen": "{}"})


def _film(path: Path) -> None:
    film_file(path, drifting(6), more="-pix_fmt yuv420p")


def _clip(path: Path) -> None:
    _, facts, _ = clips.judged(path, "clip")
    clips.frame(path, facts.frames - 1)


KINDS = (
    *(
        Kind(f"picture{suffix}", suffix, _picture(suffix), _load)
        for suffix in (".png", ".jpg", ".gif", ".webp", ".tif", ".bmp")
    ),
    Kind("recipe", ".toml", _recipe, _use_recipe),
    Kind("preset", ".toml", _recipe, Preset.read),
    Kind("painter", ".safetensors", _painter, model_files.load),
    Kind("weights.safetensors", ".safetensors", _tensors, read),
    Kind("weights.pth", ".pth", _weights, read),
    Kind("checkpoint", ".part", _part, _go_on),
    Kind("ledger", ".sqlite", _ledger, _use_ledger),
    *(Kind(f"clip{suffix}", suffix, _film, _clip) for suffix in (".mp4", ".mkv", ".avi")),
)


@cache
def sound(kind: Kind) -> bytes:
    """The bytes of a sound file of a kind."""
    path = Path(mkdtemp(prefix="artgen-"), f"sound{kind.suffix}")
    kind.sound(path)
    return path.read_bytes()

"""What a user of other programs means: their commands and options in artgen's words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from pathlib import Path

from artgen.errors import UsageError, did_you_mean

__all__ = ["check_dashes", "unknown_command", "unknown_option"]

# What it is here: what it is called elsewhere.
COMMANDS = """
style: apply-style neural-style nst paint stylise stylize transfer
dream: deep-dream deepdream
fast apply: apply fast-apply fast-style
studio: app gui page serve ui web
nets: models net networks
texture: synthesise synthesize tile
batch: dir directory folder
fast train: train
again: redo
--version: version
--help: help
"""
# Where there are several, the first that the command has.
OPTIONS = """
--device cuda: cuda gpu gpus
--device cpu: cpu no-cuda no-gpu
--net, --painter: arch backbone model model-file network vgg
--out: output output-dir output-image output-path save
PLACE: content content-image content-path image input input-image photo
PLACE: style style-image style-images style-path styles
--size: height image-size img-size imsize max-size resolution width
--iterations: epochs iters max-iter num-iterations num-iters num-steps steps
--color keep: keep-color original-colors original-colours preserve-color preserve-colors
--color: colors colour colours
--strength: alpha blend content-style-wt-ratio intensity
--style-weights: style-blend-weights
--save-every: print-iter save-interval save-iter
--step, --optimizer: learning-rate lr
--optimizer: optimiser
--layer, --layers, --style-layers: layer layers
--octaves: num-octaves octave octave-n
--init: init-image
--record: film video
--tv-weight: tv
--debug: traceback verbose
"""
PLACE = "It is no option: the photo comes first, then the style, as in artgen style PHOTO STYLE."
# Options that are written with a single dash elsewhere, and have the same name here.
SAME = (
    *("content-layers", "content-weight", "init", "optimizer", "pooling", "seed", "size"),
    *("style-layers", "style-scale", "style-weight", "tv-weight"),
)


def _table(text: str) -> dict[str, list[str]]:
    """Word of another program -> what it is here."""
    rows = (line.split(": ") for line in text.strip().splitlines())
    return {word: here.split(", ") for here, words in rows for word in words.split()}


def unknown_command(words: Sequence[str], known: Collection[str]) -> UsageError:
    """The error for a first word that is no command: with the one that is meant."""
    word = words[0]
    if Path(word).suffix or Path(word).exists():
        styled = shlex.join([*words, *["starry"] * (len(words) == 1)])
        return UsageError(f"{word!r} is no command.", f"To paint it: artgen style {styled}")
    if meant := _table(COMMANDS).get(word.lower().replace("_", "-")):
        return UsageError(f"There is no command {word!r}.", f"Did you mean artgen {meant[0]}?")
    return UsageError(f"There is no command {word!r}.", did_you_mean(word, known))


def unknown_option(option: str, words: Sequence[str], flags: Collection[str]) -> UsageError:
    """The error for an option that a command does not have: with the one that is meant.

    Args:
        option: as the parser saw it, perhaps only its first letter.
        words: all words of the command.
        flags: the options that the command has.
    """
    given = next((one for one in words if one.startswith(option)), option).partition("=")[0]
    name = given.lstrip("-").lower().replace("_", "-")
    meant = _table(OPTIONS).get(name, [])
    if meant == ["PLACE"]:
        return UsageError(f"There is no option {given}.", PLACE)
    here = [one for one in meant if one.split()[0] in flags]
    near = here or get_close_matches(f"--{name}", flags, n=1, cutoff=0.6)
    hint = f"Did you mean {near[0]}?" if near else ""
    return UsageError(f"There is no option {given}.", hint)


def check_dashes(words: Sequence[str]) -> None:
    """Refuse an option with a single dash, as `-style_image`, that short options would split.

    Raises:
        UsageError: for the first; the hint has the option that is meant.
    """
    elsewhere = _table(OPTIONS)
    for word in words:
        if word == "--":
            return
        name = word[1:].lower().replace("_", "-")
        if re.fullmatch(r"-[a-z][a-z_-]{2,}", word) and name in {*elsewhere, *SAME}:
            flags = {one.split()[0] for one in elsewhere.get(name, [f"--{name}"])}
            raise unknown_option(word, words, flags)

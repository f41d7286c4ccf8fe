"""Wrong words of a command, refused in our words: the parser's differ between its versions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from artgen.cli.meant import unknown_option

__all__ = ["in_our_words"]


def in_our_words(error: Any, words: Sequence[str]) -> str:
    """The parser's error as a sentence or two.

    Errors are recognised by their names: their classes are internal to typer, and differ between
    versions.

    Args:
        error: of the parser, with `format_message`.
        words: all words of the command.
    """
    kind, context = type(error).__name__, getattr(error, "ctx", None)
    message = str(error.format_message()).strip()
    parameter = getattr(error, "param", None)
    if kind == "NoSuchOption" and context:
        flags = [flag for one in context.command.get_params(context) for flag in one.opts]
        return str(unknown_option(str(error.option_name), words, flags))
    if kind == "BadOptionUsage" and "requires" in message:
        return f"{error.option_name} needs a value."
    if kind == "MissingParameter" and parameter is not None:
        return f"{_name(parameter)} is missing."
    if kind == "BadParameter" and parameter is not None:
        given = _given(parameter.opts, words)
        begin = f"{_name(parameter)} cannot be {given!r}." if given else f"{_name(parameter)}:"
        return f"{begin} {_wanted(message)}"
    if found := re.search(r"unexpected extra argument\(?s?\)? \((.*)\)", message):
        return f"This is more than the command takes: {found[1]}."
    return message if message.endswith((".", "?", "!")) else f"{message}."


def _name(parameter: Any) -> str:
    """`--size` of an option, `CONTENT` of an argument."""
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return str(max(parameter.opts, key=len))


def _given(flags: Sequence[str], words: Sequence[str]) -> str:
    """The value that follows one of the flags; empty if it was not given here."""
    for number, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if flag in flags:
            return value if equals else "".join(words[number + 1 : number + 2])
    return ""


def _wanted(message: str) -> str:
    """What a value has to be, from what the parser says of it."""
    limit = re.search(r"(less|greater|smaller|larger|more) than (or equal to )?(-?[\d.]+)", message)
    if limit:
        return f"It must be at {'most' if limit[1] in ('less', 'smaller') else 'least'} {limit[3]}."
    for word, wanted in (
        ("integer", "a whole number"),
        ("number", "a number"),
        ("float", "a number"),
    ):
        if word in message:
            return f"It has to be {wanted}."
    return message.partition(": ")[2] or message

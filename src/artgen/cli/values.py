"""Values of options and arguments that are plain already, taken without the parser's validators.

Typer validates every value, defaults too, by pydantic. To import that, and to build a validator for
each option, takes longer than NumPy. What a value as simple as ours means needs none of it; of all
others, and of wrong ones, the parser has the word.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, get_type_hints

__all__ = ["unvalidated", "without_validators"]

NUMBERS = {int: re.compile(r"-?[0-9]{1,18}"), float: re.compile(r"-?[0-9]+(\.[0-9]+)?")}


def without_validators(command: Any) -> Any:
    """A command, or a group with its commands, whose plain values are not validated; returns it."""
    # The types of commands and parameters are internal to typer, and differ between versions.
    run, usual = command.callback, command.get_params
    kinds = get_type_hints(inspect.unwrap(run)) if run else {}
    command.get_params = lambda context: unvalidated(usual(context), kinds)
    for inner in getattr(command, "commands", {}).values():
        without_validators(inner)
    return command


def unvalidated(parameters: Sequence[Any], kinds: Mapping[str, Any]) -> Sequence[Any]:
    """Parameters whose plain values are not validated.

    Args:
        parameters: the parser's own, which are changed and returned.
        kinds: name -> type of the value; what is left out has none that is known.
    """
    for one in parameters:
        if not isinstance(one.process_value, partial):
            kind = kinds.get(one.name)
            one.process_value = partial(_processed, one, one.process_value, kind)
    return parameters


def _processed(parameter: Any, usual: Any, kind: Any, context: Any, value: Any) -> Any:
    """The value of a parameter, as its own `process_value` returns it."""
    if value is None and not parameter.required:
        found: Any = () if getattr(parameter, "multiple", False) or parameter.nargs == -1 else None
        callback = parameter.callback
        return found if callback is None else callback(context, parameter, found)
    checked = _has_limits(parameter) or (parameter.required and not value)
    if parameter.callback is None and not checked and _is_plain(value, kind):
        return value if type(value) is not str or kind is str else kind(value)
    return usual(context, value)


def _has_limits(parameter: Any) -> bool:
    """Whether there is a least or a largest value: of the parameter, or of its type before."""
    places = parameter, getattr(parameter, "type", None)
    return any(getattr(one, end, None) is not None for one in places for end in ("min", "max"))


def _is_plain(value: Any, kind: Any) -> bool:
    """Whether a value is of its kind, or a number written as everybody writes it."""
    if kind == list[str] and isinstance(value, list | tuple):
        return all(type(one) is str for one in value)
    if type(value) is str and kind in NUMBERS:
        return bool(NUMBERS[kind].fullmatch(value))
    return type(value) is kind

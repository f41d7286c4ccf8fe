"""A technique as a command: its settings become options, and its run makes a picture."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from artgen.cli.run import Common, run_technique
from artgen.errors import UsageError
from artgen.settings import Field, fields_of, flag_of
from artgen.techniques import Input, summaries, technique

__all__ = ["command_app", "given_signature", "option", "settings_of", "unwrapped"]

# What `--help` calls a value: typer's own words (INTEGER, <int>) differ between its versions.
METAVARS = {int: "NUMBER", float: "NUMBER", str: "NAME", bool: ""}


def _positional(one: Input) -> inspect.Parameter:
    kind = list[str] if one.many else str
    text = one.help + (": files, or names that artgen styles lists" if one.style else "")
    argument = typer.Argument(help=text, metavar=one.name.upper(), show_default=False)
    return inspect.Parameter(
        one.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=() if one.optional else inspect.Parameter.empty,
        annotation=Annotated[kind, argument],
    )


def option(field: Field) -> inspect.Parameter:
    """A setting as an option, or as an argument.

    A tuple of numbers is one word, `1,2,3`; a tuple of texts is an option given more than once.
    """
    if field.option.positional:
        argument = typer.Argument(
            help=field.option.help, metavar=field.name.upper(), show_default=False
        )
        return inspect.Parameter(
            field.name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            annotation=Annotated[field.type, argument],
        )
    option = field.option
    flags = [flag_of(field.name)] + ([f"-{option.short}"] if option.short else [])
    help_text, kind, default = option.help, field.type, field.default
    if option.choices:
        metavar = "|".join(option.choices) + ("|FILE" if option.file else "")
    else:
        metavar = option.metavar or METAVARS.get(kind, "VALUE")
    if kind == tuple[str, ...]:
        kind, default = list[str], list(default)
    elif isinstance(default, tuple):
        kind, metavar = str, option.metavar or "NUMBER,…"
        default = ",".join(str(number) for number in default)
    shown = typer.Option(
        *flags,
        help=help_text,
        metavar=metavar,
        rich_help_panel=option.group,
        show_default=default not in ("", []),
    )
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, shown],
    )


def numbers(text: str, flag: str) -> tuple[float, ...]:
    """`1,2,3` as numbers; no text is no numbers.

    Raises:
        UsageError: for a part that is no number.
    """
    try:
        return tuple(float(part) for part in text.split(",")) if text else ()
    except ValueError:
        raise UsageError(
            f"{flag} is {text!r}.", "Write numbers with commas between them."
        ) from None


def settings_of(fields: list[Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings among a command's arguments, in their own types."""
    values = {}
    for field in fields:
        value = given[field.name]
        if field.type == tuple[str, ...]:
            value = tuple(value)
        elif isinstance(field.default, tuple):
            value = numbers(value, flag_of(field.name))
        values[field.name] = value
    return values


def _common_parameters() -> list[inspect.Parameter]:
    """The options that every technique has: they come from Common's annotations."""
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=Common.__dataclass_fields__[name].default,
            annotation=annotation,
        )
        for name, annotation in inspect.get_annotations(Common, eval_str=True).items()
    ]


def unwrapped(text: str) -> str:
    """Each paragraph as one line, for `--help` to wrap."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def given_signature(command: Callable[..., None], parameters: list[inspect.Parameter]) -> None:
    """Lets typer see parameters that stand nowhere in the code."""
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}


def command_app(name: str, word: str) -> typer.Typer:
    """A Typer application with one command: the technique called `name`, invoked as `word`."""
    kind = technique(name)
    fields, inputs = fields_of(kind), kind.inputs

    def command(**given: Any) -> None:
        settings = kind(**settings_of(fields, given))
        common = Common(**{key: given[key] for key in Common.__dataclass_fields__})
        paths = {
            one.name: list(given[one.name] or ()) if one.many else [given[one.name]]
            for one in inputs
        }
        raise typer.Exit(run_technique(name, settings, paths, common))

    positional = [field for field in fields if field.option.positional]
    options = [field for field in fields if not field.option.positional]
    parameters = [
        *map(option, positional),
        *map(_positional, inputs),
        *map(option, options),
        *_common_parameters(),
    ]
    given_signature(command, parameters)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    text = inspect.getdoc(inspect.getmodule(kind)) or summaries()[name]
    app.command(
        word,
        help=unwrapped(text),
        context_settings={"help_option_names": ["-h", "--help"]},
    )(command)
    return app

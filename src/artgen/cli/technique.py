"""A technique as a command: its settings become options, and its inputs arguments."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from artgen.cli.batch import Batch, BatchRequest, is_batch, one_picture
from artgen.cli.common import Common
from artgen.cli.completion import completion_of, presets_known, styles_known
from artgen.cli.request import full, request
from artgen.cli.run import run_technique
from artgen.cli.stdin import spooled
from artgen.core.schema import Field, fields_of
from artgen.errors import UsageError
from artgen.runs.presets import find_preset
from artgen.runs.recipes import settings_from
from artgen.techniques import description, technique
from artgen.techniques.base import Input, followed
from artgen.video import SUFFIXES

__all__ = [
    "command_app",
    "given_signature",
    "option",
    "options_of",
    "settings_of",
    "unwrapped",
]

# The placeholders for values in `--help`: typer's own (INTEGER, <int>) differ between versions.
METAVARS = {int: "NUMBER", float: "NUMBER", str: "NAME", bool: ""}


DRAFT = Annotated[
    bool,
    typer.Option(
        "--draft", help="a small picture, soon, that shows what the large one will be", metavar=""
    ),
]
PRESET = Annotated[
    str,
    typer.Option(
        help="settings, and style pictures, that have a name: see artgen presets; or a TOML file",
        metavar="NAME",
        show_default=False,
        autocompletion=presets_known,
    ),
]


FOLLOW = Annotated[
    bool,
    typer.Option(
        "--follow",
        help="paint a film: its best key frames, which then all others follow, as artgen fast "
        "follow does",
        metavar="",
    ),
]
KEYS = Annotated[
    str,
    typer.Option(
        help="with a film, write only a sheet of the frames that --follow would paint",
        metavar="FILE",
        show_default=False,
    ),
]


_FOLLOWING = [
    inspect.Parameter("follow", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=FOLLOW),
    inspect.Parameter("keys", inspect.Parameter.KEYWORD_ONLY, default="", annotation=KEYS),
]


def _positional(one: Input, last: bool, styled: bool) -> inspect.Parameter:
    """An input as an argument.

    Only the last one may have several words; style pictures may come from a preset. `styled`: a
    style follows the pictures.
    """
    alone = one.folder or not (one.many or last)
    kind: Any = str if alone else list[str]
    text = one.help + (": files, or names that artgen styles lists" if one.style else "")
    text += "; - for stdin" if one.frame and not one.style else ""
    text += "; a folder or a quoted glob for many pictures" if not (one.many or one.folder) else ""
    argument = typer.Argument(
        help=text,
        metavar=one.name.upper(),
        show_default=False,
        autocompletion=styles_known if one.style or styled else None,
    )
    default: Any = inspect.Parameter.empty
    if one.style or one.optional:
        default = "" if kind is str else []
    return inspect.Parameter(
        one.name,
        inspect.Parameter.POSITIONAL_OR_KEYWORD,
        default=default,
        annotation=Annotated[kind, argument],
    )


def option(field: Field) -> inspect.Parameter:
    """A setting as an option, or as an argument.

    A tuple of numbers is one word, `1,2,3`; a tuple of texts is an option given more than once.
    """
    if field.option.positional:
        argument = typer.Argument(
            help=field.option.help,
            metavar=field.word.upper(),
            show_default=False,
            autocompletion=completion_of(field),
        )
        return inspect.Parameter(
            field.name,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
            annotation=Annotated[field.type, argument],
        )
    option = field.option
    flags = [field.flag] + ([f"-{option.short}"] if option.short else [])
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
        autocompletion=completion_of(field),
    )
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, shown],
    )


def numbers(text: str, flag: str) -> tuple[float, ...]:
    """`1,2,3` as numbers; empty text is no numbers.

    Raises:
        UsageError: for a part that is not a number.
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
            value = numbers(value, field.flag)
        values[field.name] = value
    return values


def _default(field: dataclasses.Field[Any]) -> Any:
    factory = field.default_factory
    if factory is not dataclasses.MISSING:
        return factory()
    return inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default


def options_of(kind: type[Any]) -> list[inspect.Parameter]:
    """A dataclass's fields as options and arguments, as their annotations say."""
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_default(kind.__dataclass_fields__[name]),
            annotation=annotation,
        )
        for name, annotation in inspect.get_annotations(kind, eval_str=True).items()
    ]


def _words(given: str | list[str]) -> list[str]:
    """The words of an input; empty if it was left out."""
    return [*filter(None, [given])] if isinstance(given, str) else list(given)


def unwrapped(text: str) -> str:
    """Each paragraph as one line, for `--help` to wrap."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def given_signature(command: Callable[..., None], parameters: list[inspect.Parameter]) -> None:
    """Give a command a signature that typer reads instead of the function's own."""
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}


def _said(context: typer.Context, key: str) -> bool:
    """Whether the user gave an option with this command, whatever its value."""
    source = context.get_parameter_source(key)
    return source is not None and source.name not in ("DEFAULT", "DEFAULT_MAP")


def _made(
    wanted: BatchRequest, common: Common, batch: Batch, titles: Mapping[str, str], in_full: str
) -> int:
    """Make one picture, or a batch; returns the exit code."""
    if is_batch(wanted, common, batch):
        from artgen.cli.session import run_batch  # workers take a while to import

        return run_batch(wanted, common, batch)
    paths = one_picture(wanted)
    return run_technique(wanted.name, wanted.settings, paths, common, titles=titles, full=in_full)


def command_app(name: str, word: str) -> typer.Typer:
    """A Typer application with one command: the technique `name`, called as `word`."""
    kind = technique(name)
    fields, inputs = fields_of(kind), kind.inputs

    def command(context: typer.Context, **given: Any) -> None:
        preset = find_preset(given["preset"], name) if given["preset"] else None
        said = {key for key in given if _said(context, key)}
        words = {one.name: _words(given[one.name]) for one in inputs}
        asked = request(kind, settings_of(fields, given), words, said, preset)
        if asked.seed is not None:
            given["seed"] = asked.seed
        common = Common(**{key: given[key] for key in Common.__dataclass_fields__})
        values, in_full = dict(asked.settings), ""
        if given.get("draft"):
            in_full = full(settings_from(name, values))
            drafts = {field.name: field.option.draft for field in fields}
            values |= {name: value for name, value in drafts.items() if value is not None}
        if Path(common.out).suffix.lower() in SUFFIXES:
            values |= {field.name: True for field in fields if field.option.film}
        settings = settings_from(name, values)
        batch = Batch(**{key: given[key] for key in Batch.__dataclass_fields__ if key in given})
        with spooled(asked.words) as there:
            wanted = BatchRequest(name, settings, there)
            if given.get("follow") or given.get("keys"):
                from artgen.cli.painted_keys import paint_film  # trains, which takes torch

                code = paint_film(name, settings, one_picture(wanted), common, given["keys"])
            else:
                code = _made(wanted, common, batch, asked.titles, in_full)
        raise typer.Exit(code)

    positional = [field for field in fields if field.option.positional]
    styled = any(field.option.named for field in positional)
    options = [field for field in fields if not field.option.positional]
    keyword = inspect.Parameter.KEYWORD_ONLY
    drafted = any(field.option.draft for field in fields)
    parameters = [
        inspect.Parameter(
            "context", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
        ),
        *(_positional(one, one == inputs[-1], styled) for one in inputs),
        *map(option, positional),
        inspect.Parameter("preset", keyword, default="", annotation=PRESET),
        *[inspect.Parameter("draft", keyword, default=False, annotation=DRAFT)] * drafted,
        *(_FOLLOWING if followed(kind) else []),
        *map(option, options),
        *options_of(Common),
        *(options_of(Batch) if any(not one.folder for one in inputs) else []),
    ]
    given_signature(command, parameters)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command(
        word,
        help=unwrapped(description(name)),
        context_settings={"help_option_names": ["-h", "--help"]},
    )(command)
    return app

"""The `artgen` command: a group that knows its commands' names, and imports one to call it."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from artgen._version import __version__
from artgen.cli import commands
from artgen.cli.help import plain, write_options, write_usage
from artgen.cli.meant import check_dashes, unknown_command
from artgen.cli.messages import complain, say
from artgen.cli.refusal import in_our_words
from artgen.cli.values import unvalidated, without_validators
from artgen.core.registry import docstring_of
from artgen.errors import UsageError
from artgen.techniques import summaries

__all__ = ["app", "run"]

HELP = """Make art from pictures with convolutional networks.

Start with: artgen style PHOTO starry
"""


@cache
def _techniques() -> dict[str, str]:
    return summaries()


@cache
def _commands() -> dict[str, str]:
    """Name of each file in `commands/` -> first line of its docstring, without importing them."""
    found = {}
    for file in sorted(Path(commands.__path__[0]).glob("[a-z]*.py")):
        found[file.stem] = docstring_of(file).splitlines()[0].rstrip(".")
    return found


class _LazyGroup(TyperGroup):
    """Lists commands by file names and docstrings: importing their files would import torch.

    The file `see_filters.py` has the command `see filters`; a name without an underscore is a
    command of its own. Commands are the techniques, and the files of `cli/commands/`.
    """

    prefix = ""

    def _lines(self) -> dict[str, str]:
        """Command -> its summary."""
        found: dict[str, str] = {}
        for name, line in sorted((_techniques() | _commands()).items()):
            if name.startswith(self.prefix):
                word, _, verb = name.removeprefix(self.prefix).partition("_")
                first = "Commands: " if word not in found else ""
                comma = "; also: " if f"{self.prefix}{word}" in _commands() else ", "
                before = first or found[word] + comma
                found[word] = f"{before}{verb}" if verb else line
        return found

    # The types of contexts and commands are internal to typer, and differ between versions.
    def list_commands(self, ctx: Any) -> list[str]:
        return sorted(self._lines())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in self.commands and cmd_name in self._lines():
            # `--help` needs the summary only. As `help` it would be cut at the margin.
            return TyperCommand(cmd_name, short_help=self._lines()[cmd_name])
        return self.commands.get(cmd_name)

    def get_params(self, ctx: Any) -> Any:
        return unvalidated(super().get_params(ctx), {})

    def format_options(self, ctx: Any, formatter: Any) -> None:
        write_options(self, ctx, formatter)

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        write_usage(self, ctx, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and not args[0].startswith("-"):
            if args[0] not in self._lines():
                raise unknown_command(args, self._lines())
            line = self._lines()[args[0]]
            verb = f"{self.prefix}{args[0]}_{args[1]}" if args[1:] else ""
            self.commands[args[0]] = _imported(self.prefix + args[0], args[0], line, verb)
        return super().resolve_command(ctx, args)


def _imported(name: str, word: str, summary: str, verb: str) -> Any:
    """The implementation of a command: a technique, a group, or a file of `commands/`.

    A name that is both a file and a group, as `batch` and `batch status`, is a group if `verb` is
    one of its commands.
    """
    from artgen.core.processors import since_start

    since_start()  # measures the load of other processes while torch is imported
    if name in _techniques():
        from artgen.cli.technique import command_app

        command = typer.main.get_command(command_app(name, word))
        return plain(without_validators(_with_defaults(command, name)))
    known = _techniques() | _commands()
    if verb in known or (
        name not in known and any(other.startswith(f"{name}_") for other in known)
    ):
        group = _LazyGroup(
            name=word,
            help=summary,
            rich_markup_mode=None,
            no_args_is_help=True,
            context_settings={"help_option_names": ["-h", "--help"]},
        )
        group.prefix = f"{name}_"
        return group
    module = importlib.import_module(f"artgen.cli.commands.{name}")
    command = plain(without_validators(typer.main.get_command(module.app)))
    command.name = word
    return command


def _with_defaults(command: Any, name: str) -> Any:
    """A technique's command with the user's own defaults of its options; returns it."""
    from artgen.cli.config import defaults_for

    options = {one.name: one for one in command.params if one.param_type_name == "option"}
    command.context_settings = {
        **command.context_settings,
        "default_map": defaults_for(name, options),
    }
    return command


app = typer.Typer(
    cls=_LazyGroup,
    rich_markup_mode=None,  # see artgen.cli.help
    help=HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"artgen {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False,
        *("-V", "--version"),
        help="show the version and exit",
        callback=_version,
        is_eager=True,
    ),
    debug: bool = typer.Option(False, "--debug", help="show the whole traceback of an error"),
) -> None:
    """The options before a command."""


def run(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and exit: 0 done, 1 an error, 2 wrong usage, 130 or 143 interrupted."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if "--debug" in words:  # at any place
        words.remove("--debug")
        os.environ["ARTGEN_DEBUG"] = "1"
    _escape_what_cannot_be_printed()
    try:
        check_dashes(words)
        code = app(words, prog_name="artgen", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has closed the pipe
        code = 1
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    except Exception as error:
        code = _refused(error, words)
    _leave_nothing_unwritten()
    sys.exit(code if isinstance(code, int) else 0)


def _escape_what_cannot_be_printed() -> None:
    """Let stdout escape what its encoding lacks, as stderr does: names of files, ellipses."""
    with suppress(AttributeError, ValueError):  # there is none, or it is no file
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def _leave_nothing_unwritten() -> None:
    """Discard what cannot be written to stdout, or Python would complain at exit."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _refused(error: Exception, words: list[str]) -> int:
    """Print the error of a command's words in one sentence, and return the exit code."""
    # Typer's own errors are recognised by their methods: their classes differ between versions.
    if not hasattr(error, "format_message"):
        complain(error)
        return 2 if isinstance(error, UsageError) else 1
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.format_message(), file=sys.stderr)
    else:
        context = getattr(error, "ctx", None)
        where = context.command_path if context else "artgen"
        say(f"artgen: {in_our_words(error, words)} See: {where} --help")
    return 2

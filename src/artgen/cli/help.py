"""The look of `--help`: plain text, options under their headings, one look for all commands."""

from __future__ import annotations

from functools import partial
from typing import Any

__all__ = ["plain", "write_options", "write_usage"]

WIDEST = 34  # columns of an option's name, before its explanation begins on a line of its own


def plain(command: Any) -> Any:
    """A command, or a group with its commands, with help in plain text; returns it.

    Rich's panels take half as long again as the rest of `--help`, leave half of a line to the
    explanations, and read square brackets as markup.
    """
    # The types of commands and contexts are internal to typer, and differ between versions.
    command.rich_markup_mode = None
    command.format_options = partial(write_options, command)
    command.format_usage = partial(write_usage, command)
    for inner in getattr(command, "commands", {}).values():
        plain(inner)
    return command


def write_usage(command: Any, context: Any, formatter: Any) -> None:
    """Write the line of usage: optional words in brackets, `...` after those that repeat."""
    words = ["[OPTIONS]"]
    for one in command.get_params(context):
        if one.param_type_name == "argument":
            name = _name(one) + "..." * (one.nargs != 1 and not _name(one).endswith("..."))
            words.append(name if one.required else f"[{name}]")
    if hasattr(command, "list_commands"):
        words.append("COMMAND ...")
    formatter.write_usage(context.command_path, " ".join(words))


def write_options(command: Any, context: Any, formatter: Any) -> None:
    """Write arguments and options under their headings, and a group's commands after them."""
    sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": []}
    for one in command.get_params(context):
        record = one.get_help_record(context)
        if record is None:  # hidden
            continue
        if one.param_type_name == "argument":
            sections["Arguments"].append((_name(one), record[1]))
        else:
            heading = getattr(one, "rich_help_panel", None) or "Options"
            metavar = "" if one.is_flag else f" {_name(one)}"
            text = record[1][:1].lower() + record[1][1:].replace(".  [", "  [")
            row = (", ".join(sorted(one.opts, key=len)) + metavar, text.rstrip("."))
            sections.setdefault(heading, []).append(row)
    for heading, rows in sections.items():
        if rows:
            with formatter.section(heading):
                formatter.write_dl(rows, col_max=WIDEST)
    if hasattr(command, "list_commands"):
        command.format_commands(context, formatter)


def _name(parameter: Any) -> str:
    """The placeholder of a parameter's value."""
    return str(parameter.metavar or parameter.name.upper())

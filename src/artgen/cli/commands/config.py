"""Show the defaults of options that you have set, or set one."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()

HELP = """Show the defaults of options that you have set, or set one.

They are in a TOML file in your own folder, whose path is printed: a table for each command, and one
called all for every command that has the option. What you give on the command line counts more.

Example: artgen config style.size 768
"""


@app.command(help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
def config(
    key: Annotated[
        str,
        typer.Argument(
            help="command and option, as in style.size, fast-apply.color or all.device",
            metavar="KEY",
            show_default=False,
        ),
    ] = "",
    value: Annotated[
        str, typer.Argument(help="its new default", metavar="VALUE", show_default=False)
    ] = "",
    unset: Annotated[bool, typer.Option("--unset", help="remove this default", metavar="")] = False,
) -> None:
    """Print the file, or change one line of it."""
    from artgen.cli.config import change, config_file, read_config
    from artgen.cli.messages import say
    from artgen.errors import UsageError

    tables = read_config()
    if not key:
        for table, values in tables.items():
            for name, it in values.items():
                print(f"{table}.{name} = {it}")
        say(f"The defaults are in {config_file()}")
        return
    table, dot, name = key.partition(".")
    if not (table and dot and name):
        raise UsageError(
            f"{key!r} names no option.", "Write it as in: artgen config style.size 768"
        )
    if not (value or unset):
        print(tables.get(table, {}).get(name, ""))
        return
    _check(table, name)
    change(table, name, None if unset else value)


def _check(table: str, name: str) -> None:
    """Refuse an option that the command does not have."""
    from artgen.cli.common import Common
    from artgen.core.schema import fields_of
    from artgen.errors import UsageError, did_you_mean
    from artgen.techniques import names, technique

    known = {key.replace("_", "-") for key in Common.__dataclass_fields__}
    technique_name = table.replace("-", "_")
    if technique_name in names():
        known |= {field.word for field in fields_of(technique(technique_name))}
    elif table != "all":
        commands = [one.replace("_", "-") for one in names()]
        raise UsageError(f"There is no command {table!r}.", did_you_mean(table, ["all", *commands]))
    if table != "all" and name.replace("_", "-") not in known:
        raise UsageError(f"artgen {table} has no --{name}.", did_you_mean(name, sorted(known)))

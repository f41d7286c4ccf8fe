"""Paint one frame of a film, and let all the others follow it."""

from __future__ import annotations

from typing import Any

import typer

from artgen.cli.following import RunOptions, follow
from artgen.cli.technique import given_signature, option, options_of, settings_of, unwrapped
from artgen.core.schema import fields_of
from artgen.runs.following import Following
from artgen.techniques.fast_apply import FastApply

HELP = """Paint one frame of a film, and let all the others follow it.

It takes a film and one or a few of its frames that were painted, by hand or with artgen style: the
keys. A small network learns from them in some minutes, and paints the film; OUT.key.png shows the
keys as it has learnt them. It can be stopped at any time: the same command goes on where it was.

Example: artgen fast follow clip.mp4 --key painted.png -o out.mp4
"""


def _app() -> typer.Typer:
    fields = fields_of(Following)
    shared = [one for one in fields_of(FastApply) if one.name in ("steady", "flow")]

    def command(**given: Any) -> None:
        settings = Following(**settings_of(fields, given))
        place = RunOptions(**{key: given[key] for key in RunOptions.__dataclass_fields__})
        painted = FastApply(**settings_of(shared, given))
        raise typer.Exit(follow(settings, painted, place))

    own = options_of(RunOptions)
    given_signature(command, [*own[:3], *map(option, [*fields, *shared]), *own[3:]])
    made = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    made.command(help=unwrapped(HELP), context_settings={"help_option_names": ["-h", "--help"]})(
        command
    )
    return made


app = _app()

"""Open artgen's studio in the browser: a page on which to make pictures."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

HELP = """Open artgen's studio in the browser: a page on which to make pictures.

Drop photos and style pictures on it, change settings, watch the picture grow, compare and keep. The
page is served to this machine alone, and needs no network. Ctrl-C ends it; pictures and queue are
kept.

Needs: pip install 'artgen[studio]'
"""


@app.command(help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
def studio(
    browser: Annotated[
        bool,
        typer.Option(
            "--browser/--no-browser", help="open the page in the browser, or only print its address"
        ),
    ] = True,
    port: Annotated[
        int, typer.Option(help="port to listen at; 0 for any free one", metavar="NUMBER", max=65535)
    ] = 0,
) -> None:
    """Serve until a signal ends it."""
    import webbrowser
    from contextlib import suppress

    from artgen.cli.interrupts import Interrupted
    from artgen.cli.messages import say
    from artgen.core.optional import require

    for package in ("starlette", "uvicorn"):
        require(package, "studio", "artgen studio")
    from artgen.studio.server import run

    def opened_at(address: str, once: str) -> None:
        print(address, flush=True)
        say("artgen: The studio is open at this address. Ctrl-C ends it.")
        if browser:
            webbrowser.open(once)  # other users can read a command line

    with suppress(Interrupted, KeyboardInterrupt):
        run(port, opened_at)
    say("artgen: The studio is closed; what was made and what waits is kept.")


__all__ = ["app"]

"""Open a page to paint on, in the browser."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

HELP = """Open a page to paint on, in the browser.

Drop photos and paintings, turn dials, watch the picture grow, compare and keep. The page is served
to this machine alone, and needs no network. Ctrl-C ends it; what was made and what waits is kept.

Needs: pip install 'artgen[studio]'
"""


@app.command(help=HELP, context_settings={"help_option_names": ["-h", "--help"]})
def studio(
    browser: Annotated[
        bool,
        typer.Option(
            "--browser/--no-browser", help="open it in the browser, or only say where it is"
        ),
    ] = True,
    port: Annotated[
        int, typer.Option(help="where it listens; any free one if 0", metavar="NUMBER", max=65535)
    ] = 0,
) -> None:
    """Serves until a signal ends it."""
    import webbrowser
    from contextlib import suppress

    from artgen.cli.interrupts import Interrupted
    from artgen.cli.messages import say
    from artgen.core.optional import require

    for package in ("starlette", "uvicorn"):
        require(package, "studio", "artgen studio")
    from artgen.studio.server import run

    def opened_at(address: str) -> None:
        print(address, flush=True)
        say("artgen: The studio is open at this address. Ctrl-C ends it.")
        if browser:
            webbrowser.open(address)

    with suppress(Interrupted, KeyboardInterrupt):
        run(port, opened_at)
    say("artgen: The studio is closed; what was made and what waits is kept.")


__all__ = ["app"]

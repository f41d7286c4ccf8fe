"""Show how far a batch is and what failed, while it runs or afterwards."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(help="Show how far a batch is and what failed, while it runs or afterwards.")
def status(
    out: Annotated[str, typer.Argument(help="the batch's output folder", metavar="OUT")],
    json: Annotated[
        bool,
        typer.Option("--json", help="print every picture as JSON, one on each line", metavar=""),
    ] = False,
) -> None:
    """Print counts, pace, and failures."""
    import dataclasses
    import json as encoder

    from artgen.cli.messages import say
    from artgen.jobs.ledger import entries

    found = list(entries(out).values())
    if json:
        for entry in found:
            print(encoder.dumps(dataclasses.asdict(entry)))
        return
    left = [entry for entry in found if entry.state == "done" and entry.error]
    states = Counter(entry.state for entry in found)
    print(", ".join(f"{states[state]} {state}" for state in ("done", "waiting", "failed")))
    seconds = [entry.seconds for entry in found if entry.seconds]
    if seconds:
        print(f"{sum(seconds) / len(seconds):.1f} s a picture")
    if left:
        print(f"{len(left)} of inputs that the last run did not have, and that nobody deletes:")
        for entry in left:
            print(f"  {entry.output}")
    for entry in found:
        if entry.state == "failed":
            say(f"{entry.name}: {entry.error}")

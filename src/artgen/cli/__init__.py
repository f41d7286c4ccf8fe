"""The command line: the only part that knows typer and rich, and the only one that prints."""

from __future__ import annotations

import gc
import os
import sys

__all__ = ["main"]


def main() -> None:
    """Run `artgen` with this process's arguments, and exit."""
    from artgen.cli.interrupts import Interrupted, ignore_signals, leave_on_signals

    # NumPy's products are small here, and threads that wait for the next one, awake, would take
    # the processors from torch's, or from the graphs'. Before NumPy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the parent process, which wants no output
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    try:
        leave_on_signals()  # at once, for importing torch takes seconds
        from artgen.cli.app import run

        run()
    except Interrupted as stop:
        ignore_signals()
        sys.stderr.write("artgen: Interrupted: nothing was made.\n")
        sys.exit(stop.code)
    finally:
        # What there is ends with the process. At its end Python would look through all of torch's
        # modules for what nobody needs, which takes most of a second.
        gc.freeze()

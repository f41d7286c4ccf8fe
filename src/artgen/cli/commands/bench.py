"""Measure one iteration of style transfer on this machine: seconds, arithmetic, memory."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

SIZES = (256, 512, 1024)


@app.command(
    help="Measure one iteration of style transfer on this machine: seconds, arithmetic, memory."
)
def bench(
    net: Annotated[str, typer.Option(help="the network", metavar="NAME")] = "slim",
    size: Annotated[
        int,
        typer.Option(
            "-s", "--size", help="long side in pixels; by default, three sizes", metavar="NUMBER"
        ),
    ] = 0,
    device: Annotated[
        str,
        typer.Option(help="device to run on: auto, cpu, cuda, cuda:1, mps or xpu", metavar="NAME"),
    ] = "auto",
    precision: Annotated[
        str,
        typer.Option(
            help="precision of the network: auto, float32, bfloat16, float16 or float64",
            metavar="NAME",
        ),
    ] = "auto",
) -> None:
    """Print one line for each size."""
    from artgen.errors import UsageError
    from artgen.optim.plan import time_iterations
    from artgen.runtime import Runtime

    if size < 0:
        raise UsageError(f"--size is {size}.", "It has to be at least 1.")
    runtime = Runtime(device, precision)
    extractor = runtime.extractor(net)
    print(f"{net} on {runtime.torch_device}, {runtime.precision_name}")
    print(f"{'size':>11}  {'seconds':>8}  {'iterations/s':>12}  {'GMAC/s':>8}  {'GB held':>8}")
    for side in [size] if size else SIZES:
        timed = time_iterations(extractor, (3 * side // 4, side))
        print(
            f"{side:5} x {3 * side // 4:<4} {timed.seconds:8.3f}  {1 / timed.seconds:12.2f}"
            f"  {timed.macs / timed.seconds / 1e9:8.1f}  {timed.bytes / 1e9:8.2f}",
            flush=True,
        )

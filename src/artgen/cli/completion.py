"""Completion of values by Tab: styles, presets, networks, layers and choices."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import typer

from artgen.core.schema import Field

__all__ = ["completion_of", "networks", "presets_known", "styles_known"]

Completion = Callable[[typer.Context, str], list[str]]
LAYERS = ("layer", "layers", "style_layers", "content_layers")


def styles_known(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of styles; the shell completes files where there is none."""
    from artgen.runs.gallery import styles

    return _beginning(incomplete, styles())


def presets_known(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of presets."""
    from artgen.runs.presets import presets

    return _beginning(incomplete, presets())


def networks(ctx: typer.Context, incomplete: str) -> list[str]:
    """Names of networks."""
    from artgen.networks.zoo import all_networks

    return _beginning(incomplete, all_networks())


def _layers(ctx: typer.Context, incomplete: str) -> list[str]:
    """Layers of the network that --net names, after a comma, too."""
    import torch

    from artgen.errors import UsageError
    from artgen.networks.zoo import network

    try:
        with torch.device("meta"):
            chain = network(ctx.params.get("net") or "slim").build()
    except UsageError:
        return []
    before, comma, last = incomplete.rpartition(",")
    return [before + comma + name for name in _beginning(last, dict(chain.named_children()))]


def completion_of(field: Field) -> Completion | None:
    """The completion of a setting's value; None where the shell's own, of files, is right."""
    option = field.option
    if option.named:
        return styles_known
    if option.choices:

        def choices(ctx: typer.Context, incomplete: str) -> list[str]:
            return _beginning(incomplete, option.choices)

        return choices
    if option.network:
        return networks
    return _layers if field.name in LAYERS else None


def _beginning(begun: str, names: Iterable[str]) -> list[str]:
    return [name for name in names if name.startswith(begun)]

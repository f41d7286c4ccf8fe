"""Show the recipe that a picture carries."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(help="Show the recipe that a picture carries: how it was made, and from what.")
def info(
    picture: Annotated[Path, typer.Argument(help="a picture made by artgen", metavar="PICTURE")],
    json: Annotated[
        bool, typer.Option("--json", help="print JSON instead of TOML", metavar="")
    ] = False,
) -> None:
    """Print the recipe as TOML, or as JSON."""
    import dataclasses
    import json as encoder

    from artgen import images
    from artgen.errors import RecipeError
    from artgen.runs.recipes import Recipe

    text = images.read_recipe(picture)
    if text is None:
        raise RecipeError(
            f"{picture} carries no recipe.",
            "Either artgen has not made it, or a service or program that saved it anew has dropped "
            "the recipe: take the file that artgen wrote.",
        )
    recipe = Recipe.loads(text)
    print(encoder.dumps(dataclasses.asdict(recipe), indent=2) if json else text.rstrip())

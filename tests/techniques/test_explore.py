"""Exploring: a cell for each style and value, and each cell a recipe of its own."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from artgen.core.events import Note, Result, Step
from artgen.errors import RecipeError, UsageError
from artgen.runs.recipes import Origin, Recipe
from artgen.runtime import Runtime
from artgen.techniques import technique
from artgen.techniques.base import CellRun
from artgen.techniques.explore import Explore

QUICK: dict[str, Any] = {"net": "tiny", "size": 40, "iterations": 4, "separate": True}


def explored(photo: Tensor, *styles: Tensor, **settings: Any) -> tuple[list[Step], Result]:
    run = Explore(**QUICK | settings).run(
        {"content": [photo], "style": list(styles)}, Runtime("cpu", "float32")
    )
    *events, result = run
    assert isinstance(result, Result)
    assert isinstance(events[0], Note)
    return [event for event in events if isinstance(event, Step)], result


def test_rows_are_styles_and_columns_values(photo: Tensor, painting: Tensor) -> None:
    # So small a picture is all photo with the usual weight.
    weak = ("content-weight=0.001",)
    steps, result = explored(photo, painting, photo.flip(1), vary=("strength=20,80",), fixed=weak)
    cells = [name for name in result.pictures if name.startswith("cell")]
    assert cells == ["cell-1", "cell-2", "cell-3", "cell-4"]
    assert {"style-1", "style-2"} < result.pictures.keys()
    assert [step.index for step in steps] == list(range(1, 17))
    made = [result.pictures[cell] for cell in cells]
    assert all(one.shape == (1, 3, 29, 40) for one in made)
    assert len({one.sum().item() for one in made}) == 4


def test_a_cell_is_the_style_transfer_that_its_recipe_makes(
    photo: Tensor, painting: Tensor, runtime: Runtime
) -> None:
    settings = Explore(**QUICK, vary=("strength=20,80",), fixed=("tv-weight=1",))
    cut = settings.cell(4, {"content": 1, "style": 2})
    assert cut == CellRun(
        "style",
        {"net": "tiny", "tv_weight": 1.0, "strength": 80.0},
        {"content": [0], "style": (1,)},
    )
    again = technique("style")(**{**cut.settings, "size": 40, "iterations": 4})
    *_, alone = again.run({"content": [photo], "style": [painting]}, runtime)
    assert isinstance(alone, Result)
    _, sheet = explored(
        photo, photo.flip(1), painting, vary=("strength=20,80",), fixed=("tv-weight=1",)
    )
    assert sheet.pictures["cell-4"].equal(alone.pictures["picture"])


def test_several_settings_vary_together() -> None:
    settings = Explore(**QUICK, vary=("strength=20,80", "color=keep,match", "style-scale=0.5"))
    cut = settings.cell(2, {"style": 1})
    assert cut.settings == {
        "net": "tiny",
        "strength": 20.0,
        "color": "match",
        "style_scale": (0.5,),
    }


def test_a_sweep_goes_from_one_style_to_the_other(photo: Tensor, painting: Tensor) -> None:
    _, result = explored(photo, painting, photo.flip(1), sweep=3)
    assert [name for name in result.pictures if "-" in name] == ["cell-1", "cell-2", "cell-3"]
    settings = Explore(**QUICK, sweep=3)
    weights = [settings.cell(n, {"style": 2}).settings["style_weights"] for n in (1, 2, 3)]
    assert weights == [(1, 0), (0.5, 0.5), (0, 1)]
    with pytest.raises(UsageError, match="takes two styles, and there are 1"):
        explored(photo, painting, sweep=3)


def test_a_film_goes_on_after_its_last_frame(
    photo: Tensor, painting: Tensor, runtime: Runtime
) -> None:
    settings = Explore(**QUICK | {"separate": False}, sweep=3, film=True)
    inputs = {"content": [photo], "style": [painting, photo.flip(1)]}
    assert settings.result_size(inputs) == (29, 40)
    first, second, third = (e for e in settings.run(inputs, runtime) if isinstance(e, Step))
    assert (second.index, second.total) == (2, 3)
    rest = [e for e in settings.run(inputs, runtime, second.state()) if isinstance(e, Step)]
    assert [one.index for one in rest] == [3]
    assert rest[0].picture().equal(third.picture())
    assert not first.picture().equal(third.picture())


def test_a_film_whose_frames_are_all_there_has_its_result(
    photo: Tensor, painting: Tensor, runtime: Runtime
) -> None:
    settings = Explore(**QUICK | {"separate": False}, sweep=3, film=True)
    inputs = {"content": [photo], "style": [painting, photo.flip(1)]}
    *_, last, whole = settings.run(inputs, runtime)
    assert isinstance(last, Step)
    assert isinstance(whole, Result)
    _, result = settings.run(inputs, runtime, last.state())
    assert isinstance(result, Result)
    assert torch.equal(result.pictures["picture"], whole.pictures["picture"])


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"vary": ("strenght=3",)}, "Did you mean 'strength'"),
        ({"vary": ("strength",)}, "'strength'"),
        ({"vary": ("strength=3,400",)}, "--strength is 400"),
        ({"vary": ("strength=much",)}, "--strength cannot be 'much'"),
        ({"vary": ("size=3",)}, "--vary has a part"),
        ({"fixed": ("color=kept",)}, "Did you mean 'keep'"),
        ({"sweep": 1}, "--sweep is 1"),
        ({"film": True}, "A film goes from one style to another"),
        ({"film": True, "sweep": 3, "vary": ("slant=0,1",)}, "A film goes"),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        Explore(**settings)
    assert said in str(caught.value)


def test_a_sheets_recipe_gives_those_of_its_cells() -> None:
    inputs = [Origin("content", "a.png", ""), Origin("style", "b", ""), Origin("style", "c", "")]
    sheet = Recipe("explore", {"vary": ["slant=0,1"], "net": "tiny"}, 3, inputs)
    cell = sheet.cell(3)
    assert (cell.technique, cell.seed) == ("style", 3)
    assert cell.inputs == [inputs[0], inputs[2]]
    assert cell.settings["slant"] == 0
    assert cell.settings["size"] == technique("style")().size
    cell.check_inputs()
    for number in (0, 5):
        with pytest.raises(UsageError, match="cells are 1 to 4"):
            sheet.cell(number)
    with pytest.raises(RecipeError, match="A picture of artgen style has no cells"):
        cell.cell(1)

"""Orders are judged as the command's arguments are, and become others: larger, a cell, onward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from artgen.errors import ArtgenError, UsageError
from artgen.studio import orders
from artgen.studio.orders import Order, commission
from artgen.studio.pictures import Shelf

Upload = Callable[[torch.Tensor, str], str]
SHEET = Order(
    "explore",
    {"vary": ["strength=20,80"], "size": 32, "net": "tiny"},
    {"content": ["example:frog"], "style": ["style:starry", "style:wave"]},
    4,
)


def test_a_commission_knows_pictures_by_name(order: Order, shelf: Shelf) -> None:
    made = commission(order, shelf)
    assert (made.title, made.stem, made.seed) == ("frog, oil", "frog-oil", 3)
    assert [one.name for one in made.sources["content"]] == ["frog.png"]
    assert made.settings.size == 32  # type: ignore[attr-defined]


def test_pictures_in_settings(
    order: Order, shelf: Shelf, upload: Upload, photo: torch.Tensor
) -> None:
    mask = upload(photo, "sky=blue.png")
    settings = {**order.settings, "mask": [f"{mask}=style:wave"], "init": mask}
    made = commission(replace(order, settings=settings), shelf)
    assert made.settings.mask == ("sky-blue.png=wave.jpg",)  # type: ignore[attr-defined]
    assert made.settings.init == "sky-blue.png"  # type: ignore[attr-defined]
    assert [one.name for one in made.sources["masked"]] == ["wave.jpg"]
    assert len(made.sources["mask"]) == len(made.sources["init"]) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"technique": "see_map"}, "no technique 'see_map'"),
        ({"technique": "../style"}, "no technique"),
        ({"settings": {"strenth": 5}}, "no setting 'strenth'"),
        ({"settings": {"strength": 500}}, "--strength is 500"),
        ({"settings": {"size": "large"}}, "--size cannot be 'large'"),
        ({"settings": {"weights": "/etc/passwd"}}, "--weights cannot be set on this page"),
        ({"settings": {"init": "/etc/passwd"}}, "is gone"),
        ({"settings": {"init": {"of": 1}}}, "--init cannot be"),
        ({"settings": {"mask": ["upload:x=style:y"]}}, "is gone"),
        ({"pictures": {"content": ["example:frog"]}}, "There is no style yet"),
        ({"pictures": {"content": ["example:frog"] * 2, "style": ["style:ink"]}}, "is one picture"),
        (
            {"pictures": {"content": ["example:frog"], "style": ["style:ink"], "x": []}},
            "takes no 'x'",
        ),
        (
            {
                "technique": "dream",
                "settings": {"zoom": True},
                "pictures": {"content": ["example:frog"]},
            },
            "--zoom cannot be set on this page",
        ),
    ],
)
def test_what_cannot_be_made_is_refused(
    order: Order, shelf: Shelf, change: dict[str, Any], why: str
) -> None:
    with pytest.raises(ArtgenError, match=why):
        commission(replace(order, **change), shelf)


@pytest.mark.parametrize(
    "table",
    [
        None,
        [],
        {},
        {"technique": 5},
        {"technique": "style", "seed": "x"},
        {"technique": "style", "settings": []},
        {"technique": "style", "pictures": {"content": "x"}},
        {"technique": "style", "pictures": {"content": [5]}},
        {"technique": "style", "folder": "/etc"},
    ],
)
def test_what_is_no_order(table: Any) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        Order.read(table)


def test_larger(order: Order) -> None:
    assert orders.larger(order, (30, 40)).settings["size"] == 80
    texture = Order("texture", {}, {"sample": ["style:starry"]})
    assert orders.larger(texture, (30, 40)).settings["size"] == "80x60"
    with pytest.raises(UsageError, match="no size"):
        orders.larger(Order("see_map"), (1, 1))


def test_a_cell(shelf: Shelf) -> None:
    cut = orders.cell(SHEET, 3, 64, shelf)
    assert cut == Order(
        "style",
        {"size": 64, "strength": 20.0, "net": "tiny"},
        {"content": ["example:frog"], "style": ["style:wave"]},
        4,
    )
    names = ["picture", "style-1", "cell-3", "cell-9"]
    assert orders.labels(SHEET, names, shelf) == ["", "", "wave, strength 20", "cell-9"]
    commission(cut, shelf)
    with pytest.raises(UsageError, match="no cell 5"):
        orders.cell(SHEET, 5, 64, shelf)
    with pytest.raises(UsageError, match="no sheet"):
        orders.cell(cut, 1, 64, shelf)


def test_onward(order: Order) -> None:
    assert orders.onward(order, "upload:x").settings["init"] == "upload:x"
    dream = Order("dream", {}, {"content": ["example:frog"]})
    assert orders.onward(dream, "upload:x").pictures == {"content": ["upload:x"]}
    with pytest.raises(UsageError, match="begins with no picture"):
        orders.onward(Order("see_kernels"), "upload:x")

"""Orders are judged as the command's arguments are, and become others: larger, a cell, onward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from clips import drifting, film_file

from artgen.errors import ArtgenError, UsageError
from artgen.studio import orders
from artgen.studio.orders import Order, resolve
from artgen.studio.pictures import PictureStore

Upload = Callable[[torch.Tensor, str], str]
SHEET = Order(
    "explore",
    {"vary": ["strength=20,80"], "size": 32, "net": "tiny"},
    {"content": ["example:frog"], "style": ["style:starry", "style:wave"]},
    4,
)


def test_a_resolved_order_knows_pictures_by_name(order: Order, store: PictureStore) -> None:
    made = resolve(order, store)
    assert (made.title, made.stem, made.seed) == ("frog, oil", "frog-oil", 3)
    assert [one.name for one in made.sources["content"]] == ["frog.png"]
    assert made.settings.size == 32  # type: ignore[attr-defined]


def test_pictures_in_settings(
    order: Order, store: PictureStore, upload: Upload, photo: torch.Tensor
) -> None:
    mask = upload(photo, "sky=blue.png")
    settings = {**order.settings, "mask": [f"{mask}=style:wave"], "init": mask}
    made = resolve(replace(order, settings=settings), store)
    assert made.settings.mask == ("sky-blue.png=wave.jpg",)  # type: ignore[attr-defined]
    assert made.settings.init == "sky-blue.png"  # type: ignore[attr-defined]
    assert [one.name for one in made.sources["masked"]] == ["wave.jpg"]
    assert len(made.sources["mask"]) == len(made.sources["init"]) == 1


def test_a_mixture_of_any_pictures_in_one_pass(
    store: PictureStore, upload: Upload, photo: torch.Tensor
) -> None:
    oil = upload(photo, "oil, thin=1.png")
    order = Order("fast_apply", {"style": f"{oil}=0.5,style:wave"}, {"content": ["example:frog"]})
    made = resolve(order, store)
    assert made.settings.style == "oil- thin-1.png=0.5,wave.jpg"  # type: ignore[attr-defined]
    assert [one.name for one in made.sources["style"]] == ["oil- thin-1.png", "wave.jpg"]
    trained = resolve(replace(order, settings={"style": "wave"}), store)
    assert "style" not in trained.sources
    assert orders.lasting(order, store) == order


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"technique": "see_map"}, "no technique 'see_map'"),
        ({"technique": "../style"}, "no technique"),
        ({"settings": {"strenth": 5}}, "no setting 'strenth'"),
        ({"settings": {"strength": 500}}, "--strength is 500"),
        ({"settings": {"size": "large"}}, "--size cannot be 'large'"),
        ({"settings": {"weights": "/etc/passwd"}}, "--weights cannot be set on this page"),
        (
            {"technique": "texture", "settings": {"pack": "unity"}},
            "--pack cannot be set on this page",
        ),
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
    order: Order, store: PictureStore, change: dict[str, Any], why: str
) -> None:
    with pytest.raises(ArtgenError, match=why):
        resolve(replace(order, **change), store)


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


def test_a_cell(store: PictureStore) -> None:
    cut = orders.cell(SHEET, 3, 64, store)
    assert cut == Order(
        "style",
        {"size": 64, "strength": 20.0, "net": "tiny"},
        {"content": ["example:frog"], "style": ["style:wave"]},
        4,
    )
    names = ["picture", "style-1", "cell-3", "cell-9"]
    assert orders.labels(SHEET, names, store) == ["", "", "wave, strength 20", "cell-9"]
    resolve(cut, store)
    with pytest.raises(UsageError, match="no cell 5"):
        orders.cell(SHEET, 5, 64, store)
    with pytest.raises(UsageError, match="no sheet"):
        orders.cell(cut, 1, 64, store)


def test_onward(order: Order) -> None:
    assert orders.onward(order, "upload:x").settings["init"] == "upload:x"
    dream = Order("dream", {}, {"content": ["example:frog"]})
    assert orders.onward(dream, "upload:x").pictures == {"content": ["upload:x"]}
    with pytest.raises(UsageError, match="begins with no picture"):
        orders.onward(Order("see_kernels"), "upload:x")


@pytest.fixture
def clip(store: PictureStore, tmp_path: Path) -> str:
    """An uploaded film's reference."""
    part = store.new()
    part.write_bytes(film_file(tmp_path / "clip.mp4", drifting(4)).read_bytes())
    return f"upload:{store.take_clip(part, 'clip.mp4').id}"


def test_a_film_that_follows_painted_frames(
    store: PictureStore, upload: Upload, painting: torch.Tensor, clip: str
) -> None:
    key = upload(painting, "by hand.png")
    order = Order("fast_follow", {"key": [f"2={key}"], "steady": 20.0}, {"film": [clip]})
    made = resolve(order, store)
    assert (made.title, made.settings.key) == ("clip, fast follow", ("2=by hand.png",))  # type: ignore[union-attr]
    assert {role: [one.name for one in many] for role, many in made.sources.items()} == {
        "film": ["clip.mp4"],
        "key": ["by hand.png"],
    }
    assert orders.drafted(order, ()) is None


@pytest.mark.parametrize(
    ("film", "key", "why"),
    [
        ("example:frog", "0=style:wave", "frog.jpg is a picture, and a film belongs here"),
        ("CLIP", "0=CLIP", "clip.mp4 is a film, and a picture belongs here"),
        ("CLIP", "0=upload:gone", "is gone"),
        ("upload:gone", "0=style:wave", "is gone"),
        ("CLIP", "", "There is no painted frame yet"),
        ("", "0=style:wave", "There is no film yet"),
    ],
)
def test_a_film_that_cannot_be_made(
    store: PictureStore, clip: str, film: str, key: str, why: str
) -> None:
    keys = [key.replace("CLIP", clip)] if key else []
    pictures = {"film": [film.replace("CLIP", clip)] if film else []}
    with pytest.raises(ArtgenError, match=why):
        resolve(Order("fast_follow", {"key": keys}, pictures), store)


def test_a_film_is_no_photo(store: PictureStore, order: Order, clip: str) -> None:
    with pytest.raises(UsageError, match="is a film, and a picture belongs here"):
        resolve(replace(order, pictures={**order.pictures, "content": [clip]}), store)
    frame = clip.replace("upload", "frame") + "-1"
    made = resolve(replace(order, pictures={**order.pictures, "content": [frame]}), store)
    assert made.title == "clip 1, oil"

"""An order as a command line."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from clips import drifting, film_file

from artgen.studio.command_line import spoken
from artgen.studio.orders import Order
from artgen.studio.pictures import PictureStore

Upload = Callable[[torch.Tensor, str], str]
SHEET = Order(
    "explore",
    {"vary": ["strength=20,80"], "size": 32, "net": "tiny"},
    {"content": ["example:frog"], "style": ["style:starry", "style:wave"]},
    4,
)


def test_a_command_line(
    order: Order, store: PictureStore, upload: Upload, photo: torch.Tensor, tmp_path: Path
) -> None:
    path = store.find(order.pictures["content"][0]).path
    said = shlex.split(spoken(replace(order, seed=0), store, "out.png"))
    oil = store.find(order.pictures["style"][0]).path
    small = ["--size", "32", "--iterations", "3", "--net", "tiny"]
    assert said == ["artgen", "style", str(path), str(oil), *small, "-o", "out.png"]
    mask = upload(photo, "sky.png")
    settings = {"style_weights": [2, 1.5], "mask": [f"{mask}=style:wave"], "tileable": True}
    said = shlex.split(spoken(Order("style", settings | {"slant": -1}, SHEET.pictures), store, "o"))
    masked = f"{store.find(mask).path}={store.find('style:wave').path}"
    assert said[3:] == [
        *("starry", "wave", "--style-weights", "2,1.5", "--mask", masked),
        *("--tileable", "--slant=-1", "-o", "o"),
    ]
    oil = upload(photo, "oil, thin=1.png")
    own = Order("fast_apply", {"style": f"{oil}=0.5,style:wave"}, {"content": ["example:frog"]})
    said = shlex.split(spoken(own, store, "o"))[4]
    assert said == f"{store.find(oil).path}=0.5,{store.find('style:wave').path}"
    part = store.new()
    part.write_bytes(film_file(tmp_path / "a.mp4", drifting(2)).read_bytes())
    film = f"upload:{store.take_clip(part, 'a.mp4').id}"
    follow = Order("fast_follow", {"key": [f"1={mask}"], "steady": 20.0}, {"film": [film]}, 4)
    assert shlex.split(spoken(follow, store, "o.mp4")) == [
        *("artgen", "fast", "follow", str(store.find(film).path)),
        *("--key", f"1={store.find(mask).path}", "--steady", "20.0", "--seed", "4", "-o", "o.mp4"),
    ]
    fast = Order("fast_apply", {"style": "wave=1", "size": 9}, {"content": ["example:frog"]})
    assert shlex.split(spoken(fast, store, "o"))[4:6] == ["wave=1", "--size"]

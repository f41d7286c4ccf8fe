"""Drafts: an order made small."""

from __future__ import annotations

from artgen.studio import orders
from artgen.studio.controls import painter_styles
from artgen.studio.orders import Order, resolve
from artgen.studio.pictures import PictureStore


def test_drafts(order: Order, store: PictureStore) -> None:
    known = painter_styles()
    shipped = {"content": ["example:frog"], "style": ["style:starry", "style:wave"]}
    quick = orders.drafted(Order("style", {"strength": 30, "color": "match"}, shipped), known)
    assert quick == Order(
        "fast_apply",
        {"style": "starry,wave", "strength": 60, "color": "style", "size": 480},
        {"content": ["example:frog"]},
    )
    own = orders.drafted(order, known)
    assert own is not None
    assert (own.technique, own.settings["size"], own.settings["iterations"]) == ("style", 32, 3)
    dream = orders.drafted(Order("dream", {}, {"content": ["example:frog"]}), known)
    assert dream is not None
    assert dream.settings == {"size": 256}
    assert orders.drafted(Order("see_kernels"), known) is None
    for one in (quick, own, dream):
        resolve(one, store)

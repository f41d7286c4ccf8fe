"""A studio of its own for every test, with a photo and a painting in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from artgen import images
from artgen.studio.folder import Folder, opened
from artgen.studio.history import History
from artgen.studio.orders import Order
from artgen.studio.pictures import PictureStore

from .told import Told

# As small as it gets, by a network without weights to read.
SMALL = {"net": "tiny", "size": 32, "iterations": 3}


@pytest.fixture
def studio_folder(tmp_path: Path) -> Iterator[Folder]:
    """An open studio's folder."""
    with opened(tmp_path / "studio") as folder:
        yield folder


@pytest.fixture
def history(studio_folder: Folder) -> Iterator[History]:
    """Its history."""
    found = History(studio_folder.base)
    yield found
    found.close()


@pytest.fixture
def store(studio_folder: Folder, history: History) -> PictureStore:
    """Its pictures."""
    return PictureStore(studio_folder, history)


@pytest.fixture
def told() -> Told:
    """Who hears what the queue tells."""
    return Told()


@pytest.fixture
def upload(store: PictureStore) -> Callable[[torch.Tensor, str], str]:
    """Takes a picture as an upload; returns its reference."""

    def take(picture: torch.Tensor, name: str) -> str:
        part = store.new()
        part.write_bytes(images.encode_png(picture))
        return f"upload:{store.take(part, name).id}"

    return take


@pytest.fixture
def order(
    upload: Callable[[torch.Tensor, str], str], photo: torch.Tensor, painting: torch.Tensor
) -> Order:
    """A style transfer of three steps."""
    pictures = {"content": [upload(photo, "frog.jpg")], "style": [upload(painting, "oil.jpg")]}
    return Order("style", SMALL, pictures, seed=3)

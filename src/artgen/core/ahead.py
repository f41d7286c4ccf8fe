"""Items made ahead, in a thread of their own, while those before them are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

__all__ = ["ahead"]

Item = TypeVar("Item")
END: Final = None


def _nothing() -> None:
    """The default of what a thread begins with."""


def ahead(
    items: Iterator[Item], most: int = 1, begin: Callable[[], None] = _nothing
) -> Generator[Item, None, None]:
    """The same items in the same order, up to `most` of them made before they are asked for.

    An error of `items` is raised where its item would have come. Closing the generator waits for
    the item that is being made.

    Args:
        items: makes an item at each call of `next`, always in one and the same thread.
        most: at least 1.
        begin: called in that thread first.
    """

    def following() -> tuple[Item] | None:
        for item in items:
            return (item,)
        return END

    with ThreadPoolExecutor(1, "ahead", begin) as maker:
        try:
            coming = deque(maker.submit(following) for _ in range(most))
            while (made := coming.popleft().result()) is not END:
                coming.append(maker.submit(following))
                yield made[0]
        finally:
            maker.shutdown(cancel_futures=True)

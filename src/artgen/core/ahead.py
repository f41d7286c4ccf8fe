"""Items made ahead, in threads of their own, while those before them are used."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Final, TypeVar

__all__ = ["ahead", "side_by_side"]

Item = TypeVar("Item")
Made = TypeVar("Made")
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


def side_by_side(
    items: Iterator[Item],
    make: Callable[[Item], Made],
    count: Callable[[], int],
    begin: Callable[[], None] = _nothing,
) -> Generator[tuple[Item, Made], None, None]:
    """Each item with what is made of it, in order, several of them made at the same time.

    An error of `make` is raised where its item would have come. Closing the generator waits for
    what is being made.

    Args:
        items: asked for in the calling thread, as they are needed.
        make: called in as many threads; for a count of 1, in the calling thread.
        count: how many to make at the same time, asked before each item: it may change.
        begin: called first in each of those threads.
    """
    coming: deque[tuple[Item, Callable[[], Made]]] = deque()
    with ThreadPoolExecutor(thread_name_prefix="beside", initializer=begin) as makers:
        try:
            while True:
                most = count()
                for item in islice(items, max(most - len(coming), 0)):
                    alone = partial(make, item)
                    coming.append((item, alone if most == 1 else makers.submit(alone).result))
                if not coming:
                    return
                item, made = coming.popleft()
                yield item, made()
        finally:
            makers.shutdown(cancel_futures=True)

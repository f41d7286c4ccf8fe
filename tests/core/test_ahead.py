"""Items made ahead: the same ones, in order, in one other thread, with their errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from artgen.core.ahead import ahead


def test_items_come_in_order_and_from_one_other_thread() -> None:
    threads = set()

    def items() -> Iterator[int]:
        for number in range(20):
            threads.add(threading.get_ident())
            yield number

    assert list(ahead(items(), 3)) == list(range(20))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_the_next_item_is_made_while_one_is_used() -> None:
    made = [threading.Event() for _ in range(4)]

    def items() -> Iterator[int]:
        for number, event in enumerate(made):
            event.set()
            yield number

    coming = ahead(items(), 2)
    assert next(coming) == 0
    assert made[1].wait(10)
    assert made[2].wait(10)
    assert not made[3].is_set()  # no more than two
    coming.close()


def test_an_error_comes_where_its_item_would_have() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    coming = ahead(items(), 3)
    assert next(coming) == 1
    with pytest.raises(ValueError, match="broken"):
        next(coming)


def test_what_is_closed_makes_no_more() -> None:
    asked = []

    def items() -> Iterator[int]:
        for number in range(9):
            asked.append(number)
            yield number

    began = []
    coming = ahead(items(), 1, lambda: began.append(threading.get_ident()))
    next(coming)
    coming.close()
    assert len(asked) <= 2
    assert len(began) == 1
    assert next(coming, None) is None

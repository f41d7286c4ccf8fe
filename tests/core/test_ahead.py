"""Items made ahead: the same ones, in order, in other threads, with their errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from artgen.core.ahead import ahead, side_by_side


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


def test_what_is_made_side_by_side_comes_in_order() -> None:
    both = threading.Barrier(2)
    began: list[int] = []

    def make(number: int) -> int:
        both.wait(10)  # raises where only one is made at a time
        return number * number

    made = side_by_side(iter(range(6)), make, lambda: 2, lambda: began.append(1))
    assert list(made) == [(number, number * number) for number in range(6)]
    assert began == [1, 1]


def test_one_at_a_time_is_made_in_the_thread_that_asks() -> None:
    counts = iter([1, 1, 3, 3, 1, 1, 1, 1, 1])
    threads: list[int] = []

    def make(number: int) -> int:
        threads.append(threading.get_ident())
        return -number

    made = side_by_side(iter(range(7)), make, lambda: next(counts))
    assert [one for _, one in made] == [0, -1, -2, -3, -4, -5, -6]
    assert threads.count(threading.get_ident()) >= 3  # the first two, and the last


def test_what_cannot_be_made_is_an_error_in_its_place() -> None:
    asked: list[int] = []

    def items() -> Iterator[int]:
        for number in range(99):
            asked.append(number)
            yield number

    made = side_by_side(items(), lambda number: 1 // (2 - number), lambda: 2)
    assert next(made) == (0, 0)
    assert next(made) == (1, 1)
    with pytest.raises(ZeroDivisionError):
        next(made)
    assert len(asked) <= 4
    assert next(made, None) is None

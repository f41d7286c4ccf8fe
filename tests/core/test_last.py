"""What was made last, and only that."""

from __future__ import annotations

from collections.abc import Callable

from artgen.core.last import LastMade


def test_the_same_again_is_made_once_and_another_replaces_it() -> None:
    last: LastMade[str] = LastMade()
    made: list[str] = []

    def make(name: str) -> Callable[[], str]:
        return lambda: made.append(name) or name

    one, equal = [0.5], [0.5]
    asked = [("a", one, "x"), ("a", one, "y"), ("b", one, "z"), ("a", one, "u"), ("a", equal, "v")]
    got = [last.get(settings, [picture], make(name)) for settings, picture, name in asked]
    assert got == ["x", "x", "z", "u", "v"]
    assert made == ["x", "z", "u", "v"]

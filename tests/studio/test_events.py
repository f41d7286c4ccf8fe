"""Events: every page hears of them, and a slow one begins anew."""

from __future__ import annotations

import asyncio
import json

import pytest

from artgen.studio.events import ROOM, Events


@pytest.fixture
def events() -> Events:
    return Events()


def test_events_reach_every_page_and_a_slow_one_begins_anew() -> None:
    async def listened() -> tuple[list[str], int]:
        events = Events()
        events.tell("lost", {})  # nobody listens
        quick, slow = events.stream(lambda: {"jobs": []}), events.stream(dict)
        first = [await anext(quick)]
        await anext(slow)
        events.tell("job", {"id": 1, "title": "a\nb"})
        first.append(await anext(quick))
        for _ in range(ROOM + 1):
            events.tell("step", {})
            await asyncio.sleep(0)
            await anext(quick)
        late = len([event async for event in slow])
        events.close()
        first += [event async for event in quick]
        return first, late

    heard, late = asyncio.run(listened())
    assert heard[0] == 'event: state\ndata: {"jobs": []}\n\n'
    assert heard[1:] == ["event: job\ndata: " + json.dumps({"id": 1, "title": "a\nb"}) + "\n\n"]
    assert late == 0

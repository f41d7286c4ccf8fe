"""What is known of a network: its name for ever, and what of its file is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from artgen.networks.zoo import all_networks


def test_a_version_is_part_of_the_full_name() -> None:
    tiny = all_networks().get("tiny")
    assert replace(tiny, version=0).full_name == "tiny"
    assert replace(tiny, version=3).full_name == "tiny@3"


@pytest.mark.parametrize("on_request", [False, True])
def test_a_large_head_is_kept_only_by_who_asks_for_it(on_request: bool) -> None:
    tiny = all_networks().get("tiny")
    assert tiny.head is not None
    spec = replace(tiny, head=replace(tiny.head, on_request=on_request))
    assert [part.name for part in spec.parts(head=True)] == ["tiny-head"]
    assert len(spec.parts(head=False)) == (0 if on_request else 1)
    assert replace(tiny, head=None).parts(head=True) == []

"""A job keeps the output that is recorded for it, and a new one gets a free name."""

from __future__ import annotations

import pytest

from artgen.jobs.output_names import OutputNames


@pytest.mark.parametrize("of_a_job", [False, True])
def test_recorded_names_are_kept(of_a_job: bool) -> None:
    stems = [*(f"photo{number}" for number in range(300)), "a", "b-2"]
    recorded = {f"{stem}-wave.png": stem if of_a_job else f"{stem}-wave" for stem in stems}
    recorded["a-wave-2.png"] = "a" if of_a_job else "a-wave-2"
    names = OutputNames("{content}-wave.png", recorded)
    wanted = [*stems, "a", "a"]
    found = [names.free(f"{x}.jpg", {"content": x}, x if of_a_job else "") for x in wanted]
    assert found[:302] == [*recorded][:302]
    assert found[302:] == ["a-wave-2.png", "a-wave-jpg.png"]

"""The words between a batch and its workers: what can be sent, and one hash for several."""

from __future__ import annotations

import pickle

from artgen.jobs.messages import Job, JobDone, Made, digest


def test_a_hash_tells_roles_and_their_order_apart() -> None:
    one = digest({"content": ["a"], "style": ["b", "c"]})
    assert one == digest({"style": ["b", "c"], "content": ["a"]})
    assert one != digest({"content": ["a"], "style": ["c", "b"]})
    assert one != digest({"content": ["b"], "style": ["a", "c"]})


def test_what_is_told_survives_the_way() -> None:
    event = JobDone(Job("a-style.png", "a.png", {"content": ("a.png",)}), Made(1.5, 100, "x", 12))
    assert pickle.loads(pickle.dumps(event)) == event

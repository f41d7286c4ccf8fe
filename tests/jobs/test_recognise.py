"""Pictures cut short are no finished ones."""

from __future__ import annotations

import os
from pathlib import Path

from simulated import batch, finished


def test_pictures_cut_short_are_made_again_and_no_others(photos: Path, out: Path) -> None:
    """As after a power cut, with a disk that said "written" before it was."""
    batch(photos, out)
    before = finished(photos, out)
    for name, length in (("1.out", 0), ("3.out", 20_000)):
        os.truncate(out / name, length)
    (out / "4.out").unlink()
    plan, _ = batch(photos, out)
    assert [job.output for job in plan.todo] == ["1.out", "3.out", "4.out"]
    after = finished(photos, out)
    assert {name for name in before if before[name] == after[name]} == {"0.out", "2.out", "5.out"}

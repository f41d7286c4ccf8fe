"""A pytest plugin: a test with one of the markers in ARTGEN_NO_SKIP fails where it is skipped.

A test that needs a browser is skipped on a laptop without one, and that is right. On the machine
that guards the main branch it would be a hole nobody sees. A file that is skipped whole fails as
well, since its tests' markers cannot be known.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

MARKERS = {name for name in os.environ.get("ARTGEN_NO_SKIP", "").split(",") if name}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    held = MARKERS.intersection(mark.name for mark in item.iter_markers())
    if held and report.skipped and not hasattr(report, "wasxfail"):
        fail(report, held)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if MARKERS and report.skipped:
        fail(report, MARKERS)
    return report


def fail(report: pytest.TestReport | pytest.CollectReport, markers: set[str]) -> None:
    reason = report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr
    report.outcome = "failed"
    report.longrepr = f"{reason} (but nothing marked {' or '.join(sorted(markers))} may be skipped)"

"""A real browser for the tests marked `browser`: headless Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

__all__ = ["chromium"]

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# No look-ups and updates of its own, which a closed network would refuse many at a time.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync"]


@contextmanager
def chromium() -> Iterator[Any]:
    """The system's Chromium, or the one that Playwright has fetched; skips where there is none."""
    api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    with api.sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(
                executable_path=path, args=["--no-sandbox", "--disable-gpu", *QUIET]
            )
        except api.Error as error:
            pytest.skip(f"needs Chromium: {error.message.splitlines()[0]}")
        yield browser
        browser.close()

"""Makes docs/studio.jpg: the page of `artgen studio` with examples on it, in headless Chromium.

python scripts/studio.py

They are painted in one pass each, which takes seconds; the dials that are seen are those of
`artgen style`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from artgen import images

ROOT = Path(__file__).resolve().parents[1]
SHOT = ROOT / "docs" / "studio.jpg"
SIZE = {"width": 1440, "height": 900}
PATIENCE = 600_000  # milliseconds
PAINTED = [
    ("portrait", "engraving"),
    ("duck", "watercolour"),
    ("frog", "glass"),
    ("mountain", "ink"),
    ("cat", "mosaic"),
    ("town", "starry"),
]


def paint(page: Page, example: str, style: str) -> None:
    """One picture, waited for."""
    page.get_by_role("button", name=f"Take the example {example}").click()
    wanted = page.locator(f"[data-style='style:{style}']")
    if wanted.get_attribute("aria-pressed") == "false":
        wanted.click()
    for other in page.locator(f".tile[aria-pressed=true]:not([data-style='style:{style}'])").all():
        other.click()
    page.get_by_role("button", name="Paint", exact=True).click()
    page.locator(".tools", has_text="Download").wait_for()


def main() -> None:
    """Paints a few pictures and takes the shot, half of the last one uncovered."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        server = subprocess.Popen(
            [sys.executable, "-m", "artgen", "studio", "--no-browser"],
            stdout=subprocess.PIPE,
            env=os.environ | {"ARTGEN_HOME": home},
            text=True,
        )
        assert server.stdout is not None
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
        page.set_default_timeout(PATIENCE)
        page.goto(server.stdout.readline().strip())
        page.get_by_role("tab", name="Fast").click()
        for example, style in PAINTED:
            paint(page, example, style)
        page.get_by_role("tab", name="Style").click()
        page.locator(".card").first.click()
        page.get_by_label("Before and after").fill("42")
        page.wait_for_timeout(6000)  # what was said is gone
        shot = Path(home, "shot.png")
        page.screenshot(path=shot)
        images.save(images.load(shot).picture, SHOT, quality=82)
        browser.close()
        server.terminate()
        server.wait()
    print(SHOT.relative_to(ROOT))


if __name__ == "__main__":
    main()

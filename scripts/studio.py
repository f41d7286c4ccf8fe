"""Makes docs/studio.jpg and studio-film.jpg: the page of `artgen studio`, in headless Chromium.

python scripts/studio.py

The first has examples on it, painted in one pass each, which takes seconds; the dials that are seen
are those of `artgen style`. The second has a film of an example, which follows a painted frame.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from artgen import images

ROOT = Path(__file__).resolve().parents[1]
SHOT, FILM = ROOT / "docs" / "studio.jpg", ROOT / "docs" / "studio-film.jpg"
FRAME, LESSONS = 60, 100
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


def follow(page: Page, clip: Path) -> None:
    """A film, until some frames of it are painted."""
    subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / "follow.py"), "--make", str(clip)], check=True
    )
    page.get_by_role("tab", name="Film").click()
    page.locator("#photo input[type=file]").set_input_files(clip)
    page.get_by_label("Frame of the film").fill(str(FRAME))
    page.get_by_role("button", name="Take this frame").click()
    page.get_by_role("tab", name="Fast").click()
    page.get_by_role("button", name="Paint", exact=True).click()
    page.get_by_role("button", name="Let the film follow").click()
    page.locator("#dial-iterations").fill(str(LESSONS))
    page.locator("#dial-iterations").blur()
    page.get_by_role("button", name="Follow", exact=True).click()
    page.locator(".caption", has_text=re.compile(r"frame \d\d of")).wait_for()
    page.wait_for_timeout(2000)  # the preview comes


def shoot(page: Page, folder: Path, path: Path) -> None:
    """A picture of the page."""
    shot = folder / "shot.png"
    page.screenshot(path=shot)
    images.save(images.load(shot).picture, path, quality=82)
    print(path.relative_to(ROOT))


def main() -> None:
    """Paints a few pictures and takes the shot, half of the last one uncovered; then a film."""
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
        shoot(page, Path(home), SHOT)
        follow(page, Path(home, "town.mp4"))
        shoot(page, Path(home), FILM)
        browser.close()
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()

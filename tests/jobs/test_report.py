"""The report: one page with nothing outside of it, whatever the files are called."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from browser import chromium
from pictures import smooth

from artgen import images
from artgen.jobs.ledger import Entry
from artgen.jobs.messages import Job, Made
from artgen.jobs.report import report
from artgen.jobs.storage import Folder

HOSTILE = [
    "<img src=x onerror=window.pwned=1>.png",
    '"><script>window.pwned=2<br>.png',
    "' onload='window.pwned=3.png",
    "&lt;b&gt;.png",
    "{title}.png",
]
pytestmark = pytest.mark.skipif(os.name == "nt", reason="such files cannot be made there")


@pytest.fixture
def page(tmp_path: Path) -> str:
    """A report of hostile names, two of them failed, and one picture gone."""
    photos, out = tmp_path / "photos", tmp_path / "out"
    for folder in (photos, out):
        folder.mkdir()
    jobs, entries = [], {}
    for seed, name in enumerate([*HOSTILE, "plain.png", "gone.png"]):
        jobs.append(Job(name, name, {"content": (str(photos / name),)}))
        images.save(smooth(40, 60 + seed, seed=seed), photos / name)
        if name != "gone.png":
            images.save(smooth(30, 50, seed=seed), out / name)
        entries[name] = Entry(name, name, "", "").finished(Made(1.5, 1, "", 4))
    failed = {HOSTILE[0]: "It is <b>broken</b>.", HOSTILE[1]: "</ul><script>pwned=4</script>"}
    return report("artgen style: <out>", jobs, failed, entries, Folder(str(out)))


def test_it_holds_everything_and_asks_for_nothing(page: str, tmp_path: Path) -> None:
    assert "<script" not in page
    assert not re.findall(r"(?:src|href)=\"(?!data:image/jpeg;base64,)", page)
    assert str(tmp_path) not in page
    assert page.count("data:image/jpeg") == 9  # five before, four after: one is gone
    assert "5 of 7 pictures made." in page


@pytest.mark.browser
def test_a_browser_shows_it_and_runs_nothing(page: str, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    said, asked = [], []
    with chromium() as browser:
        shown = browser.new_page(viewport={"width": 1280, "height": 900})
        shown.on("console", lambda message: said.append(message.text))
        shown.on("pageerror", lambda error: said.append(str(error)))
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(file.as_uri())
        assert shown.title() == "artgen style: <out>"
        assert shown.evaluate("window.pwned") is None
        assert shown.locator("script").count() == 0
        for picture in shown.locator("img").all():
            picture.scroll_into_view_if_needed()
        shown.wait_for_function("[...document.images].every(one => one.complete)")
        sizes = shown.evaluate("[...document.images].map(one => one.naturalWidth)")
        names = shown.locator("figcaption").all_inner_texts()
        failures = shown.locator("ul.failed li").all_inner_texts()
        wide = shown.evaluate("document.documentElement.scrollWidth")
        shown.set_viewport_size({"width": 360, "height": 640})
        narrow = shown.evaluate("document.documentElement.scrollWidth")
        if folder := os.environ.get("ARTGEN_SHOTS"):
            shown.set_viewport_size({"width": 1280, "height": 900})
            shown.screenshot(path=Path(folder, "report.png"))
    assert len(sizes) == 9
    assert all(sizes)
    assert [name.removesuffix(" 1.5 s") for name in names] == [
        *HOSTILE[2:],
        "plain.png",
        "gone.png",
    ]
    assert failures[0] == f"{HOSTILE[0]}: It is <b>broken</b>."
    assert failures[1].endswith("</ul><script>pwned=4</script>")
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert (wide, narrow) == (1280, 360)

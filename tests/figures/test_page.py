"""The page of a map: whole in one file; no title runs as code; a browser enlarges and moves it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from browser import chromium

from artgen.figures.page import MapCell, map_page

TITLE = "slim <conv4_2> </p><script>window.pwned = 1</script>"


@pytest.fixture
def page() -> str:
    plate, patch = torch.full((1, 3, 24, 24), 0.4), torch.full((1, 3, 12, 12), 0.8)
    faded = torch.cat([plate, torch.ones(1, 1, 24, 24)], 1)
    cells = [MapCell("7", plate, [patch, patch]), None, MapCell("<b>", faded, [patch]), None]
    return map_page(TITLE, cells, 2, 24)


def test_it_holds_everything_and_asks_for_nothing(page: str) -> None:
    assert page.count("data:image/jpeg;base64,") == 4
    assert page.count("data:image/png;base64,") == 1
    assert not re.findall(r"(?:src|href)=\"(?!data:image/)", page)
    assert page.count("<script>") == 1
    assert "&lt;b&gt;" in page


@pytest.mark.browser
def test_a_browser_enlarges_and_moves_it(page: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    said, asked = [], []
    with chromium() as browser:
        shown = browser.new_page(viewport={"width": 800, "height": 600})
        shown.on("console", lambda message: said.append(message.text))
        shown.on("pageerror", lambda error: said.append(str(error)))
        shown.on("request", lambda request: asked.append(request.url))
        shown.goto(file.as_uri())
        assert shown.title() == TITLE
        assert shown.evaluate("window.pwned") is None

        def box() -> dict[str, float]:
            found: dict[str, float] = shown.locator("#map").bounding_box()
            return found

        first = box()
        assert first["x"] >= 0
        assert first["y"] >= 0
        assert first["height"] <= 600
        shown.mouse.move(400, 300)
        shown.mouse.wheel(0, -400)
        shown.wait_for_function(f"map.getBoundingClientRect().width > {2 * first['width']}")
        larger = box()
        shown.mouse.down()
        shown.mouse.move(500, 300)
        shown.mouse.up()
        assert box()["x"] == pytest.approx(larger["x"] + 100, abs=1)
        shown.keyboard.press("0")
        assert box() == first
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []

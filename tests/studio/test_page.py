"""The page in a real browser, served by the real command: what a user does, from drop to reload."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from clips import drifting, film_file
from pictures import smooth

from artgen import images, video
from artgen.cli.app import run

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 120_000  # milliseconds, on a busy machine
LONG = 100_000  # iterations that nobody waits for
DROP = """([files, target]) => {
  const data = new DataTransfer();
  for (const [name, bytes] of files) data.items.add(new File([new Uint8Array(bytes)], name));
  for (const kind of ["dragover", "drop"]) {
    const more = {bubbles: true, cancelable: true, dataTransfer: data};
    document.querySelector(target).dispatchEvent(new DragEvent(kind, more));
  }
}"""
NAMELESS = """[...document.querySelectorAll("button, input, select, textarea, a")]
  .filter((one) => !(one.innerText?.trim() || one.ariaLabel || one.labels?.length))
  .map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A studio of its own, by `artgen studio`."""
    home = tmp_path_factory.mktemp("studio")
    server = subprocess.Popen(
        [sys.executable, "-m", "artgen", "studio", "--no-browser"],
        stdout=subprocess.PIPE,
        env=os.environ | {"ARTGEN_HOME": str(home), "OMP_NUM_THREADS": "1"},
        encoding="utf-8",
    )
    assert server.stdout is not None
    yield server.stdout.readline().strip()
    server.terminate()
    assert server.wait(30) == 0
    server.stdout.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as found:
        yield found


class Page:
    """A tab with the studio in it; what its console said is kept."""

    def __init__(self, context: Any, address: str) -> None:
        self.tab = context.new_page()
        self.tab.set_default_timeout(PATIENCE)
        self.said: list[str] = []
        self.tab.on("console", lambda message: self.said.append(message.text))
        self.tab.on("pageerror", lambda error: self.said.append(str(error)))
        self.tab.goto(address)
        self.tab.locator("#dials .dial").first.wait_for()

    def drop(self, name: str, content: bytes, target: str = "#stage") -> None:
        """Drops a file somewhere on the page."""
        self.tab.evaluate(DROP, [[[name, list(content)]], target])

    def example(self, name: str) -> None:
        self.tab.get_by_role("button", name=f"Take the example {name}").click()

    def dial(self, name: str, value: object) -> None:
        """Sets a dial, wherever it is folded away."""
        details = self.tab.locator("details.all")
        if not self.tab.locator(f"#dial-{name}").is_visible():
            details.locator("summary").click()
        self.tab.locator(f"#dial-{name}").fill(str(value))
        self.tab.locator(f"#dial-{name}").blur()

    def small(self, iterations: int = 6) -> None:
        """Settings of a picture that costs next to nothing."""
        for name, value in (("size", 48), ("iterations", iterations), ("net", "tiny")):
            self.dial(name, value)

    def paint(self) -> None:
        self.tab.get_by_role("button", name="Paint", exact=True).click()

    def press(self, name: str) -> None:
        """One of the picture's buttons."""
        self.tab.locator(".tools").get_by_text(name, exact=True).click()

    def sees(self, text: str, where: str = ".caption") -> None:
        """Waits for a text."""
        self.tab.locator(where, has_text=re.compile(text)).first.wait_for()

    def command(self) -> str:
        """The command of the picture that is shown."""
        self.press("Copy as command")
        return str(self.tab.locator(".command").inner_text())

    def until(self, good: str) -> None:
        """Waits for an expression to be true."""
        end = time.monotonic() + PATIENCE / 1000
        while not self.tab.evaluate(good):
            assert time.monotonic() < end, good
            self.tab.wait_for_timeout(50)

    def jobs(self) -> list[dict[str, Any]]:
        """What the server knows, by way of the page."""
        script = """() => new Promise((done) => {
          const source = new EventSource("/api/events");
          source.addEventListener("state", (event) => { source.close(); done(event.data); });
        })"""
        found: list[dict[str, Any]] = json.loads(self.tab.evaluate(script))["jobs"]
        return found


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    found = Page(context, address)
    yield found
    context.close()
    assert found.said == []


@pytest.fixture(scope="module")
def photo_file() -> bytes:
    return images.encode_png(smooth(49, 67, seed=1))


def test_drop_draft_paint_and_the_same_by_command(
    page: Page, photo_file: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.sees("Drop a photo", "#stage")
    page.drop("<b>my frog<i>.png", photo_file)
    page.sees(r"Draft.*in [\d.]+ s")
    page.until("document.querySelector('.after').naturalWidth > 100")
    page.drop("oil.png", images.encode_png(smooth(60, 45, seed=2)), "#styles")
    page.sees("oil", "#styles .weights")
    page.small()
    page.paint()
    page.sees("48 x 35 px")
    assert page.tab.locator(".caption h2").inner_text() == "<b>my frog<i>, starry, oil"
    assert page.tab.locator("b").count() == 0, "a name is never markup"
    slider = page.tab.get_by_label("Before and after")
    slider.fill("40")
    assert page.tab.locator(".frame").evaluate("e => e.style.getPropertyValue('--share')") == "40%"
    clip = page.tab.locator(".after").evaluate("e => getComputedStyle(e).clipPath")
    assert clip == "inset(0px 0px 0px 40%)"
    with page.tab.expect_download() as loading:
        page.press("Download")
    loaded = tmp_path / "loaded.png"
    loading.value.save_as(loaded)
    assert 'technique = "style"' in (images.read_recipe(loaded) or "")
    words = shlex.split(page.command())
    assert (words[0], words[-2]) == ("artgen", "-o")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        run([*words[1:], "--quiet"])
    assert not stop.value.code
    assert images.load(tmp_path / words[-1]).picture.equal(images.load(loaded).picture)


def test_live_reload_two_tabs_pause_and_stop(page: Page, browser: Any, address: str) -> None:
    page.example("frog")
    page.small(LONG)
    page.paint()
    page.sees(r"step \d+ of 100000, at \d+ x \d+ px")
    page.until("document.querySelector('.curve polyline').getAttribute('points').length > 20")
    page.until("document.querySelector('.after').src.includes('/live/')")
    page.tab.reload()
    page.sees(r"step \d+ of 100000")
    page.until("document.querySelector('.curve polyline').getAttribute('points').length > 20")
    assert page.tab.locator("#dial-size").input_value() == "48", "the wish is kept"
    assert "token" not in page.tab.url
    other = Page(page.tab.context, address)
    other.sees(r"step \d+ of 100000")
    other.press("Pause")
    page.sees(r"paused at step \d+")
    page.press("Continue")
    page.sees(r"step \d+ of")
    other.sees(r"step \d+ of")
    other.press("Stop and keep")
    page.sees(r"stopped at step \d+ of 100000, 48 x \d+ px")
    page.press("Delete")
    page.press("Really delete?")
    other.sees("Drop a photo|Draft", "#stage")
    assert other.said == []
    other.tab.close()


def test_go_on_with_other_settings_and_larger(page: Page) -> None:
    page.example("duck")
    page.small(LONG)
    page.paint()
    page.sees(r"step \d+ of 100000")
    page.small(4)
    page.press("Go on from here")
    page.sees("Duck, starry.*48 x 34 px, [\\d.]+ s")
    onward = max(page.jobs(), key=lambda one: one["id"])
    assert onward["settings"]["init"].startswith("upload:")
    page.press("Make it larger")
    page.sees("96 x 68 px")


def test_explore_and_make_a_cell_large(page: Page) -> None:
    page.example("cat")
    page.tab.get_by_role("tab", name="Explore").click()
    for name, value in (("size", 32), ("iterations", 2), ("net", "tiny"), ("seed", 5)):
        if name == "seed":
            page.tab.locator("#seed").fill("5")
            page.tab.locator("#seed").blur()
        else:
            page.dial(name, value)
    page.tab.locator("#dial-vary").fill("strength=20,80\ncolor=keep")
    page.tab.locator("#dial-vary").blur()
    page.paint()
    page.sees("Choose one")
    labels = page.tab.locator(".cell span").all_inner_texts()
    assert labels == ["starry, strength 20, color keep", "starry, strength 80, color keep"]
    page.tab.locator(".cell").nth(1).click()
    page.sees("step 1?", ".caption p")
    large = max(page.jobs(), key=lambda one: one["id"])
    assert (large["technique"], large["seed"]) == ("style", 5)
    wanted = {"strength": 80.0, "color": "keep", "net": "tiny", "size": 512}
    assert {key: large["settings"][key] for key in wanted} == wanted
    page.press("Delete")
    page.press("Really delete?")


def test_a_draft_says_who_made_it_and_can_be_kept(page: Page) -> None:
    page.example("frog")
    page.sees("Draft.*by a trained network")
    page.press("Keep this one")
    page.sees(r"Frog, starry.*480 x \d+ px, [\d.]+ s")
    kept = max(page.jobs(), key=lambda one: one["id"])
    assert (kept["technique"], kept["settings"]["strength"]) == ("fast_apply", 100)
    page.press("Save as preset…")
    box = page.tab.get_by_role("dialog", name="Save as a preset")
    box.get_by_label("Name of the preset").fill("at-once")
    box.get_by_role("button", name="Save").click()
    page.tab.get_by_text("Saved").wait_for()
    page.tab.get_by_role("tab", name="Fast").click()
    assert "at-once" in page.tab.locator("#preset option").all_inner_texts()[-1]


def test_a_painting_of_ones_own_in_one_pass(page: Page) -> None:
    page.example("frog")
    page.tab.get_by_role("tab", name="Fast").click()
    page.drop("oil.png", images.encode_png(smooth(160, 145, seed=2)), "#styles")
    page.sees("oil", "#styles .weights")
    page.tab.locator("[data-style='style:starry']").click()
    page.dial("size", 96)
    page.paint()
    page.sees("96 x 68 px")
    made = max(page.jobs(), key=lambda one: one["id"])
    assert re.fullmatch("upload:[0-9a-f]+", made["settings"]["style"])
    page.press("Take its settings")
    page.tab.locator("#styles .tile[aria-pressed='true']", has_text="upload|oil").count()
    assert page.tab.locator("#styles .tile[aria-pressed='true']").count() == 1


def test_see_a_style_takes_one_and_a_sample_is_no_photo(page: Page) -> None:
    page.example("duck")
    page.tab.get_by_role("tab", name="Texture").click()
    assert page.tab.locator("#photo .drop.full").count() == 0
    page.tab.get_by_role("button", name="Take the example mosaic").click()
    page.tab.get_by_role("tab", name="See").click()
    page.tab.locator("#photo .drop", has_text="duck").wait_for()
    page.tab.get_by_label("What to look at").select_option("see_style")
    page.sees("One painting", "#styles")
    for name in ("wave", "glass"):
        page.tab.locator(f"[data-style='style:{name}']").click()
    pressed = page.tab.locator("#styles .tile[aria-pressed='true']")
    assert pressed.all_inner_texts() == ["glass"]


def test_two_dropped_pictures_are_asked_about(page: Page) -> None:
    page.tab.get_by_role("tab", name="Style").click()
    files = [
        [f"{name}.png", list(images.encode_png(smooth(40, 50, seed=seed)))]
        for seed, name in enumerate(("oil", "me"))
    ]
    page.tab.evaluate(DROP, [files, "#stage"])
    asked = page.tab.get_by_role("dialog", name="Which one is the photo?")
    asked.get_by_role("button", name="me.png").click()
    page.tab.locator("#photo .drop", has_text="me.png").wait_for()
    page.tab.locator("#styles .tile", has_text="oil").wait_for()
    assert asked.count() == 0
    assert page.said == []


def test_a_film_follows_a_frame_painted_here(page: Page, tmp_path: Path) -> None:
    path = film_file(tmp_path / "in.mp4", drifting(10, 64, 96), more="-pix_fmt yuv420p")
    page.drop("my <i>clip.mp4", path.read_bytes())
    slider = page.tab.get_by_label("Frame of the film")
    slider.focus()
    for _ in range(3):
        page.tab.keyboard.press("ArrowRight")
    page.sees(r"frame 3 \(0 to 9\), at 0.25 s, 96 x 64 px")
    page.until("document.querySelector('.frame img').alt.startsWith('Frame 3 of')")
    assert page.tab.evaluate(NAMELESS) == []
    for width in (360, 820, 1920):
        page.tab.set_viewport_size({"width": width, "height": 900})
        assert page.tab.evaluate("document.documentElement.scrollWidth") == width
    page.tab.set_viewport_size({"width": 1280, "height": 900})
    page.press("Take this frame")
    page.sees(r"Draft.*in [\d.]+ s")
    assert page.tab.locator("#dial-size").input_value() == "96", "as large as the film"
    page.small()
    page.paint()
    page.press("Let the film follow")
    assert page.tab.evaluate("document.activeElement.id") == "paint"
    page.tab.locator("#styles .tile[aria-pressed='true']", has_text="frame 3").wait_for()
    for name, value in (("iterations", 3), ("net", "tiny"), ("crop", 32)):
        page.dial(name, value)
    page.tab.keyboard.press("Escape")
    page.tab.get_by_role("button", name="Follow", exact=True).press("Enter")
    page.sees(r"96 x 64 px, [\d.]+ s")
    assert page.tab.locator(".caption h2").inner_text() == "My <i>clip, fast follow"
    page.until("document.querySelector('video').videoWidth === 96")
    assert page.tab.evaluate("document.querySelector('video').duration") == pytest.approx(10 / 12)
    with page.tab.expect_download() as loading:
        page.press("Download")
    loading.value.save_as(tmp_path / "out.mp4")
    assert video.probe(tmp_path / "out.mp4").count == 10
    assert "fast_apply" in (video.read_recipe(tmp_path / "out.mp4") or "")
    assert "artgen fast follow" in page.command()
    # Its film and painted frame are chosen again, by its settings alone.
    page.press("Take its settings")
    page.tab.locator("#styles .tile[aria-pressed='true']", has_text="frame 3").wait_for()
    made = max(page.jobs(), key=lambda one: one["id"])
    assert (made["files"], made["settings"]["iterations"]) == (["film", "key"], 3)


def test_a_film_is_stopped_and_kept_or_left_out(page: Page, tmp_path: Path) -> None:
    path = film_file(tmp_path / "in.mp4", drifting(60, 64, 96), more="-pix_fmt yuv420p")
    page.drop("clip.mp4", path.read_bytes())
    page.sees(r"frame 0 \(0 to 59\)")
    first = next(video.frames(video.probe(path)))
    page.drop("by hand.png", images.encode_png(1 - first))
    page.tab.locator("#styles .tile[aria-pressed='true']", has_text="frame 0").wait_for()
    for name, value in (("iterations", LONG), ("net", "tiny"), ("crop", 32)):
        page.dial(name, value)
    page.tab.get_by_role("button", name="Follow", exact=True).click()
    page.sees(r"lesson \d+ of 100000")
    stop = page.tab.locator(".tools").get_by_text("Stop and keep")
    assert stop.is_disabled(), "there is nothing to keep yet"
    page.press("Pause")
    page.sees("paused")
    page.press("Continue")
    page.sees(r"lesson \d+ of 100000")
    page.press("Delete")
    page.press("Really delete?")
    page.sees(r"frame 0 \(0 to 59\)")
    page.dial("iterations", 3)
    page.tab.get_by_role("button", name="Follow", exact=True).click()
    page.sees(r"frame \d+ of 60")
    page.press("Stop and keep")
    page.sees(r"stopped at frame \d+ of 60, 96 x 64 px")
    page.until("document.querySelector('video').videoWidth === 96")


def test_a_broken_film_is_one_sentence(page: Page) -> None:
    page.drop("odd<i>.mp4", b"#EXTM3U")
    page.tab.locator("#said").get_by_text(re.compile("^odd<i> is no film")).wait_for()
    assert len(page.said) == 1
    assert "400 (Bad Request)" in page.said.pop()


@pytest.mark.parametrize("content", [b"<svg onload=alert(1)>", b"\x89PNG\r\n\x1a\nbroken"])
def test_a_broken_upload_is_one_sentence(page: Page, content: bytes) -> None:
    page.drop("odd<i>.png", content)
    said = page.tab.locator("#said")
    said.get_by_text(re.compile("^odd<i>")).wait_for()
    # The one line that the browser itself writes of every refusal.
    assert len(page.said) == 1
    assert "400 (Bad Request)" in page.said.pop()
    page.example("cat")
    page.sees("Draft")


def test_every_width_light_and_dark(page: Page) -> None:
    page.example("town")
    page.sees(r"in [\d.]+ s")
    for width, scheme in itertools.product((360, 820, 1920), ("light", "dark")):
        page.tab.emulate_media(color_scheme=scheme)
        page.tab.set_viewport_size({"width": width, "height": 900})
        assert page.tab.evaluate("document.documentElement.scrollWidth") == width
        assert page.tab.evaluate("document.querySelector('.scroll').scrollWidth") <= width
        button = page.tab.get_by_role("button", name="Paint", exact=True).bounding_box()
        assert button is not None
        assert 0 <= button["x"] <= button["x"] + button["width"] <= width
        if folder := os.environ.get("ARTGEN_SHOTS"):
            page.tab.wait_for_timeout(300)
            page.tab.screenshot(path=Path(folder, f"studio-{width}-{scheme}.png"))
    page.tab.set_viewport_size({"width": 360, "height": 900})
    for tab in ("See", "Film", "Texture", "Dream", "Fast", "Explore", "Style"):
        page.tab.get_by_role("tab", name=tab).click()
        page.tab.locator("details.all summary").click()
        assert page.tab.evaluate("document.documentElement.scrollWidth") == 360, tab


def test_by_keyboard_alone(page: Page) -> None:
    page.example("frog")
    page.sees(r"in [\d.]+ s")
    page.tab.get_by_role("tab", name="Style").focus()
    page.tab.keyboard.press("ArrowRight")
    assert page.tab.evaluate("document.activeElement.id") == "tab-fast"
    page.tab.keyboard.press("ArrowLeft")
    page.tab.locator("[data-style='style:wave']").focus()
    page.tab.keyboard.press("Space")
    page.sees("wave", ".weights")
    assert page.tab.evaluate("document.activeElement.dataset.style") == "style:wave"
    assert page.tab.evaluate(NAMELESS) == []

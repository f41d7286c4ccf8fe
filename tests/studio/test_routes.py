"""What can be asked, asked without a worker: the page, pictures, and nothing outside of them."""

from __future__ import annotations

import errno
import os
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from clips import drifting, film_file
from starlette.testclient import TestClient

from artgen import images
from artgen.runs.presets import Preset
from artgen.runs.recipes import Origin, Recipe
from artgen.studio import routes, server
from artgen.studio.events import Events
from artgen.studio.folder import Folder
from artgen.studio.history import Entry, History
from artgen.studio.orders import Order
from artgen.studio.pictures import MOST_PIXELS, PictureStore
from artgen.studio.queue import JobQueue

from .test_pictures import png_of

TOKEN, PORT = "token", 4321
ADDRESS = f"http://127.0.0.1:{PORT}"
OWN = {"Cookie": f"artgen-{PORT}={TOKEN}", "Origin": ADDRESS}
STYLE = {
    "technique": "style",
    "pictures": {"content": ["example:frog"], "style": ["style:starry"]},
}


@pytest.fixture
def events() -> Events:
    return Events()


@pytest.fixture
def job_queue(
    studio_folder: Folder, history: History, store: PictureStore, events: Events
) -> JobQueue:
    """One that nobody works for."""
    return JobQueue(studio_folder, history, store, events.tell)


@pytest.fixture
def client(job_queue: JobQueue, store: PictureStore, events: Events) -> Iterator[TestClient]:
    app = server.Studio(job_queue, store, events).app(TOKEN, PORT)
    with TestClient(app, base_url=ADDRESS, headers=OWN, raise_server_exceptions=False) as found:
        yield found


def finished(history: History, folder: Folder, picture: torch.Tensor, order: Order) -> int:
    """A job that was made, with two pictures."""
    asked = (order.technique, order.settings, order.pictures, order.seed)
    entry = history.add(Entry(0, 0.0, "done", *asked, "frög, oil", "frög-oil", 0.0))
    history.put(replace(entry, files=["picture", "proof"], width=67, height=49, scalable=True))
    folder.made(entry.id).mkdir()
    for number in range(2):
        images.save(picture, folder.made(entry.id) / f"{number}.png", recipe="technique = 'x'")
    return entry.id


def test_the_page_and_its_parts(client: TestClient) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    kinds = {"main.js": "text/javascript", "studio.css": "text/css", "icon.svg": "image/svg+xml"}
    for name, kind in kinds.items():
        part = client.get(f"/page/{name}")
        assert part.headers["content-type"].startswith(kind)
        assert part.headers["x-content-type-options"] == "nosniff"
    assert "style=" not in page.text, "the policy forbids it"
    for name, content in routes.page().items():
        assert b"https://" not in content, f"{name} asks the network for something"


@pytest.mark.parametrize(
    "address",
    [
        "/page/../server.py",
        "/page/..%2fserver.py",
        "/page/%2e%2e/server.py",
        "/page//etc/passwd",
        "/page/nothing.js",
        "/history.sqlite",
        "/made/1/0.png",
        "/made/../history.sqlite",
        "/made/1/..%2f..%2fhistory.sqlite",
        "/given/x.png",
        "/picture?of=style:starry&side=999",
        "/picture?of=style:starry",
        "/draft/1.jpg",
        "/live/1.jpg",
        "/api/jobs/1/command",
        "/docs",
    ],
)
def test_nothing_else_is_served(client: TestClient, address: str) -> None:
    assert client.get(address).status_code in (404, 405)


@pytest.mark.parametrize("of", ["style:../../x", "file:///etc/passwd", "upload:..", "made:1", ""])
def test_a_picture_that_is_none(client: TestClient, of: str) -> None:
    answer = client.get("/picture", params={"of": of, "side": "240"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "A picture that was asked for is gone."


def test_an_upload(client: TestClient, photo: torch.Tensor, studio_folder: Folder) -> None:
    content = images.encode_png(photo)
    name = {"X-Name": "..%2F..%2Fm%C3%BCll%3Cb%3E.jpg"}
    answer = client.post("/api/pictures", content=content, headers=name)
    assert answer.status_code == 201
    given = answer.json()
    assert (given["name"], given["width"], given["height"]) == ("müll<b>.png", 67, 49)
    assert [one.parent for one in studio_folder.root.rglob("*.png")] == [studio_folder.uploads]
    small = client.get("/picture", params={"of": given["of"], "side": "240"})
    assert small.headers["content-type"] == "image/jpeg"
    assert small.content.startswith(b"\xff\xd8")


def test_a_film_is_dropped_and_a_frame_of_it_taken(
    client: TestClient, studio_folder: Folder, tmp_path: Path
) -> None:
    content = film_file(tmp_path / "a.mp4", drifting(5)).read_bytes()
    name = {"X-Name": "..%2Fm%C3%BCll.mov"}
    given = client.post("/api/films", content=content, headers=name)
    assert given.status_code == 201
    facts = {"name": "müll.mp4", "frames": 5, "rate": 12.0, "width": 64, "height": 48}
    assert facts.items() <= given.json().items()
    of = given.json()["of"].removeprefix("upload:")
    assert client.get(f"/api/films/{of}").json() == given.json()
    frame = client.get("/picture", params={"of": f"frame:{of}-3", "side": "1280"})
    assert frame.content.startswith(b"\xff\xd8")
    whole = client.get(f"/frame/{of}-3.png")
    assert whole.headers["content-disposition"].endswith("''m%C3%BCll%203.png")
    assert whole.content.startswith(b"\x89PNG")
    for none in (f"/frame/{of}-5.png", "/frame/..%2f..%2fx.png", "/frame/x-1.png"):
        assert client.get(none).status_code in (400, 404)
    assert client.get("/api/films/none").status_code == 404
    key = {"technique": "fast_follow", "pictures": {"film": [f"upload:{of}"]}}
    refused = client.post("/api/jobs", json=key).json()
    assert refused["error"] == "There is no painted frame yet."
    added = client.post("/api/jobs", json={**key, "settings": {"key": ["3=example:town"]}})
    assert added.json()["title"] == "müll, fast follow"
    said = client.get(f"/api/jobs/{added.json()['id']}/command").json()["command"]
    assert shlex.split(said)[-1] == "müll-fast-follow.mp4"


def test_a_film_that_was_made(
    client: TestClient, history: History, studio_folder: Folder, tmp_path: Path
) -> None:
    entry = history.add(Entry(0, 0.0, "done", "fast_follow", {}, {}, 0, "a", "a", 0.0))
    history.put(replace(entry, files=["film", "key"], width=64, height=48))
    studio_folder.made(entry.id).mkdir()
    film = film_file(studio_folder.made(entry.id) / "0.mp4", drifting(5)).read_bytes()
    address = f"/made/{entry.id}/0"
    whole = client.get(f"{address}.mp4?download")
    assert (whole.headers["content-type"], whole.content) == ("video/mp4", film)
    assert whole.headers["content-disposition"] == "attachment; filename*=UTF-8''a.mp4"
    part = client.get(f"{address}.mp4", headers={"Range": "bytes=4-7"})
    assert (part.status_code, part.content) == (206, b"ftyp")  # a player seeks
    for none in (f"{address}.png", f"{address}.webm", f"/made/{entry.id}/1.png"):
        assert client.get(none).status_code == 404
    small = client.get("/picture", params={"of": f"made:{entry.id}", "side": "240"})
    assert small.content.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    ("content", "why"),
    [(b"", "no film"), (b"#EXTM3U\nfile:///etc/passwd", "no film"), (bytes(99), "no film")],
)
def test_a_film_that_is_refused(
    client: TestClient, studio_folder: Folder, content: bytes, why: str
) -> None:
    answer = client.post("/api/films", content=content, headers={"X-Name": "a<b>.mp4"})
    assert (answer.status_code, why in answer.json()["error"]) == (400, True)
    assert answer.json()["error"].startswith("a<b>")
    assert list(studio_folder.uploads.iterdir()) == []


@pytest.mark.parametrize("kind", ["pictures", "films"])
@pytest.mark.parametrize("said", [True, False])
def test_an_upload_of_too_many_bytes(
    client: TestClient,
    studio_folder: Folder,
    monkeypatch: pytest.MonkeyPatch,
    said: bool,
    kind: str,
) -> None:
    for one in ("MOST_BYTES", "MOST_CLIP_BYTES"):
        monkeypatch.setattr(routes, one, 1 << 16)
    taken = 0

    def body() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += 1
            yield bytes(1 << 13)

    content: Any = bytes(1 << 17) if said else body()
    answer = client.post(f"/api/{kind}", content=content)
    assert answer.status_code == 400
    assert "more than 0.0625 MB" in answer.json()["error"]
    assert list(studio_folder.uploads.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"<script>", png_of(2 * MOST_PIXELS, 1)])
def test_an_upload_that_is_refused(
    client: TestClient, content: bytes, studio_folder: Folder
) -> None:
    answer = client.post("/api/pictures", content=content, headers={"X-Name": "a.png"})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("a")
    assert str(studio_folder.root) not in answer.text
    assert list(studio_folder.uploads.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "cannot be read"),
        (b"[]", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b"[" * 60_000, "cannot be read"),
        (b" " * (65 << 10), "more than 0.0625 MB"),
        (b'{"technique": "style", "begin_with": 5}', "cannot be read"),
        (b'{"technique": "see_map"}', "no technique"),
    ],
)
def test_orders_that_are_none(client: TestClient, body: bytes, why: str) -> None:
    answer = client.post("/api/jobs", content=body)
    assert answer.status_code == 400
    assert why in answer.json()["error"]


def test_the_queue(client: TestClient, job_queue: JobQueue) -> None:
    made = client.post("/api/jobs", json=STYLE)
    assert made.status_code == 201
    job = made.json()["id"]
    assert made.json()["title"] == "frog, starry"
    assert client.post(f"/api/jobs/{job}/pause").json()["error"] == "This job is waiting now."
    assert client.post(f"/api/jobs/{job}/explode").status_code == 404
    assert client.get(f"/api/jobs/{job}/command").json()["command"].startswith("artgen style ")
    assert client.delete(f"/api/jobs/{job}").status_code == 202
    assert client.delete(f"/api/jobs/{job}").status_code == 400
    drafted = client.post("/api/drafts", json={**STYLE, "page": "p"}).json()
    assert drafted["number"] == 1
    instead = drafted["instead"]
    assert instead["technique"] == "fast_apply", "a draft says if another technique makes it"
    assert client.post("/api/jobs", json=instead).status_code == 201, "and it can be kept"
    none = {"technique": "see_kernels", "page": "p"}
    assert client.post("/api/drafts", json=none).json() == {"number": 0, "instead": None}
    assert "techniques" in client.get("/api/controls").json()


def test_what_was_made(
    client: TestClient,
    history: History,
    studio_folder: Folder,
    photo: torch.Tensor,
    order: Order,
    tmp_path: Path,
) -> None:
    job = finished(history, studio_folder, photo, order)
    shown = client.get(f"/made/{job}/0.png")
    assert shown.headers["content-disposition"].startswith("inline")
    loaded = client.get(f"/made/{job}/1.png?download")
    said = loaded.headers["content-disposition"]
    assert said == "attachment; filename*=UTF-8''fr%C3%B6g-oil-proof.png"
    (tmp_path / "loaded.png").write_bytes(loaded.content)
    assert images.read_recipe(tmp_path / "loaded.png") == "technique = 'x'"
    assert client.get(f"/made/{job}/2.png").status_code == 404
    larger = client.post(f"/api/jobs/{job}/larger").json()
    assert larger["settings"]["size"] == 134
    assert client.post(f"/api/jobs/{job}/cell", json={"number": 1, "size": 64}).status_code == 400
    assert client.post(f"/api/jobs/{job}/cell", json={"number": "x"}).status_code == 400
    onward = client.post("/api/jobs", json={**STYLE, "begin_with": f"made:{job}"})
    assert onward.json()["settings"]["init"].startswith("upload:")


def test_settings_and_styles_of_a_picture_become_a_preset(
    client: TestClient,
    history: History,
    studio_folder: Folder,
    photo: torch.Tensor,
    order: Order,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("artgen.runs.presets.own_folder", lambda: tmp_path)
    job = finished(history, studio_folder, photo, order)
    made = studio_folder.made(job) / "0.png"
    settings = {"strength": 30.0, "coherence": 50.0}
    recipe = Recipe("style", settings, inputs=[Origin("style", "oil.png")])
    made.write_bytes(images.encode_png(photo, recipe=recipe.dumps()))
    answer = client.post(f"/api/jobs/{job}/preset", json={"name": "dusk"})
    assert (answer.status_code, answer.json()) == (201, {"offered": False}), (
        "a painting of one's own"
    )
    saved = Preset.read(tmp_path / "dusk.toml")
    assert saved.settings == settings
    assert (tmp_path / "oil.png").read_bytes()
    gone = replace(recipe, inputs=[Origin("style", "gone.png")])
    made.write_bytes(images.encode_png(photo, recipe=gone.dumps()))
    answer = client.post(f"/api/jobs/{job}/preset", json={"name": "lost"})
    assert answer.json()["error"] == "The painting gone.png is gone."
    again = client.post(f"/api/jobs/{job}/preset", json={"name": "dusk"})
    assert "already" in again.json()["error"]
    for name in ("../dusk", "", 5, None):
        assert client.post(f"/api/jobs/{job}/preset", json={"name": name}).status_code == 400
    assert [one.name for one in tmp_path.glob("*.toml")] == ["dusk.toml"]


def test_a_mistake_of_ours_is_one_sentence(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "controls", lambda: 1 / 0)
    answer = client.get("/api/controls")
    assert answer.status_code == 500
    assert answer.json()["error"].startswith("Something went wrong that should not")


@pytest.mark.parametrize(
    "body",
    [
        b'{"technique": "style", "seed": 9223372036854775808}',
        b'{"technique": "style", "seed": -1}',
        b'{"technique": "style", "seed": ' + b"9" * 5000 + b"}",
        b'{"technique": "style", "settings": {"size": 9223372036854775808}}',
        b'{"technique": "style", "settings": {"strength": 1e400}}',
        b'{"technique": "style", "settings": {"strength": NaN}}',
        b'{"technique": "style", "settings": {"net": "\\ud800"}}',
        b'{"technique": "style", "settings": {"\\udfff": 1}}',
        b'{"technique": "\\ud800"}',
        b'{"technique": "style", "pictures": {"content": ["upload:\\ud800"]}}',
    ],
)
def test_what_cannot_be_stored_is_not_added(
    client: TestClient, job_queue: JobQueue, body: bytes
) -> None:
    pictures = b'{"pictures": {"content": ["example:frog"], "style": ["style:starry"]}, '
    whole = pictures + body[1:] if b"pictures" not in body else body
    for address in ("/api/jobs", "/api/drafts"):
        answer = client.post(address, content=whole)
        assert answer.status_code == 400
        assert "cannot be read" in answer.json()["error"]
    assert job_queue.history.entries() == []


@pytest.mark.parametrize("number", [str(2**63), "9" * 5000])
def test_numbers_that_no_job_has(client: TestClient, number: str) -> None:
    for address in (f"/api/jobs/{number}/command", f"/made/{number}/0.png", f"/draft/{number}.jpg"):
        assert client.get(address).status_code == 404
    assert client.delete(f"/api/jobs/{number}").status_code == 404
    answer = client.get("/picture", params={"of": f"made:{number}", "side": "240"})
    assert answer.status_code == 400


def full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_one_sentence_without_paths(
    client: TestClient,
    job_queue: JobQueue,
    studio_folder: Folder,
    photo: torch.Tensor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    upload = images.encode_png(photo)
    monkeypatch.setattr(Path, "open", full)
    answers = [client.post("/api/pictures", content=upload)]
    monkeypatch.undo()
    monkeypatch.setattr("artgen.core.files._put", full)
    answers.append(client.get("/picture", params={"of": "example:frog", "side": "240"}))
    monkeypatch.undo()

    base = job_queue.history._base
    (pages,) = base.execute("PRAGMA page_count").fetchone()
    base.execute(f"PRAGMA max_page_count = {pages}")
    order = {**STYLE, "settings": {"iterations": 5, "net": "tiny"}}
    while (answer := client.post("/api/jobs", json=order)).status_code == 201:
        assert len(job_queue.history.entries()) < 1000
    answers.append(answer)
    for answer in answers:
        assert answer.status_code in (400, 507)
        assert "There is no room" in answer.json()["error"]
        assert str(studio_folder.root) not in answer.text

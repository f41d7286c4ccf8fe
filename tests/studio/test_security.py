"""Every rule of who may ask: each request here breaks one of them and no other."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from artgen.studio.security import HEADERS, RequestFilter

TOKEN, PORT = "the-token", 4321
ADDRESS = f"http://127.0.0.1:{PORT}"
COOKIE = {"Cookie": f"artgen-{PORT}={TOKEN}"}


def said(request: Request) -> PlainTextResponse:
    return PlainTextResponse("let through")


@pytest.fixture
def client() -> TestClient:
    routes = [Route("/{rest:path}", said, methods=["GET", "POST", "DELETE"])]
    return TestClient(RequestFilter(Starlette(routes=routes), TOKEN, PORT), base_url=ADDRESS)


def test_the_token_in_the_address_becomes_a_cookie(client: TestClient) -> None:
    assert client.get("/").status_code == 403
    first = client.get(f"/?token={TOKEN}")
    assert first.status_code == 200
    cookie = first.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", f"artgen-{PORT}="))
    assert client.get("/").status_code == 200, "the client keeps cookies"
    assert client.get("/page/main.js").status_code == 200
    assert "set-cookie" not in client.get("/").headers


@pytest.mark.parametrize("token", ["", "the-toke", "the-token2", "THE-TOKEN", "%C3%A9", "a&token="])
def test_another_token_is_none(client: TestClient, token: str) -> None:
    answer = client.get(f"/?token={token}")
    assert answer.status_code == 403
    assert "carries a token" in answer.text
    assert TOKEN not in answer.text + str(answer.headers)


def test_the_token_counts_in_the_address_of_the_page_alone(client: TestClient) -> None:
    assert client.get(f"/api/controls?token={TOKEN}").status_code == 403


@pytest.mark.parametrize(
    "cookie",
    ["", f"artgen-{PORT}=", f"artgen-{PORT}=wrong", f"artgen-1={TOKEN}", f"artgen={TOKEN}", "=;="],
)
def test_another_cookie_is_none(client: TestClient, cookie: str) -> None:
    assert client.get("/api/controls", headers={"Cookie": cookie}).status_code == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        f"evil.example:{PORT}",
        "127.0.0.1",
        "127.0.0.1:80",
        f"127.0.0.1.x:{PORT}",
        f"0.0.0.0:{PORT}",
        f"[::1]:{PORT}",
        "",
    ],
)
def test_another_host_is_refused(client: TestClient, host: str) -> None:
    for address in ("/", f"/?token={TOKEN}"):
        assert client.get(address, headers={**COOKIE, "Host": host}).status_code == 403


def test_localhost_is_this_host(client: TestClient) -> None:
    here = {**COOKIE, "Host": f"localhost:{PORT}"}
    assert client.get("/", headers=here).status_code == 200
    mine = {**here, "Origin": f"http://localhost:{PORT}"}
    assert client.post("/api/jobs", headers=mine).status_code == 200
    assert client.post("/api/jobs", headers={**here, "Origin": ADDRESS}).status_code == 403


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://evil.example",
        f"https://127.0.0.1:{PORT}",
        "http://127.0.0.1:80",
        "",
        f"http://localhost:{PORT}",
        f"{ADDRESS}.evil.example",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_another_origin_is_refused(client: TestClient, method: str, origin: str) -> None:
    answer = client.request(method, "/api/jobs", headers={**COOKIE, "Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_change_needs_an_origin(client: TestClient, method: str) -> None:
    assert client.request(method, "/api/jobs", headers=COOKIE).status_code == 403
    mine = {**COOKIE, "Origin": ADDRESS}
    assert client.request(method, "/api/jobs", headers=mine).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_is_refused(client: TestClient, site: str) -> None:
    there = {**COOKIE, "Sec-Fetch-Site": site}
    assert client.get("/made/1/0.png", headers=there).status_code == 403
    assert client.get("/", headers=there).status_code == 403
    assert client.get(f"/?token={TOKEN}", headers=there).status_code == 200, "a link that has it"


def test_every_answer_has_the_headers(client: TestClient) -> None:
    for address in ("/", f"/?token={TOKEN}", "/page/main.js"):
        found = client.get(address).headers
        for name, value in HEADERS.items():
            assert found[name] == value
    policy = HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "http" not in policy


def test_no_web_socket(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/", headers=COOKIE):
        pass


def test_a_code_is_good_for_one_request_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    routes = [Route("/{rest:path}", said, methods=["GET", "HEAD"])]
    app = RequestFilter(Starlette(routes=routes), TOKEN, PORT)

    def asked(code: str, path: str = "/", method: str = "GET", **headers: str) -> int:
        client = TestClient(app, base_url=ADDRESS, headers=headers)  # without any cookie
        return client.request(method, path, params={"code": code}).status_code

    code = app.once()
    assert asked(code, "/api/controls") == 403
    assert asked(code, method="HEAD") == 403
    assert asked(code, Host="evil.example") == 403
    assert asked(code, Origin="http://evil.example") == 403
    client = TestClient(app, base_url=ADDRESS)
    first = client.get("/", params={"code": code})
    assert first.status_code == 200
    assert f"artgen-{PORT}={TOKEN}" in first.headers["set-cookie"]
    assert client.get("/api/controls").status_code == 200
    assert asked(code) == 403, "it was used"
    assert asked("") == 403
    late = app.once()
    monkeypatch.setattr("artgen.studio.security.time.monotonic", lambda: 1e12)
    assert asked(late) == 403

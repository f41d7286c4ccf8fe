"""Which requests are allowed, and the security headers of every answer.

Any page that the user has open, and any program on the machine, can send requests to 127.0.0.1. So
each request must carry a token that only the user's browser knows; must be addressed to this
server, not to a name made to resolve to it (DNS rebinding); and must not come from another page.
"""

from __future__ import annotations

import secrets
import time
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["HEADERS", "HOST", "LASTS", "RequestFilter"]

HOST = "127.0.0.1"
LASTS = 120.0  # seconds that a browser has to start and to use its code
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; media-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
READS = ("GET", "HEAD")


class RequestFilter:
    """Checks requests before an application gets them.

    Args:
        app: the application.
        token: that a request has to carry, as a cookie; the page gets it in its address.
        port: of the server.
    """

    def __init__(self, app: ASGIApp, token: str, port: int) -> None:
        self.app, self.token = app, token
        self.hosts = {f"{HOST}:{port}", f"localhost:{port}"}
        self._codes: dict[str, float] = {}  # not used yet -> when they end
        self.cookie = f"artgen-{port}"  # a host's cookies are shared by all its ports

    def once(self) -> str:
        """A code that takes the token's place in one request of the page, within LASTS seconds.

        For a browser's command line, which other users of the machine can read.
        """
        code = secrets.token_urlsafe(24)
        self._codes[code] = time.monotonic() + LASTS
        return code

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # web sockets are not used
            await send({"type": "websocket.close", "code": 1008})
            return
        given = parse_qs(scope["query_string"].decode("latin-1"))
        code = given.get("code", [""])[0] if scope["method"] == "GET" else ""
        known = self._same(given.get("token", [""])[0]) or self._valid(code)
        fresh = scope["path"] == "/" and known

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if fresh:
                    cookie = f"{self.cookie}={self.token}; Path=/; HttpOnly; SameSite=Strict"
                    headers.append("Set-Cookie", cookie)
            await send(message)

        why = self._refused(scope, fresh)
        if fresh and not why:
            self._codes.pop(code, None)  # it was good for this once
        inner = PlainTextResponse(why + "\n", 403) if why else self.app
        await inner(scope, receive, answer)

    def _refused(self, scope: Scope, fresh: bool) -> str:
        """Why a request is refused; empty if it is not."""
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if host not in self.hosts:
            return "This address is not artgen studio's."
        if origin is None and scope["method"] not in READS:
            return "A change is taken from a page only."
        if origin is not None and origin != f"http://{host}":
            return "Requests of other pages are refused."
        # With the token in the address a request may come from anywhere: a terminal, a mail.
        if not fresh and headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return "Requests of other pages are refused."
        if not (fresh or self._same(self._cookie(headers))):
            return "Open the address that artgen studio has printed: it carries a token."
        return ""

    def _cookie(self, headers: Headers) -> str:
        try:
            found = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return ""
        return found.value if found else ""

    def _valid(self, code: str) -> bool:
        return self._codes.get(code, 0.0) > time.monotonic()

    def _same(self, token: str) -> bool:
        return secrets.compare_digest(token.encode(), self.token.encode())

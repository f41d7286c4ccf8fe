"""A web server on this machine that does what it is told: it cuts off, refuses and resumes."""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler

from artgen.networks import weights
from artgen.networks.vgg_blocks import torchvision_convolutions

from .toys import DEPTHS


@dataclass
class Site:
    """What the server does; `seen` is what it was asked."""

    content: bytes
    etag: str = '"one"'
    cuts: list[int] = field(default_factory=list)  # bytes of the next answers before they break off
    answers: list[int] = field(default_factory=list)  # status codes of the next answers
    ranges: bool = True
    gate: threading.Event | None = None
    seen: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    base: str = ""

    def source(self, **changes: object) -> weights.Source:
        digest = hashlib.sha256(self.content).hexdigest()[:8]
        source = weights.Source(
            licence="CC BY 4.0",
            url=f"{self.base}/models/toy-{digest}.pth",
            size=len(self.content),
            digest=digest,
            convert=torchvision_convolutions(DEPTHS),
        )
        return replace(source, **changes)


class Handler(BaseHTTPRequestHandler):
    site: Site

    def do_GET(self) -> None:
        site = self.site
        asked, condition = self.headers["Range"], self.headers["If-Range"]
        site.seen.append((self.path, asked, condition))
        if site.gate:
            site.gate.wait(10)
        if (site.answers and (code := site.answers.pop(0)) != 200) or (
            "/models/" not in self.path and (code := 404)
        ):
            return self.send_error(code)
        start = 0
        if asked and site.ranges and condition in (None, site.etag):
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        if start >= len(site.content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(site.content)}")
            return self.end_headers()
        body, total = site.content[start:], len(site.content)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{total - 1}/{total}")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", site.etag)
        self.end_headers()
        self.wfile.write(body[: site.cuts.pop(0)] if site.cuts else body)

    def log_message(self, format: str, *args: object) -> None:
        pass

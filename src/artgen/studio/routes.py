"""The addresses of the studio's server: the page, pictures by reference, and the queue."""

from __future__ import annotations

import mimetypes
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from json import loads
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from starlette.concurrency import run_in_threadpool
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from artgen.core.files import FULL
from artgen.errors import ArtgenError, UsageError, explained
from artgen.studio import orders
from artgen.studio.clips import MOST_CLIP_BYTES
from artgen.studio.command_line import spoken
from artgen.studio.controls import controls, painter_styles, save_as_preset
from artgen.studio.events import Events
from artgen.studio.folder import FILM, Folder
from artgen.studio.history import Entry, Upload
from artgen.studio.kinds import FOLLOW
from artgen.studio.orders import Order
from artgen.studio.pictures import MOST_BYTES, SIDES, PictureStore
from artgen.studio.queue import JobQueue
from artgen.studio.running import shown

__all__ = ["Routes", "refusing"]

MOST_JSON = 64 << 10  # bytes of a request that is no picture
LASTING = {"Cache-Control": "private, max-age=3600"}  # numbers and keys are never used again
ACTIONS = ("pause", "stop", "continue")
TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".html": "text/html",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".mp4": "video/mp4",
}


@cache
def page() -> dict[str, bytes]:
    """The files of the page: no other file is ever read by a name in a request."""
    folder = resources.files("artgen.studio") / "page"
    return {one.name: one.read_bytes() for one in folder.iterdir() if one.is_file()}


def refusing(folder: Folder) -> Callable[[Request, Exception], Response]:
    """A handler that answers an error by one sentence and what to do about it, without paths."""

    def refused(_: Request, error: Exception) -> Response:
        status = 400 if isinstance(error, ArtgenError) else 500
        if isinstance(error, OSError) and error.errno in FULL:
            status, error = 507, ArtgenError("There is no room on the disk.", "Free some space.")
        hint = error.hint if isinstance(error, ArtgenError) else ""
        message = error.message if isinstance(error, ArtgenError) else explained(error)
        told = {"error": folder.unnamed(message), "hint": folder.unnamed(hint)}
        return JSONResponse(told, status)

    return refused


class _Number(Convertor[int]):
    """A number in an address; longer ones are no address of ours."""

    regex = "[0-9]{1,15}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", _Number())


@dataclass(frozen=True)
class Routes:
    """The request handlers of one studio."""

    job_queue: JobQueue
    store: PictureStore
    events: Events

    def all(self) -> list[Route]:
        """All routes."""
        job = "/api/jobs/{job:number}"
        return [
            Route("/", self.index),
            Route("/page/{name}", self.file),
            Route("/picture", self.picture),
            Route("/draft/{number:number}.jpg", self.draft),
            Route("/live/{number:number}.jpg", self.live),
            Route("/made/{job:number}/{number:number}.{suffix}", self.made),
            Route("/frame/{of}.png", self.frame),
            Route("/api/controls", self.controls),
            Route("/api/events", self.stream),
            Route("/api/pictures", self.take, methods=["POST"]),
            Route("/api/films", self.take_clip, methods=["POST"]),
            Route("/api/films/{of}", self.clip),
            Route("/api/drafts", self.add_draft, methods=["POST"]),
            Route("/api/jobs", self.add, methods=["POST"]),
            Route(job, self.remove, methods=["DELETE"]),
            Route(f"{job}/command", self.command),
            Route(f"{job}/larger", self.larger, methods=["POST"]),
            Route(f"{job}/cell", self.cell, methods=["POST"]),
            Route(f"{job}/preset", self.save_preset, methods=["POST"]),
            Route(f"{job}/{{what}}", self.ask, methods=["POST"]),
        ]

    def index(self, request: Request) -> Response:
        """The page."""
        return Response(page()["index.html"], media_type="text/html")

    def file(self, request: Request) -> Response:
        """A part of the page."""
        name = request.path_params["name"]
        if name not in page():
            raise HTTPException(404)
        kind = TYPES.get(Path(name).suffix) or mimetypes.guess_type(name)[0]
        return Response(page()[name], media_type=kind)

    def controls(self, request: Request) -> Response:
        """The description of techniques, styles and presets that the page is built from."""
        return JSONResponse(controls())

    async def stream(self, request: Request) -> Response:
        """The stream of server-sent events."""
        events = self.events.stream(self.job_queue.state)
        return StreamingResponse(events, media_type="text/event-stream")

    def picture(self, request: Request) -> Response:
        """A reduced copy of a picture."""
        side = request.query_params.get("side", "")
        if side not in map(str, SIDES):
            raise HTTPException(404)
        path = self.store.copy(request.query_params.get("of", ""), int(side))
        return FileResponse(path, media_type="image/jpeg", headers=LASTING)

    def draft(self, request: Request) -> Response:
        """A recent draft, by its number."""
        jpeg = self.job_queue.drafts.jpeg(request.path_params["number"])
        if not jpeg:
            raise HTTPException(404)
        return Response(jpeg, media_type="image/jpeg")

    def live(self, request: Request) -> Response:
        """A preview of the running job; the number in the address only defeats the cache."""
        if not self.job_queue.live:
            raise HTTPException(404)
        return Response(self.job_queue.live, media_type="image/jpeg")

    def frame(self, request: Request) -> Response:
        """A frame of an uploaded film, whole, to be painted by hand."""
        found = self.store.find(f"frame:{request.path_params['of']}")
        return FileResponse(found.path, media_type="image/png", headers=_saved(found.name))

    def made(self, request: Request) -> Response:
        """A finished picture or film, as it was written: with its recipe."""
        entry, number = self._entry(request), request.path_params["number"]
        if number >= len(entry.files):
            raise HTTPException(404)
        path = self.store.folder.result(entry.id, number, entry.files[number])
        if path.suffix != f".{request.path_params['suffix']}" or not path.is_file():
            raise HTTPException(404)
        name = entry.stem + (f"-{entry.files[number]}" if number else "") + path.suffix
        how = "attachment" if "download" in request.query_params else "inline"
        headers = LASTING | _saved(name, how)
        return FileResponse(path, media_type=TYPES[path.suffix], headers=headers)

    async def take(self, request: Request) -> Response:
        """An upload of a picture: the body is the file, a header has its name."""
        upload = await self._taken(request, MOST_BYTES, self.store.take)
        return JSONResponse({**asdict(upload), "of": f"upload:{upload.id}"}, 201)

    async def take_clip(self, request: Request) -> Response:
        """An upload of a film."""
        upload = await self._taken(request, MOST_CLIP_BYTES, self.store.take_clip)
        return JSONResponse(await run_in_threadpool(self._clip, upload), 201)

    async def _taken(
        self, request: Request, most: int, take: Callable[[Path, str], Upload]
    ) -> Upload:
        """Receive an upload of so many bytes at most, and take it."""
        name = unquote(request.headers.get("x-name", ""), errors="replace")[:255]
        part = self.store.new()
        try:
            with part.open("xb") as file:
                async for block in _bounded(request, most):
                    file.write(block)
            return await run_in_threadpool(take, part, name)
        finally:
            part.unlink(missing_ok=True)

    def clip(self, request: Request) -> Response:
        """What is known of an uploaded film."""
        upload = self.store.history.upload(request.path_params["of"])
        if upload is None:
            raise HTTPException(404)
        return JSONResponse(self._clip(upload))

    def _clip(self, upload: Upload) -> dict[str, Any]:
        of = f"upload:{upload.id}"
        return {**asdict(upload), "of": of, **asdict(self.store.facts(of))}

    async def add(self, request: Request) -> Response:
        """Add a job, which may start from another job's picture."""
        table = await _table(request)
        begin_with = table.pop("begin_with", "")
        if not isinstance(begin_with, str):
            raise UsageError("The page asked for something that cannot be read.", "Reload it.")
        order = Order.read(table)
        return await self._added(lambda: self.job_queue.add(order, begin_with=begin_with))

    async def add_draft(self, request: Request) -> Response:
        """Request a draft."""
        table = await _table(request)
        page, order = str(table.pop("page", "")), Order.read(table)
        number, instead = await run_in_threadpool(
            lambda: self.job_queue.add_draft(order, painter_styles(), page)
        )
        return JSONResponse({"number": number, "instead": instead and asdict(instead)}, 202)

    async def ask(self, request: Request) -> Response:
        """Pause, stop and keep, or continue a job."""
        what = request.path_params["what"]
        if what not in ACTIONS:
            raise HTTPException(404)
        await run_in_threadpool(self.job_queue.ask, request.path_params["job"], what)
        return JSONResponse({}, 202)

    def remove(self, request: Request) -> Response:
        """Remove a job from the queue, or from the history."""
        self.job_queue.remove(request.path_params["job"])
        return JSONResponse({}, 202)

    def command(self, request: Request) -> Response:
        """The command line that makes the same picture."""
        entry = self._entry(request)
        out = self.store.folder.result(0, 0, FILM if entry.technique == FOLLOW else "")
        written = spoken(Order.of(entry), self.store, f"{entry.stem}{out.suffix}")
        return JSONResponse({"command": written})

    async def larger(self, request: Request) -> Response:
        """Add a job for the same picture, twice as large."""
        entry = self._entry(request)
        size = (entry.height, entry.width)
        return await self._added(lambda: self.job_queue.add(orders.larger(Order.of(entry), size)))

    async def cell(self, request: Request) -> Response:
        """Add a job for a cell of a sheet, in full."""
        entry, table = self._entry(request), await _table(request)
        number, size = table.get("number"), table.get("size")
        if not isinstance(number, int) or not isinstance(size, int):
            raise UsageError("The page asked for something that cannot be read.", "Reload it.")
        return await self._added(
            lambda: self.job_queue.add(orders.cell(Order.of(entry), number, size, self.store))
        )

    async def save_preset(self, request: Request) -> Response:
        """Save a job's settings and styles as a preset of the user's own."""
        entry, table = self._entry(request), await _table(request)
        name = table.get("name")
        if not isinstance(name, str):
            raise UsageError("The page asked for something that cannot be read.", "Reload it.")
        made, order = self.store.find(f"made:{entry.id}"), Order.of(entry)
        offered = await run_in_threadpool(lambda: save_as_preset(name, order, made, self.store))
        return JSONResponse({"offered": offered}, 201)

    async def _added(self, add: Callable[[], Entry]) -> Response:
        return JSONResponse(shown(await run_in_threadpool(add)), 201)

    def _entry(self, request: Request) -> Entry:
        entry = self.job_queue.history.entry(request.path_params["job"])
        if entry is None:
            raise HTTPException(404)
        return entry


def _saved(name: str, how: str = "attachment") -> dict[str, str]:
    """The header that gives a file its name when it is saved."""
    return {"Content-Disposition": f"{how}; filename*=UTF-8''{quote(name)}"}


async def _bounded(request: Request, most: int) -> AsyncIterator[bytes]:
    """The body of a request, refused as soon as it is longer than allowed."""
    said = request.headers.get("content-length", "0")
    size = int(said) if said.isdecimal() else 0
    if size <= most:
        size = 0
        async for block in request.stream():
            size += len(block)
            if size > most:
                break
            yield block
    if size > most:
        raise UsageError(f"That is more than {most / 2**20:g} MB.", "Make it smaller first.")


async def _table(request: Request) -> dict[str, Any]:
    """The body as a JSON object."""
    body = b"".join([block async for block in _bounded(request, MOST_JSON)])
    try:
        table = loads(body or b"{}")
        sound = isinstance(table, dict) and _sound(table)
    except (ValueError, RecursionError):  # no JSON, no UTF-8, a number of thousands of digits
        sound = False
    if not sound:
        raise UsageError("The page asked for something that cannot be read.", "Reload it.")
    return dict(table)


def _sound(value: Any) -> bool:
    """Whether JSON has only what can be stored: finite numbers of 63 bits, texts of characters."""
    if isinstance(value, dict):
        return all(map(_sound, value)) and all(map(_sound, value.values()))
    if isinstance(value, list):
        return all(map(_sound, value))
    if isinstance(value, str):
        return not any("\ud800" <= char <= "\udfff" for char in value)  # half a character
    return value is None or abs(value) < 2**63

"""Download of one published file over HTTP: resumed where it broke off, verified by SHA-256."""

from __future__ import annotations

import http.client
import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from artgen.errors import UsageError, WeightsError
from artgen.networks.weights.source import Watcher
from artgen.networks.weights.store import sha256_of, writing

__all__ = ["Job", "addresses", "discard", "download"]

TIMEOUT = 30.0  # seconds without data
PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0)  # seconds before each try of one address
CHUNK = 1 << 17
PASSING = {408, 425, 429, 500, 502, 503, 504}  # HTTP status codes that are worth another try


@dataclass(frozen=True)
class Job:
    """What to fetch: from the first of `addresses` that has it, into `part`.

    `digest` is the SHA-256 that the file must have, or its first digits; `size` its bytes, if
    known.
    """

    name: str
    addresses: Sequence[str]
    part: Path
    digest: str
    size: int
    watcher: Watcher


class _Broken(Exception):
    """A failure of an address that is worth another try."""


class _Refused(Exception):
    """A failure of an address that is final."""


def addresses(url: str) -> list[str]:
    """Where to ask for the file published at `url`: ARTGEN_MIRRORS first, then `url` itself.

    Raises:
        UsageError: if ARTGEN_MIRRORS holds something that is no http or https address.
    """
    mirrors = re.split(r"[,\s]+", os.environ.get("ARTGEN_MIRRORS", "").strip(", \t\n"))
    file = url.rpartition("/")[2]
    for mirror in filter(None, mirrors):
        try:
            parts = urlsplit(mirror)
            usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        except ValueError:  # a port that is no number, an open bracket
            usable = False
        if not usable:
            raise UsageError(
                f"ARTGEN_MIRRORS holds {mirror!r}, which is no http or https address.",
                "Separate addresses by commas, e.g. https://example.org/models.",
            )
    return [f"{mirror.rstrip('/')}/{file}" for mirror in mirrors if mirror] + [url]


def download(job: Job) -> str:
    """Downloads the file into `job.part` and returns its SHA-256, which begins with `job.digest`.

    A transfer that breaks off leaves `part` where it is, for this or a later call to resume.

    Raises:
        WeightsError: if no address has the file, or none has it with that digest.
    """
    failures = []
    for address in job.addresses:
        try:
            # A second try from the start, only where the first one resumed an older download.
            for resumed in (job.part.exists(), False):
                _transfer(address, job)
                digest = sha256_of(job.part)
                if digest.startswith(job.digest):
                    return digest
                discard(job.part)
                if not resumed:
                    break
            failures.append(f"{address} has another SHA-256 ({digest[:8]}…, not {job.digest[:8]}…)")
        except (_Broken, _Refused) as failure:
            failures.append(f"{address} {failure}")
    raise WeightsError(
        f"The weights of {job.name!r} could not be fetched: {'; '.join(failures)}.",
        "Use --net slim, which needs no download; or bring the file in with `artgen nets import "
        "FILE`; or try again later, and the download goes on where it stopped.",
    )


def discard(part: Path) -> None:
    """Removes a partial download and its note."""
    with writing(part):
        part.unlink(missing_ok=True)
        _note_of(part).unlink(missing_ok=True)


def _transfer(address: str, job: Job) -> None:
    for pause in PAUSES:
        time.sleep(pause)
        try:
            return _request(address, job)
        except _Broken as failure:
            last = failure
    raise last


def _request(address: str, job: Job) -> None:
    """One request; appends to `job.part` what it does not hold yet."""
    have = job.part.stat().st_size if job.part.exists() else 0
    response = _open(address, job.part, have)
    if response is None:
        return  # complete already
    with response:
        if response.status == 206:
            first, total = _content_range(response)
            if first != have:
                discard(job.part)
                raise _Broken("sent another part than was asked for")
        else:
            length = response.headers.get("Content-Length", "")
            have, total = 0, int(length) if length.isdigit() else None
        with writing(job.part):
            stream = job.part.open("ab" if have else "wb")
        with stream:
            _remember(job.part, address, response)
            done = _receive(response, stream, have, total, job)
    if total is not None and done != total:
        raise _Broken(f"broke off after {done:,} of {total:,} bytes")


def _receive(
    response: http.client.HTTPResponse, stream: IO[bytes], done: int, total: int | None, job: Job
) -> int:
    while True:
        try:
            chunk = response.read1(CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise _Broken(f"broke off after {done:,} bytes ({_reason(error)})") from error
        if not chunk:
            return done
        with writing(job.part):
            stream.write(chunk)
        done += len(chunk)
        job.watcher.progress(done, total or job.size or None)


def _open(address: str, part: Path, have: int) -> http.client.HTTPResponse | None:
    """The response to a request for all bytes from number `have` on; None if there are none."""
    headers = {"User-Agent": "artgen", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
        # An ETag of another address means nothing here: there the digest at the end decides.
        if validator := _validator(part, address):
            headers["If-Range"] = validator
    opener = urllib.request.build_opener(_StaySecure)
    try:
        request = urllib.request.Request(address, headers=headers)
        answer: http.client.HTTPResponse = opener.open(request, timeout=TIMEOUT)
        return answer
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416 and have:
            if error.headers.get("Content-Range", "").endswith(f"/{have}"):
                return None
            discard(part)
            raise _Broken("has a shorter file") from None
        answered = f"answered {error.code} {error.reason}".strip()
        raise (_Broken if error.code in PASSING else _Refused)(answered) from None
    except urllib.error.URLError as error:
        late = isinstance(error.reason, TimeoutError)
        raise (_Broken if late else _Refused)(f"cannot be reached ({_reason(error)})") from error
    except (OSError, http.client.HTTPException) as error:
        raise _Broken(f"did not answer ({_reason(error)})") from error


class _StaySecure(urllib.request.HTTPRedirectHandler):
    """Follows no redirection from https to plain http: the first digits of a hash can be forged."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme not in ("https", urlsplit(req.full_url).scheme):
            raise urllib.error.HTTPError(newurl, code, "and leads away from https", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _content_range(response: http.client.HTTPResponse) -> tuple[int | None, int | None]:
    """First byte and total from `Content-Range: bytes 100-199/200`; None where it does not say."""
    found = re.match(r"bytes (\d+)-\d+/(\d+)?", response.headers.get("Content-Range", ""))
    if not found:
        return None, None
    first, total = found.groups()
    return int(first), int(total) if total else None


def _note_of(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _remember(part: Path, address: str, response: http.client.HTTPResponse) -> None:
    """Notes the server's validator of this version, so that no two versions get mixed."""
    etag = response.headers.get("ETag", "")
    strong = etag if etag.startswith('"') else response.headers.get("Last-Modified", "")
    with writing(part):
        _note_of(part).write_text(json.dumps({"address": address, "validator": strong}), "utf-8")


def _validator(part: Path, address: str) -> str:
    try:
        note = json.loads(_note_of(part).read_text("utf-8"))
        return str(note["validator"]) if note["address"] == address else ""
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _reason(error: BaseException) -> str:
    """What went wrong in a few words, whatever layer noticed it."""
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, BaseException):
        error = error.reason
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__

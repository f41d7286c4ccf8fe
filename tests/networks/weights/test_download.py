"""Fetched from a real server on this machine: cut off, resumed, refused, checked, mirrored."""

from __future__ import annotations

import hashlib
import io
import re
import threading
from dataclasses import replace
from email.message import Message
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request

import pytest

from artgen.errors import UsageError, WeightsError
from artgen.networks import weights
from artgen.networks.weights import download, store

from .server import Handler, Site
from .toys import chain, fetch, left, pickled, published


def test_a_download_is_announced_watched_reduced_and_remembered(site: Site) -> None:
    source = site.source()
    offers: list[weights.Offer] = []
    steps: list[tuple[int, int | None]] = []
    watcher = weights.Watcher(offers.append, lambda *step: steps.append(step))
    assert not weights.status("toy", source).present

    net = chain()
    origin = weights.load("toy", source, net, watcher=watcher)

    assert offers == [weights.Offer("toy", source.url, len(site.content), 0, "CC BY 4.0")]
    assert steps[-1] == (len(site.content), len(site.content))
    assert [done for done, _ in steps] == sorted({done for done, _ in steps})
    assert len(steps) > 1
    assert net.conv2_1.weight.equal(published()["features.5.weight"])
    assert left() == {"toy.safetensors", "toy.json"}
    found = weights.status("toy", source)
    assert (found.present, found.kind, found.file) == (True, "download", origin.file)
    assert found.size < len(site.content) / 3, "the fully connected layers are gone"
    assert found.published == hashlib.sha256(site.content).hexdigest()
    assert found.sha256 == origin.sha256 == hashlib.sha256(found.file.read_bytes()).hexdigest()
    assert weights.verify("toy", source) == found

    weights.load("toy", source, chain())
    fetch(source)
    assert len(site.seen) == 1, "what is here is not asked for again"


def test_a_refusal_comes_before_the_first_byte(site: Site) -> None:
    def refuse(offer: weights.Offer) -> None:
        raise UsageError(f"No, not {offer.size} bytes.")

    with pytest.raises(UsageError, match="No, not"):
        fetch(site.source(), weights.Watcher(announce=refuse))
    assert site.seen == []
    assert left() == set()


def test_cut_off_and_resumed_within_one_call(site: Site) -> None:
    site.cuts = [200_000, 100_000]
    fetch(site.source())
    path = site.seen[0][0]
    assert site.seen == [
        (path, None, None),
        (path, "bytes=200000-", '"one"'),
        (path, "bytes=300000-", '"one"'),
    ]
    assert left() == {"toy.safetensors", "toy.json"}


def test_cut_off_for_good_and_resumed_by_the_next_call(site: Site) -> None:
    source = site.source()
    site.cuts = [100_000, 50_000, 50_000]
    with pytest.raises(WeightsError, match=r"broke off after 200,000 of [\d,]+ bytes") as caught:
        fetch(source)
    assert "goes on where it stopped" in caught.value.hint
    part = Path(source.url).name + ".part"
    assert left() == {part, f"{part}.json"}

    offers: list[weights.Offer] = []
    fetch(source, weights.Watcher(announce=offers.append))
    assert offers[0].already == 200_000
    assert site.seen[-1][1:] == ("bytes=200000-", '"one"')
    assert left() == {"toy.safetensors", "toy.json"}


@pytest.mark.parametrize("how", ["another version", "no ranges"])
def test_what_cannot_be_resumed_begins_again(site: Site, how: str) -> None:
    site.cuts = [100_000] * 3
    with pytest.raises(WeightsError):
        fetch(site.source())
    site.ranges, site.etag = how != "no ranges", '"two"'
    steps: list[int] = []
    fetch(site.source(), weights.Watcher(progress=lambda done, _: steps.append(done)))
    assert steps[0] <= download.CHUNK
    assert len(site.seen) == 4


def prepare_part(source: weights.Source, content: bytes) -> None:
    weights.where().mkdir(parents=True)
    (weights.where() / (Path(source.url).name + ".part")).write_bytes(content)


def test_a_whole_part_is_not_fetched_again(site: Site) -> None:
    prepare_part(site.source(), site.content)
    fetch(site.source())
    assert len(site.seen) == 1
    assert left() == {"toy.safetensors", "toy.json"}


@pytest.mark.parametrize("garbage", [b"x" * 1000, b"x" * 10_000_000])
def test_a_part_of_something_else_is_given_up(site: Site, garbage: bytes) -> None:
    prepare_part(site.source(), garbage)
    fetch(site.source())
    assert weights.verify("toy", site.source()).published.startswith(site.source().digest)
    assert site.seen[-1][1] is None


def test_a_wrong_hash_leaves_nothing(site: Site) -> None:
    source = replace(site.source(), digest="0123abcd")
    with pytest.raises(WeightsError, match=r"has another SHA-256 \(\w{8}…, not 0123abcd…\)"):
        fetch(source)
    assert len(site.seen) == 1
    assert left() == set()


def test_the_first_digest_is_held_to(site: Site) -> None:
    source = site.source(digest="")
    fetch(source)
    first = weights.status("toy", source).published
    store.kept("toy").unlink()
    site.content = pickled(published(seed=1))
    with pytest.raises(WeightsError, match="has another SHA-256"):
        fetch(source)
    assert left() == {"toy.json"}
    # A newer artgen that names another digest is not bound by what the older one saw.
    fetch(replace(source, digest=hashlib.sha256(site.content).hexdigest()))
    assert weights.status("toy", source).published != first


def test_404_is_not_asked_twice(site: Site) -> None:
    source = site.source(url=f"{site.base}/gone/toy.pth")
    with pytest.raises(WeightsError, match=r"gone/toy\.pth answered 404 Not Found"):
        fetch(source)
    assert len(site.seen) == 1
    assert left() == set()


def test_a_busy_server_is_asked_again(site: Site) -> None:
    site.answers = [503, 429, 200]
    assert fetch(site.source()).present
    site.answers = [500] * 3
    store.kept("toy").unlink()
    with pytest.raises(WeightsError, match="answered 500"):
        fetch(site.source())


def test_no_server_names_three_ways_out(site: Site) -> None:
    source = site.source(url="http://127.0.0.1:9/models/toy.pth")  # the discard port: nobody there
    with pytest.raises(WeightsError) as caught:
        weights.load("toy", source, chain())
    assert re.fullmatch(
        r"The weights of 'toy' could not be fetched: http://127.0.0.1:9/models/toy.pth cannot be "
        r"reached \([^)]+\)\.",
        caught.value.message,
    )
    for way in ("--net slim", "artgen nets import FILE", "try again later"):
        assert way in caught.value.hint
    assert left() == set()


def test_a_file_of_another_network_is_not_kept(site: Site) -> None:
    site.content = pickled(published(widths=(24, 40)))
    with pytest.raises(WeightsError, match=r"conv2_1\.weight is 40 x 24 x 3 x 3 where 32 x 24"):
        fetch(site.source())
    assert left() == set()


def test_mirrors_come_first_and_the_published_address_last(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARTGEN_MIRRORS", f"{site.base}/empty/, {site.base}/models/mirror")
    file = Path(site.source().url).name
    fetch(site.source(url=f"http://127.0.0.1:9/{file}"))
    assert [path for path, *_ in site.seen] == [f"/empty/{file}", f"/models/mirror/{file}"]
    assert download.addresses("https://a.b/c/d.pth") == [
        f"{site.base}/empty/d.pth",
        f"{site.base}/models/mirror/d.pth",
        "https://a.b/c/d.pth",
    ]


def test_a_mirror_with_other_content_is_passed_over(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = site.source()
    other = Site(b"<html>sign in first</html>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("It", (Handler,), {"site": other}))
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    monkeypatch.setenv("ARTGEN_MIRRORS", f"http://127.0.0.1:{server.server_port}/models")
    assert fetch(source).present
    server.shutdown()
    server.server_close()
    assert len(other.seen) == len(site.seen) == 1


@pytest.mark.parametrize(
    "mirror", ["example.org", "file:///etc", "http://", "http://a:b", "http://[a"]
)
def test_a_mirror_must_be_an_address(mirror: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARTGEN_MIRRORS", mirror)
    with pytest.raises(UsageError, match="ARTGEN_MIRRORS holds"):
        download.addresses("https://a.b/c.pth")


@pytest.mark.parametrize(
    ("old", "new", "followed"),
    [
        ("https://a/x", "http://a/x", False),
        ("http://a/x", "ftp://a/x", False),
        ("https://a/x", "https://b/x", True),
        ("http://a/x", "https://a/x", True),
    ],
)
def test_redirections_stay_secure(old: str, new: str, followed: bool) -> None:
    redirect = download._StaySecure().redirect_request
    if followed:
        request = redirect(Request(old), io.BytesIO(), 302, "Found", Message(), new)
        assert request is not None
        assert request.full_url == new
    else:
        with pytest.raises(HTTPError, match="leads away from https") as caught:
            redirect(Request(old), io.BytesIO(), 302, "Found", Message(), new)
        caught.value.close()

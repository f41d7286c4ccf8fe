"""Weights: fetched from a real server on this machine, read from bad files, kept whole or not."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import pickle
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from artgen import weights
from artgen.errors import UsageError, WeightsError
from artgen.features import FeatureExtractor, NetworkSpec
from artgen.networks import all_networks
from artgen.vgg import torchvision_convolutions, vgg_chain
from artgen.weights import download, lookup, store

DEPTHS = (2, 1)
WIDTHS = (24, 32)


def chain(widths: tuple[int, ...] = WIDTHS) -> nn.Sequential:
    return vgg_chain(widths, DEPTHS)


def published(seed: int = 0, widths: tuple[int, ...] = WIDTHS) -> dict[str, Tensor]:
    """A state dict as torchvision publishes one, fully connected layers included."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    names = [f"{layer}.{kind}" for layer in ("conv1_1", "conv1_2", "conv2_1") for kind in KINDS]
    places = [f"features.{index}.{kind}" for index in (0, 2, 5) for kind in KINDS]
    shapes = chain(widths).state_dict()
    for name, place in zip(names, places, strict=True):
        state[place] = torch.randn(shapes[name].shape, generator=generator)
    return state | {"classifier.0.weight": torch.zeros(300, 300)}


KINDS = ("weight", "bias")


def pickled(content: object, legacy: bool = False) -> bytes:
    stream = io.BytesIO()
    torch.save(content, stream, _use_new_zipfile_serialization=not legacy)
    return stream.getvalue()


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


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    site = Site(pickled(published()))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("It", (Handler,), {"site": site}))
    site.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(download, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(source: weights.Source, watcher: weights.Watcher | None = None) -> weights.Status:
    return weights.fetch("toy", source, chain(), watcher)


def left() -> set[str]:
    """The names in the cache, the lock's aside."""
    folder = weights.where()
    names = {file.name for file in folder.iterdir()} if folder.exists() else set()
    return names - {"toy.lock"}


# --- fetching


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


def test_of_two_at_once_one_fetches_and_the_other_waits(site: Site) -> None:
    site.gate = threading.Event()
    waited: list[str] = []
    results: list[weights.Origin] = []

    def waiting(name: str) -> None:
        waited.append(name)
        assert site.gate is not None
        site.gate.set()  # only now may the first one's download go on

    def work() -> None:
        watcher = weights.Watcher(waiting=waiting)
        results.append(weights.load("toy", site.source(), chain(), watcher=watcher))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert waited == ["toy"]
    assert len(site.seen) == 1
    assert len(results) == 2
    assert results[0] == results[1]


@pytest.mark.slow
def test_two_processes_at_once(site: Site) -> None:
    source = site.source()
    script = (
        "from artgen import weights; from artgen.vgg import *\n"
        f"s = weights.Source('x', url={source.url!r}, digest={source.digest!r},"
        f" convert=torchvision_convolutions({DEPTHS}))\n"
        f"print(weights.load('toy', s, vgg_chain({WIDTHS}, {DEPTHS})).sha256)"
    )
    path = os.pathsep.join([str(Path(weights.__file__).parents[2]), *sys.path])
    jobs = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONPATH": path},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    told = {job.communicate(timeout=120)[0].strip() for job in jobs}
    assert told == {weights.status("toy", source).sha256}
    assert len(site.seen) == 1


# --- files that are bad


class Evil:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.mark),)


def test_the_evil_pickle_would_work_if_it_were_let(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Evil(tmp_path / "mark")))
    assert (tmp_path / "mark").exists()


@pytest.mark.parametrize("form", ["zip", "legacy", "bare", "bare, new protocol", "beside weights"])
def test_a_malicious_pickle_does_not_run(form: str, tmp_path: Path) -> None:
    mark, file = tmp_path / "mark", tmp_path / "evil.pth"
    evil = Evil(mark)
    content = {
        "zip": pickled({"features.0.weight": evil}),
        "legacy": pickled(evil, legacy=True),
        "bare": pickle.dumps(evil, protocol=2),
        "bare, new protocol": pickle.dumps(evil, protocol=5),
        "beside weights": pickled({**published(), "extra": evil}),
    }[form]
    file.write_bytes(content)
    for attempt in attempts(file):
        with pytest.raises(WeightsError) as caught:
            attempt()
        assert caught.value.hint
        if (
            form != "bare, new protocol"
        ):  # which torch gives up on before it sees what it would call
            assert "holds code beside its tensors" in caught.value.message
            assert "nothing of it ran" in caught.value.message
    assert not mark.exists()
    assert left() == set()


def registered() -> list[NetworkSpec]:
    networks = all_networks()
    return [networks.get(name) for name in networks]


def toy(**changes: object) -> NetworkSpec:
    source = weights.Source("x", url="http://x/y", convert=torchvision_convolutions(DEPTHS))
    return replace(NetworkSpec("toy", "", chain, source, {}), **changes)


def attempts(file: Path) -> list[Callable[[], object]]:
    return [
        lambda: weights.load("toy", toy().source, chain(), file),
        lambda: weights.import_file(file, [toy()]),
        lambda: FeatureExtractor(toy(), file=file),
    ]


GOOD = pickled(published())


def safetensors(tensors: dict[str, Tensor]) -> bytes:
    from safetensors.torch import save

    return save(tensors)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (GOOD[: len(GOOD) // 2], "is cut, damaged, or no weights file"),
        (GOOD[:70], "is cut, damaged, or no weights file"),
        (pickled(published(), legacy=True)[:90_000], "is cut, damaged, or no weights file"),
        (safetensors(published())[:90_000], "is cut, damaged, or no weights file"),
        (safetensors(published())[:20], "is cut, damaged, or no weights file"),
        (b"\xff" * 8 + b"{}", "is cut, damaged, or no weights file"),
        (b"<html>not found</html>", "is cut, damaged, or no weights file"),
        (pickled([1, 2, 3]), "holds no named tensors"),
        (pickled({"epoch": 3}), "holds no named tensors"),
        (
            pickled(published(widths=(12, 32))),
            r"conv1_1.weight is 12 x 3 x 3 x 3 where 24 x 3 x 3 x 3 belongs",
        ),
        (
            pickled({k: v for k, v in published().items() if "features.5" not in k}),
            r"it has no conv2_1.bias and 1 more",
        ),
        (
            safetensors({**chain().state_dict(), "conv2_2.bias": torch.zeros(3)}),
            r"it has conv2_2.bias, which it should not",
        ),
        (
            pickled(published() | {"features.0.bias": torch.full((24,), float("nan"))}),
            r"conv1_1.bias holds numbers that are not finite",
        ),
        (
            pickled(published() | {"features.2.bias": torch.tensor([0.0] * 23 + [-torch.inf])}),
            r"conv1_2.bias holds numbers that are not finite",
        ),
        (
            pickled(published() | {"features.0.bias": torch.zeros(24, dtype=torch.int64)}),
            r"conv1_1.bias does not hold plain floating point numbers",
        ),
        (
            pickled(published() | {"features.0.bias": torch.zeros(24).to_sparse()}),
            r"conv1_1.bias does not hold plain floating point numbers",
        ),
    ],
)
def test_a_bad_file_is_refused_in_one_sentence(
    content: bytes, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "bad.pth"
    file.write_bytes(content)
    for attempt in attempts(file):
        with pytest.raises(WeightsError, match=message) as caught:
            attempt()
        assert caught.value.message.startswith(str(file))
        assert caught.value.message.endswith(".")
        assert caught.value.hint
    assert left() == set()


def test_files_that_are_none(tmp_path: Path) -> None:
    for file, message in ((tmp_path / "absent", "There is no"), (tmp_path, "Cannot read|There is")):
        for attempt in attempts(file):
            with pytest.raises(WeightsError, match=message):
                attempt()


# --- the cache


def test_import_tells_the_network_by_its_tensors_and_keeps_the_same_bytes(tmp_path: Path) -> None:
    networks = [
        *registered(),
        toy(name="wide", build=lambda: chain((24, 40))),
        toy(),
    ]
    ours = {
        name: published()[f"features.{index}.{kind}"]
        for layer, index in (("conv1_1", 0), ("conv1_2", 2), ("conv2_1", 5))
        for kind in KINDS
        for name in (f"{layer}.{kind}",)
    }
    digests = set()
    for number, content in enumerate(
        [
            pickled(published()),
            pickled(published(), legacy=True),
            pickled({"epoch": 3, "state_dict": published()}),
            pickled({k: nn.Parameter(v) for k, v in published().items()}),
            pickled({k: v.double() for k, v in published().items()}),
            safetensors(published()),
            safetensors(ours),
        ]
    ):
        file = tmp_path / f"{number}.bin"
        file.write_bytes(content)
        assert weights.import_file(file, networks) == "toy"
        digests.add(weights.verify("toy", toy().source).sha256)
        assert weights.load("toy", toy().source, chain()).sha256 in digests
    assert len(digests) == 1
    assert left() == {"toy.safetensors", "toy.json"}
    assert load_file(store.kept("toy"))["conv1_2.bias"].equal(ours["conv1_2.bias"])


def test_import_remembers_the_published_digest_where_it_is_the_published_file(
    tmp_path: Path,
) -> None:
    file = tmp_path / "mine.pth"
    file.write_bytes(GOOD)
    digest = hashlib.sha256(GOOD).hexdigest()
    spec = toy(source=replace(toy().source, digest=digest[:8]))
    weights.import_file(file, [spec])
    assert weights.status("toy", spec.source).published == digest
    # Somebody's own version of the network replaces the file, not what is known of the published.
    file.write_bytes(pickled(published(seed=4)))
    weights.import_file(file, [spec])
    assert weights.status("toy", spec.source).published == digest
    assert store.recall("toy").came_from == "mine.pth"


def test_an_unknown_file_is_compared_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "it.pth"
    file.write_bytes(pickled(published(widths=(24, 33))))
    with pytest.raises(WeightsError, match=r"nearest is 'toy', but conv2_1.weight is 33 x 24") as e:
        weights.import_file(file, [*registered(), toy()])
    assert "artgen nets list" in e.value.hint


def test_a_packaged_network_needs_no_import(tmp_path: Path) -> None:
    file = tmp_path / "it.safetensors"
    slim = all_networks().get("slim")
    save_file(slim.build().state_dict(), file)
    with pytest.raises(WeightsError, match="'slim', whose weights are inside the package"):
        weights.import_file(file, [slim])


def test_packaged_weights_are_found_checked_and_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookup, "PACKAGE_DATA", tmp_path)
    source = weights.Source("x", packaged="toy.safetensors")
    for attempt in (
        lambda: weights.load("toy", source, chain()),
        lambda: weights.verify("toy", source),
    ):
        with pytest.raises(WeightsError, match="missing from the package"):
            attempt()
    file = tmp_path / "toy.safetensors"
    save_file({name: value.half() for name, value in chain().state_dict().items()}, file)
    net = chain()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert weights.load("toy", source, net) == weights.Origin(file, digest)
    assert net.conv1_1.weight.dtype == torch.float32
    assert weights.verify("toy", replace(source, digest=digest)).kind == "packaged"
    with pytest.raises(WeightsError, match="is damaged"):
        weights.load("toy", replace(source, digest="0" * 64), chain())
    assert weights.fetch("toy", source, chain()).present
    assert left() == set()


@pytest.mark.parametrize(
    "change", [lambda whole: whole[:-1] + bytes([whole[-1] ^ 1]), lambda whole: whole[:5000]]
)
def test_a_cached_file_that_changed_is_found_out_and_fetched_anew(
    site: Site, change: Callable[[bytes], bytes]
) -> None:
    source = site.source()
    fetch(source)
    file = store.kept("toy")
    whole = file.read_bytes()
    file.write_bytes(change(whole))
    for attempt in (
        lambda: weights.load("toy", source, chain()),
        lambda: weights.verify("toy", source),
    ):
        with pytest.raises(WeightsError, match="is damaged") as caught:
            attempt()
        assert "artgen nets fetch toy" in caught.value.hint
    fetch(source)
    assert file.read_bytes() == whole


def test_verify_of_what_is_absent_says_how_to_get_it(site: Site) -> None:
    with pytest.raises(WeightsError, match="are not here") as caught:
        weights.verify("toy", site.source())
    assert "artgen nets fetch toy" in caught.value.hint


def test_a_full_disk_leaves_what_was_there(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(site.source())
    before = store.kept("toy").read_bytes()
    file = tmp_path / "other.pth"
    file.write_bytes(pickled(published(seed=9)))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WeightsError, match=r"Cannot write .*No space left") as caught:
        weights.import_file(file, [toy()])
    assert "ARTGEN_HOME" in caught.value.hint
    assert left() == {"toy.safetensors", "toy.json"}
    assert store.kept("toy").read_bytes() == before
    assert weights.verify("toy", site.source()).present


def test_a_home_that_cannot_be_written(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("ARTGEN_HOME", str(tmp_path / "a file"))
    with pytest.raises(WeightsError, match="Cannot write"):
        fetch(site.source())
    assert site.seen == []


@pytest.mark.parametrize("memory", ["", "{", "[]", '{"sha256": 3}', '{"unknown": 1}'])
def test_a_spoilt_memory_is_no_crash(site: Site, memory: str) -> None:
    fetch(site.source())
    (weights.where() / "toy.json").write_text(memory)
    assert weights.load("toy", site.source(), chain()).file == store.kept("toy")
    assert store.recall("toy") == store.Memory()


def test_where(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    assert weights.where() == home / "weights"
    monkeypatch.delenv("ARTGEN_HOME")
    assert weights.where().name == "weights"
    assert weights.where().parent.name.lower() in ("artgen", "cache")


def test_random_weights_follow_the_seed() -> None:
    nets = [chain() for _ in range(3)]
    for net, seed in zip(nets, (1, 1, 2), strict=True):
        origin = weights.load("toy", weights.Source("x", seed=seed), net)
        assert origin == weights.Origin(None, f"seed {seed}")
    one, same, other = (net.conv1_2.weight for net in nets)
    assert one.equal(same)
    assert not one.equal(other)
    assert one.std().item() == pytest.approx((2 / (9 * 24)) ** 0.5, rel=0.1)
    found = weights.status("toy", weights.Source("x", seed=1))
    assert (found.kind, found.present, found.file) == ("random", True, None)
    assert weights.verify("toy", weights.Source("x", seed=1)) == found
    assert left() == set()

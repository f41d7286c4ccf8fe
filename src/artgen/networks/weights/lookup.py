"""Operations on weights: load, fetch, verify, status."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn

from artgen.core.files import PACKAGE_DATA
from artgen.errors import WeightsError
from artgen.networks.weights import store
from artgen.networks.weights.preprocessing import adapted
from artgen.networks.weights.reading import Shapes, WeightsMismatch, fit, read
from artgen.networks.weights.source import Offer, Origin, Part, Source, Status, Watcher

__all__ = [
    "Network",
    "expected_digest",
    "fetch",
    "fit_part",
    "load",
    "shapes_of",
    "status",
    "verify",
]


class Network(Protocol):
    """The part of a NetworkSpec that weights depend on."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> Source: ...
    @property
    def build(self) -> Callable[[], nn.Module]: ...
    def parts(self, *, head: bool) -> Sequence[Part]: ...


def load(
    name: str,
    source: Source,
    chain: nn.Module,
    file: Path | None = None,
    watcher: Watcher | None = None,
    beside: Sequence[Part] = (),
) -> Origin:
    """Fills `chain`, which may lie on the meta device, with its weights.

    Args:
        name, source: the network's name, and where its weights come from.
        chain: its layers; their parameters are replaced by float32 ones on the CPU.
        file: weights to use instead of the packaged, cached or published ones.
        watcher: called before and during a download, and with what was assumed about `file`.
        beside: what else of the published file is kept after a download.

    Raises:
        WeightsError: for weights that cannot be had, are damaged, or are another network's.
    """
    wanted = shapes_of(chain)
    if file is None and source.seed is not None:
        chain.load_state_dict(_random(wanted, source.seed), assign=True)
        return Origin(None, f"seed {source.seed}")
    place = file or _found(name, source)
    if file is None and not place.exists():
        if source.url is None:
            raise _absent(name, source)
        fetch(name, source, chain, watcher, beside)
    try:
        contents = read(place)
    except WeightsError:
        if file is None:  # if it was whole once, a better message
            _check_remembered(name, source, store.sha256_of(place))
        raise
    if file is None:
        _check_remembered(name, source, contents.sha256)
    try:
        tensors = fit(contents.tensors, source, wanted)
    except WeightsMismatch as misfit:
        raise WeightsError(
            f"{place} does not fit the network {name!r}: {misfit}.",
            "`artgen nets import FILE` says which network a file is for.",
        ) from misfit
    if file is not None:  # what is packaged or in the cache was adapted when it was put there
        tensors, assumed, changed = adapted(tensors, contents, file, source)
        if changed and watcher is not None:
            watcher.note(assumed)
    chain.load_state_dict(tensors, assign=True)
    return Origin(place, contents.sha256)


def fetch(
    name: str,
    source: Source,
    chain: nn.Module,
    watcher: Watcher | None = None,
    beside: Sequence[Part] = (),
) -> Status:
    """Downloads a network's weights, unless they are here and sound.

    `chain` (which may lie on the meta device) gives the shapes that the file must have. What is
    kept `beside` comes from the same download.

    Raises:
        WeightsError: if they cannot be had; what was downloaded so far is kept for the next try.
    """
    if source.url is None:
        return status(name, source)
    watcher = watcher or Watcher()
    with store.lock(name, watcher.waiting):
        if not all(_sound(one) for one in (name, *(part.name for part in beside))):
            _download(name, source, chain, watcher, beside)
    return status(name, source)


def _sound(name: str) -> bool:
    """Whether the cached file has the SHA-256 that is remembered of it, if any."""
    file, memory = store.kept(name), store.recall(name)
    return file.exists() and (not memory.sha256 or store.sha256_of(file) == memory.sha256)


def _download(
    name: str, source: Source, chain: nn.Module, watcher: Watcher, beside: Sequence[Part]
) -> None:
    from safetensors.torch import save

    from artgen.networks.weights.download import Job, addresses, discard, download

    assert source.url is not None
    expected = expected_digest(name, source)
    part = store.where() / (source.url.rpartition("/")[2] + ".part")
    already = part.stat().st_size if part.exists() else 0
    asked = addresses(source.url)
    watcher.announce(Offer(name, asked[0], source.size, already, source.licence))
    published = download(Job(name, asked, part, expected, source.size, watcher))
    try:
        tensors = read(part).tensors
        contents = {name: save(fit(tensors, source, shapes_of(chain)))}
        contents |= {part.name: save(fit_part(tensors, part)) for part in beside}
    except (WeightsMismatch, WeightsError) as error:
        discard(part)
        why = error.message if isinstance(error, WeightsError) else str(error)
        raise WeightsError(
            f"What {source.url} gave does not fit the network {name!r}: {why}.".replace("..", "."),
            "Bring the right file in with `artgen nets import FILE`.",
        ) from error
    for kept, content in contents.items():
        store.install(kept, content, published, source.url)
    discard(part)


def status(name: str, source: Source) -> Status:
    """State of a network's weights on this machine; reads no weights, opens no connection."""
    if source.seed is not None:
        return Status(name, "random", source.licence, None, True, 0, 0, None, "", "")
    file = _found(name, source)
    present = file.exists()
    size = file.stat().st_size if present else 0
    if source.packaged:
        return Status(
            *(name, "packaged", source.licence, file, present, size, 0, None, source.digest, "")
        )
    memory = store.recall(name)
    return Status(
        name=name,
        kind="download",
        licence=source.licence,
        file=file,
        present=present,
        size=size,
        download=source.size,
        url=source.url,
        sha256=memory.sha256 if present else "",
        published=memory.published,
    )


def verify(name: str, source: Source) -> Status:
    """The status, once the file's SHA-256 has been compared with the one remembered.

    Raises:
        WeightsError: if the file is absent, or is not what it was when it came.
    """
    found = status(name, source)
    if found.file is None:
        return found
    if not found.present:
        raise _absent(name, source)
    _check_remembered(name, source, store.sha256_of(found.file))
    return found


def fit_part(tensors: Mapping[str, Tensor], part: Part) -> dict[str, Tensor]:
    """A part's tensors out of those of the whole file; names and shapes as its modules have them.

    Raises:
        WeightsMismatch: if they are not there.
    """
    with torch.device("meta"):
        wanted = shapes_of(part.build())
    return fit(tensors, part.source, wanted)


def _found(name: str, source: Source) -> Path:
    """Where the weights are, or would be."""
    if source.packaged:
        return PACKAGE_DATA / source.packaged
    return store.kept(name)


def expected_digest(name: str, source: Source) -> str:
    """The digest a published file must have: in full, once one of the right kind was seen."""
    known = store.recall(name).published
    return known if known.startswith(source.digest.lower()) else source.digest.lower()


def _absent(name: str, source: Source) -> WeightsError:
    if source.packaged:
        return WeightsError(
            f"The weights of {name!r} are missing from the package.", "Install artgen once more."
        )
    return WeightsError(
        f"The weights of {name!r} are not here.",
        f"`artgen nets fetch {name}` downloads them; `artgen nets import FILE` takes a file.",
    )


def _check_remembered(name: str, source: Source, digest: str) -> None:
    expected = source.digest if source.packaged else store.recall(name).sha256
    if not digest.startswith(expected):
        raise WeightsError(
            f"{_found(name, source)} is damaged: its SHA-256 is no longer what it was.",
            "Install artgen once more."
            if source.packaged
            else f"`artgen nets fetch {name}` brings it anew.",
        )


def shapes_of(chain: nn.Module) -> Shapes:
    """Names of a module's parameters and buffers, with their shapes."""
    return {key: tuple(value.shape) for key, value in chain.state_dict().items()}


def _random(wanted: Shapes, seed: int) -> dict[str, Tensor]:
    """He's initialisation from one generator, so that a seed means the same weights everywhere."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for key, shape in wanted.items():
        empty = torch.empty(shape)
        if len(shape) == 4:
            deviation = (2 / empty[0].numel()) ** 0.5
            tensors[key] = empty.normal_(0, deviation, generator=generator)
        else:
            tensors[key] = empty.uniform_(-0.1, 0.1, generator=generator)
    return tensors

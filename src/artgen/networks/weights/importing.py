"""Import of a weights file that the user has; its network is recognised by the contents."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

import torch

from artgen.errors import WeightsError
from artgen.networks.weights import store
from artgen.networks.weights.lookup import Network, expected_digest, fit_part, shapes_of
from artgen.networks.weights.preprocessing import adapted, check
from artgen.networks.weights.reading import WeightsMismatch, fit, read
from artgen.networks.weights.source import Contents, Watcher

__all__ = ["import_file"]


def import_file(
    file: Path,
    networks: Iterable[Network],
    *,
    head: bool = False,
    preprocessing: str = "auto",
    watcher: Watcher | None = None,
) -> str:
    """Puts a weights file into the cache and returns the name of the network that it fits.

    The network is recognised by the tensors' names and shapes, never by the file's name. PyTorch's
    .pth, safetensors and Keras's .h5 and .keras are read, in the published naming or in artgen's;
    VGG-16 and VGG-19 in Keras's and Caffe's, too.

    Args:
        file: the weights.
        networks: those that it may be for.
        head: whether a large head is kept too; small ones always are, where the file has them.
        preprocessing: what the weights were trained with: `torchvision` (RGB, normalised), `caffe`
            (BGR in 0 to 255 less a mean), or `auto`, which decides by the names in the file.
        watcher: told what was assumed about the file, and whether another process holds the cache.

    Raises:
        UsageError: for an unknown preprocessing, or one that the network's weights never have.
        WeightsError: if the file cannot be read or fits none of `networks`.
    """
    check(preprocessing)
    networks = [network for network in networks if network.source.seed is None]
    contents = read(file)
    nearest, fitting = "", 0
    for network in networks:
        with torch.device("meta"):
            wanted = shapes_of(network.build())
        try:
            fitted = fit(contents.tensors, network.source, wanted)
        except WeightsMismatch as misfit:
            if misfit.fitting > fitting:
                nearest, fitting = f": nearest is {network.name!r}, but {misfit}", misfit.fitting
            continue
        if network.source.packaged:
            raise WeightsError(
                f"{file} is for {network.name!r}, whose weights are inside the package.",
                "--weights FILE uses others for once.",
            )
        source, watcher = network.source, watcher or Watcher()
        ours, assumed, _ = adapted(fitted, contents, file, source, preprocessing)
        _install(network, ours, contents, file, watcher, head=head)
        if assumed:
            watcher.note(assumed)
        return network.name
    if heads := _heads(contents, networks):
        raise WeightsError(
            f"{file} has the classifier head of {' or '.join(heads)} alone, without its layers.",
            "Import a file that has both.",
        )
    raise WeightsError(
        f"{file} fits no network that artgen knows{nearest}.",
        "`artgen nets list` names those that can be imported.",
    )


def _install(
    network: Network,
    tensors: dict[str, torch.Tensor],
    contents: Contents,
    file: Path,
    watcher: Watcher,
    *,
    head: bool,
) -> None:
    """Writes the network's layers, and what else of it the file has, into the cache."""
    from safetensors.torch import save

    source = network.source
    with store.lock(network.name, watcher.waiting):
        expected = expected_digest(network.name, source)
        genuine = source.digest and contents.sha256.startswith(expected)
        published = contents.sha256 if genuine else store.recall(network.name).published
        store.install(network.name, save(tensors), published, file.name)
        for part in network.parts(head=head):
            with contextlib.suppress(WeightsMismatch):  # a file of layers alone
                content = save(fit_part(contents.tensors, part))
                store.install(part.name, content, published, file.name)


def _heads(contents: Contents, networks: Iterable[Network]) -> list[str]:
    """Names of the networks whose heads the file has."""
    found = []
    for network in networks:
        for part in network.parts(head=True):
            with contextlib.suppress(WeightsMismatch):
                fit_part(contents.tensors, part)
                found.append(repr(network.name))
    return found

"""Loss and gradient of weighted terms with respect to a picture, in one piece or in tiles."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from artgen.errors import UsageError
from artgen.losses.term import Tensors, Term
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.tiling import Tile, tiles

__all__ = ["evaluate"]


def evaluate(
    picture: Tensor,
    extractor: FeatureExtractor,
    terms: Sequence[Term],
    tile: int | None = None,
) -> tuple[dict[str, Tensor], Tensor, Tensor]:
    """Losses by name, their weighted sum, and its gradient with respect to the picture.

    One forward pass serves all terms. In tiles the result is the same but for rounding, and memory
    does not grow with the picture: a first pass adds up the statistics without gradients, a second
    one backpropagates the loss's gradient with respect to them through one tile after the other.

    Args:
        picture: (1, 3, H, W), treated as a leaf: the caller backpropagates through what made it.
        extractor: the feature network.
        terms: the losses.
        tile: side of the tiles in pixels, about; None for one piece.

    Returns:
        Weighted losses (0-d) by name, their sum (0-d), and the gradient (1, 3, H, W).

    Raises:
        UsageError: in tiles, for a term that needs the whole picture.
    """
    picture = picture.detach()
    reaches: dict[str, int] = {}
    for term in terms:
        for layer in term.layers:
            reaches[layer] = max(term.reach, reaches.get(layer, 0))
    pieces = tiles(extractor, (picture.shape[-2], picture.shape[-1]), reaches, tile)
    if len(pieces) > 1 and any(term.whole for term in terms):
        raise UsageError(
            f"A loss that sorts needs the picture in one piece, and here are {len(pieces)} tiles.",
            "Leave out --tile, or take a smaller --size or another loss.",
        )
    if len(pieces) == 1:
        leaf = picture.requires_grad_()
        with torch.enable_grad():
            statistics = _statistics(extractor, leaf, pieces[0], terms)
            losses, total = _losses(terms, statistics)
            (gradient,) = torch.autograd.grad(total, leaf)
            gradient = gradient.contiguous()  # laid out as the picture is
    else:
        statistics = _summed(extractor, picture, pieces, terms)
        losses, total, pulls = _pulls(terms, statistics)
        gradient = torch.zeros_like(picture)
        for piece in pieces:
            leaf = piece.cut(picture).requires_grad_()
            with torch.enable_grad():
                here = _statistics(extractor, leaf, piece, terms)
                flat = [one for sums in here for one in sums.values()]
                (pulled,) = torch.autograd.grad(flat, leaf, _like(pulls, flat))
            piece.add(pulled, gradient)
    return {name: loss.detach() for name, loss in losses.items()}, total.detach(), gradient


def _statistics(
    extractor: FeatureExtractor, leaf: Tensor, piece: Tile, terms: Sequence[Term]
) -> list[Tensors]:
    features = extractor(leaf, [layer for layer in piece.region if layer != "image"])
    return [term.statistics(features, piece.region) for term in terms]


@torch.no_grad()
def _summed(
    extractor: FeatureExtractor, picture: Tensor, pieces: Sequence[Tile], terms: Sequence[Term]
) -> list[Tensors]:
    """The statistics summed over all tiles, in float64 where the device has it."""
    wide = torch.float32 if picture.device.type == "mps" else torch.float64
    sums: list[dict[str, Tensor]] = [{} for _ in terms]
    for piece in pieces:
        here = _statistics(extractor, piece.cut(picture), piece, terms)
        for total, part in zip(sums, here, strict=True):
            for key, value in part.items():
                total[key] = total[key] + value if key in total else value.to(wide)
    return list(sums)


def _losses(
    terms: Sequence[Term], statistics: Sequence[Tensors]
) -> tuple[dict[str, Tensor], Tensor]:
    losses = {
        term.name: term.weight * term.loss(sums)
        for term, sums in zip(terms, statistics, strict=True)
    }
    return losses, torch.stack(list(losses.values())).sum()


def _pulls(
    terms: Sequence[Term], statistics: Sequence[Tensors]
) -> tuple[dict[str, Tensor], Tensor, tuple[Tensor, ...]]:
    """Losses, their sum, and its gradient with respect to every statistic, in order."""
    leaves = [{k: v.requires_grad_() for k, v in sums.items()} for sums in statistics]
    with torch.enable_grad():
        losses, total = _losses(terms, leaves)
        flat = [leaf for sums in leaves for leaf in sums.values()]
        # A Gram loss uses no mean: the gradient of an unused statistic is zero.
        pulls = torch.autograd.grad(total, flat, materialize_grads=True)
    return losses, total, pulls


def _like(values: Sequence[Tensor], models: Sequence[Tensor]) -> list[Tensor]:
    return [value.to(model.dtype) for value, model in zip(values, models, strict=True)]

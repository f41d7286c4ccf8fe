"""GrabCut, by OpenCV: an object's mask, from a photo and a map of where the object is likely."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from artgen.core.optional import require
from artgen.ops.samples import to_bytes

__all__ = ["cut_out"]

# Quantiles of the map: object above the first, probably above the second; below the last, ground.
SURE, LIKELY, NEVER = 0.95, 0.7, 0.3
CRUMB = 0.1  # of the largest component: smaller ones are left out
ROUNDS = 8


def cut_out(photo: Tensor, likely: Tensor) -> Tensor:
    """The object's mask (1, 1, H, W): 1 in it, 0 outside.

    As in Simonyan, Vedaldi & Zisserman 2014 (section 3.2): the most and the least salient pixels
    initialise colour models of object and ground, and GrabCut (Rother, Kolmogorov & Blake 2004)
    finds the cut between them along edges.

    Args:
        photo: (1, 3, H, W) in [0, 1].
        likely: (1, 1, H, W), larger where the object is likelier.

    Raises:
        UsageError: if OpenCV is not installed.
    """
    require("cv2", "see", "A cut-out")
    import cv2

    ranks = _ranks(likely[0, 0].cpu())
    labels = np.full(ranks.shape, cv2.GC_PR_BGD, np.uint8)
    labels[ranks > LIKELY] = cv2.GC_PR_FGD
    labels[ranks > SURE] = cv2.GC_FGD
    labels[ranks < NEVER] = cv2.GC_BGD
    pixels = np.ascontiguousarray(to_bytes(photo.cpu())[..., ::-1])
    models = (np.zeros((1, 65)), np.zeros((1, 65)))
    cv2.setRNGSeed(0)  # its clusters are initialised at random
    cv2.grabCut(pixels, labels, (0, 0, 0, 0), *models, ROUNDS, cv2.GC_INIT_WITH_MASK)
    inside = ((labels == cv2.GC_FGD) | (labels == cv2.GC_PR_FGD)).astype(np.uint8)
    outlines, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    areas = [cv2.contourArea(outline) for outline in outlines]
    large = [line for line, area in zip(outlines, areas, strict=True) if area > CRUMB * max(areas)]
    whole = cv2.drawContours(np.zeros_like(inside), large, -1, 1.0, cv2.FILLED)  # without holes
    return torch.from_numpy(whole.astype(np.float32))[None, None]


def _ranks(values: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Share of smaller values (H, W) in [0, 1] at each position: thresholds are quantiles."""
    order = values.flatten().argsort(stable=True).argsort(stable=True)
    shares: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = (
        (order.float() / max(len(order) - 1, 1)).view_as(values).numpy()
    )
    return shares

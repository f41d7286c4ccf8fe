"""The network that makes pictures from the features of a deep layer: a prior of what photos are.

Dosovitskiy & Brox, Generating Images with Perceptual Similarity Metrics based on Deep Networks,
NeurIPS 2016: trained with losses of features beside that of pixels, it turns a code back into a
picture in one pass. Nguyen et al., Synthesizing the preferred inputs for neurons in neural networks
via deep generator networks, NeurIPS 2016: a climb in its input space stays among pictures that it
can make. Different from both: the code is slim's deepest layer, a position for each 16 px, and not
a vector for the whole picture, so pictures may have any size; Gram matrices of features take the
place of the adversary; there are no normalisation layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.fast.layers import active, conv
from artgen.networks.extractor import FeatureExtractor
from artgen.networks.fused_conv import convolved
from artgen.ops.pooling import poolable
from artgen.ops.reductions import alone, product

__all__ = ["CODE", "EXTRACTOR", "Prior", "made_again"]

EXTRACTOR, CODE = "slim@2", "relu5_1"  # what a code is: which network's features, of which layer


FAINT = 1e-4  # added to a position's mean square


class _Block(nn.Module):
    """Two convolutions, added to their input (He et al. 2016, without an activation after)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv(channels, channels)
        self.second = conv(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = _convolved(_rectified(_convolved(x, self.first)), self.second)
        return x + added


class Prior(nn.Module):
    """Makes pictures from codes: features of slim's deepest layer.

    Args:
        seen: channels of a code.
        widths: channels at a sixteenth, an eighth, a quarter and half of the picture's size, and at
            its own.
        blocks: residual blocks at a sixteenth; there is one at each of the next three sizes.

    Attributes:
        centre, spread: (seen,), mean and deviation of each channel in photos.
        most: (seen,), what a channel hardly ever exceeds in photos.
        root: (seen, seen), the channels' principal components in photos, in columns, as long as
            their deviations.
    """

    centre: Tensor
    spread: Tensor
    most: Tensor
    root: Tensor
    COARSE = 4  # px of a cell of the picture that the code tells linearly

    def __init__(
        self,
        seen: Sequence[int] = (240,),
        widths: Sequence[int] = (160, 96, 64, 32, 16),
        blocks: int = 2,
    ) -> None:
        super().__init__()
        self.shape = {"seen": list(seen), "widths": list(widths), "blocks": blocks}
        self.first = conv(seen[0], widths[0])
        self.blocks = nn.ModuleList(_Block(widths[0]) for _ in range(blocks))
        self.finer = nn.ModuleList(conv(wide, narrow) for wide, narrow in pairwise(widths))
        self.at_finer = nn.ModuleList(_Block(width) for width in widths[1:-1])
        self.last = conv(widths[-1], 3)
        self.coarse = conv(seen[0], 3 * (self.stride // self.COARSE) ** 2)
        self.register_buffer("centre", torch.zeros(seen[0]))
        self.register_buffer("spread", torch.ones(seen[0]))
        self.register_buffer("most", torch.ones(seen[0]))
        self.register_buffer("root", torch.eye(seen[0]))
        if not self.last.weight.is_meta:  # otherwise a file has the weights
            self._begin()
        self.to(memory_format=torch.channels_last)

    @property
    def stride(self) -> int:
        """Pixels for each position of a code."""
        return int(2 ** len(self.finer))

    def half_precision(self, dtype: torch.dtype) -> Prior:
        """Compute the convolutions in another precision; codes and pictures keep theirs."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                module.to(dtype)
        return self

    @torch.no_grad()
    def _begin(self) -> None:
        """Initialise the weights for training (He et al. 2015; blocks begin small)."""
        for name, value in self.named_parameters():
            if value.dim() == 4:
                size = 0.2 if name.endswith("second.weight") or name == "last.weight" else 1.0
                nn.init.normal_(value, std=size * (2 / value[0].numel()) ** 0.5)
            else:
                value.zero_()

    def likely(self, values: Tensor) -> Tensor:
        """Codes (B, seen, h, w), as photos have them, of principal components of unit variance."""
        columns = values.movedim(1, 0)
        apart = product(self.root.to(values), columns.flatten(1)).view_as(columns).movedim(0, 1)
        least = torch.zeros_like(self.most)
        code, low, high = (x[:, None, None].to(values) for x in (self.centre, least, self.most))
        return (code + apart).clamp(low, high)

    def forward(self, code: Tensor) -> Tensor:
        """The pictures (B, 3, 16 h, 16 w), in (0, 1), of codes (B, seen, h, w), at least 2 x 2."""
        x = (code - self.centre[:, None, None]) / self.spread[:, None, None]
        x = x.to(self.last.weight.dtype).contiguous(memory_format=torch.channels_last)
        plain = _even(F.pixel_shuffle(_convolved(x, self.coarse), self.stride // self.COARSE))
        with alone():  # of few channels, bits depend on the number of threads
            plain = F.interpolate(
                plain, scale_factor=float(self.COARSE), mode="bilinear", align_corners=False
            )
        x = _rectified(_convolved(x, self.first))
        for block in self.blocks:
            x = block(x)
        for place, layer in enumerate(self.finer):
            x = F.interpolate(x, scale_factor=2.0, mode="bilinear", align_corners=False)
            x = _rectified(_convolved(x, layer))
            if place < len(self.at_finer):
                x = self.at_finer[place](x)
        made = (plain + _convolved(x, self.last)).to(code)
        with alone():  # at the end of each thread's share it is rounded otherwise
            return torch.sigmoid(made)


def _convolved(x: Tensor, layer: nn.Module) -> Tensor:
    """layer(x), (B, C, H, W): same bits with any number of threads, but for training."""
    assert isinstance(layer, nn.Conv2d)
    if layer.weight.requires_grad:
        trained: Tensor = layer(x)
        return trained
    return convolved(x, layer)


def _even(x: Tensor) -> Tensor:
    """Layer x (B, C, H, W), twice averaged over 2 x 2 positions: no pattern of two is left."""
    x = F.pad(x, (1,) * 4, mode="replicate")
    return F.avg_pool2d(F.avg_pool2d(poolable(x), 2, 1), 2, 1)


def _rectified(x: Tensor) -> Tensor:
    """Layer x (B, C, H, W) of unit mean square at each position, through a leaky ReLU."""
    return active(x * (x.square().mean(1, keepdim=True) + FAINT).rsqrt())


@torch.no_grad()
def made_again(prior: Prior, extractor: FeatureExtractor, photo: Tensor) -> Tensor:
    """A photo (1, 3, H, W), made again from its code in one pass.

    Args:
        prior: the network that makes it.
        extractor: EXTRACTOR, whose layer CODE the code is.
        photo: in [0, 1]; where its sides are no multiples of the stride, its edge is repeated.
    """
    height, width = photo.shape[-2:]
    tall, wide = (max(-(-side // prior.stride), 2) * prior.stride for side in (height, width))
    padded = F.pad(photo, (0, wide - width, 0, tall - height), mode="replicate")
    made: Tensor = prior(extractor(padded, [CODE])[CODE].to(photo))
    return made[..., :height, :width]

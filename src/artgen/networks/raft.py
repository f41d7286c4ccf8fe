"""raft: RAFT-small, which computes the optical flow between two frames (Teed & Deng, ECCV 2020).

The network of torchvision, with its names, so that its published weights fit. Features of both
frames, at an eighth of their size, are compared at all pairs of positions; from these correlations
around where the flow leads, a recurrent unit corrects the flow, twelve times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from artgen.networks import weights

__all__ = ["RAFT", "FlowNetwork", "Raft"]

STRIDE = 8  # px between two positions of features
LEAST = 128  # px a side: the coarsest correlations need two positions
LEVELS, RADIUS = 4, 3  # of the correlations: scales, and positions around the flow's end
HIDDEN, CONTEXT, MOTION = 96, 64, 82  # channels of the recurrent unit, and of what it is given
UPDATES = 12


class _Conv(nn.Sequential):
    """A convolution, a normalisation of each channel if asked for, and a ReLU unless it is last."""

    def __init__(
        self,
        channels: int,
        made: int,
        side: int = 3,
        *,
        stride: int = 1,
        norm: bool = False,
        last: bool = False,
    ) -> None:
        super().__init__(
            nn.Conv2d(channels, made, side, stride, (side - 1) // 2),
            *([nn.InstanceNorm2d(made)] if norm else []),
            *([] if last else [nn.ReLU()]),
        )


class _Bottleneck(nn.Module):
    """A residual block of three convolutions: (B, C, H, W) -> (B, M, H / stride, W / stride)."""

    def __init__(self, channels: int, made: int, stride: int, *, norm: bool) -> None:
        super().__init__()
        conv = partial(_Conv, norm=norm)
        self.convnormrelu1 = conv(channels, made // 4, 1)
        self.convnormrelu2 = conv(made // 4, made // 4, 3, stride=stride)
        self.convnormrelu3 = conv(made // 4, made, 1)
        self.downsample: nn.Module = nn.Identity()
        if stride > 1:
            self.downsample = conv(channels, made, 1, stride=stride, last=True)

    def forward(self, x: Tensor) -> Tensor:
        made = self.convnormrelu3(self.convnormrelu2(self.convnormrelu1(x)))
        return F.relu(self.downsample(x) + made)


class _Encoder(nn.Module):
    """Features of frames (B, 3, H, W) in [-1, 1]: (B, C, H / 8, W / 8)."""

    def __init__(self, made: int, *, norm: bool) -> None:
        super().__init__()
        block = partial(_Bottleneck, norm=norm)
        self.convnormrelu = _Conv(3, 32, 7, stride=2, norm=norm)
        self.layer1 = nn.Sequential(block(32, 32, 1), block(32, 32, 1))
        self.layer2 = nn.Sequential(block(32, 64, 2), block(64, 64, 1))
        self.layer3 = nn.Sequential(block(64, 96, 2), block(96, 96, 1))
        self.conv = nn.Conv2d(96, made, 1)

    def forward(self, x: Tensor) -> Tensor:
        made: Tensor = self.conv(self.layer3(self.layer2(self.layer1(self.convnormrelu(x)))))
        return made


class _MotionEncoder(nn.Module):
    """What a flow (1, 2, h, w) and the correlations around its ends say: (1, MOTION, h, w)."""

    def __init__(self) -> None:
        super().__init__()
        self.convcorr1 = _Conv(LEVELS * (2 * RADIUS + 1) ** 2, 96, 1)
        self.convflow1, self.convflow2 = _Conv(2, 64, 7), _Conv(64, 32)
        self.conv = _Conv(96 + 32, MOTION - 2)

    def forward(self, flow: Tensor, alike: Tensor) -> Tensor:
        both = torch.cat([self.convcorr1(alike), self.convflow2(self.convflow1(flow))], 1)
        return torch.cat([self.conv(both), flow], 1)


class _Gru(nn.Module):
    """A convolutional gated recurrent unit: state (1, HIDDEN, h, w), input -> next state."""

    def __init__(self) -> None:
        super().__init__()
        self.convz, self.convr, self.convq = (
            nn.Conv2d(HIDDEN + CONTEXT + MOTION, HIDDEN, 3, padding=1) for _ in range(3)
        )

    def forward(self, state: Tensor, x: Tensor) -> Tensor:
        both = torch.cat([state, x], 1)
        update, reset = self.convz(both).sigmoid(), self.convr(both).sigmoid()
        proposed = self.convq(torch.cat([reset * state, x], 1)).tanh()
        mixed: Tensor = (1 - update) * state + update * proposed
        return mixed


class _Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convgru1 = _Gru()


class _FlowHead(nn.Module):
    """A correction of the flow (1, 2, h, w) from a state."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = (
            nn.Conv2d(HIDDEN, 128, 3, padding=1),
            nn.Conv2d(128, 2, 3, padding=1),
        )

    def forward(self, state: Tensor) -> Tensor:
        made: Tensor = self.conv2(F.relu(self.conv1(state)))
        return made


class _Update(nn.Module):
    """One update of the state and of the flow."""

    def __init__(self) -> None:
        super().__init__()
        self.motion_encoder = _MotionEncoder()
        self.recurrent_block = _Recurrent()
        self.flow_head = _FlowHead()

    def forward(
        self, state: Tensor, context: Tensor, alike: Tensor, flow: Tensor
    ) -> tuple[Tensor, Tensor]:
        given = torch.cat([context, self.motion_encoder(flow, alike)], 1)
        state = self.recurrent_block.convgru1(state, given)
        corrected: Tensor = flow + self.flow_head(state)
        return state, corrected


class Raft(nn.Module):
    """RAFT-small; its weights random until they are loaded."""

    def __init__(self) -> None:
        super().__init__()
        self.feature_encoder = _Encoder(128, norm=True)
        self.context_encoder = _Encoder(HIDDEN + CONTEXT, norm=False)
        self.update_block = _Update()

    @torch.no_grad()
    def forward(self, after: Tensor, before: Tensor) -> Tensor:
        """The flow (1, 2, H, W) of frames (1, 3, H, W) in [0, 1], in px; of any size from 1 px on.

        The channels are pixels to the right and pixels down, from `after` to `before`.
        """
        height, width = after.shape[-2:]
        down, across = (max(-(-x // STRIDE) * STRIDE, LEAST) - x for x in (height, width))
        beyond = (across // 2, across - across // 2, down // 2, down - down // 2)
        frames = F.pad(torch.cat([after, before]), beyond, mode="replicate") * 2 - 1
        scales = _correlations(*self.feature_encoder(frames).split(1))
        state, context = self.context_encoder(frames[:1]).split([HIDDEN, CONTEXT], 1)
        state, context = state.tanh(), context.relu()
        places = _places(state)
        flow = torch.zeros_like(places)
        for _ in range(UPDATES):
            state, flow = self.update_block(state, context, _around(scales, places + flow), flow)
        size = (frames.shape[-2], frames.shape[-1])
        flow = STRIDE * F.interpolate(flow, size, mode="bilinear", align_corners=True)
        return flow[..., beyond[2] : beyond[2] + height, beyond[0] : beyond[0] + width]


def _places(like: Tensor) -> Tensor:
    """Coordinates of each position, x and y: (1, 2, h, w)."""
    down, across = (torch.arange(length).to(like) for length in like.shape[-2:])
    return torch.stack(torch.meshgrid(across, down, indexing="xy"))[None]


def _correlations(after: Tensor, before: Tensor) -> list[Tensor]:
    """Products of all pairs of positions (h * w, 1, h, w), and their averages at coarser scales."""
    channels, height, width = after.shape[1:]
    pairs = after.flatten(2)[0].T @ before.flatten(2)[0] / channels**0.5
    scales = [pairs.view(height * width, 1, height, width)]
    for _ in range(LEVELS - 1):
        scales.append(F.avg_pool2d(scales[-1], 2))
    return scales


def _around(scales: Sequence[Tensor], ends: Tensor) -> Tensor:
    """Correlations around the flow's ends (1, 2, h, w), at each scale: (1, C, h, w)."""
    height, width = ends.shape[-2:]
    steps = torch.arange(-RADIUS, RADIUS + 1).to(ends)
    # As in the published weights: the first of both directions is x.
    moves = torch.stack(torch.meshgrid(steps, steps, indexing="ij"), -1)[None]
    centres = ends.permute(0, 2, 3, 1).reshape(height * width, 1, 1, 2)
    found = []
    for number, scale in enumerate(scales):
        limits = ends.new_tensor([scale.shape[-1] - 1, scale.shape[-2] - 1])
        grid = 2 * (centres / 2**number + moves) / limits - 1
        found.append(F.grid_sample(scale, grid, align_corners=True).view(height, width, -1))
    return torch.cat(found, -1).permute(2, 0, 1)[None]


@dataclass(frozen=True)
class FlowNetwork:
    """Description of a network for optical flow.

    Attributes:
        name: what `--flow` calls it.
        summary: one line for `artgen nets list`.
        source: where its weights come from, and under which licence.
    """

    name: str
    summary: str
    source: weights.Source

    earlier: ClassVar[tuple[FlowNetwork, ...]] = ()
    head: ClassVar[None] = None

    @property
    def full_name(self) -> str:
        """Its name: there is one version."""
        return self.name

    def build(self) -> Raft:
        """The network, its weights still random."""
        return Raft()

    def parts(self, *, head: bool) -> list[weights.Part]:
        """What else of its published file is kept: nothing."""
        return []


RAFT = FlowNetwork(
    "raft",
    "optical flow between frames of a film: --flow raft",
    weights.Source(
        licence="torchvision's (BSD-3-Clause); trained on FlyingChairs and FlyingThings3D",
        url="https://download.pytorch.org/models/raft_small_C_T_V2-01064c6d.pth",
        size=round(3.821 * 2**20),  # as torchvision states it
        digest="01064c6d",
    ),
)

"""The plain style transfer loop that ours is measured against.

Written as PyTorch's tutorial "Neural Transfer" (Jacq) has it: float32, contiguous, loss modules in
a Sequential, torch.optim.LBFGS over the picture, a loss read back at every evaluation. Nothing here
is tuned, and nothing is made slow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["PlainLoop"]


def gram_matrix(features: Tensor) -> Tensor:
    """(C, C) of features (1, C, H, W), divided by their number, as in the tutorial."""
    _, channels, height, width = features.shape
    flat = features.view(channels, height * width)
    return torch.mm(flat, flat.t()).div(channels * height * width)


class Normalise(nn.Module):
    """ImageNet's mean and deviation."""

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.mean, self.std = mean, std

    def forward(self, picture: Tensor) -> Tensor:
        """The picture as the network wants it."""
        return (picture - self.mean) / self.std


class LossModule(nn.Module):
    """Hands its input on and remembers how far it is from the target."""

    def __init__(self, distance: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.distance = distance
        self.loss = torch.zeros(())

    def forward(self, features: Tensor) -> Tensor:
        """The features, unchanged."""
        self.loss = self.distance(features)
        return features


class PlainLoop:
    """The loop of the tutorial around a chain of named layers.

    Args:
        chain: convolutions, ReLUs and pools, frozen.
        mean, std: (1, 3, 1, 1).
        losses: layer -> the loss of its features, weighted.
        picture: where it begins, (1, 3, H, W).
        variation: weight of the mean squared difference of neighbouring pixels.
    """

    def __init__(
        self,
        chain: nn.Sequential,
        mean: Tensor,
        std: Tensor,
        losses: Mapping[str, list[Callable[[Tensor], Tensor]]],
        picture: Tensor,
        variation: float = 0.0,
    ) -> None:
        self.model, self.modules = nn.Sequential(Normalise(mean, std)), []
        last = max(
            index for index, (name, _) in enumerate(chain.named_children()) if name in losses
        )
        for index, (name, layer) in enumerate(chain.named_children()):
            if index > last:
                break
            plain = nn.ReLU(inplace=False) if isinstance(layer, nn.ReLU) else layer
            self.model.add_module(name, plain)
            for number, distance in enumerate(losses.get(name, [])):
                module = LossModule(distance)
                self.modules.append(module)
                self.model.add_module(f"{name}_loss{number}", module)
        self.picture = picture.clone().requires_grad_()
        self.variation = variation
        # One evaluation a step, so that evaluations can be counted and timed.
        self.optimizer = torch.optim.LBFGS([self.picture], max_iter=1)
        self.value = float("inf")

    def step(self) -> None:
        """One evaluation of loss and gradient, and one move."""

        def closure() -> Tensor:
            with torch.no_grad():
                self.picture.clamp_(0, 1)
            self.optimizer.zero_grad()
            self.model(self.picture)
            loss = torch.stack([module.loss for module in self.modules]).sum()
            if self.variation:
                down, right = self.picture.diff(dim=2), self.picture.diff(dim=3)
                positions = self.picture.shape[2] * self.picture.shape[3]
                both = down.square().sum() + right.square().sum()
                loss = loss + self.variation * both / positions
            loss.backward()
            self.value = loss.item()
            return loss

        self.optimizer.step(closure)


def relative(target: Tensor, distance: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """What a loss is divided by so that it is one where the features are nought."""
    return distance(torch.zeros_like(target), target).clamp(min=1e-8)


def gram_loss(target: Tensor, weight: float) -> Callable[[Tensor], Tensor]:
    """Gatys's style loss of a layer, relative to the target's Gram matrix."""
    wanted = gram_matrix(target).detach()
    scale = weight / relative(wanted, F.mse_loss)
    return lambda features: F.mse_loss(gram_matrix(features), wanted) * scale


def content_loss(target: Tensor, weight: float) -> Callable[[Tensor], Tensor]:
    """The content loss of a layer, relative to the photo's variance there."""
    wanted = target.detach()
    spread = wanted.var((0, 2, 3), correction=0).sum() / wanted.shape[1]
    return lambda features: F.mse_loss(features, wanted) * (weight / spread)

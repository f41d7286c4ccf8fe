"""The colours of a mallard drake: vermiculated flanks, a chestnut breast, a green head."""

from dataclasses import dataclass

import torch
from torch import Tensor

from . import march as m


def scales(u: Tensor, v: Tensor) -> tuple[Tensor, Tensor]:
    """Overlapping feathers on a sheet: how far along the top one we are, and its number."""
    along, number = torch.full_like(u, 9.0), torch.zeros_like(u)
    for back in (0.0, 1.0, 2.0):
        row = u.floor() - back
        w = v + 0.5 * row.remainder(2)
        x, y = w - w.floor() - 0.5, u - row
        reach = y / (1.9 - 3.2 * x * x)
        mine = (reach < 1) & (reach >= 0)
        # The row in front lies under the one behind it.
        along = torch.where(mine, reach, along)
        number = torch.where(mine, row * 7.13 + w.floor() * 3.71, number)
    return along.clamp(0, 1), number


@dataclass
class Plumage:
    """Points of the drake in its folded frame, with the textures that its colours share."""

    q: Tensor
    soft: Tensor
    barbs: Tensor
    fine: Tensor
    curls: Tensor
    along: Tensor  # from the root to the tip of the feather
    tone: Tensor  # one value for each feather

    @classmethod
    def at(cls, noise: m.Noise, q: Tensor) -> "Plumage":
        x, y, z = q
        soft = noise(q * 22, 4, 0.6)
        around = torch.atan2(z, y - 0.05)
        barbs = noise(torch.stack([x * 26, around * 60, z * 30]), 3)
        fine = noise(torch.stack([x * 90, y * 40, z * 90]), 2)
        along, number = scales(-x * 19 + 0.45 * soft, around * 9.5 + 0.25 * soft)
        tone = 0.5 + 0.5 * torch.sin(number * 12.9)
        return cls(q, soft, barbs, fine, noise(q * 30, 2), along, tone)

    def body(self) -> Tensor:
        """Grey flanks, brown breast and back, black and white behind."""
        x, y, _ = self.q
        soft, tone = self.soft, self.tone
        lines = torch.sin((x + 0.55 * y) * 420 + 5 * self.curls)
        share = 0.5 + 0.30 * lines + 0.25 * soft
        grey = m.shades((0.22, 0.21, 0.20), (0.47, 0.45, 0.42), share)
        grey = grey * (1.04 - 0.16 * self.along**5)
        share = 0.4 + 0.4 * soft + 0.3 * tone
        brown = m.shades((0.058, 0.024, 0.014), (0.125, 0.056, 0.032), share)
        brown = brown * (1.06 - 0.22 * self.along**6)
        breast = m.ramp(x + 0.28 * (y - 0.1) + 0.05 * soft + 0.02 * self.barbs, 0.15, 0.27)
        back = m.shades((0.12, 0.095, 0.075), (0.30, 0.26, 0.22), tone * 0.7 + 0.3 * soft)
        back = m.mix(back, m.column((0.44, 0.40, 0.35)), self.along**7)
        above = m.ramp(y - 0.105 * x.clamp_max(0.1) + 0.02 * soft, 0.27, 0.33)
        colour = m.mix(m.mix(grey, brown, breast), back, above * m.ramp(x, 0.24, 0.16))
        rear = m.ramp(x + 0.02 * soft, -0.42, -0.46)
        colour = m.mix(colour, m.column((0.012, 0.013, 0.015)), rear)
        tail = m.column((0.70, 0.68, 0.64)) * (0.85 + 0.2 * self.barbs)
        return m.mix(colour, tail, m.ramp(x, -0.60, -0.63))

    def wing(self) -> Tensor:
        """Brown coverts, and the blue speculum between white bars."""
        x, y, _ = self.q
        streak = (self.barbs * 0.5 + 0.5).clamp(0, 1)
        share = streak * 0.7 + 0.3 * self.tone
        colour = m.shades((0.085, 0.068, 0.055), (0.23, 0.19, 0.155), share)
        colour = m.mix(colour, m.column((0.36, 0.32, 0.27)), self.along**8 * 0.6)
        # The speculum is a slanting patch, mostly tucked under the flank.
        slant = x + 0.9 * (y - 0.17) + 0.012 * self.soft
        low = y - 0.20 * (x + 0.28) + 0.010 * self.soft
        bars = m.ramp(slant, -0.350, -0.338) * m.ramp(slant, -0.185, -0.197)
        colour = m.mix(colour, m.column((0.58, 0.57, 0.55)), bars * m.ramp(low, 0.197, 0.185))
        blue = m.ramp(slant, -0.325, -0.31) * m.ramp(slant, -0.21, -0.225)
        patch = m.column((0.022, 0.036, 0.13)) * (0.7 + 0.6 * streak)
        return m.mix(colour, patch, blue * m.ramp(low, 0.185, 0.172))

    def head(self, colour: Tensor) -> tuple[Tensor, Tensor]:
        """The white collar and the green above it laid over `colour`, and where the green is."""
        x, y, _ = self.q
        front = x > 0.15
        collar = y - 0.405 - 0.12 * (x - 0.38) + 0.006 * self.soft
        white = m.ramp(collar, -0.016, -0.008) * front
        colour = m.mix(colour, m.column((0.74, 0.73, 0.70)), white)
        green = m.shades((0.004, 0.035, 0.016), (0.012, 0.105, 0.045), 0.5 + 0.5 * self.fine)
        share = m.ramp(collar, 0.010, 0.018) * front
        return m.mix(colour, green, share), share

    def bill(self) -> Tensor:
        """Yellow, with a dark nostril and nail."""
        yellow = m.shades((0.50, 0.36, 0.030), (0.62, 0.50, 0.10), 0.5 + 0.5 * self.soft)
        hole = (self.q - m.column((0.605, 0.600, 0.036))) * m.column((0.55, 1.4, 1.0))
        yellow = yellow * (1 - 0.94 * m.ramp(m.length(hole), 0.013, 0.009))
        return m.mix(yellow, m.column((0.02, 0.018, 0.012)), m.ramp(self.q[0], 0.762, 0.775))

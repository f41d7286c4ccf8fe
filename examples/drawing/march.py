"""A small ray marcher: a camera, rays, light, noise and tone, on tensors of points.

Points and directions are (3, N) tensors, so each coordinate is one contiguous row; a field maps
points to N signed distances. Everything is seeded: the same call gives the same picture.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

Field = Callable[[Tensor], Tensor]
Vector = tuple[float, float, float]

# Small enough for the temporaries of a field to stay in the cache, which is most of the speed.
CHUNK = 1 << 14
# Threads gain little on such pieces, and on a busy machine they wait for each other.
torch.set_num_threads(1)


def column(vector: Vector) -> Tensor:
    """A constant vector or colour as (3, 1), ready to broadcast against points."""
    return torch.tensor(vector, dtype=torch.float32)[:, None]


def length(v: Tensor) -> Tensor:
    return (v * v).sum(0).sqrt()


def unit(v: Tensor) -> Tensor:
    return v / length(v).clamp_min(1e-9)


def dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(0)


def mix(a: Tensor, b: Tensor, share: Tensor | float) -> Tensor:
    return a + (b - a) * share


def ramp(x: Tensor, low: float, high: float) -> Tensor:
    """0 below `low`, 1 above `high`, smooth between; `low` may be the greater."""
    s = ((x - low) / (high - low)).clamp(0, 1)
    return s * s * (3 - 2 * s)


def shades(dark: Vector, pale: Vector, share: Tensor) -> Tensor:
    """A colour between two, for materials that vary with a noise."""
    return mix(column(dark), column(pale), share.clamp(0, 1))


def reflect(ray: Tensor, normal: Tensor) -> Tensor:
    return ray - 2 * dot(ray, normal) * normal


@dataclass
class Camera:
    """A pinhole at `eye` looking at `target`; `fov` is the vertical angle in degrees."""

    eye: Vector
    target: Vector
    fov: float

    def basis(self) -> tuple[Tensor, Tensor, Tensor]:
        forward = unit(column(self.target) - column(self.eye))[:, 0]
        right = torch.linalg.cross(forward, torch.tensor([0.0, 1.0, 0.0]))
        right = right / right.norm()
        return right, torch.linalg.cross(right, forward), forward

    def rays(self, size: tuple[int, int]) -> Tensor:
        """Directions through the pixel centres, row by row."""
        width, height = size
        right, up, forward = self.basis()
        scale = np.tan(np.radians(self.fov) / 2)
        u = ((torch.arange(width) + 0.5) * 2 - width) / height * scale
        v = -((torch.arange(height) + 0.5) * 2 / height - 1) * scale
        v, u = torch.meshgrid(v, u, indexing="ij")
        flat = torch.stack([u.reshape(-1), v.reshape(-1)])
        return unit(right[:, None] * flat[0] + up[:, None] * flat[1] + forward[:, None])

    def project(self, points: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
        """Pixel coordinates (2, N) and depths of world points."""
        width, height = size
        local = torch.stack(self.basis()) @ (points - column(self.eye))
        scale = height / 2 / np.tan(np.radians(self.fov) / 2)
        x = width / 2 + local[0] / local[2] * scale
        return torch.stack([x, height / 2 - local[1] / local[2] * scale]), local[2]


def march(
    field: Field,
    origin: Tensor,
    rays: Tensor,
    far: float,
    near: Tensor | float = 0.0,
    steps: int = 100,
    pace: float = 1.0,
    tolerance: float = 4e-4,
) -> Tensor:
    """Distance along each ray to the surface, infinite where it misses."""
    origin = origin.expand_as(rays)
    begin = near if isinstance(near, Tensor) else torch.full_like(rays[0], near)
    found = []
    pieces = zip(origin.split(CHUNK, 1), rays.split(CHUNK, 1), begin.split(CHUNK), strict=True)
    for start, ray, nearest in pieces:
        t = nearest.clone()
        alive = (t < far).nonzero()[:, 0]
        for _ in range(steps if alive.numel() else 0):
            here = t[alive]
            gap = field(start[:, alive] + ray[:, alive] * here)
            here = here + gap * pace
            t[alive] = here
            alive = alive[(gap > tolerance * (1 + here)) & (here < far)]
            if not alive.numel():
                break
        found.append(torch.where(t < far, t, torch.inf))
    return torch.cat(found)


def approach(
    field: Field, origin: Tensor, rays: Tensor, size: tuple[int, int], near: float, far: float
) -> Tensor:
    """How far each ray of a picture is surely free, from one fat ray for each block of pixels."""
    block = 8
    grid = rays.reshape(3, size[1], size[0])
    rows = torch.arange(0, size[1] + block - 1, block).add(block // 2).clamp_max(size[1] - 1)
    columns = torch.arange(0, size[0] + block - 1, block).add(block // 2).clamp_max(size[0] - 1)
    fat = grid[:, rows][:, :, columns].reshape(3, -1)
    # The ray is as wide as a block and a little more, for fields that are not quite distances.
    cone = float((grid[:, size[1] // 2, 0] - grid[:, size[1] // 2, 1]).norm()) * block
    t = march(lambda p: field(p) - cone * length(p - origin), origin, fat, far, near, 60, 0.8, 1e-3)
    t = (t * (1 - 2 * cone)).reshape(len(rows), len(columns))
    t = t.repeat_interleave(block, 0)[: size[1]].repeat_interleave(block, 1)[:, : size[0]]
    return t.reshape(-1).clamp_min(near)


def in_chunks(function: Field, points: Tensor) -> Tensor:
    """Apply `function` piece by piece, so that its temporaries stay small."""
    return torch.cat([function(piece) for piece in points.split(CHUNK, 1)], -1)


def normals(field: Field, points: Tensor, reach: float = 1e-3) -> Tensor:
    """Gradient directions, from the four corners of a tetrahedron."""
    total = torch.zeros_like(points)
    for corner in ((1.0, -1.0, -1.0), (-1.0, -1.0, 1.0), (-1.0, 1.0, -1.0), (1.0, 1.0, 1.0)):
        offset = column(corner)
        total += offset * in_chunks(field, points + offset * reach)
    return unit(total)


def bumped(normal: Tensor, points: Tensor, bump: Field, depth: float, reach: float) -> Tensor:
    """Normals tilted as though the surface were raised by `depth * bump`."""
    base = in_chunks(bump, points)
    slopes = []
    for axis in torch.eye(3):
        slopes.append((in_chunks(bump, points + axis[:, None] * reach) - base) / reach)
    slope = torch.stack(slopes)
    return unit(normal - depth * (slope - dot(slope, normal) * normal))


def shadow(
    field: Field,
    points: Tensor,
    light: Tensor,
    far: float,
    softness: float = 0.1,
    near: float = 0.01,
    steps: int = 40,
    facing: Tensor | None = None,
) -> Tensor:
    """Share of a light of angular size `softness` that reaches each point.

    Where `facing` is below zero the light is behind the surface, and no ray is sent.
    """
    pieces = []
    towards = torch.ones_like(points[0]) if facing is None else facing
    for piece, front in zip(points.split(CHUNK, 1), towards.split(CHUNK), strict=True):
        lit = torch.where(front < 0, -1.0, 1.0)
        t = torch.full_like(lit, near)
        alive = (front >= 0).nonzero()[:, 0]
        for _ in range(steps if alive.numel() else 0):
            here = t[alive]
            gap = field(piece[:, alive] + light * here)
            lit[alive] = torch.minimum(lit[alive], gap / (softness * here))
            t[alive] = here = here + gap.clamp(near, far / 12)
            alive = alive[(lit[alive] > -1) & (here < far)]
            if not alive.numel():
                break
        # Running to -1 counts rays that only graze, and gives a penumbra on both sides.
        lit = lit.clamp(-1, 1)
        pieces.append(0.25 * (1 + lit) * (1 + lit) * (2 - lit))
    return torch.cat(pieces)


def occlusion(field: Field, points: Tensor, normal: Tensor, reach: float, taps: int = 5) -> Tensor:
    """How open the surface is to the sky, from the field along the normal."""
    total, weight = torch.zeros_like(points[0]), 1.0
    norm = 0.0
    for tap in range(1, taps + 1):
        out = reach * tap / taps
        gap = in_chunks(field, points + normal * out)
        total += weight * (out - gap).clamp_min(0) / out
        norm += weight
        weight *= 0.8
    return (1 - total / norm).clamp(0, 1)


def turned(p: Tensor, angle: float, axes: tuple[int, int] = (0, 2)) -> Tensor:
    """Points rotated by `angle` degrees in the plane of two axes."""
    c, s = float(np.cos(np.radians(angle))), float(np.sin(np.radians(angle)))
    rows = list(p)
    a, b = rows[axes[0]], rows[axes[1]]
    rows[axes[0]], rows[axes[1]] = c * a - s * b, s * a + c * b
    return torch.stack(rows)


class Noise:
    """Smooth random fields in two and three dimensions, about -1 to 1, from one seed."""

    def __init__(self, seed: int) -> None:
        source = torch.Generator().manual_seed(seed)
        plane = torch.rand(1, 1, 256, 256, generator=source) * 2 - 1
        volume = torch.rand(1, 1, 64, 64, 64, generator=source) * 2 - 1
        # A repeated edge lets the interpolation run over the seam.
        self.plane = F.pad(plane, (0, 1, 0, 1), mode="circular")
        self.volume = F.pad(volume, (0, 1, 0, 1, 0, 1), mode="circular")

    def single(self, p: Tensor) -> Tensor:
        lattice = self.volume if p.shape[0] == 3 else self.plane
        period = lattice.shape[-1] - 1
        q = p.remainder(period)
        cell = q.floor()
        s = q - cell
        place = (cell + s * s * (3 - 2 * s)) * (2 / period) - 1
        grid = place.T.reshape(1, *[1] * (p.shape[0] - 1), -1, p.shape[0])
        return F.grid_sample(lattice, grid, align_corners=True, padding_mode="border").reshape(-1)

    def __call__(self, p: Tensor, octaves: int = 1, gain: float = 0.5) -> Tensor:
        """Octaves, each turned against the last, so that the lattice does not show."""
        total, weight = self.single(p), 1.0
        for octave in range(1, octaves):
            p = turned(p, 37.0, (0, 1)) * 2.03 + 17.3 * octave
            p = turned(p, 51.0, (1, 2)) if p.shape[0] == 3 else p
            weight *= gain
            total = total + weight * self.single(p)
        return total


def blur(image: Tensor, sigma: float) -> Tensor:
    """A Gaussian blur of (C, H, W)."""
    if sigma < 0.2:
        return image
    reach = int(3 * sigma + 1)
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / sigma) ** 2)
    kernel = (kernel / kernel.sum()).view(1, 1, 1, -1)
    out = image[:, None]
    for turn in (kernel, kernel.transpose(2, 3)):
        pad = [reach * (turn.shape[3] > 1)] * 2 + [reach * (turn.shape[2] > 1)] * 2
        out = F.conv2d(F.pad(out, pad, mode="replicate"), turn)
    return out[:, 0]


def finish(light: Tensor, drawn: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """Linear light (3, N), drawn at one size, as a picture at another: filmic, in sRGB."""
    x = light.clamp_min(0) * 0.8
    # A rational fit of a film curve: a toe, a straight part and a long shoulder.
    x = (x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14)).clamp(0, 1)
    x = torch.where(x < 0.0031308, 12.92 * x, 1.055 * x.clamp_min(1e-6) ** (1 / 2.4) - 0.055)
    image = x.reshape(1, 3, drawn[1], drawn[0])
    image = F.interpolate(image, (size[1], size[0]), mode="bicubic", antialias=True)
    return image[0].clamp(0, 1).permute(1, 2, 0).contiguous().numpy()

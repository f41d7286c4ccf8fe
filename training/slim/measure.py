"""How well slim explains its teachers, layer by layer, on pictures held out.

    python training/slim/measure.py --pictures DIR --weights DIR --data DIR
    python training/slim/measure.py --pictures DIR --weights DIR --data DIR --slim FILE --gradients

For each pair of layers: the squared error of the best linear map (ridge least squares with bias, no
ReLU) from the network's layer to the teacher's, over the teacher's variance. The held-out pictures,
384 px on their long side, are parted in two; maps fitted on one half are scored on the other, and
the other way round. With --fit, maps are fitted on so many pictures of the training set instead,
which is kinder to deep layers: fifty pictures are few for a map from 240 channels to 512. 0 is the
teacher itself, 1 is knowing nothing. A further column has what VGG-16's own layers say of those
that follow them at once.

With --gradients also, how much the gradient that reaches a picture has in common with VGG-16's for
the same loss, and how much stronger either is along the picture's rim. With --exact, the weights as
they were before they were packed: how far rounding moves activations and gradients.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
import torch.nn.functional as F
from data import split
from PIL import Image
from shape import spec
from teachers import Stand, Teachers, Vgg16
from torch import Tensor
from torchvision.transforms.functional import pil_to_tensor

from artgen.networks.extractor import FeatureExtractor
from artgen.networks.zoo.slim import FIRST

SIDE, RIDGE = 384, 1e-4
LAST = "last"  # stands for a network's deepest layer
ROWS = (
    ("relu1_1", "vgg16/relu1_1"),
    ("relu1_2", "vgg16/relu1_2"),
    ("relu2_1", "vgg16/relu2_1"),
    ("relu2_2", "vgg16/relu2_2"),
    ("relu3_1", "vgg16/relu3_1"),
    ("relu3_3", "vgg16/relu3_3"),
    ("relu4_1", "vgg16/relu4_1"),
    ("relu4_2", "vgg16/relu4_2"),
    ("relu4_3", "vgg16/relu4_3"),
    ("relu5_1", "vgg16/relu5_1"),
    (LAST, "vgg16/relu5_3"),
    ("relu1_1", "vgg19/relu1_1"),
    ("relu1_2", "vgg19/relu1_2"),
    ("relu2_1", "vgg19/relu2_1"),
    ("relu2_2", "vgg19/relu2_2"),
    ("relu3_1", "vgg19/relu3_1"),
    ("relu4_1", "stand/relu4_1"),
    ("relu5_1", "stand/relu5_1"),
    ("relu3_3", "squeezenet/4"),
    ("relu4_3", "squeezenet/7"),
    (LAST, "squeezenet/10"),
    (LAST, "squeezenet/12"),
)
STYLE = tuple(f"relu{block}_1" for block in range(1, 6))
CONTENT = "relu4_2"
RIM = 4  # pixels
BEFORE = "layer before"
ABOUT = {BEFORE: "vgg16/", "published": ("vgg", "squeezenet")}  # targets, where not all
Network = Callable[[Tensor], dict[str, Tensor]]


class Moments:
    """Sums over positions, from which linear maps with bias are fitted, and scored elsewhere."""

    def __init__(self) -> None:
        self.inputs: Tensor | float = 0.0
        self.cross: Tensor | float = 0.0
        self.sum: Tensor | float = 0.0
        self.squares = 0.0

    def add(self, x: Tensor, y: Tensor) -> None:
        """Activations (1, C, h, w), and the teacher's, which are brought onto the same grid."""
        if y.shape[-2:] != x.shape[-2:]:
            y = F.interpolate(y, x.shape[-2:], mode="bilinear", align_corners=False)
        rows, answers = (t.movedim(1, -1).flatten(0, 2).double() for t in (x, y))
        rows = F.pad(rows, (0, 1), value=1.0)
        self.inputs = self.inputs + rows.T @ rows
        self.cross = self.cross + rows.T @ answers
        self.sum = self.sum + answers.sum(0)
        self.squares += float(answers.square().sum())

    def map(self) -> Tensor:
        """The best map (C + 1, D) on what was seen."""
        assert isinstance(self.inputs, Tensor)
        eye = torch.eye(len(self.inputs), dtype=torch.float64)
        ridge = RIDGE * self.inputs.diagonal().mean() * eye
        return torch.linalg.solve(self.inputs + ridge, self.cross)

    def score(self, linear: Tensor) -> tuple[float, float]:
        """Squared error of a map, and the variance that there is to explain, both summed."""
        assert isinstance(self.inputs, Tensor)
        assert isinstance(self.sum, Tensor)
        explained = 2 * (linear * self.cross).sum() - (linear * (self.inputs @ linear)).sum()
        variance = self.squares - float(self.sum.square().sum() / self.inputs[-1, -1])
        return self.squares - float(explained), variance


def held_out(files: Iterable[Path], side: int = SIDE) -> Iterable[Tensor]:
    """Each picture (1, 3, H, W) at 384 px on its long side."""
    for file in files:
        picture = Image.open(file).convert("RGB")
        factor = side / max(picture.size)
        size = (round(picture.width * factor), round(picture.height * factor))
        yield pil_to_tensor(picture.resize(size, Image.Resampling.LANCZOS))[None].float() / 255


class Table:
    """Errors of several networks, of each row of ROWS that network and teacher have."""

    def __init__(self, networks: dict[str, Network], teacher: Network) -> None:
        self.networks, self.teacher = networks, teacher

    @torch.no_grad()
    def sums(self, pictures: Iterable[Tensor]) -> dict[tuple[str, tuple[str, str]], Moments]:
        """What is needed to fit maps on these pictures, or to score maps on them."""
        found: dict[tuple[str, tuple[str, str]], Moments] = {}
        for number, picture in enumerate(pictures):
            truths = self.teacher(picture)
            for name, network in self.networks.items():
                answers = network(picture)
                answers[LAST] = answers[max(key for key in answers if key.startswith("relu"))]
                for row in ROWS:
                    if row[0] not in answers or row[1] not in truths:
                        continue
                    if name in ABOUT and not row[1].startswith(ABOUT[name]):
                        continue
                    # Every so many-th position of the large maps says as much.
                    step = {"1": 4, "2": 2}.get(row[0][4], 1) if row[0] != LAST else 1
                    x, y = answers[row[0]], truths[row[1]]
                    if step > 1:
                        x, y = (
                            t[..., number % step :: step, number % step :: step] for t in (x, y)
                        )
                    found.setdefault((name, row), Moments()).add(x, y)
        return found

    def errors(
        self, pictures: list[Tensor], learned: Iterable[Tensor] = ()
    ) -> dict[tuple[str, tuple[str, str]], float]:
        """By network and row; maps are of `learned`, or of the pictures' other half."""
        tested = [self.sums(pictures[::2]), self.sums(pictures[1::2])]
        fitted = self.sums(learned)
        found = {}
        for key in tested[0]:
            one, other = (half[key] for half in tested)
            maps = [fitted[key].map()] * 2 if fitted else [other.map(), one.map()]
            scores = [half.score(linear) for half, linear in zip((one, other), maps, strict=True)]
            error, variance = (sum(column) for column in zip(*scores, strict=True))
            found[key] = error / variance
        return found


def _gram(x: Tensor) -> Tensor:
    rows = x.flatten(2)[0]
    return rows @ rows.T / rows.shape[1]


def slopes(network: Network, photo: Tensor, painting: Tensor) -> dict[str, Tensor]:
    """Gradients at the photo of the style loss of each layer, and at a blend of its content loss.

    Each loss is relative to its target's own size, as a network sees it: no map lies between.
    """
    with torch.no_grad():
        wanted, kept = network(painting), network(photo)
    found = {}
    x = photo.clone().requires_grad_()
    seen = network(x)
    losses = {}
    for layer in STYLE:
        target = _gram(wanted[layer])
        losses[f"style {layer}"] = (
            _gram(seen[layer]) - target
        ).square().sum() / target.square().sum()
    losses["style"] = torch.stack(list(losses.values())).sum()
    for name, loss in losses.items():
        (found[name],) = torch.autograd.grad(loss, x, retain_graph=True)
    side = photo.shape[-2:]
    other = F.interpolate(painting, side, mode="bilinear", align_corners=False, antialias=True)
    x = photo.lerp(other, 0.5).requires_grad_()
    loss = (network(x)[CONTENT] - kept[CONTENT]).square().sum() / kept[CONTENT].square().sum()
    (found["content"],) = torch.autograd.grad(loss, x)
    return found


def _rim(slope: Tensor) -> float:
    """How many times stronger a gradient is along the rim than elsewhere (energy a pixel)."""
    energy = slope.square().sum(1)[0]
    inner = energy[RIM:-RIM, RIM:-RIM]
    outside = energy.numel() - inner.numel()
    return float((energy.sum() - inner.sum()) / outside / inner.mean())


def compare_gradients(
    networks: dict[str, Network], vgg16: Network, photos: list[Tensor], paintings: list[Tensor]
) -> None:
    """Prints cosines with VGG-16's gradients, and the rim's strength, means over the pairs."""
    cosines: dict[tuple[str, str], list[float]] = {}
    rims: dict[tuple[str, str], list[float]] = {}
    for photo, painting in zip(photos, paintings, strict=False):
        true = slopes(vgg16, photo, painting)
        for loss, slope in true.items():
            rims.setdefault((loss, "vgg16"), []).append(_rim(slope))
        for name, network in networks.items():
            for loss, slope in slopes(network, photo, painting).items():
                cosine = F.cosine_similarity(slope.flatten(), true[loss].flatten(), dim=0)
                cosines.setdefault((loss, name), []).append(float(cosine))
                rims.setdefault((loss, name), []).append(_rim(slope))
    rows = list(dict.fromkeys(loss for loss, _ in rims))
    for title, values, names in (
        ("cosine with VGG-16's gradient", cosines, list(networks)),
        (f"energy of the outer {RIM} px", rims, ["vgg16", *networks]),
    ):
        print(f"\n| {title} | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
        for loss in rows:
            means = [sum(v) / len(v) for v in (values[loss, name] for name in names)]
            print(f"| {loss} |", " | ".join(f"{mean:.3f}" for mean in means), "|")


def rounding(exact: FeatureExtractor, packed: FeatureExtractor, test: Iterable[Tensor]) -> None:
    """Prints the relative squared difference of each layer, and of its energy's gradient."""
    sums = torch.zeros(len(STYLE), 4, dtype=torch.float64)
    for picture in test:
        for row, layer in zip(sums, STYLE, strict=True):
            found = []
            for network in (exact, packed):
                x = picture.clone().requires_grad_()
                answer = network(x, {layer})[layer]
                (slope,) = torch.autograd.grad(answer.square().sum(), x)
                found.append((answer.detach(), slope))
            for place, (one, other) in zip((0, 2), zip(*found, strict=True), strict=True):
                row[place] += (one - other).square().sum()
                row[place + 1] += one.square().sum()
    print("| layer | activations | gradient |\n|---|---|---|")
    for (value, values, slope, slopes_), layer in zip(sums.tolist(), STYLE, strict=True):
        print(f"| {layer} | {value / values:.1e} | {slope / slopes_:.1e} |")


def reader(extractor: FeatureExtractor) -> Network:
    """All the ReLUs of an extractor's network."""
    layers = [layer for layer in extractor.layers if layer.startswith("relu")]

    def read(picture: Tensor) -> dict[str, Tensor]:
        return dict(extractor(picture, layers))

    return read


def before(vgg16: Vgg16) -> Network:
    """By the name of each of VGG-16's layers, what its convolution looks at."""

    def read(picture: Tensor) -> dict[str, Tensor]:
        x, found = (picture - vgg16.mean) / vgg16.std, {}
        for name, layer in vgg16.chain[:-1].named_children():
            if name.startswith("conv"):
                found[name.replace("conv", "relu")] = x
            x = layer(x)
        return found

    return read


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--slim", type=Path, help="weights of slim@2, in training or packed")
    parser.add_argument("--exact", type=Path, help="slim@2's weights as trained, in float32")
    parser.add_argument("--every", type=int, default=1, help="which of the held-out pictures")
    parser.add_argument("--fit", type=int, default=0, help="training pictures to fit maps on")
    parser.add_argument("--only-vgg16", action="store_true", help="leave out the other teachers")
    parser.add_argument("--published", action="store_true", help="the published small VGG-19, too")
    parser.add_argument("--gradients", type=int, nargs="?", const=6, default=0, metavar="PAIRS")
    parser.add_argument("--side", type=int, default=256, help="of the pairs, in pixels")
    return parser.parse_args()


def main() -> None:
    """Prints the tables as Markdown."""
    options = arguments()
    parts = split(options.pictures, options.data)
    files = parts.held_out[:: options.every]
    networks = {"slim@1": reader(FeatureExtractor(FIRST))}
    if options.slim:
        networks["slim@2"] = reader(FeatureExtractor(spec(options.slim), file=options.slim))
    vgg16 = Vgg16(options.weights / "vgg16.safetensors").requires_grad_(False).eval()

    def short(picture: Tensor) -> dict[str, Tensor]:
        return {key.removeprefix("vgg16/"): value for key, value in vgg16(picture).items()}

    if options.gradients:
        folders = (options.data / "photos", options.data / "paintings")
        pairs = [sorted(folder.glob("*.jpg"))[: options.gradients] for folder in folders]
        photos, paintings = (list(held_out(one, options.side)) for one in pairs)
        compare_gradients(networks, short, photos, paintings)
        print()
    if options.published:
        stand = Stand(options.weights / "vgg19_distilled_16x.safetensors", "published")
        networks["published"] = lambda picture: {
            key.removeprefix("published/"): value for key, value in stand(picture).items()
        }
    networks[BEFORE] = before(vgg16)
    teacher = vgg16 if options.only_vgg16 else Teachers(options.weights, vgg16=True)
    chosen = parts.train[:: len(parts.train) // options.fit][: options.fit] if options.fit else ()
    result = Table(networks, teacher).errors(list(held_out(files)), held_out(chosen))
    print(f"{len(files)} pictures held out, maps fitted on {len(chosen) or 'the other half'}")
    print(f"| layer | teacher | {' | '.join(networks)} |\n|---|---|{'---|' * len(networks)}")
    for row in ROWS:
        cells = [result.get((name, row)) for name in networks]
        if any(cells):
            printed = (f"{cell:.4f}" if cell else "-" for cell in cells)
            print(f"| {row[0]} | {row[1]} |", " | ".join(printed), "|")
    if options.exact:
        exact, packed = (FeatureExtractor(spec(f), file=f) for f in (options.exact, options.slim))
        rounding(exact, packed, held_out(files))


if __name__ == "__main__":
    main()

"""The settings of a training, and the trainer made from them, for `artgen fast train`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
from torch import Tensor

from artgen.core.files import is_litter
from artgen.core.schema import Option, validate
from artgen.errors import UsageError
from artgen.fast.multi_style import Painter
from artgen.fast.trainer import Trainer
from artgen.fast.training import PhotoLessons, Photos, TrainingObjective
from artgen.losses.style import MOMENT_LOSSES, style_moments
from artgen.ops.resize import fit, resample
from artgen.runtime import Runtime
from artgen.techniques.common.options import RUN, Net

__all__ = ["SUFFIXES", "Training", "photos_in"]

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".tif", ".tiff", ".bmp"}
LOSSES = "Losses"


@dataclass(frozen=True)
class Training:
    """Settings of a training; every default here is the one the command line shows."""

    iterations: Annotated[int, Option("training steps in all", "n", least=1, group=RUN)] = 4000
    minutes: Annotated[
        float,
        Option(
            "train for this long instead of --iterations; 0 for --iterations", least=0, group=RUN
        ),
    ] = 0.0
    batch: Annotated[int, Option("photos in a batch", least=1, group=RUN)] = 2
    crop: Annotated[int, Option("side of the photos' crops, in pixels", least=64, group=RUN)] = 224
    style_size: Annotated[
        int,
        Option(
            "long side of the style pictures, in pixels; larger makes broader strokes", least=64
        ),
    ] = 512
    style_loss: Annotated[
        str,
        Option("which statistics of the style are compared", choices=MOMENT_LOSSES, group=LOSSES),
    ] = "moments"
    content_weight: Annotated[
        float, Option("weight of the content loss", least=0, group=LOSSES)
    ] = TrainingObjective.content_weight
    style_weight: Annotated[float, Option("weight of the style loss", least=0, group=LOSSES)] = (
        TrainingObjective.style_weight
    )
    tv_weight: Annotated[
        float, Option("weight of the total variation loss: more is smoother", least=0, group=LOSSES)
    ] = TrainingObjective.tv_weight
    net: Net = "slim@1"  # with which the shipped painter was trained
    rate: Annotated[float, Option("learning rate of Adam", least=1e-6, most=1, group=RUN)] = 1e-3

    def __post_init__(self) -> None:
        validate(self)

    def trainer(
        self,
        styles: Mapping[str, Tensor],
        photos: Sequence[Path],
        runtime: Runtime,
        learnt: Painter | None = None,
    ) -> Trainer:
        """A trainer of a painter for these styles.

        Args:
            styles: name -> style picture (1, 3, H, W).
            photos: files of the training photos.
            runtime: device, precision and seed.
            learnt: a trained painter: the styles are added to it, and the rest of it is kept.

        Raises:
            UsageError: for a style that it already has, or no photo.
        """
        if not photos:
            raise UsageError("There are no photos to learn from.", "Name a folder with --photos.")
        extractor = runtime.extractor(self.net)
        layers = tuple(extractor.role("style").layers)
        least = max(extractor.smallest(layer) for layer in layers)
        targets = {}
        for name, painting in styles.items():
            height, width = painting.shape[-2:]
            size = fit((height, width), self.style_size)
            size = (max(size[0], least), max(size[1], least))
            picture = resample(painting.to(runtime.torch_device), size).clamp(0, 1)
            targets[name] = style_moments(extractor, [picture], [1.0], layers)
        state = torch.get_rng_state()
        torch.manual_seed(runtime.seed)
        painter = learnt.with_styles(list(styles)) if learnt else Painter(list(styles))
        torch.set_rng_state(state)
        objective = TrainingObjective(
            extractor,
            targets,
            self.style_loss,
            self.content_weight,
            self.style_weight,
            self.tv_weight,
        )
        return Trainer(
            painter.to(runtime.torch_device),
            extractor,
            PhotoLessons(objective, Photos(photos, self.crop, runtime.generator())),
            iterations=self.iterations,
            minutes=self.minutes,
            batch=self.batch,
            rate=self.rate,
            only=tuple(styles) if learnt else (),
        )


def photos_in(folder: Path) -> list[Path]:
    """The pictures in a folder and its subfolders, by their extensions, sorted by name.

    Raises:
        UsageError: if it is not a folder, or there are none.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder.", "--photos takes a folder of photos.")
    there = (path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    found = sorted(
        path for path in there if not any(map(is_litter, path.relative_to(folder).parts[:-1]))
    )
    if not found:
        raise UsageError(
            f"There are no photos in {folder}.", f"Known: {' '.join(sorted(SUFFIXES))}."
        )
    return found

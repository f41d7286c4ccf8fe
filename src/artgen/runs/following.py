"""The settings of a painter that follows key frames, and its trainer, for `artgen fast follow`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import torch

from artgen.core.schema import Option, validate
from artgen.errors import UsageError
from artgen.fast import model_files
from artgen.fast.inference import paint
from artgen.fast.keys import KEY, KeyLessons, KeyObjective, Pair
from artgen.fast.multi_style import Painter
from artgen.fast.trainer import Trainer
from artgen.fast.unet import STRIDE
from artgen.losses.evaluate import evaluate
from artgen.ops.resize import fit, resize
from artgen.runs.key_frames import KeyFrame
from artgen.runtime import Runtime
from artgen.techniques.common.options import RUN, Net

__all__ = ["Following"]

LOSSES = "Losses"
LOOKED = 256  # px, long side at which the trained styles are compared with a key


@dataclass(frozen=True)
class Following:
    """Settings of a training; every default here is the one the command line shows."""

    iterations: Annotated[
        int, Option("training steps in all", "n", least=1, first=True, group=RUN)
    ] = 800
    minutes: Annotated[
        float,
        Option(
            "train for this long instead of --iterations; 0 for --iterations",
            least=0,
            first=True,
            group=RUN,
        ),
    ] = 0.0
    batch: Annotated[int, Option("crops in a batch", least=1, group=RUN)] = 2
    crop: Annotated[int, Option("side of the crops, in pixels", least=32, group=RUN)] = 128
    pixel_weight: Annotated[
        float, Option("weight of the pixels' difference from the key", least=0, group=LOSSES)
    ] = KeyObjective.pixel_weight
    feature_weight: Annotated[
        float, Option("weight of the features' difference from the key", least=0, group=LOSSES)
    ] = KeyObjective.feature_weight
    style_weight: Annotated[
        float,
        Option("weight of the key's statistics: more for stronger strokes", least=0, group=LOSSES),
    ] = KeyObjective.style_weight
    net: Net = "slim"
    rate: Annotated[float, Option("learning rate of Adam", least=1e-6, most=1, group=RUN)] = 1e-3

    def __post_init__(self) -> None:
        validate(self)

    def trainer(
        self, keys: Sequence[KeyFrame], beside: Sequence[Pair], runtime: Runtime
    ) -> Trainer:
        """A trainer of a painter for these keys.

        Args:
            keys: at least one, all of one film.
            beside: frames near them.
            runtime: device, precision and seed.

        Raises:
            UsageError: for a film that is too small.
        """
        extractor = runtime.extractor(self.net)
        side = min(self.crop, *keys[0].frame.shape[-2:]) // STRIDE * STRIDE
        objective = KeyObjective(
            extractor, self.pixel_weight, self.feature_weight, self.style_weight
        )
        least = max(2 * STRIDE, *map(extractor.smallest, objective.layers))
        if side < least:
            raise UsageError(
                f"The film is too small to learn from: {least} px each way are the least.",
                "Take a larger copy of it.",
            )
        own = [Pair.of(key.frame, key.painted) for key in keys]
        painter = _beginner(objective, keys[0], runtime).to(runtime.torch_device)
        if runtime.dtype == torch.bfloat16:  # others would need scaled losses, or are no faster
            painter.half_precision(runtime.dtype)
        return Trainer(
            painter,
            extractor,
            KeyLessons(objective, own, beside, side, runtime.generator()),
            iterations=self.iterations,
            minutes=self.minutes,
            batch=self.batch,
            rate=self.rate,
        )


@torch.no_grad()
def _beginner(objective: KeyObjective, key: KeyFrame, runtime: Runtime) -> Painter:
    """The shipped painter, with one style: of those that it has learnt, that most like a key.

    It knows how to paint strokes already, which takes longer to learn than a key.
    """
    shipped = model_files.learner(model_files.load(model_files.SHIPPED))
    size = fit((key.frame.shape[-2], key.frame.shape[-1]), LOOKED)
    least = max(map(objective.extractor.smallest, objective.layers))
    seen = (max(size[0], least), max(size[1], least))
    frame, wanted = (resize(one, seen) for one in (key.frame, key.painted))
    terms = objective.terms(wanted.to(runtime.torch_device))
    totals = []
    for name in shipped.styles[1:]:
        *_, (_, _, made) = paint(shipped, frame, shipped.mix({name: 1.0}))
        _, total, _ = evaluate(made.to(runtime.torch_device), objective.extractor, terms)
        totals.append(float(total))
    row = 1 + min(range(len(totals)), key=totals.__getitem__)
    painter = Painter([KEY], shipped.widths, len(shipped.blocks))
    known = shipped.state_dict()
    for name, value in painter.state_dict().items():
        rows = len(known[name]) != len(value)  # of one for each style
        value.copy_(known[name][[0, row]] if rows else known[name])
    return painter

"""A training of a painter as a run: shown, kept in checkpoints, and gone on with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from artgen import images
from artgen.core.events import Step
from artgen.core.listeners import Control, Listener
from artgen.errors import RecipeError, UsageError
from artgen.fast import model_files
from artgen.fast.multi_style import Painter
from artgen.fast.trainer import Trainer
from artgen.runs.checkpoint import Checkpoint, read_state
from artgen.runs.execute import execute
from artgen.runtime import Runtime

__all__ = ["TrainingSession", "check_same"]


class TrainingSession(Listener):
    """One training: the trainer, its checkpoint beside the network, and a picture of what it can.

    Args:
        trainer: the trainer.
        out: the network's file.
        about: settings and inputs; an unfinished training with others is not continued.
        minutes: between checkpoints.
        sheet: makes the picture that shows what a painter has learnt, (1, 3, H, W).
        sheet_path: its file.

    Attributes:
        left: whether the control has stopped it.
    """

    def __init__(
        self,
        trainer: Trainer,
        out: Path,
        about: Mapping[str, Any],
        minutes: float,
        sheet: Callable[[Painter], Tensor],
        sheet_path: Path,
    ) -> None:
        self.trainer, self.out = trainer, out
        self.about, self.said = about, {"training": json.dumps(about)}
        self.sheet, self.sheet_path = sheet, sheet_path
        self.checkpoint = Checkpoint(out, minutes)
        self.left = False

    def go_on(self, shown: Listener) -> None:
        """Continue from an earlier checkpoint, if there is one.

        Raises:
            UsageError: if that was another training.
            RecipeError: if it is damaged.
        """
        part = self.checkpoint.path
        if part is None or not part.exists():
            return
        said, state = read_state(part)
        check_same(said, self.about, part)
        try:
            self.trainer.load(state)
        except (KeyError, IndexError, RuntimeError, TypeError, ValueError) as error:
            raise RecipeError(
                f"{part} is damaged, or of another training.", "Remove it to begin once more."
            ) from error
        shown.note(f"Going on after iteration {self.trainer.index}, from {part}.")

    def run(self, runtime: Runtime, shown: Listener, control: Control) -> Painter | None:
        """Train to the end, and write the network; None if the control stopped the training."""
        execute(runtime, self.trainer.run(), shown, self, control=control)
        if self.left:
            return None
        with control.writing():
            painter = self.trainer.finish()
            model_files.save(painter, self.out, self.said)
            self._show()
            self.checkpoint.remove()
        return painter

    def keep(self, step: Step, leaving: bool) -> None:
        self.left = leaving
        if leaving or self.checkpoint.due():
            self.checkpoint.write(step, self.said)
            self._show()

    def _show(self) -> None:
        """Write the picture of what it has learnt."""
        images.save(self.sheet(self.trainer.averaged()).cpu(), self.sheet_path)


def check_same(said: Mapping[str, str], about: Mapping[str, Any], path: Path) -> None:
    """Check that a file, with this header, is of a training with these settings and inputs.

    Raises:
        UsageError: if not.
    """
    was, now = json.loads(said.get("training", "{}")), json.loads(json.dumps(about))
    if was != now:
        others = ", ".join(f"{key} {was[key]}" for key in was if was[key] != now.get(key))
        raise UsageError(
            f"{path} is of a training with other settings or pictures: {others}.",
            "Give these, remove it, or choose another -o.",
        )

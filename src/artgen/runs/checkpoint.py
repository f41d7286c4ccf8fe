"""OUT.part: the checkpoint of an unfinished run, beside the picture that it will write."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from artgen.core.defaults import MOST_SIDE
from artgen.core.events import Result, State, Step
from artgen.core.files import drafted
from artgen.core.listeners import Listener
from artgen.core.parsing import LARGEST
from artgen.core.tensor_files import safetensors_header
from artgen.errors import PictureError, RecipeError
from artgen.runs.execute import Run
from artgen.runs.recipes import Recipe

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["SUFFIX", "Checkpoint", "Checkpointing", "read_checkpoint", "read_state"]

SUFFIX = ".part"
WORTH = 60.0  # seconds of work from which an interrupted run is kept


class Checkpoint:
    """Writes a run's state every few minutes, and removes it once the picture is written.

    Args:
        out: the picture's path; None for stdout, which has no checkpoint.
        minutes: interval; 0 for never.
    """

    def __init__(self, out: Path | None, minutes: float) -> None:
        self.path = None if out is None or not minutes else out.with_name(out.name + SUFFIX)
        self.seconds = 60 * minutes
        self.last = time.monotonic()

    def due(self, *, leaving: bool = False) -> bool:
        """Whether to write now; on leaving, whether enough work would be lost."""
        waited = time.monotonic() - self.last
        return self.path is not None and waited >= (
            min(WORTH, self.seconds) if leaving else self.seconds
        )

    def write(self, step: Step, said: Mapping[str, str]) -> None:
        """Write a step's state, and further text for its header, atomically.

        Raises:
            PictureError: if there is no space for it.
        """
        if self.path is None:
            return
        from safetensors import SafetensorError
        from safetensors.torch import save_file

        tensors = {
            name: value.detach().cpu().contiguous().clone() for name, value in step.state().items()
        }
        try:
            with drafted(self.path, self.path.with_name(self.path.name + ".new")) as draft:
                save_file(tensors, draft, dict(said))
        except (OSError, SafetensorError) as error:
            raise PictureError(
                f"The checkpoint {self.path} cannot be written: {error}.",
                "Free some space, or take --checkpoint 0 to write none.",
            ) from error
        self.last = time.monotonic()

    def remove(self) -> None:
        """Remove it, once the picture is written."""
        if self.path is not None:
            self.path.unlink(missing_ok=True)


class Checkpointing(Listener):
    """Keeps a run's checkpoint, with the recipe of the unfinished picture.

    Args:
        checkpoint: written when it is due, and removed at the end.
        run: the run.
        bits: bits a channel of the picture.

    Attributes:
        left: whether the run was stopped with a checkpoint from which it can go on.
    """

    def __init__(self, checkpoint: Checkpoint, run: Run, bits: int = 8) -> None:
        self.checkpoint, self.run, self.bits = checkpoint, run, bits
        self.left = False

    def keep(self, step: Step, leaving: bool) -> None:
        # A step that cannot be resumed has no state.
        if self.checkpoint.due(leaving=leaving) and step.state():
            self.write(step)
            self.left = leaving

    def write(self, step: Step) -> None:
        """Write the checkpoint now."""
        self.checkpoint.write(step, {"recipe": self.run.recipe(step), "bits": str(self.bits)})

    def finish(self, result: Result) -> None:
        self.checkpoint.remove()


def read_state(path: Path) -> tuple[dict[str, str], State]:
    """The header and the state that `Checkpoint` wrote.

    Raises:
        RecipeError: if it is not a checkpoint, or a damaged one, or holds numbers that are none.
    """
    from safetensors import SafetensorError, safe_open

    safetensors_header(path, RecipeError, "checkpoint of artgen")
    try:
        with safe_open(path, "pt") as file:
            names, said = file.keys(), file.metadata() or {}
            # Copied: the alignment of a tensor's memory affects the last bits of its sums.
            state = {name: file.get_tensor(name).clone() for name in names}
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise RecipeError(f"{path} is no checkpoint of artgen: {error}.") from error
    for name, tensor in state.items():
        if not _sound(tensor):
            raise RecipeError(f"{path} is damaged: {name!r} holds numbers that are not finite.")
    return said, state


def _sound(tensor: Tensor) -> bool:
    """Whether all numbers are finite; a single one may be infinite, as a loss before any is."""
    if tensor.is_complex():
        return False
    if not tensor.is_floating_point() or not tensor.numel():
        return True
    return bool(tensor.isfinite().all()) or (not tensor.dim() and bool(tensor.isinf()))


def _fits(state: State) -> bool:
    """Whether a state has a picture of a possible size, and counts that fit each other."""
    if not {"canvas", "index", "made"} <= state.keys():
        return False
    canvas, counts = state["canvas"], [state["made"], state["index"]]
    if any(
        one.dim() or one.is_floating_point() or str(one.dtype) == "torch.bool" for one in counts
    ):
        return False
    made, index = (int(one) for one in counts)
    return (
        canvas.dim() == 4
        and canvas.is_floating_point()
        and len(canvas) == 1
        and 1 <= min(canvas.shape) <= max(canvas.shape) <= MOST_SIDE
        and 0 <= made <= index <= LARGEST
    )


def read_checkpoint(path: Path) -> tuple[Recipe, State, int]:
    """The recipe of an unfinished picture, its state, and its bits a channel.

    Raises:
        RecipeError: if it is not a checkpoint of a picture, or a damaged one.
    """
    said, state = read_state(path)
    if "training" in said:
        raise RecipeError(
            f"{path} is an unfinished training.", "Give the same artgen fast train once more."
        )
    recipe = Recipe.loads(said.get("recipe", ""))
    if not _fits(state):
        raise RecipeError(f"{path} is damaged, or no checkpoint of artgen.", "Begin once more.")
    return recipe, state, 16 if said.get("bits") == "16" else 8

"""Enlarge a picture, with detail that is invented or only what is there.

Johnson, Alahi & Fei-Fei, Perceptual Losses for Real-Time Style Transfer and Super-Resolution, ECCV
2016: a network trained to minimise the error of pixels is faithful and blurred, one trained to
minimise the distance of features is sharp, and invents. `--detail` goes from the one to the other.
The network enlarges four times; to other factors its picture is reduced.

With `--style` the painting that the picture was painted after draws the detail: the last pass of
`artgen style`, at the new size (Kolkin et al., Neural Neighbor Style Transfer, 2022).

Example: artgen enlarge photo.jpg --times 4
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from artgen.core.defaults import MOST_SIDE
from artgen.core.events import Note, Provenance, Result, State, Step
from artgen.core.parsing import print_size
from artgen.core.schema import Option
from artgen.errors import UsageError
from artgen.ops.resize import fit
from artgen.techniques.base import TECHNIQUES, Input, Inputs, check_given
from artgen.techniques.common.options import RUN, Net
from artgen.techniques.common.printing import DETAIL, Printed, tile_of

if TYPE_CHECKING:
    from torch import Tensor

    from artgen.runtime import Runtime

__all__ = ["Enlarge"]

LEAST = 4  # px of a side: fewer hold no forms


@dataclass(frozen=True)
class Enlarge(Printed):
    """Settings of an enlargement."""

    inputs: ClassVar[tuple[Input, ...]] = (
        Input("content", "the picture or film", frame=True, film=True, together=4),
    )

    times: Annotated[
        float,
        Option("factor of the enlargement, such as 2, 3, 4 or 8", least=1, most=64, first=True),
    ] = 4.0
    size: Annotated[
        int,
        Option(
            "long side of the enlargement, in pixels, instead of --times; 0 for --times",
            "s",
            least=0,
            most=MOST_SIDE,
            first=True,
        ),
    ] = 0
    detail: Annotated[
        float,
        Option(
            "from faithful and soft (0) to sharp and inventive (100)", least=0, most=100, first=True
        ),
    ] = DETAIL
    style: Annotated[
        str,
        Option(
            "a painting or a shipped style, whose strokes the detail is made of; own: the one that "
            "the picture's recipe names",
            choices=("none", "own"),
            file="style",
            named=True,
            first=True,
        ),
    ] = "none"
    iterations: Annotated[
        int,
        Option("with --style: evaluations of the loss and its gradient", "n", least=1, group=RUN),
    ] = 8
    net: Net = "slim"

    def result_size(self, inputs: Inputs) -> tuple[int, int]:
        """The picture's proportions, as large as a setting says; inputs are (1, 3, H, W).

        Raises:
            UsageError: for a result that is no larger, or larger than any that can be made, and
                for a picture of a pixel or two.
        """
        height, width = inputs["content"][0].shape[-2:]
        if min(height, width) < LEAST:
            raise UsageError(
                f"{width} x {height} px hold nothing that could be enlarged.",
                f"Take a picture of at least {LEAST} px a side.",
            )
        longest = max(height, width)
        asked, wanted = f"--times {self.times:g}", round(longest * self.times)
        if self.size:
            asked, wanted = f"--size {self.size}", self.size
        if self.print:
            asked, wanted = f"--print {self.print}", print_size(self.print, "--print")[0]
        if wanted <= longest:
            raise UsageError(
                f"With {asked} a picture of {width} x {height} px would not become larger.",
                f"Take a --size above {longest}, or --times 2.",
            )
        if wanted > MOST_SIDE:
            raise UsageError(
                f"With {asked} a picture of {width} x {height} px would have a side of "
                f"{wanted} px; {MOST_SIDE} are the most.",
                "Take a smaller factor.",
            )
        return fit((height, width), wanted)

    def run(
        self, inputs: Inputs, runtime: Runtime, state: State | None = None
    ) -> Iterator[Step | Note | Result]:
        """Enlarge, with a step for each tile.

        Args:
            inputs: `content` (one picture, or up to four stacked, (N, 3, H, W)), and `style` (one)
                where it is a picture.
            runtime: device, precision and tiles.
            state: that of the step of `--style` to go on from, of a run with the same settings and
                inputs; the enlargement before it is made again.

        Raises:
            RecipeError: for a state that is no such one.
            UsageError: as `result_size`, and for a style or a network that is none.
            OutOfMemory: if the result does not fit into memory.
        """
        from artgen.fast import enlarging  # imports torch
        from artgen.networks import zoo
        from artgen.optim.memory import reused

        check_given(self, inputs)
        if self.style == "own":
            raise UsageError(
                "--style own is for a file that artgen wrote, whose recipe names a style.",
                "Name the style: --style starry, for example.",
            )
        zoo.network(self.net)  # an unknown one is refused before any work
        picture, size = inputs["content"][0], self.result_size(inputs)
        runtime.check_room(size)
        enlarger, origin = runtime.enlarger()
        tile = tile_of(runtime)
        tiled = tile is not None and tile < max(picture.shape[-2:])
        provenance = Provenance("enlarger", origin.sha256, tile if tiled else None)
        if tiled:
            yield Note(f"{size[1]} x {size[0]} px, in tiles of {tile} px of the picture.")
        paintings = inputs.get("style", ())
        further = self.iterations * len(picture) if paintings else 0
        passes = enlarging.enlarge(
            enlarger,
            picture.to(runtime.torch_device).clamp(0, 1),
            size,
            self.detail / 100,
            tile,
        )
        with reused():
            for count, total, made in passes:
                here = (made.shape[-2], made.shape[-1])
                if not state:
                    yield Step(count, total + further, here, {}, made.clone, provenance=provenance)
        if paintings:
            made = yield from self._redrawn(made, paintings, provenance, count, runtime, state)
        yield Result({"picture": made}, provenance)

    def _redrawn(
        self,
        enlarged: Tensor,
        paintings: Sequence[Tensor],
        provenance: Provenance,
        before: int,
        runtime: Runtime,
        state: State | None,
    ) -> Generator[Step | Note, None, Tensor]:
        """Pictures (N, 3, H, W) redrawn in a manner of paintings; `before` are the steps made.

        Only the steps of a single picture have states to go on from.
        """
        import torch

        from artgen.techniques.common.last_pass import redrawn

        made, total = [], before + self.iterations * len(enlarged)
        for number in range(len(enlarged)):
            first = before + self.iterations * number
            one = enlarged[number : number + 1]
            for event in redrawn(one, paintings, self.net, self.iterations, runtime, state):
                if isinstance(event, Result):
                    made.append(event.pictures["picture"])
                elif isinstance(event, Step):
                    event = event if len(enlarged) == 1 else replace(event, state=dict)
                    index = first + event.index
                    yield replace(event, index=index, total=total, provenance=provenance)
                else:
                    yield event
        return torch.cat(made)


TECHNIQUES.add("enlarge", Enlarge)

"""Prints: sizes on paper, and a run whose picture is enlarged at its end."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.core.events import Note, Result, Step
from artgen.errors import OutOfMemory, UsageError
from artgen.optim import memory
from artgen.runtime import Runtime
from artgen.techniques.common.printing import DETAIL, Printed, enlarged, tile_of
from artgen.techniques.enlarge import Enlarge
from artgen.techniques.style import Style


def run(picture: Tensor) -> list[Step | Note | Result]:
    """The events of a run of two steps."""
    step = Step(1, 2, (8, 12), {}, picture.clone, lambda: {"canvas": picture})
    return [Note("plan"), step, replace(step, index=2), Result({"picture": picture})]


def test_a_print_has_a_size_and_a_resolution() -> None:
    assert Printed().printed_size((30, 40)) == (30, 40)
    assert Printed(print="80").printed_size((30, 40)) == (60, 80)
    assert Printed(print="80").dots_per_inch == 0
    printed = Printed(print="60cm@200dpi")
    assert printed.printed_size((512, 384)) == (4724, 3543)
    assert printed.dots_per_inch == 200
    with pytest.raises(UsageError, match=r"--print 39 is a long side of 39 px, .* 40 px before"):
        Printed(print="39").printed_size((30, 40))
    with pytest.raises(UsageError, match="--print cannot be 'large'"):
        Printed(print="large")


def test_tiles_are_those_of_the_runtime() -> None:
    assert tile_of(Runtime("cpu", tile="off")) is None
    assert tile_of(Runtime("cpu", tile="96")) == 96
    assert tile_of(Runtime("cpu")) == 512


def test_the_picture_of_a_run_is_enlarged(runtime: Runtime) -> None:
    picture = smooth(8, 12, seed=1)
    note, *steps, result = enlarged(iter(run(picture)), (8, 12), (20, 30), runtime)
    assert note == Note("plan")
    assert isinstance(result, Result)
    assert [(one.index, one.total) for one in steps if isinstance(one, Step)] == [
        (1, 3),
        (2, 3),
        (3, 3),
    ]
    made = result.pictures["picture"]
    alone = list(Enlarge(size=30, detail=DETAIL).run({"content": [picture]}, runtime))[-1]
    assert isinstance(alone, Result)
    assert made.equal(alone.pictures["picture"])
    assert [dict(one.state()) for one in steps if isinstance(one, Step)][2] == {}


def test_a_painted_picture_is_enlarged_to_the_print(
    photo: Tensor, painting: Tensor, runtime: Runtime
) -> None:
    inputs = {"content": [photo], "style": [painting]}
    settings = Style(size=48, iterations=2, net="tiny")
    printed = replace(settings, print="100")
    assert printed.result_size(inputs) == (73, 100)
    results = [list(one.run(inputs, runtime))[-1] for one in (settings, printed)]
    small, large = (one.pictures["picture"] for one in results if isinstance(one, Result))
    assert large.shape == (1, 3, 73, 100)
    plain = torch.nn.functional.interpolate(small, (73, 100), mode="bicubic")
    assert (large - plain).abs().mean() < 0.05


def test_a_print_without_memory_is_refused_before_the_run(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "available", lambda _: 10**5)
    with pytest.raises(OutOfMemory, match="3000 x 2000 px"):
        next(enlarged(iter(run(smooth(8, 12, seed=1))), (8, 12), (2000, 3000), runtime))


def test_a_seamless_picture_is_not_enlarged() -> None:
    with pytest.raises(UsageError, match="--print does not go with --tileable"):
        Style(print="2000", tileable=True)

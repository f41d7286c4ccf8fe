"""Textures along a flow: samples in the directions that it has, patches by their angle."""

from __future__ import annotations

import math

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.core.events import Note
from artgen.errors import UsageError
from artgen.ops.orientation import direction, doubled_angles, flow_of
from artgen.runtime import Runtime
from artgen.techniques.texture.directions import directed, shown_flow
from artgen.techniques.texture.inputs import TextureInputs

from .textures import made, texture


def stripes(degrees: float, height: int = 64, width: int = 80, wave: float = 0.8) -> Tensor:
    """Lines at an angle from the x axis towards the y axis, which points down."""
    y, x = torch.meshgrid(torch.arange(float(height)), torch.arange(float(width)), indexing="ij")
    angle = math.radians(degrees)
    lines = torch.sin(wave * (y * math.cos(angle) - x * math.sin(angle)))
    return (lines / 2 + 0.5).expand(1, 3, -1, -1)


def material(sample: Tensor, **more: list[Tensor]) -> TextureInputs:
    return TextureInputs.of({"sample": [sample], **more}, (), (64, 80), (0, 0), wraps=False)


def apart(one: float, other: float) -> float:
    """Degrees between two directions, from their doubled angles in radians."""
    return math.degrees(abs(math.remainder(one - other, 2 * math.pi))) / 2


@pytest.mark.parametrize("wanted", [0.0, 45.0, 112.5])
def test_a_sample_is_turned_to_the_flow(wanted: float) -> None:
    found = directed(material(stripes(20)), flow_of(stripes(wanted)), 0.0, 0)
    assert sum(found.shares) == pytest.approx(1)
    best = max(found.sources, key=lambda one: one.share)
    assert best.mask is not None
    height, width = best.size
    middle = best.picture[..., height // 4 : -height // 4, width // 4 : -width // 4]
    assert apart(direction(middle), math.radians(2 * wanted)) < 180 / 8 / 2 + 2
    near = [apart(direction(one.picture), math.radians(2 * wanted)) for one in found.sources]
    assert max(near) < 180 / 8 * 2  # no direction that the flow has nowhere near
    for part in found.parts:
        (number,) = part.chosen  # the statistics of each place are those of one turn
        mask, source = part.masks[number], found.sources[number]
        assert mask is not None
        assert mask.shape == source.picture[:, :1].shape
        assert 0.3 < float((mask > 0.5).float().mean()) <= 1
    most = max(found.parts, key=lambda one: one.share)
    assert found.sources[most.chosen[0]] is best
    assert sum(one.share for one in found.parts) == pytest.approx(1)


def test_every_direction_of_a_flow_is_there() -> None:
    y, x = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    rings = (torch.sin(0.9 * torch.hypot(x - 31.5, y - 31.5)) / 2 + 0.5).expand(1, 3, -1, -1)
    found = directed(material(stripes(0)), flow_of(rings), 0.0, 0)
    assert len(found.sources) == 8
    assert max(one.share for one in found.sources) < 2 / 8
    assert found.place is not None
    assert found.place.shape == (1, 2, 64, 64)


def test_labels_go_with_directions() -> None:
    plan = torch.zeros(1, 3, 64, 80)
    plan[..., 40:] = 1
    found = directed(
        material(stripes(0), guide=[plan], sample_guide=[plan]), flow_of(stripes(90)), 0.0, 0
    )
    left, right = found.parts
    assert left.chosen == right.chosen
    assert left.place is not None
    assert right.place is not None
    assert not bool((left.place * right.place).any())
    for one, other in zip(left.masks, right.masks, strict=True):
        assert one is not None
        assert other is not None
        assert float(torch.minimum(one, other).mean()) < 0.1  # at the edge of both only
    assert found.place is not None
    assert found.place.shape[1] == 4
    assert {one.guide.shape[1] for one in found.sources if one.guide is not None} == {4}


def test_lines_follow_the_flow(runtime: Runtime) -> None:
    """Stripes across become upright ones on the right, as the flow has it."""
    flow = torch.cat([stripes(0, 64, 64), stripes(90, 64, 64)], 3)
    settings = texture(
        match="patches", size="", iterations=30, layers="image=1,relu2_1=1", direction="flow.png"
    )
    picture = made(settings, runtime, stripes(0, 64, 64), direction=flow)
    assert picture.shape[-2:] == (64, 128)
    for half, wanted in ((picture[..., 8:48], 0.0), (picture[..., -48:-8], math.pi)):
        seen = doubled_angles(half, 8.0).mean((2, 3))[0]
        assert apart(math.atan2(float(seen[1]), float(seen[0])), wanted) < 20


def test_a_picture_without_lines_is_refused() -> None:
    with pytest.raises(UsageError, match="--direction is of one brightness"):
        shown_flow(torch.full((1, 3, 40, 40), 0.3))
    assert shown_flow(stripes(30)).shape == (1, 2, 64, 80)


def test_a_sample_without_a_direction_is_named(runtime: Runtime) -> None:
    """The plan says that what follows the flow is arbitrary; of lines it says nothing."""
    rings = torch.hypot(*torch.meshgrid(*[torch.arange(-32.0, 32)] * 2, indexing="ij"))
    isotropic = (torch.sin(0.8 * rings) / 2 + 0.5).expand(1, 3, -1, -1)
    settings = texture(match="patches", size="", iterations=1, direction="flow.png")
    for sample, wanted in ((isotropic, True), (stripes(0, 64, 64), False)):
        events = settings.run({"sample": [sample], "direction": [stripes(30, 64, 64)]}, runtime)
        said = next(one.sentence for one in events if isinstance(one, Note))
        assert said.startswith("By patches, things varied")
        assert ("follows --direction is arbitrary" in said) == wanted


def test_directions_of_other_proportions_are_refused(runtime: Runtime) -> None:
    settings = texture(match="patches", direction="flow.png", size="64x64")
    with pytest.raises(UsageError, match="--direction is 80 x 64 px and the result 64 x 64"):
        made(settings, runtime, smooth(64, 64, seed=1), direction=stripes(0))

"""Materials: pictures that have to go together, what is held, what the samples are."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from pictures import smooth
from torch import Tensor

from artgen.errors import UsageError
from artgen.techniques.texture.inputs import TextureInputs

SIZE = (50, 70)


def white(height: int, width: int) -> Tensor:
    return torch.ones(1, 3, height, width)


def hole() -> Tensor:
    mask = torch.zeros(1, 3, *SIZE)
    mask[..., 20:30, 30:50] = 1
    return mask


def material(margin: tuple[int, int] = (0, 0), **inputs: list[Tensor]) -> TextureInputs:
    named = {name.rstrip("_"): many for name, many in inputs.items()}
    return TextureInputs.of(named, (), SIZE, margin, wraps=False)


def test_what_is_mended_is_its_own_sample() -> None:
    photo = smooth(*SIZE, seed=1)
    made = material(inpaint=[photo], mask=[hole()])
    (part,) = made.parts
    (kept,), (sample,) = part.masks, made.samples
    assert sample.equal(photo)
    assert kept is not None
    assert kept.equal(1 - hole()[:, :1])
    assert made.held is not None
    other = smooth(*SIZE, seed=2)
    assert made.held.around(other)[..., 20:30, 30:50].equal(other[..., 20:30, 30:50])
    assert made.held.around(other)[..., :20, :].equal(photo[..., :20, :])
    assert part.place is not None
    assert part.share == pytest.approx(float(part.place.mean()))
    assert part.place[hole()[:, :1] > 0].all()
    assert part.share < 0.2


def test_another_sample_may_mend_it() -> None:
    made = material(sample=[smooth(30, 30, seed=3)], inpaint=[smooth(*SIZE, seed=1)], mask=[hole()])
    assert made.samples[0].shape[-2:] == (30, 30)
    assert made.parts[0].masks == [None]


def test_what_is_carried_on_lies_in_the_middle_of_the_canvas() -> None:
    photo = smooth(20, 31, seed=1)
    held = material(margin=(3, 4), extend=[photo]).held
    assert held is not None
    assert held.photo.shape == (1, 3, 56, 78)
    assert held.around(torch.zeros_like(held.photo))[..., 18:38, 23:54].equal(photo)
    assert float((1 - held.mask).sum()) == 20 * 31


def test_maps_are_further_channels() -> None:
    sample, normal = smooth(40, 40, seed=1), smooth(20, 20, seed=2)
    made = material(sample=[sample], with_=[normal, normal])
    assert made.channels == 9
    assert made.samples[0][:, :3].equal(sample)


def test_every_label_is_a_part() -> None:
    guide = torch.cat([white(50, 20), 0 * white(50, 50)], 3)
    plan: dict[str, list[Tensor]] = {
        "sample": [smooth(50, 70, seed=1)],
        "sample_mask": [torch.cat([white(50, 60), 0 * white(50, 10)], 3)],
        "guide": [guide],
        "sample_guide": [guide.flip(3)],
    }
    small, large = sorted(material(**plan).parts, key=lambda part: part.share)
    assert (small.share, large.share) == pytest.approx((2 / 7, 5 / 7))
    counted = [
        float(mask.sum()) for part in (small, large) for mask in part.masks if mask is not None
    ]
    assert counted == [50 * 10, 50 * 50]  # what is in the label, and in the mask
    with pytest.raises(UsageError, match="only where that does not count"):
        material(**plan | {"sample_mask": [torch.cat([white(50, 50), 0 * white(50, 20)], 3)]})


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({}, "There is no sample"),
        ({"sample": 2, "with_": 1}, "there are several samples"),
        ({"sample": 2, "sample_mask": 1}, "2 samples and 1 masks"),
        ({"sample": 2, "guide": 1, "sample_guide": 1}, "2 samples and 1 guides"),
    ],
)
def test_what_does_not_go_together_is_refused(inputs: dict[str, int], words: str) -> None:
    given: dict[str, Any] = {
        k: [smooth(*SIZE, seed=n) for n in range(v)] for k, v in inputs.items()
    }
    with pytest.raises(UsageError, match=words):
        material(**given)


def test_masks_of_one_colour_are_refused() -> None:
    photo = smooth(*SIZE, seed=1)
    with pytest.raises(UsageError, match="black everywhere"):
        material(inpaint=[photo], mask=[0 * hole()])
    with pytest.raises(UsageError, match="white all over"):
        material(inpaint=[photo], mask=[white(*SIZE)])


def test_a_picture_is_carried_on_only_to_a_larger_size() -> None:
    with pytest.raises(UsageError, match="smaller than the picture to be extended"):
        material(extend=[smooth(51, 30, seed=1)])


def test_alpha_of_a_sample_is_its_last_map() -> None:
    layer = torch.cat([smooth(40, 40, seed=1), white(40, 40)[:, :1]], 1)
    made = material(sample=[layer], with_=[layer])
    assert made.layered
    assert made.channels == 3 + 6 + 3
    assert made.samples[0][:, -3:].equal(white(40, 40))
    two = material(sample=[layer, smooth(40, 40, seed=2)])
    assert [one.shape[1] for one in two.samples] == [6, 6]
    held = material(sample=[layer], inpaint=[smooth(*SIZE, seed=3)], mask=[white(*SIZE)])
    assert held.channels == 3


def ramp(height: int, width: int) -> Tensor:
    return torch.linspace(0, 1, width).expand(1, 3, height, width)


def test_progress_is_a_map_of_canvas_and_samples() -> None:
    made = material(
        (2, 3), sample=[white(30, 40)], progress=[ramp(50, 70)], sample_progress=[ramp(30, 40)]
    )
    assert made.place is not None
    assert made.place.shape == (1, 1, 54, 76)
    assert made.place[0, 0, 9, 3:-3].diff().gt(0).all()
    (source,) = made.sources
    assert source.guide is not None
    assert source.guide.shape == (1, 1, 30, 40)


def test_statistics_are_of_what_progresses_as_the_canvas_does() -> None:
    far = torch.full((1, 3, *SIZE), 0.9)
    made = material(sample=[white(30, 40)], progress=[far], sample_progress=[ramp(30, 40)])
    ((mask,),) = (part.masks for part in made.parts)
    assert mask is not None
    assert mask[..., 36:].eq(1).all()
    assert mask[..., :34].eq(0).all()


def test_labels_and_progress_go_together() -> None:
    plan = (ramp(30, 40) > 0.5).float()
    made = material(
        sample=[white(30, 40)],
        guide=[(ramp(50, 70) < 0.5).float()],
        sample_guide=[plan],
        progress=[ramp(50, 70)],
        sample_progress=[ramp(30, 40).flip(3)],
    )
    assert made.place is not None
    assert made.place.shape[1] == 3  # two labels, and the progress
    one, other = made.place[0, :2, 10, 10], made.place[0, :2, 10, 60]
    assert float((one - other).square().sum()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"sample_progress": [ramp(30, 40)] * 2}, "1 samples and 2 maps"),
        ({"sample_progress": [ramp(40, 30)]}, "--sample-progress is 30 x 40 px and the sample"),
        ({"sample_progress": [white(30, 40) / 3]}, "--sample-progress is of one brightness"),
        (
            {"sample_progress": [ramp(30, 40)], "progress": [ramp(50, 50)]},
            "--progress is 50 x 50 px and the result",
        ),
    ],
)
def test_maps_of_progress_that_do_not_fit_are_refused(
    inputs: dict[str, list[Tensor]], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        material(**{"sample": [white(30, 40)], "progress": [ramp(*SIZE)], **inputs})

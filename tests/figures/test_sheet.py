"""Sheets: every picture whole and where it belongs, even margins, labels that are not cut."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from artgen.figures import sheet as sheets
from artgen.figures.sheet import Cell, enlarged, fitted, pictures, sheet

RED = torch.tensor([1.0, 0, 0]).view(1, 3, 1, 1)


def cell(height: int, width: int, label: str = "7") -> Cell:
    return Cell("seven", label, RED.expand(1, 3, height, width))


def red(made: Tensor) -> Tensor:
    """Where the sheet is red, (H, W)."""
    return (made == RED).all(1)[0]


@pytest.mark.parametrize("background", sheets.BACKGROUNDS)
def test_every_picture_is_there_whole(background: str) -> None:
    made = sheet([cell(30, 40)] * 7, background=background)
    assert made.shape[:2] == (1, 3)
    assert int(red(made).sum()) == 7 * 30 * 40
    assert 0 <= made.min() <= made.max() <= 1


@pytest.mark.parametrize("background", sheets.BACKGROUNDS)
def test_margins_are_even_and_empty(background: str) -> None:
    made = sheet([cell(30, 40, "")] * 6, columns=3, background=background)
    ground = torch.tensor(sheets.GROUND[background])
    rows, columns = (made != ground).any(1)[0].nonzero().T
    assert int(rows.min()) == int(columns.min()) == sheets.MARGIN
    assert made.shape[-1] - 1 - int(columns.max()) == sheets.MARGIN
    below = sheets.UNDER + sheets.images.lettering("", sheets.LABEL).shape[-2]
    assert made.shape[-2] - 1 - int(rows.max()) == sheets.MARGIN + below


def test_cells_of_different_sizes_do_not_overlap() -> None:
    cells = [cell(10, 60), cell(40, 5), cell(30, 30), cell(1, 1)]
    made = sheet(cells, columns=2)
    assert int(red(made).sum()) == 10 * 60 + 40 * 5 + 30 * 30 + 1


@pytest.mark.parametrize("where", ["label", "title"])
def test_words_make_room_for_themselves(where: str) -> None:
    words = "a long line of words under one small picture"
    label, title = (words, "") if where == "label" else ("", words)
    size = sheets.LABEL if where == "label" else sheets.TITLE
    made = sheet([cell(8, 8, label)], title=title)
    assert made.shape[-1] == sheets.images.lettering(words, size).shape[-1] + 2 * sheets.MARGIN


def test_a_free_place_stays_free() -> None:
    full, holed = sheet([cell(9, 9)] * 4, columns=2), sheet([cell(9, 9), None] * 2, columns=2)
    assert int(red(full).sum()) == 2 * int(red(holed).sum())


@pytest.mark.parametrize("count", [1, 2, 5, 32, 97])
def test_a_sheet_left_alone_is_no_ribbon(count: int) -> None:
    height, width = sheet([cell(40, 40)] * count).shape[-2:]
    assert 0.5 <= width / height <= 4


def test_it_is_laid_out_without_cells_and_with_more_columns_than_cells() -> None:
    assert red(sheet([])).sum() == 0
    assert sheet([cell(9, 9)], columns=5).equal(sheet([cell(9, 9)], columns=1))


def test_separate_names_each_picture_beside_the_sheet() -> None:
    one, two = cell(9, 9), Cell("eight", "8", torch.zeros(1, 3, 4, 5))
    assert set(pictures([one, None, two], sheet)) == {"picture"}
    made = pictures([one, None, two], sheet, separate=True)
    assert set(made) == {"picture", "seven", "eight"}
    assert made["eight"].equal(two.picture)


@pytest.mark.parametrize(("side", "expected"), [(1, (3, 5)), (14, (6, 10)), (15, (9, 15))])
def test_enlarged_pixels_are_squares(side: int, expected: tuple[int, int]) -> None:
    picture = torch.rand(1, 3, 3, 5)
    made = enlarged(picture, side)
    assert made.shape[-2:] == expected
    times = expected[0] // 3
    assert made[..., ::times, ::times].equal(picture)


@pytest.mark.parametrize("side", [3, 11, 40])
def test_fitted_has_the_side_and_the_proportions(side: int) -> None:
    made = fitted(torch.rand(1, 1, 8, 16), side)
    assert max(made.shape[-2:]) == side
    assert abs(made.shape[-2] - side / 2) <= 0.5


def test_fitted_keeps_the_values_where_it_enlarges() -> None:
    values = torch.rand(1, 1, 2, 3)
    assert set(fitted(values, 12).flatten().tolist()) == set(values.flatten().tolist())


def test_the_sheet_shows_through_a_cell_with_alpha() -> None:
    picture = torch.ones(1, 4, 8, 8)
    picture[:, 3, :, 4:] = 0
    made = sheet([Cell("one", "", picture)], background="light")
    here = made[..., 24 : 24 + 8, 24 : 24 + 8]  # within the margin
    assert (here[..., :4] == 1).all()
    assert torch.allclose(here[..., 4:], made[..., 0, 0].max())

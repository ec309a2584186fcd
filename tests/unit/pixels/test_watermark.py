"""A mark is light that is added, or a cover, at places drawn by lot."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from iipastro.pixels.watermark import Mark, make_mark, scatter, stamp


def dot(rows=1, columns=1, color=(255, 255, 255, 255)):
    return np.full((rows, columns, 4), color, np.uint8)


def black(rows, columns, channels=1):
    return np.zeros((rows, columns, channels), np.uint8)


@pytest.mark.parametrize(
    ("value", "alpha", "opacity", "light"),
    [  # trunc(value · opacity · alpha / 255), by hand (spec 7)
        (255, 255, 1.0, 255),
        (200, 128, 0.5, 50),
        (250, 255, 0.1, 25),
        (99, 255, 0.5, 49),
        (255, 0, 1.0, 0),
        (1, 254, 1.0, 0),
    ],
)
def test_the_light_of_an_additive_mark_is_that_of_the_reference(value, alpha, opacity, light):
    mark = make_mark(dot(color=(value, 0, value, alpha)), opacity, additive=True)
    assert mark.light.tolist() == [[[light, 0, light]]]
    assert mark.kept is None


def test_a_grey_picture_gets_the_luminance_of_the_mark():
    mark = make_mark(dot(color=(10, 20, 30, 255)), 1, additive=True)
    pixels = black(1, 1)
    stamp(pixels, mark, 0, 0)
    # (1254097·10 + 2462056·20 + 478151·30) / 2**22 = 18.15
    assert pixels.item() == 18


def test_a_sum_saturates_and_all_else_stays():
    pixels = np.full((3, 4, 3), 250, np.uint8)
    stamp(pixels, make_mark(dot(color=(3, 5, 9, 255)), 1, additive=True), 1, 2)
    assert pixels[1, 2].tolist() == [253, 255, 255]
    pixels[1, 2] = 250
    assert (pixels == 250).all()


@pytest.mark.parametrize(
    ("beneath", "value", "alpha", "opacity", "shown"),
    [  # beneath·(1 − a) + value·a, by hand, to the nearest
        (10, 200, 255, 1.0, 200),
        (10, 200, 0, 1.0, 10),
        (255, 255, 128, 1.0, 255),
        (0, 200, 255, 0.5, 100),
        (200, 0, 255, 0.25, 150),
        (100, 50, 51, 1.0, 90),
    ],
)
def test_a_blended_mark_covers_what_is_beneath_it(beneath, value, alpha, opacity, shown):
    mark = make_mark(dot(color=(value, value, value, alpha)), opacity, additive=False)
    for channels in (1, 3):
        pixels = np.full((1, 1, channels), beneath, np.uint8)
        stamp(pixels, mark, 0, 0)
        assert abs(pixels.astype(int) - shown).max() <= 1


def test_what_is_transparent_leaves_every_value_as_it_is():
    every = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    for additive in (True, False):
        pixels = every.copy()
        stamp(pixels, make_mark(dot(16, 16, (255, 9, 90, 0)), 1, additive), 0, 0)
        assert (pixels == every).all()


def test_no_blend_overflows():
    values = np.arange(256, dtype=np.uint8)
    picture = np.stack([values[::-1]] * 3 + [values], axis=-1)[None]
    for beneath in (0, 1, 127, 254, 255):
        pixels = np.full((1, 256, 3), beneath, np.uint8)
        stamp(pixels, make_mark(picture, 1, additive=False), 0, 0)
        alpha = values / 255
        expected = beneath * (1 - alpha) + values[::-1] * alpha
        assert abs(pixels[0, :, 0] - expected).max() <= 1


@pytest.mark.parametrize("additive", [True, False])
def test_what_hangs_over_an_edge_is_cut(additive):
    picture = dot(2, 2)
    picture[0, 0] = (40, 50, 60, 255)
    mark = make_mark(picture, 1, additive)
    pixels = black(1, 3, 3)
    stamp(pixels, mark, 0, 2)
    assert pixels.tolist() == [[[0, 0, 0], [0, 0, 0], [40, 50, 60]]]


def test_a_mark_that_is_no_smaller_than_the_picture_begins_at_its_corner():  # spec 7
    picture = dot(9, 9)
    picture[0, 0] = (7, 7, 7, 255)
    for seed in range(9):
        pixels = scatter(black(3, 9), make_mark(picture, 1, True), 512, 1, Random(seed))
        assert pixels[0, 0, 0] == 7


def test_a_mark_may_lie_against_every_edge():
    lot, mark, seen = Random(3), make_mark(dot(), 1, additive=True), black(2, 3)
    for _ in range(200):
        scatter(seen, mark, 512, 1, lot)
    assert (seen == 255).all()


def places(count, probability, seed=20):
    """Return where a dot lies in each of many pictures of 17 by 33 that got one."""
    lot, mark = Random(seed), make_mark(dot(), 1, additive=True)
    shown = (scatter(black(17, 33), mark, 512, probability, lot)[..., 0] for _ in range(count))
    return [np.argwhere(pixels)[0] for pixels in shown if pixels.any()]


@pytest.mark.parametrize("probability", [0.0, 0.1, 0.5, 1.0])
def test_marks_are_as_frequent_as_told(probability):
    deviation = (1000 * probability * (1 - probability)) ** 0.5
    assert abs(len(places(1000, probability)) - 1000 * probability) <= 3 * deviation


def test_places_are_uniform_over_the_picture():
    rows, columns = np.transpose(places(4000, 1.0))
    for found, cells in ((rows, 17), (columns, 33)):
        counts = np.bincount(found, minlength=cells)
        expected = 4000 / cells
        chi_square = ((counts - expected) ** 2 / expected).sum()
        assert chi_square < (cells - 1) + 4 * (2 * (cells - 1)) ** 0.5  # mean and 4 deviations
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 4 / 4000**0.5


@pytest.mark.parametrize(
    ("size", "side", "marks"),
    [((31, 31), 3, 1), ((32, 31), 3, 2), ((33, 49), 3, 6), ((64, 64), 3, 16), ((64, 64), 30, 4)],
)
def test_a_large_picture_is_divided_into_cells_that_hold_a_mark_each(size, side, marks):
    """Cells have 16 pixels a side at least, and no less than the mark."""
    picture = dot(side, side, (0, 0, 0, 255))
    picture[0, 0] = 255
    for seed in range(5):
        shown = scatter(black(*size), make_mark(picture, 1, True), 16, 1, Random(seed))
        assert np.count_nonzero(shown) == marks


def test_each_cell_draws_for_itself():
    lot, mark = Random(1), make_mark(dot(), 1, additive=True)
    counts = [np.count_nonzero(scatter(black(64, 64), mark, 16, 0.5, lot)) for _ in range(100)]
    assert abs(sum(counts) - 800) < 4 * 20  # of 1600; deviation 20
    assert len(set(counts)) > 4


def test_a_mark_is_not_turned_with_the_picture_it_lies_on():
    pixels = np.rot90(black(4, 4)[:, ::-1])
    stamp(pixels, make_mark(dot(1, 2), 1, additive=True), 0, 0)
    assert pixels[..., 0].tolist() == [[255, 255, 0, 0]] + 3 * [[0] * 4]


def test_laying_a_mark_on_changes_the_picture_and_not_the_mark():
    mark = make_mark(dot(2, 2, (90, 90, 90, 128)), 1, additive=False)
    before = Mark(*(part.copy() for part in mark))
    pixels = black(2, 2)
    assert scatter(pixels, mark, 512, 1, Random(1)) is pixels
    assert all((part == old).all() for part, old in zip(mark, before, strict=True))

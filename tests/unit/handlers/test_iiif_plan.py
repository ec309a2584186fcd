"""Regions and sizes of the IIIF Image API 3.0, sections 4.1 and 4.2."""

from __future__ import annotations

from fractions import Fraction

import pytest

from iipastro.errors import BadArgument
from iipastro.geometry import Box, Plan, Size
from iipastro.handlers.iiif_plan import (
    box_of,
    plan_of,
    reductions,
    scale_factor,
    sides_of,
    size_of,
    tile_of,
)
from iipastro.images.source import Level
from iipastro.jobs import IiifRegion, IiifSize

FULL = Size(1237, 811)
LEVELS = tuple(Size(1237 >> n, 811 >> n) for n in range(5, -1, -1))  # 38 x 25 to 1237 x 811
EXAMPLE = Size(300, 200)  # of the specification


def percent(*numbers):
    return IiifRegion("percent", tuple(Fraction(number) for number in numbers))


def pixels(*numbers):
    return IiifRegion("pixels", numbers)


@pytest.mark.parametrize(
    ("full", "region", "box"),
    [
        (EXAMPLE, IiifRegion("full"), Box(0, 0, 300, 200)),
        (EXAMPLE, IiifRegion("square"), Box(50, 0, 200, 200)),
        (Size(201, 300), IiifRegion("square"), Box(0, 49, 201, 201)),
        (EXAMPLE, pixels(125, 15, 120, 140), Box(125, 15, 120, 140)),
        (EXAMPLE, pixels(125, 15, 200, 200), Box(125, 15, 175, 185)),
        (EXAMPLE, pixels(299, 199, 1, 1), Box(299, 199, 1, 1)),
        (EXAMPLE, percent("41.6", "7.5", 40, 70), Box(125, 15, 120, 140)),
        (EXAMPLE, percent("41.6", "7.5", "66.6", 100), Box(125, 15, 175, 185)),
        (EXAMPLE, percent(0, 0, "0.001", "0.001"), Box(0, 0, 1, 1)),
        (FULL, percent(0, 0, 50, 50), Box(0, 0, 619, 406)),
        (FULL, percent(50, 50, 50, 50), Box(619, 406, 618, 405)),  # where the one before ends
    ],
)
def test_a_region_is_exact_and_cropped_to_the_image(full, region, box):
    assert box_of(full, region) == box


@pytest.mark.parametrize(
    "region",
    [
        pixels(300, 0, 1, 1),
        pixels(0, 200, 1, 1),
        pixels(999999999, 0, 1, 1),
        percent(100, 0, 1, 1),
        percent(0, 200, 1, 1),
    ],
)
def test_a_region_outside_the_image_is_refused(region):
    with pytest.raises(BadArgument):
        box_of(EXAMPLE, region)


BOX = Box(10, 20, 300, 200)


@pytest.mark.parametrize(
    ("size", "out"),
    [
        (IiifSize(), (300, 200)),
        (IiifSize(150), (150, 100)),
        (IiifSize(0, 150), (225, 150)),
        (IiifSize(percent=Fraction(50)), (150, 100)),
        (IiifSize(percent=Fraction(100)), (300, 200)),
        (IiifSize(225, 100), (225, 100)),
        (IiifSize(225, 100, confined=True), (150, 100)),
        (IiifSize(100, 100, confined=True), (100, 67)),
        (IiifSize(2000, 100, confined=True), (150, 100)),
        (IiifSize(1), (1, 1)),
    ],
)
def test_a_size_is_that_of_the_specification(size, out):
    assert size_of(BOX, size, 1000, upscaling=False) == out
    assert size_of(BOX, size, 1000, upscaling=True) == out


@pytest.mark.parametrize(
    ("size", "out"),
    [
        (IiifSize(360), (360, 240)),
        (IiifSize(0, 240), (360, 240)),
        (IiifSize(percent=Fraction(120)), (360, 240)),
        (IiifSize(360, 360), (360, 360)),
        (IiifSize(100, 201), (100, 201)),
        (IiifSize(360, 360, confined=True), (360, 240)),
    ],
)
def test_what_is_larger_than_the_region_needs_leave(size, out):
    assert size_of(BOX, size, 1000, upscaling=True) == out
    with pytest.raises(BadArgument, match="larger than the region"):
        size_of(BOX, size, 1000, upscaling=False)


def test_the_largest_size_is_that_of_the_region_unless_it_may_grow():
    assert size_of(BOX, IiifSize(), 1000, upscaling=True) == (300, 200)
    assert size_of(BOX, IiifSize(upscaled=True), 1000, upscaling=True) == (1000, 667)
    assert size_of(BOX, IiifSize(), 200, upscaling=False) == (200, 133)
    assert size_of(Box(0, 0, 200, 300), IiifSize(), 200, upscaling=False) == (133, 200)


@pytest.mark.parametrize(
    "size", [IiifSize(201), IiifSize(0, 150), IiifSize(201, 5), IiifSize(percent=Fraction(90))]
)
def test_more_than_the_longest_side_is_refused(size):
    with pytest.raises(BadArgument, match="larger than 200 pixels"):
        size_of(BOX, size, 200, upscaling=True)


def test_best_fit_stays_within_the_longest_side():
    assert size_of(BOX, IiifSize(250, 250, confined=True), 200, upscaling=False) == (200, 133)


@pytest.mark.parametrize("percent", ["0", "0.0001", "0.2"])
def test_a_percentage_of_nothing_is_refused(percent):  # 0.2 % of 200 rows are 0.4
    with pytest.raises(BadArgument, match="no pixels"):
        size_of(BOX, IiifSize(percent=Fraction(percent)), 1000, upscaling=True)


def test_a_thin_strip_keeps_a_pixel():  # viewers ask for such at their edges
    assert size_of(Box(0, 0, 1, 8192), IiifSize(0, 256), 1000, upscaling=False) == (1, 256)
    assert size_of(Box(0, 0, 8192, 1), IiifSize(256), 1000, upscaling=False) == (256, 1)
    assert size_of(Box(0, 0, 8192, 1), IiifSize(9, 9, confined=True), 99, upscaling=False) == (9, 1)


@pytest.mark.parametrize(
    ("box", "out", "level", "source"),
    [
        ((0, 0, 1237, 811), (1237, 811), 5, (0, 0, 1237, 811)),
        ((3, 5, 700, 600), (700, 600), 5, (3, 5, 700, 600)),
        ((0, 0, 512, 512), (256, 256), 4, (0, 0, 256, 256)),
        ((512, 256, 256, 256), (64, 64), 3, (128, 64, 64, 64)),
        ((0, 0, 1237, 811), (618, 405), 4, (0, 0, 618, 405)),
        ((0, 0, 1237, 811), (619, 406), 4, (0, 0, 618, 405)),  # half, rounded up
        ((0, 0, 1237, 811), (620, 407), 5, (0, 0, 1237, 811)),
        ((0, 0, 1237, 811), (500, 328), 4, (0, 0, 618, 405)),
        ((0, 0, 1237, 811), (10, 6), 0, (0, 0, 38, 25)),
        ((1024, 0, 213, 512), (107, 256), 4, (512, 0, 106, 256)),  # a tile at the right edge
        ((1236, 0, 1, 811), (1, 26), 0, (37, 0, 1, 25)),
        ((0, 0, 1237, 811), (1237, 10), 5, (0, 0, 1237, 811)),
        ((0, 0, 1237, 811), (3000, 2000), 5, (0, 0, 1237, 811)),
        ((7, 9, 1, 1), (1, 1), 5, (7, 9, 1, 1)),
        ((2, 2, 2, 2), (1, 1), 4, (1, 1, 1, 1)),
        ((5, 5, 10, 10), (5, 5), 4, (3, 3, 5, 5)),
    ],
)
def test_a_region_is_made_of_the_level_that_suffices(box, out, level, source):
    assert plan_of(LEVELS, Box(*box), Size(*out)) == Plan(level, Box(*source), Size(*out))


@pytest.mark.parametrize(
    ("region", "out", "sides"),
    [
        ((300, 200), (150, 100), (0,)),
        ((300, 200), (100, 67), (0,)),
        ((300, 200), (1, 1), (0,)),
        ((300, 200), (95, 63), (0,)),  # of 63 rows follow 94.5 columns: each of the other
        ((300, 200), (101, 68), (0, 1)),  # 67.3 and 102
        ((300, 200), (150, 101), (0, 1)),
        ((300, 200), (300, 200), (0,)),
        ((300, 200), (900, 600), (0,)),
        ((200, 300), (53, 79), (1,)),  # of 53 columns follow 79.5 rows
        ((512, 21), (268, 11), (0,)),
        ((213, 512), (107, 256), (1,)),
    ],
)
def test_a_side_that_follows_from_the_other_is_known_by_the_size_alone(region, out, sides):
    """Whatever the words: the canonical URL asks for the same pixels."""
    assert sides_of(Box(10, 20, *region), Size(*out)) == sides


@pytest.mark.parametrize(
    ("box", "out", "level"),
    [
        ((1024, 0, 213, 512), (107, 257), 4),  # as OpenSeadragon asks for half a size
        ((1024, 0, 21, 512), (11, 268), 4),
        ((1024, 0, 21, 512), (11, 256), 4),
        ((1024, 0, 21, 512), (11, 269), 5),
        ((0, 512, 512, 213), (257, 107), 5),
        ((0, 0, 2, 811), (1, 406), 4),
        ((0, 0, 1, 600), (1, 400), 5),
    ],
)
def test_a_side_that_follows_from_the_other_does_not_decide(box, out, level):
    assert plan_of(LEVELS, Box(*box), Size(*out)).level == level


def test_how_near_a_level_is_is_measured_along_the_side_that_decides():
    """A column of two and 300 rows of 800: the rows decide, and a level has just as many."""
    levels = (Size(100, 300), Size(400, 600), Size(800, 800))
    assert plan_of(levels, Box(0, 0, 2, 800), Size(1, 300)).level == 0


def test_of_two_levels_as_near_the_finer_one_is_taken():
    levels = (Size(25, 25), Size(100, 100))
    assert plan_of(levels, Box(0, 0, 2, 2), Size(1, 1)).level == 1


@pytest.mark.parametrize(
    ("levels", "factors"),
    [
        (LEVELS, [32, 16, 8, 4, 2, 1]),
        ([Size(310, 203), Size(619, 406), FULL], [4, 2, 1]),  # rounded up
        ([Size(130, 130), Size(2080, 2080)], [16, 1]),
        ([Size(1, 1), Size(3, 3)], [2, 1]),
        ([Size(33, 33), Size(2080, 2080)], [64, 1]),  # rounded up; 63, rounded down, would do too
        ([Size(412, 270), FULL], [3, 1]),
        ([Size(500, 300), FULL], [0, 1]),
    ],
)
def test_levels_are_smaller_by_whole_numbers_where_they_can_be(levels, factors):
    assert [scale_factor(levels, number) for number in range(len(levels))] == factors


def test_a_level_that_does_not_divide_is_reduced_by_what_it_is():
    levels = (Size(500, 300), Size(1250, 810))
    assert reductions(levels) == ((Fraction(5, 2), Fraction(27, 10)), (1, 1))
    assert plan_of(levels, Box(250, 270, 500, 540), Size(200, 200)) == Plan(
        0, Box(100, 100, 200, 200), Size(200, 200)
    )


LEVEL = Level(Size(618, 405), Size(256, 256))


@pytest.mark.parametrize(
    ("source", "out", "index"),
    [
        ((0, 0, 256, 256), (256, 256), 0),
        ((256, 256, 256, 149), (256, 149), 4),
        ((512, 0, 106, 256), (106, 256), 2),
        ((512, 0, 106, 256), (107, 256), None),
        ((0, 0, 256, 255), (256, 255), None),
        ((1, 0, 256, 256), (256, 256), None),
        ((0, 1, 256, 256), (256, 256), None),
        ((0, 0, 512, 256), (512, 256), None),
    ],
)
def test_what_coincides_with_a_stored_tile_is_that_tile(source, out, index):
    assert tile_of(Plan(4, Box(*source), Size(*out)), LEVEL) == index

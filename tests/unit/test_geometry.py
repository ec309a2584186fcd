import pytest

from iipastro.errors import BadArgument, NotFound
from iipastro.geometry import (
    WHOLE,
    Box,
    Plan,
    Size,
    grid_of,
    half_turned,
    plan_region,
    round_half_up,
    tile_box,
)
from iipastro.view import Fraction

TILE = Size(256, 256)
ODD = Size(1237, 811)


@pytest.mark.parametrize(
    ("lvl", "grid"), [((1237, 811), (5, 4)), ((256, 256), (1, 1)), ((257, 1), (2, 1))]
)
def test_a_grid_covers_its_level(lvl, grid):
    assert grid_of(Size(*lvl), TILE) == grid


@pytest.mark.parametrize(
    ("index", "box"),
    [
        (0, (0, 0, 256, 256)),
        (4, (1024, 0, 213, 256)),
        (6, (256, 256, 256, 256)),
        (15, (0, 768, 256, 43)),
        (19, (1024, 768, 213, 43)),
    ],
)
def test_tiles_at_the_edge_are_cropped(index, box):
    assert tile_box(ODD, TILE, index) == Box(*box)


@pytest.mark.parametrize("index", [-1, 20, 9999])
def test_a_tile_outside_the_grid_is_not_found(index):
    with pytest.raises(NotFound):
        tile_box(ODD, TILE, index)


def test_half_a_turn_exchanges_first_and_last():
    assert [half_turned(ODD, TILE, index) for index in (0, 6, 19)] == [19, 13, 0]


@pytest.mark.parametrize(("number", "rounded"), [(0.5, 1), (1.5, 2), (2.4999, 2), (0.0, 0)])
def test_halves_are_rounded_up(number, rounded):
    assert round_half_up(number) == rounded


LEVELS = [Size(255, 187), Size(511, 375), Size(1023, 750), Size(2047, 1500), Size(4095, 3001)]


@pytest.mark.parametrize(
    ("asked", "region", "limit", "level", "source", "out"),
    [  # spec A.2, with the region of the command already cut to the image (spec 2.4)
        ((0, 0), WHOLE, 5000, 4, (0, 0, 4095, 3001), (4095, 3001)),
        ((1000, 0), WHOLE, 5000, 2, (0, 0, 1023, 750), (1000, 733)),
        ((0, 1000), WHOLE, 5000, 3, (0, 0, 2047, 1500), (1365, 1000)),
        ((1000, 1000), WHOLE, 5000, 2, (0, 0, 1023, 750), (1000, 733)),
        ((1024, 0), WHOLE, 5000, 3, (0, 0, 2047, 1500), (1024, 750)),
        ((1023, 0), WHOLE, 5000, 2, (0, 0, 1023, 750), (1023, 750)),
        ((100, 3000), WHOLE, 5000, 0, (0, 0, 255, 187), (100, 73)),
        ((500, 0), (0.25, 0.25, 0.5, 0.5), 5000, 2, (256, 188, 512, 375), (500, 366)),
        ((0, 500), (0.25, 0.25, 0.5, 0.5), 5000, 3, (512, 375, 1024, 750), (683, 500)),
        # not the reference's enlargement to the full image, but the region as it is (spec 11.3)
        ((0, 0), (0.25, 0.25, 0.5, 0.5), 5000, 4, (1024, 750, 2048, 1501), (2048, 1501)),
        ((300, 0), (0.75, 0.75, 0.25, 0.5), 5000, 3, (1536, 1125, 512, 375), (300, 220)),
        ((300, 0), (0.0, 0.2, 0.3, 0.4), 5000, 2, (0, 150, 307, 300), (300, 293)),
        ((10000, 0), WHOLE, 5000, 4, (0, 0, 4095, 3001), (5000, 3664)),
        ((600, 0), WHOLE, 512, 2, (0, 0, 1023, 750), (512, 375)),
    ],
)
def test_a_region_is_planned_as_the_reference_does(asked, region, limit, level, source, out):
    plan = plan_region(LEVELS, Fraction(*region), Size(*asked), limit, upscaling=True)
    assert plan == Plan(level, Box(*source), Size(*out))


@pytest.mark.parametrize(
    ("asked", "level", "source", "out"),
    [  # spec A.2, the last two rows
        ((0, 0), 4, (0, 0, 5000, 2500), (5000, 2500)),
        ((7000, 0), 5, (0, 0, 10000, 5000), (5000, 2500)),
    ],
)
def test_a_large_image_is_exported_within_the_limit(asked, level, source, out):
    levels = [Size(20000 >> halvings, 10000 >> halvings) for halvings in range(6, -1, -1)]
    plan = plan_region(levels, WHOLE, Size(*asked), 5000, upscaling=True)
    assert plan == Plan(level, Box(*source), Size(*out))


def test_without_upscaling_the_level_bounds_the_answer():
    plan = plan_region(LEVELS, WHOLE, Size(10000, 0), 5000, upscaling=False)
    assert plan.out == (4095, 3001)


def test_a_pyramid_without_small_levels_ends_at_its_smallest():
    plan = plan_region([Size(20000, 10000)], WHOLE, Size(0, 0), 500, upscaling=True)
    assert plan == Plan(0, Box(0, 0, 20000, 10000), Size(500, 250))


@pytest.mark.parametrize(
    ("asked", "region", "level", "source"),
    [  # levels of a quarter, and one left out: their real sizes count
        ((1000, 0), (0.0, 0.0, 0.9, 0.9), 1, (0, 0, 3600, 3600)),
        ((300, 0), (0.5, 0.5, 0.5, 0.5), 1, (2000, 2000, 2000, 2000)),
        ((120, 0), (0.5, 0.5, 0.5, 0.5), 0, (125, 125, 125, 125)),
        ((0, 0), (0.0, 0.0, 1.0, 1.0), 1, (0, 0, 4000, 4000)),
    ],
)
def test_levels_that_do_not_halve_are_taken_as_they_are(asked, region, level, source):
    levels = [Size(250, 250), Size(4000, 4000), Size(16000, 16000)]
    plan = plan_region(levels, Fraction(*region), Size(*asked), 5000, upscaling=True)
    assert (plan.level, plan.source) == (level, Box(*source))


def test_an_answer_has_at_least_one_pixel():
    plan = plan_region([Size(10000, 1)], WHOLE, Size(3, 0), 5000, upscaling=True)
    assert plan.out == (3, 1)
    tiny = plan_region(LEVELS, Fraction(0.5, 0.5, 1e-9, 1e-9), Size(8, 0), 5000, upscaling=True)
    assert (tiny.source.width, tiny.source.height) == (1, 1)


@pytest.mark.parametrize("region", [(1.0, 0.0, 0.0, 1.0), (0.0, 1.0, 1.0, 1.0)])
def test_a_region_outside_the_image_is_refused(region):
    with pytest.raises(BadArgument):
        plan_region(LEVELS, Fraction(*region), Size(100, 0), 5000, upscaling=True)

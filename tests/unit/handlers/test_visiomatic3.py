import io
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from iipastro.errors import BadArgument, NotFound, TooLarge
from iipastro.geometry import Box, Plan, Size
from iipastro.handlers.visiomatic3 import (
    completed,
    exposed,
    mixed,
    pixels_between,
    plan_of,
    serve_composite,
    serve_fits_line,
    serve_fits_pixel,
)
from iipastro.images.source import Range
from iipastro.jobs import ChannelColor, Composite, Cutout, FitsLine, FitsPixel, Job, Tile
from iipastro.view import Cut, View

TILE = Tile(1, 0)


# ---- pictures


@pytest.mark.parametrize(
    ("brightness", "contrast", "expected"),
    [
        (0, 1, (100, 300)),
        (50, 1, (0, 200)),
        (-25, 1, (150, 350)),
        (0, 4, (100, 150)),
        (10, 2, (80, 180)),
        (0, 0, (100, math.inf)),
    ],
)
def test_brightness_and_contrast_are_other_cuts(brightness, contrast, expected):
    (cut,) = exposed([Range(100.0, 300.0)], brightness, contrast)
    assert cut == expected
    if contrast:  # contrast ((x - low) / (high - low) + brightness / 100) at x = 200
        assert (200 - cut.low) / (cut.high - cut.low) == contrast * (0.5 + brightness / 100)


def test_colours_between_two_channels_are_between_their_colours():
    colors = (ChannelColor(1, 1.0, 0.0, 0.5), ChannelColor(3, 0.0, 1.0, 0.5))
    red, green, blue = mixed(colors, 6)
    # channels 0 and 1 the first, 2 halfway, 3 to 5 the second; times 3 / 6
    assert red == (0.5, 0.5, 0.25, 0.0, 0.0, 0.0)
    assert green == (0.0, 0.0, 0.25, 0.5, 0.5, 0.5)
    assert blue == (0.25,) * 6


@pytest.mark.parametrize(
    ("channels", "composite", "mix"),
    [
        (1, Composite(TILE), ()),
        (1, Composite(TILE, 0), ()),
        (3, Composite(TILE, 0), ((1.0,),)),
        (3, Composite(TILE, 2), ((0.0, 0.0, 1.0),)),
        (2, Composite(TILE), ((1.0, 1.0),) * 3),
        (1, Composite(TILE, None, (ChannelColor(0, 1, 0, 0),)), ((3.0,), (0.0,), (0.0,))),
    ],
)
def test_a_channel_or_colours_are_rows_of_a_mix(ramp, channels, composite, mix):
    assert completed(View(), composite, ramp(channels=channels).info).mix == mix


def test_a_channel_that_is_not_there_is_refused(ramp):
    with pytest.raises(BadArgument):
        completed(View(), Composite(TILE, 3), ramp(channels=3).info)


def test_cuts_that_are_asked_for_are_made_brighter(ramp):
    view = completed(View(cuts=(Cut(1, 0.0, 8.0),)), Composite(TILE, 1, (), 0, 2), ramp(2).info)
    assert view.cuts == (Cut(0, 0.0, 5.0), Cut(1, 0.0, 4.0))


@pytest.mark.parametrize(
    ("cutout", "expected"),
    [  # levels of 5 x 3 and 10 x 7
        (Cutout(2, 1, 6, 4), Plan(1, Box(2, 1, 4, 3), Size(4, 3))),
        (Cutout(-9, -9, 99, 99), Plan(1, Box(0, 0, 10, 7), Size(10, 7))),
        (Cutout(3, 1, 9, 6, 2), Plan(0, Box(1, 0, 3, 3), Size(3, 3))),
        (Cutout(3, 1, 9, 6, 3), Plan(0, Box(1, 0, 3, 3), Size(3, 3))),
    ],
)
def test_a_cutout_has_the_pixels_of_its_level(ramp, cutout, expected):
    assert plan_of(cutout, ramp().info, 100) == expected


@pytest.mark.parametrize(
    ("cutout", "most", "refusal"),
    [
        (Cutout(5, 5, 5, 9), 100, BadArgument),
        (Cutout(10, 0, 20, 5), 100, BadArgument),
        (Cutout(0, 8, 5, 3), 100, BadArgument),
        (Cutout(0, 0, 1, 1, 2), 100, BadArgument),  # less than a pixel of its level
        (Cutout(0, 0, 9, 5, 4), 100, BadArgument),
        (Cutout(0, 0, 9, 5), 8, TooLarge),
    ],
)
def test_a_cutout_outside_the_image_or_of_no_level_is_refused(ramp, cutout, most, refusal):
    with pytest.raises(refusal):
        plan_of(cutout, ramp().info, most)


@pytest.fixture
def picture(ramp, shelve):
    def shown(composite, view=None, **facts):
        service = shelve({"encoding.jpeg_quality": "100"}, a=ramp(**facts))
        job = Job("a", view or View(), composite)
        response = serve_composite(job, composite, service.catalog.open("a"), service)
        assert response.mime == "image/jpeg"
        return np.asarray(Image.open(io.BytesIO(response.body))).astype(int)

    return shown


def test_a_tile_shows_one_channel_between_its_cuts(picture):
    cuts = (Range(0.0, 1.0), Range(10000.0, 10255.0))
    grey = picture(Composite(Tile(1, 0), 1), channels=2, cuts=cuts)
    expected = np.clip([[column + 100 * row for column in range(4)] for row in range(4)], 0, 255)
    assert np.abs(grey - expected).max() <= 2


def test_a_cutout_is_as_large_as_its_pixels(picture):
    cuts = (Range(0.0, 1000.0),)
    assert picture(Composite(Cutout(1, 2, 9, 7)), cuts=cuts).shape == (5, 8)
    assert picture(Composite(Cutout(1, 2, 9, 7, 2)), cuts=cuts).shape == (2, 4)


def test_a_tile_that_is_not_there_is_not_found(picture):
    with pytest.raises(NotFound):
        picture(Composite(Tile(2, 0)))


def test_pictures_in_colours_have_three_channels(picture):
    colors = (ChannelColor(0, 1.0, 0.0, 0.0),)
    assert picture(Composite(TILE, None, colors), channels=2).shape == (4, 4, 3)


# ---- values


@pytest.fixture
def answered(ramp, shelve):
    def given(serve, output, settings=None, exports=None):
        service = shelve(settings, a=ramp(channels=2))
        service = replace(service, exports=exports or service.exports)
        job = Job("a", View(), output)
        return json.loads(serve(job, output, service.catalog.open("a"), service).body)

    return given


@pytest.mark.parametrize(
    ("pixel", "values"),
    [  # the ramp: column + 100 row from the top + 10000 channel; 10 x 7
        (FitsPixel(1, 7), [0, 10000]),
        (FitsPixel(10, 1), [609, 10609]),
        (FitsPixel(4, 5, (1,)), [10203]),
        (FitsPixel(4, 5, (1, 0, 1)), [10203, 203, 10203]),
        (FitsPixel(4, 5, (2, 0, -1)), [None, 203, None]),
        (FitsPixel(0, 5), [None, None]),
        (FitsPixel(11, 5, (0,)), [None]),
        (FitsPixel(4, 8), [None, None]),
    ],
)
def test_a_pixel_is_counted_from_1_with_rows_upwards(answered, pixel, values):
    assert answered(serve_fits_pixel, pixel) == {"values": values}


@pytest.mark.parametrize(
    ("start", "end", "places"),
    [
        ((3, 3), (3, 3), [(3, 3)]),
        ((3, 3), (5, 3), [(3, 3), (4, 3), (5, 3)]),
        ((3, 3), (3, 1), [(3, 3), (3, 2), (3, 1)]),
        ((3, 3), (1, 5), [(3, 3), (2, 4), (1, 5)]),
        ((0, 0), (4, 2), [(0, 0), (1, 1), (2, 1), (3, 2), (4, 2)]),
        ((0, 0), (-2, -4), [(0, 0), (-1, -1), (-1, -2), (-2, -3), (-2, -4)]),
        ((0, 0), (5, -1), [(0, 0), (1, 0), (2, 0), (3, -1), (4, -1), (5, -1)]),
    ],
)
def test_a_line_takes_a_pixel_at_each_step(start, end, places):
    columns, rows = pixels_between(start, end)
    assert list(zip(columns.tolist(), rows.tolist(), strict=True)) == places


def test_a_profile_has_its_places_counted_from_0(answered):
    line = FitsLine((9, 6), (11, 8), (1,))
    assert answered(serve_fits_line, line) == {
        "profile": [
            {"x": 8, "y": 5, "values": [10108]},
            {"x": 9, "y": 6, "values": [10009]},
            {"x": 10, "y": 7, "values": [None]},
        ]
    }


def test_a_profile_has_all_channels_unless_some_are_chosen(answered):
    profile = answered(serve_fits_line, FitsLine((1, 7), (2, 7)))["profile"]
    assert [point["values"] for point in profile] == [[0, 10000], [1, 10001]]


@pytest.mark.parametrize("channels", [(2,), (0, -1)])
def test_a_profile_of_a_channel_that_is_not_there_is_refused(answered, channels):
    with pytest.raises(BadArgument):
        answered(serve_fits_line, FitsLine((1, 1), (2, 2), channels))


def test_a_profile_has_a_limit(answered):
    limit = {"limits.profile_values": "8"}
    assert len(answered(serve_fits_line, FitsLine((1, 1), (4, 2)), limit)["profile"]) == 4
    for end in ((5, 1), (-3, 1), (-(2**31), 2**31 - 1)):
        with pytest.raises(TooLarge):
            answered(serve_fits_line, FitsLine((1, 1), end), limit)


def test_channels_that_are_asked_for_again_count_again(answered):
    limit = {"limits.profile_values": "8"}
    assert answered(serve_fits_line, FitsLine((1, 1), (2, 1), (0,) * 4), limit)["profile"]
    with pytest.raises(TooLarge):
        answered(serve_fits_line, FitsLine((1, 1), (2, 1), (0,) * 5), limit)
    with pytest.raises(TooLarge):
        answered(serve_fits_pixel, FitsPixel(1, 1, (0,) * 9), limit)


def test_a_line_may_leave_the_image_by_so_much(answered):
    assert len(answered(serve_fits_line, FitsLine((0, 9), (34, 9)))["profile"]) == 35  # 2 (10 + 7)
    with pytest.raises(TooLarge):
        answered(serve_fits_line, FitsLine((0, 9), (35, 9)))


def test_a_profile_takes_a_slot_for_what_it_writes_outside_the_image_too(answered, slots):
    answered(serve_fits_line, FitsLine((-4, -9), (5, -9)), exports=slots)
    answered(serve_fits_pixel, FitsPixel(1, 1, (0,) * 3), exports=slots)
    assert slots.asked == [10 * 2 * 256, 3 * 256]

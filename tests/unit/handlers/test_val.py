import json
from dataclasses import replace

import numpy as np
import pytest

from iipastro.errors import BadArgument, TooLarge
from iipastro.geometry import Size
from iipastro.handlers.val import numbers_of, serve_values
from iipastro.images.source import Level
from iipastro.jobs import Job, Values
from iipastro.view import View

LARGE = (Level(Size(3000, 3000), Size(2048, 2048)),)


@pytest.fixture
def values(ramp, shelve):
    def given(*places, settings=None, exports=None, **facts):
        service = shelve(settings, a=ramp(**facts))
        service = replace(service, exports=exports or service.exports)
        job = Job("a", View(), Values(places))
        response = serve_values(job, job.output, service.catalog.open("a"), service)
        assert response.mime == "application/json"
        return json.loads(response.body)

    return given


def test_each_pixel_has_its_place_and_all_channels(values):
    # the ramp: column + 100 row + 10000 channel; the largest level is 10 x 7
    assert values((9, 6), (0, 0), (4, 3), channels=2) == {
        "pixels": [
            {"x": 9, "y": 6, "values": [609, 10609]},
            {"x": 0, "y": 0, "values": [0, 10000]},
            {"x": 4, "y": 3, "values": [304, 10304]},
        ]
    }


@pytest.mark.parametrize("place", [(10, 0), (0, 7), (2**31 - 1, 2**31 - 1)])
def test_a_place_outside_the_image_is_refused(values, place):
    with pytest.raises(BadArgument):
        values((0, 0), place)


def test_there_is_a_limit(values):
    limit = {"limits.profile_values": "4"}
    assert len(values((0, 0), (1, 1), settings=limit, channels=2)["pixels"]) == 2
    with pytest.raises(TooLarge):
        values((0, 0), (1, 1), (2, 2), settings=limit, channels=2)


def test_pixels_of_too_many_tiles_are_refused(values):
    limit = {"limits.max_source_samples": "4M"}  # a tile of 2048
    assert values((0, 0), (9, 9), settings=limit, levels=LARGE)["pixels"]
    with pytest.raises(TooLarge):
        values((0, 0), (2048, 0), settings=limit, levels=LARGE)


def test_what_is_read_or_written_takes_a_slot(values, slots):
    values((0, 0), (2048, 0), exports=slots, levels=LARGE)
    values(*[(1, 1)] * 10, exports=slots, channels=3)
    # two tiles; the time in which 256 samples are read for each number written
    assert slots.asked == [2 * 2048**2, 10 * 3 * 256]


@pytest.mark.parametrize(
    ("samples", "text"),
    [
        (np.float32([0.1, -1e-30, 16777216]), "[0.1, -1e-30, 16777216.0]"),
        (np.float64([0.1, 1e300]), "[0.1, 1e+300]"),
        (np.float32([np.nan, np.inf, -np.inf]), "[null, null, null]"),
        (np.uint64([2**64 - 1]), "[18446744073709551615]"),
        (np.int8([-128]), "[-128]"),
    ],
)
def test_numbers_are_those_of_the_file(samples, text):
    assert json.dumps(numbers_of(samples[np.newaxis])[0]) == text

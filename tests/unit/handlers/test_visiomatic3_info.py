import json
from dataclasses import replace

import numpy as np
import pytest

from iipastro.geometry import Size
from iipastro.handlers.visiomatic3_info import linear_part, serve_visiomatic_info
from iipastro.images.source import Level, Range
from iipastro.jobs import Job, VisiomaticInfo
from iipastro.view import View

HEADER = (
    "SIMPLE  =                    T",
    "NAXIS1  =                 5000",  # of a mosaic of which this is a part
    "OBJECT  = 'M 51    '",
    "CDELT1  =                -0.25",
    "CDELT2  =                  0.5",
)


@pytest.fixture
def info(ramp, shelve):
    def given(settings=None, exports=None, **facts):
        service = shelve(settings, a=ramp(**facts))
        service = replace(service, exports=exports or service.exports)
        job = Job("a", View(), VisiomaticInfo("a.fits"))
        opened = service.catalog.open("a")
        return json.loads(serve_visiomatic_info(job, job.output, opened, service).body)

    return given


def test_the_page_is_told_what_it_asks_for(info):  # client.md §4.1
    header = "".join(card.ljust(80) for card in HEADER).encode()
    given = info({"encoding.jpeg_quality": "77"}, channels=2, metadata={"subject": header})
    axes = {"NAXIS1": 10, "NAXIS2": 7, "NAXIS3": 2}
    cards = {"SIMPLE": True, "OBJECT": "M 51", "CDELT1": -0.25, "CDELT2": 0.5, **axes}
    whole = [[1, 10, 1], [1, 7, 1]]
    assert given == {
        "type": "visiomatic",
        "version": "3.0",
        "image_name": "a.fits",
        "object_name": "M 51",
        "full_size": [10, 7],
        "tile_size": [4, 4],
        "tile_levels": 2,
        "channels": 2,
        "bits_per_channel": 32,
        "brightness": 0.0,
        "contrast": 1.0,
        "color_saturation": 1.5,
        "gamma": 2.2,
        "quality": 77,
        "header": {**cards, "CD1_1": -0.25, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 0.5},
        "images": [
            {
                "size": [10, 7, 2],
                "dataslice": whole,
                "detslice": whole,
                # of the ramp's first tile at the smallest level: 0 to 3 in rows 0, 100 and 200
                "background_level": [101.5, 10101.5],
                "background_mad": [99.0, 99.0],
                "min_max": [[0.0, 10.0], [0.0, 20.0]],
                "header": cards,
            }
        ],
    }


def test_pixels_without_a_value_are_no_background(ramp, shelve):
    class Blank(ramp):
        def read_tile(self, level, index):
            samples = super().read_tile(level, index).copy()
            samples[0, :, 0] = np.nan
            samples[:, :, 1] = np.inf
            return samples

    service = shelve(a=Blank(channels=2))
    job = Job("a", View(), VisiomaticInfo("a"))
    body = serve_visiomatic_info(job, job.output, service.catalog.open("a"), service).body
    (image,) = json.loads(body)["images"]
    # 100 to 103 and 200 to 203: halfway, each about 50 away
    assert image["background_level"] == [151.5, 0.0]
    assert image["background_mad"] == [50.0, 0.0]


def test_pixels_at_the_end_of_float64_have_a_background(ramp, shelve):
    class Huge(ramp):
        def read_tile(self, level, index):
            samples = np.full((4, 4, 2), 1.7e308)
            samples[::2, :, 0] *= -1
            return samples

    service = shelve(a=Huge(channels=2, dtype=np.float64, cuts=(Range(-np.inf, np.inf),) * 2))
    job = Job("a", View(), VisiomaticInfo("a"))
    body = serve_visiomatic_info(job, job.output, service.catalog.open("a"), service).body
    (image,) = json.loads(body, parse_constant=pytest.fail)["images"]
    # of two in the middle the mean is taken, and the sum of two such is beyond float64
    assert image["background_level"] == image["background_mad"] == [0.0, 0.0]
    assert image["min_max"] == [[None, None]] * 2


def test_the_medians_of_a_large_tile_are_those_of_some_of_its_pixels(info):
    size = Size(1000, 700)  # column + 100 row: 0 to 70899, as many above the middle as below
    (image,) = info(levels=(Level(size, Size(1024, 1024)),))["images"]
    assert image["background_level"][0] == pytest.approx(70899 / 2, rel=0.01)


def test_a_long_header_and_a_large_tile_take_a_slot(info, slots):
    info(exports=slots, channels=2, metadata={"subject": b"x" * 100})
    info(exports=slots, channels=2)
    # the time in which 4 samples are read for a byte of the header; a tile of 4
    assert slots.asked == [400, 4 * 4 * 2]


def test_the_name_of_the_object_is_a_text(info):
    header = "".join(card.ljust(80) for card in ("SIMPLE  = T", "OBJECT  = T")).encode()
    assert info(metadata={"subject": header})["object_name"] == ""


@pytest.mark.parametrize(
    ("header", "matrix"),
    [
        ({}, (1, 0, 0, 1)),
        ({"CDELT1": -2, "CDELT2": 3.0, "PCOUNT": 0}, (-2, 0, 0, 3)),
        ({"CDELT1": -2, "CDELT2": 3, "CROTA2": 90}, (0, -3, -2, 0)),
        ({"CDELT1": -2, "CDELT2": 3, "PC1_2": 0.5}, (-2, -1, 0, 3)),
        ({"CDELT1": -2, "CD1_2": 0.5, "CD2_1": 0.25}, (0, 0.5, 0.25, 0)),
        ({"CDELT1": 1e300, "PC1_1": 1e300}, (1, 0, 0, 1)),
        ({"CDELT1": 1e300, "PC1_1": 10**70 - 1}, (1, 0, 0, 1)),
        ({"CD1_1": "x", "CD2_2": None}, (0, 0, 0, 0)),
    ],
)
def test_the_matrix_is_given_as_cd(header, matrix):
    names = ("CD1_1", "CD1_2", "CD2_1", "CD2_2")
    assert linear_part(header) == pytest.approx(dict(zip(names, matrix, strict=True)), abs=1e-12)

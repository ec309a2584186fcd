import json
from dataclasses import replace

import pytest

from iipastro import __version__
from iipastro.handlers.info import serve_info
from iipastro.images.catalog import Opened
from iipastro.images.source import Range
from iipastro.jobs import Info, Job
from iipastro.view import Cut, View


def cards(*texts):
    return "".join(text.ljust(80) for text in texts).encode("latin-1")


@pytest.fixture
def info(ramp, shelve):
    def given(view=None, horizontal=(0,), settings=None, exports=None, **facts):
        service = shelve(settings, a=ramp(**facts))
        service = replace(service, exports=exports or service.exports)
        opened = Opened(service.catalog.open("a").source, horizontal)
        job = Job("a", view or View(), Info())
        return json.loads(serve_info(job, job.output, opened, service).body)

    return given


def test_the_facts_of_an_image(info):
    header = cards(
        "SIMPLE  =                    T",
        "BUNIT   = 'nJy     '",
        "CHAN0002= 'r band  '",
        "CRVAL1  =               187.25 / [deg]",
        "EXPTIME =                1E999",
    )
    texts = {"subject": header, "author": b"\xc3\x89mile \xff"}
    given = info(channels=2, metadata=texts, dots_per_metre=(100.0, 50.0))
    assert given == {
        "server": {"name": "iipastro", "version": __version__},
        "width": 10,
        "height": 7,
        "levels": [
            {"width": 5, "height": 3, "tile_width": 4, "tile_height": 4},
            {"width": 10, "height": 7, "tile_width": 4, "tile_height": 4},
        ],
        "type": "float32",
        "bits": 32,
        "color": "rgb",
        "channels": [
            {"name": None, "unit": "nJy", "low": 0.0, "high": 10.0},
            {"name": "r band", "unit": "nJy", "low": 0.0, "high": 20.0},
        ],
        "views": {"horizontal": [0], "vertical": [90]},
        "dots_per_metre": [100.0, 50.0],
        "texts": {"author": "Émile \ufffd"},
        "header": {
            "SIMPLE": True, "BUNIT": "nJy", "CHAN0002": "r band", "CRVAL1": 187.25, "EXPTIME": None,
        },
    }  # fmt: skip


def test_a_text_that_is_no_header_stays_a_text(info):
    given = info(metadata={"subject": b"A galaxy"})
    assert (given["texts"], given["header"]) == ({"subject": "A galaxy"}, {})
    assert given["channels"][0]["unit"] is None


def test_cuts_are_those_that_are_asked_for_before(info):
    (channel,) = info(View(cuts=(Cut(0, -3.0, 7.5),)))["channels"]
    assert (channel["low"], channel["high"]) == (-3.0, 7.5)


def test_what_is_not_finite_is_null(info):
    (channel,) = info(cuts=(Range(float("nan"), float("inf")),))["channels"]
    assert (channel["low"], channel["high"]) == (None, None)


def test_the_views_of_a_sequence_are_told(info):
    assert info(horizontal=(0, 45))["views"] == {"horizontal": [0, 45], "vertical": [90]}


def test_what_is_no_text_is_neither_a_name_nor_a_unit(info):
    header = cards("SIMPLE  = T", "BUNIT   = 1E999", "CHAN0001= T", "CHAN0002= 5")
    assert [
        (channel["name"], channel["unit"])
        for channel in info(channels=2, metadata={"subject": header})["channels"]
    ] == [(None, None)] * 2


def test_latpole_may_be_hidden(info):
    metadata = {"subject": cards("SIMPLE  = T", "LATPOLE = 5.0")}
    assert "LATPOLE" in info(metadata=metadata)["header"]
    hidden = info(metadata=metadata, settings={"images.hide_latpole": "yes"})
    assert hidden["header"] == {"SIMPLE": True}


def test_a_long_header_takes_a_slot(info, slots):
    info(exports=slots, metadata={"subject": b"x" * 100})
    assert slots.asked == [400]  # the time in which 4 samples are read for each byte

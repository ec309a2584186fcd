import io

import numpy as np
import pytest
from PIL import Image

from iipastro.config import load_config
from iipastro.handlers.scene import cuts_of, encode, scene_of
from iipastro.images.source import Range
from iipastro.view import Cut, View


def test_the_last_cut_of_a_channel_counts(ramp):
    info = ramp(channels=3).info
    cuts = (Cut(0, 1.0, 2.0), Cut(2, 3.0, 4.0), Cut(0, 5.0, 6.0), Cut(3, 7.0, 8.0))
    assert cuts_of(cuts, info) == (Range(5, 6), Range(0, 20), Range(3, 4))
    assert cuts_of((Cut(None, 1.0, 2.0), Cut(1, 3.0, 4.0)), info) == ((1, 2), (3, 4), (1, 2))
    assert info.cuts == ((0, 10), (0, 20), (0, 30))  # the image keeps its own


def test_a_plain_view_needs_no_histogram(ramp):
    class Unread(ramp):
        def read_tile(self, level, index):
            raise AssertionError

    scene = scene_of(View(gamma=0.5), Unread())
    assert (scene.cuts, scene.table, scene.lab) == (((0.0, 10.0),), None, False)
    assert scene_of(View(), Unread(color="lab")).lab


def test_stretching_replaces_the_cuts(ramp):
    image = ramp(dtype=np.uint8, cuts=(Range(0.0, 255.0),))
    scene = scene_of(View(stretched=True), image)
    # the first tile of the smallest level holds 0 to 203
    assert scene.cuts == ((0.0, 203.0),)


@pytest.mark.parametrize("view", [View(equalized=True), View(palette="binary")])
def test_equalising_and_thresholds_are_tables(ramp, view):
    table = scene_of(view, ramp(dtype=np.uint8, cuts=(Range(0.0, 255.0),))).table
    assert len(table) == 256
    assert list(table) == sorted(table)


PIXELS = np.random.default_rng(1).integers(0, 256, (32, 32, 1), np.uint8)


def encoded(encoding, view, info, **settings):
    config = load_config([], {}, {f"encoding.{k}": v for k, v in settings.items()}).config
    return encode(PIXELS, encoding, view, info, config)


def test_quality_is_what_the_query_says_else_what_the_configuration_says(ramp):
    info = ramp().info
    fine, coarse = encoded("jpeg", View(quality=95), info), encoded("jpeg", View(quality=5), info)
    assert len(coarse) < len(fine)
    assert encoded("jpeg", View(), info, jpeg_quality="5") == coarse
    assert encoded("jpeg", View(quality=0), info) == encoded("jpeg", View(quality=1), info)
    assert encoded("png", View(quality=90), info) == encoded("png", View(quality=9), info)


def test_a_profile_goes_only_with_the_colours_of_the_image(ramp):
    info = ramp(icc=b"profile").info

    def profile(view, **settings):
        picture = Image.open(io.BytesIO(encoded("jpeg", view, info, **settings)))
        return picture.info.get("icc_profile")

    assert profile(View(gamma=0.5)) == b"profile"
    assert profile(View(mix=((1.0,),))) is None
    assert profile(View(colormap="hot")) is None
    assert profile(View(palette="gray")) is None
    assert profile(View(light=(1, 2))) is None
    assert profile(View(), embed_icc="no") is None
    assert profile(View(), max_icc="7") is None


def test_a_tiff_is_compressed_as_asked(ramp):
    tags = {}
    for view in (View(), View(compression="lzw"), View(compression="none")):
        picture = Image.open(io.BytesIO(encoded("tiff", view, ramp().info)))
        tags[view.compression] = picture.tag_v2[259]
    assert tags[None] in (8, 32946)
    assert (tags["lzw"], tags["none"]) == (5, 1)

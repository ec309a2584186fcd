import numpy as np
import pytest

from iipastro.config import load_config
from iipastro.handlers.scene import cuts_of, options_of, scene_of
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
    assert scene_of(View(), Unread(color="lab", channels=3, dtype=np.uint8)).lab
    assert not scene_of(View(), Unread(color="lab", channels=3, dtype=np.uint16)).lab
    assert not scene_of(View(), Unread(color="lab", channels=2, dtype=np.uint8)).lab


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


def options(encoding, view, info, **settings):
    config = load_config([], {}, {f"encoding.{k}": v for k, v in settings.items()}).config
    return options_of(encoding, view, info, config)


@pytest.mark.parametrize(
    ("encoding", "asked", "quality"),
    [
        ("jpeg", None, 90),
        ("jpeg", 5, 5),
        ("jpeg", 0, 1),
        ("png", None, 1),
        ("png", 90, 9),
        ("webp", 0, 0),
        ("avif", 100, 100),
        ("tiff", None, 1),
    ],
)
def test_quality_is_what_the_query_says_within_the_format(ramp, encoding, asked, quality):
    assert options(encoding, View(quality=asked), ramp().info).quality == quality


def test_quality_else_is_what_the_configuration_says(ramp):
    assert options("jpeg", View(), ramp().info, jpeg_quality="5").quality == 5
    assert options("webp", View(), ramp().info, webp_quality="-1").quality == -1


def test_a_profile_goes_only_with_the_colours_of_the_image(ramp):
    def profile(view, **settings):
        return options("jpeg", view, ramp(icc=b"profile").info, **settings).icc

    assert profile(View(gamma=0.5)) == b"profile"
    assert profile(View(mix=((1.0,),))) == b""
    assert profile(View(colormap="hot")) == b""
    assert profile(View(palette="gray")) == b""
    assert profile(View(light=(1, 2))) == b""
    assert profile(View(), embed_icc="no") == b""
    assert profile(View(), max_icc="7") == b""


def test_a_tiff_is_compressed_as_asked(ramp):
    assert options("tiff", View(), ramp().info).compression == "deflate"
    assert options("tiff", View(compression="lzw"), ramp().info).compression == "lzw"
    settings = {"tiff_compression": "zstd"}
    assert options("tiff", View(), ramp().info, **settings).compression == "zstd"

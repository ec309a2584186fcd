from __future__ import annotations

import imagecodecs
import numpy as np
import pytest

from iipastro.errors import Unservable


def sizes(source):
    return [tuple(level.size) for level in source.info.levels]


def test_levels_are_the_chain_of_smaller_and_smaller_images(write_tiff, open_tiff, ramp):
    source = open_tiff(write_tiff([ramp(40, 50), ramp(20, 25), ramp(10, 12)]))
    assert sizes(source) == [(12, 10), (25, 20), (50, 40)]


def test_images_that_are_no_smaller_are_no_levels(write_tiff, open_tiff, ramp):
    levels = [
        ramp(40, 50),
        ramp(40, 50),
        ramp(60, 20),
        ramp(20, 60),
        ramp(20, 25),
        ramp(30, 25),
        ramp(20, 24),
    ]
    assert sizes(open_tiff(write_tiff(levels))) == [(24, 20), (25, 20), (50, 40)]


def test_images_of_other_channels_or_types_are_no_levels(write_tiff, open_tiff, ramp):
    levels = [ramp(40, 50), ramp(20, 25, 3), ramp(20, 25, 1, "uint16"), ramp(20, 25, 1, "int8")]
    assert sizes(open_tiff(write_tiff(levels))) == [(50, 40)]


@pytest.mark.parametrize(
    "change",
    [
        {254: ("I", [4])},  # a mask
        {254: ("I", [5])},  # a mask of a smaller image
        {322: None, 323: None},
        {258: ("H", [1])},
    ],
)
def test_masks_and_untiled_images_are_no_levels(make, ramp, tmp_path, open_tiff, change):
    writer = make.Writer()
    for rows, changes in ((40, {}), (20, change), (10, {254: ("I", [1])})):
        tags = make.plain_tags(ramp(rows, 16), (16, 16))
        tiles = -(-rows // 16)
        tags |= {324: ("I", [8] * tiles), 325: ("I", [256] * tiles)} | changes
        writer.chain({code: value for code, value in tags.items() if value is not None})
    writer.add(bytes(600))
    (tmp_path / "masked.tif").write_bytes(writer.content)
    assert sizes(open_tiff(tmp_path / "masked.tif")) == [(16, 10), (16, 40)]


def test_with_sub_directories_the_rest_of_the_chain_is_not_looked_at(
    make, ramp, tmp_path, open_tiff
):
    writer = make.Writer()
    writer.add(bytes(4000))

    def tags(rows):
        tiles = -(-rows // 16)
        table = {324: ("I", [8] * tiles), 325: ("I", [256] * tiles)}
        return make.plain_tags(ramp(rows, 16), (16, 16)) | table

    untiled = {k: v for k, v in tags(15).items() if k not in (322, 323)}
    below = [writer.directory(t) for t in (tags(20), untiled, tags(10))]
    writer.chain(tags(40) | {330: ("I", below)})
    for _ in range(100):  # other planes of a stack: more than would be read
        writer.chain(tags(30))
    (tmp_path / "sub.tif").write_bytes(writer.content)
    assert sizes(open_tiff(tmp_path / "sub.tif")) == [(16, 10), (16, 20), (16, 40)]


REFUSED = [
    ({322: None}, "the TIFF image is not tiled"),
    ({256: ("I", [0])}, "a side or a tile of 0 pixels"),
    ({257: ("I", [2**31])}, "a side or a tile of 2147483648 pixels"),
    ({322: ("I", [0])}, "a side or a tile of 0 pixels"),
    ({323: ("I", [0])}, "a side or a tile of 0 pixels"),
    ({322: ("I", [8193]), 323: ("I", [8192])}, "a tile is larger than 64 MiB"),
    ({322: ("I", [2**31 - 1]), 323: ("I", [2**31 - 1])}, "a tile is larger than 64 MiB"),
    ({277: ("H", [0])}, "has 0 channels"),
    ({277: ("H", [1025])}, "has 1025 channels"),
    ({277: ("I", [2**32 - 1])}, "has 4294967295 channels"),
    ({258: ("H", [7])}, "samples of 7 bits and format 1 are not served"),
    ({258: ("H", [1]), 339: ("H", [3])}, "samples of 1 bits and format 3 are not served"),
    ({258: ("H", [24]), 339: ("H", [3])}, "samples of 24 bits and format 3 are not served"),
    ({258: ("H", [64]), 339: ("H", [6])}, "samples of 64 bits and format 6 are not served"),
    ({258: ("H", [8, 16])}, "channels of the TIFF image are of different types"),
    ({339: ("H", [1, 3])}, "channels of the TIFF image are of different types"),
    ({259: ("H", [6])}, "TIFF compression 6 is not served"),
    ({259: ("H", [4])}, "TIFF compression 4 is not served"),
    ({259: ("H", [5]), 317: ("H", [3])}, "TIFF predictor 3 is not served"),
    ({259: ("H", [5]), 317: ("H", [4])}, "TIFF predictor 4 is not served"),
    ({259: ("H", [5]), 317: ("H", [2]), 258: ("H", [1])}, "TIFF predictor 2 is not served"),
    ({262: ("H", [6])}, "YCbCr are served only as JPEG"),
    ({262: ("H", [6]), 259: ("H", [50001])}, "WebP tiles are served with 8 bits"),
    ({259: ("H", [7]), 258: ("H", [16])}, "JPEG tiles are served with 8 bits"),
    ({259: ("H", [7]), 258: ("H", [1])}, "JPEG tiles are served with 8 bits"),
    ({259: ("H", [34712]), 258: ("H", [32])}, "JPEG 2000 tiles are served with 8 or 16 bits"),
    ({259: ("H", [34712]), 339: ("H", [3]), 258: ("H", [16])}, "JPEG 2000 tiles are served with 8"),
    ({259: ("H", [33003])}, "JPEG 2000 tiles in YCbCr are served with 8 bits and 3 channels"),
    ({262: ("H", [3])}, "a TIFF palette needs one channel of 8 bits and 256 colours"),
    ({262: ("H", [3]), 320: ("H", [0] * 48)}, "a TIFF palette needs"),
    (
        {262: ("H", [3]), 320: ("H", [0] * 768), 322: ("I", [8192]), 323: ("I", [4096])},
        "a tile is larger than 64 MiB",
    ),
    ({262: ("H", [3]), 320: ("f", [float("nan")] * 768)}, "a TIFF palette needs"),
    ({324: ("I", [8, 8])}, "tag 324 is too short"),
    ({325: ("I", [8, 8])}, "tag 325 is too short"),
    ({256: None}, "TIFF tag 256 is missing"),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_what_cannot_be_served_is_refused_and_named(
    write_tiff, open_tiff, ramp, change, message, descriptors
):
    path = write_tiff([ramp(32, 32)], change)
    before = descriptors()
    with pytest.raises(Unservable, match=message):
        open_tiff(path)
    assert descriptors() == before


def test_a_tile_of_exactly_64_mib_is_served(write_tiff, open_tiff, ramp):
    change = {322: ("I", [8192]), 323: ("I", [8192])}
    assert open_tiff(write_tiff([ramp(16, 16)], change)).info.levels[0].tile == (8192, 8192)


def test_tags_that_may_be_absent_have_the_defaults_of_the_standard(write_tiff, open_tiff, ramp):
    absent = dict.fromkeys((259, 262, 277, 284, 339))
    level = ramp(20, 20)
    source = open_tiff(write_tiff([level], absent))
    np.testing.assert_array_equal(source.read_tile(0, 0), level[:16, :16])
    assert source.info.color == "grey"


def test_samples_of_undefined_format_are_unsigned(write_tiff, open_tiff, ramp):
    source = open_tiff(write_tiff([ramp(16, 16)], {339: ("H", [4])}))
    assert source.info.dtype == np.uint8


def test_a_predictor_counts_only_where_libtiff_knows_it(write_tiff, open_tiff, ramp):
    level = ramp(16, 16)
    tags = {259: ("H", [32773]), 317: ("H", [2])}
    source = open_tiff(write_tiff([level], tags, packed=imagecodecs.packbits_encode))
    np.testing.assert_array_equal(source.read_tile(0, 0), level)

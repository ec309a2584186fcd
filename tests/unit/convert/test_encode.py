"""Tiles and how they are packed: tifffile and zlib say what is right."""

from __future__ import annotations

import zlib

import imagecodecs
import numpy as np
import pytest

from iipastro.convert.encode import (
    COMPRESSIONS,
    Packing,
    check_packing,
    encode_tiles,
    whole_tiles,
)
from iipastro.convert.source import ConvertError


def test_a_strip_is_cut_from_the_left_and_filled_up_with_zeros():
    strip = np.arange(1, 41, dtype=np.uint8).reshape(2, 20, 1)
    first, second = whole_tiles(strip, 16)
    assert first[0, :, 0].tolist() == list(range(1, 17))
    assert first[1, :, 0].tolist() == list(range(21, 37))
    assert second[0, :, 0].tolist() == [17, 18, 19, 20] + 12 * [0]
    assert not first[2:].any()
    assert not second[2:].any()


def test_tiles_are_little_endian_and_contiguous():
    strip = np.full((16, 32, 2), 1.5, dtype=">f4")
    tiles = whole_tiles(strip[:, 8:24], 16)
    assert tiles.dtype == np.dtype("<f4")
    assert bytes(encode_tiles(strip[:, 8:24], 16, Packing())[0]) == 512 * b"\0\0\xc0\x3f"


@pytest.mark.parametrize("dtype", ["float32", "uint16", "uint8"])
@pytest.mark.parametrize("channels", [1, 3])
def test_differences_run_along_rows_within_a_channel(dtype, channels):
    strip = np.random.default_rng(1).integers(0, 200, (16, 16, channels)).astype(dtype)
    (packed,) = encode_tiles(strip, 16, Packing("deflate", "horizontal"))
    bits = np.frombuffer(zlib.decompress(packed), f"<u{strip.itemsize}").reshape(strip.shape)
    summed = np.cumsum(bits, axis=1, dtype=bits.dtype)  # TIFF 6.0 p. 65
    np.testing.assert_array_equal(summed.view(dtype), strip)


@pytest.mark.parametrize("channels", [1, 3])
def test_differences_of_floats_are_those_of_their_bytes(channels):
    strip = np.random.default_rng(1).normal(0, 1, (16, 16, channels)).astype(np.float32)
    (packed,) = encode_tiles(strip, 16, Packing("deflate", "float"))
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(16, -1)
    summed = rows.copy()
    for column in range(channels, rows.shape[1]):  # TIFF Technote 3
        summed[:, column] += summed[:, column - channels]
    bytes_of = summed.reshape(16, 4, 16 * channels)  # the highest bytes of all samples first
    samples = np.ascontiguousarray(np.moveaxis(bytes_of, 1, 2)).view(">f4")
    np.testing.assert_array_equal(samples.reshape(strip.shape), strip)


@pytest.mark.parametrize(
    ("name", "decode"),
    [
        ("none", lambda tile: tile),
        ("lzw", imagecodecs.lzw_decode),
        ("deflate", zlib.decompress),
        ("zstd", imagecodecs.zstd_decode),
    ],
)
def test_every_compression_gives_the_bytes_back(name, decode):
    strip = np.random.default_rng(2).integers(0, 9, (16, 16, 1)).astype(np.float32)
    (packed,) = encode_tiles(strip, 16, Packing(name))
    assert bytes(decode(bytes(packed))) == strip.tobytes()


def test_the_level_is_passed_on():
    strip = np.random.default_rng(3).integers(0, 9, (64, 64, 1)).astype(np.float32)
    for name in ("deflate", "zstd"):
        low, high = (encode_tiles(strip, 64, Packing(name, "none", n))[0] for n in (1, 12))
        assert len(high) < len(low)


def test_the_codes_are_those_of_tiff():
    codes = {name: row.code for name, row in COMPRESSIONS.items()}
    assert codes == {"none": 1, "lzw": 5, "deflate": 8, "zstd": 50000}


@pytest.mark.parametrize(
    ("packing", "dtype", "message"),
    [
        (Packing("none", "horizontal"), "u1", "only with a compression"),
        (Packing("zstd", "float"), "u2", "for float32"),
        (Packing("zstd", "none", 23), "f4", "1 to 22"),
        (Packing("deflate", "none", 0), "f4", "1 to 12"),
        (Packing("lzw", "none", 3), "f4", "has no levels"),
    ],
)
def test_what_makes_no_sense_is_refused(packing, dtype, message):
    with pytest.raises(ConvertError, match=message):
        check_packing(packing, np.dtype(dtype))


def test_what_makes_sense_is_not():
    check_packing(Packing("zstd", "float", 22), np.dtype("f4"))
    check_packing(Packing("lzw", "horizontal"), np.dtype("u1"))

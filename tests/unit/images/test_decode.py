from __future__ import annotations

import struct
import tracemalloc
import zlib

import imagecodecs
import numpy as np
import pytest

from iipastro.errors import Unreadable
from iipastro.images.decode import COMPRESSIONS, Stored, decode


def stored(dtype="u1", compression=1, shape=(4, 8, 1), **facts):
    bits = facts.pop("bits", np.dtype(dtype).itemsize * 8)
    names = {"predictor": 1, "ycbcr": False, "reversed_bits": False, **facts}
    return Stored(shape, np.dtype(dtype), bits, compression, **names)


def test_samples_come_in_native_order():
    given = decode(b"\x01\x02\x03\x04", stored(">u2", shape=(1, 2, 1)))
    assert given.dtype.isnative
    assert given.ravel().tolist() == [0x0102, 0x0304]


def test_one_bit_is_black_or_white_and_rows_start_on_a_byte():
    given = decode(b"\xa0\x00\x01\xff", stored(bits=1, shape=(2, 10, 1)))
    assert given[0, :, 0].tolist() == [255, 0, 255] + [0] * 7
    assert given[1, :, 0].tolist() == [0] * 7 + [255] * 3


def test_fill_order_2_turns_the_bits_of_each_byte():
    given = decode(b"\x05", stored(bits=1, shape=(1, 8, 1), reversed_bits=True))
    assert given.ravel().tolist() == [255, 0, 255, 0, 0, 0, 0, 0]


def test_twelve_bits_are_unpacked():
    given = decode(b"\xab\xc1\x23\xff\xf0", stored("u2", bits=12, shape=(1, 3, 1)))
    assert given.ravel().tolist() == [0xABC, 0x123, 0xFFF]


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "<f2", "<f4", ">f4", "<f8", ">i8"])
def test_predictor_2_adds_up_the_numbers_that_the_bytes_are(dtype):
    """Differences of whole numbers with wrap around, also where they stand for floats."""
    expected = (np.arange(16) * 37 - 100).astype(np.dtype(dtype).newbyteorder("="))
    whole = expected.view(f"u{expected.dtype.itemsize}").reshape(2, 4, 2)
    steps = whole.copy()
    steps[:, 1:] -= whole[:, :-1]
    content = imagecodecs.zstd_encode(steps.astype(dtype[0] + steps.dtype.str[1:]).tobytes())
    given = decode(content, stored(dtype, 50000, (2, 4, 2), predictor=2))
    np.testing.assert_array_equal(given, expected.reshape(2, 4, 2))


def test_predictor_3_of_one_row_by_hand():
    """1.0 and 2.0 are 3F800000 and 40000000: planes of bytes, most significant first."""
    planes = bytes([0x3F, 0x40, 0x80, 0x00, 0, 0, 0, 0])
    steps = bytes([planes[0], *((planes[n] - planes[n - 1]) & 255 for n in range(1, 8))])
    for dtype in ("<f4", ">f4"):
        content = imagecodecs.zstd_encode(steps)
        given = decode(content, stored(dtype, 50000, (1, 2, 1), predictor=3))
        assert given.ravel().tolist() == [1.0, 2.0]
        assert given.dtype.isnative


@pytest.mark.parametrize("dtype", ["<f2", "<f4", ">f4", "<f8"])
@pytest.mark.parametrize("channels", [1, 3])
def test_predictor_3_of_many_samples(dtype, channels):
    native = np.dtype(dtype).newbyteorder("=")
    samples = np.random.default_rng(3).normal(100, 30, (5, 7, channels)).astype(native)
    content = imagecodecs.zstd_encode(imagecodecs.floatpred_encode(samples, axis=1).tobytes())
    given = decode(content, stored(dtype, 50000, samples.shape, predictor=3))
    assert given.dtype == native
    np.testing.assert_array_equal(given, samples)


def test_lzw_by_hand():
    """Codes of 9 bits: 256 clears, 0, 1, 257 ends (TIFF 6.0 p. 58)."""
    content = bytes.fromhex("8000003010")
    assert decode(content, stored("u1", 5, (1, 2, 1))).ravel().tolist() == [0, 1]


def test_lzw_of_before_tiff_5_has_the_lowest_bit_first():
    """The same codes: 256, 0, 1, 257 (libtiff still reads this, and so do we)."""
    content = bytes.fromhex("0001040808")
    assert decode(content, stored("u1", 5, (1, 2, 1))).ravel().tolist() == [0, 1]


def test_lzw_may_lack_its_end_but_no_bytes():
    content = imagecodecs.lzw_encode(bytes(range(200)) * 4)
    assert decode(content[:-1], stored("u1", 5, (4, 200, 1))).ravel().tolist() == [*range(200)] * 4
    for shape in ((5, 200, 1), (4, 201, 1)):
        with pytest.raises(Unreadable):
            decode(content, stored("u1", 5, shape))


@pytest.mark.parametrize("compression", [8, 32946])
@pytest.mark.parametrize("dtype", ["u1", "<u2", ">u2", "<u4", "<f4"])
def test_deflate_is_neither_too_short_nor_too_long_nor_damaged(compression, dtype):
    samples = np.random.default_rng(2).integers(0, 99, (4, 200, 1)).astype(dtype)
    content = zlib.compress(samples.tobytes())
    given = decode(content, stored(dtype, compression, (4, 200, 1)))
    np.testing.assert_array_equal(given, samples)
    for shape in ((5, 200, 1), (4, 201, 1), (3, 200, 1), (4, 199, 1)):
        with pytest.raises(Unreadable):
            decode(content, stored(dtype, compression, shape))
    for damaged in (content[:-1] + b"?", content[:-5], content[: len(content) // 2]):
        with pytest.raises(Unreadable):
            decode(damaged, stored(dtype, compression, (4, 200, 1)))


@pytest.mark.parametrize("shape", [(4, 8, 3), (5, 7, 3), (16, 16, 3), (4, 8, 1), (4, 8, 4)])
def test_predictor_2_of_bytes(shape):
    samples = np.random.default_rng(5).integers(0, 256, shape).astype(np.uint8)
    steps = np.diff(samples, axis=1, prepend=np.zeros((shape[0], 1, shape[2]), np.uint8))
    for code, pack in ((8, zlib.compress), (5, imagecodecs.lzw_encode)):
        given = decode(pack(steps.tobytes()), stored("u1", code, shape, predictor=2))
        assert given.flags.writeable  # the bytes of a decoder are not written to
        np.testing.assert_array_equal(given, samples)


SMOOTH = (np.mgrid[0:16, 0:16, 0:3].sum(axis=0) * 4).astype("u1")


def test_jpeg_tiles_share_their_tables():
    whole = imagecodecs.jpeg8_encode(SMOOTH[..., 0].copy(), level=95)
    segments, at = {}, 2
    while whole[at + 1] != 0xDA:  # start of scan
        length = 2 + int.from_bytes(whole[at + 2 : at + 4], "big")
        segments.setdefault(whole[at + 1], []).append(whole[at : at + length])
        at += length
    shared = b"\xff\xd8" + b"".join(segments[0xDB] + segments[0xC4]) + b"\xff\xd9"
    own = b"\xff\xd8" + b"".join(segments[0xC0]) + whole[at:]
    given = decode(own, stored("u1", 7, (16, 16, 1), jpeg_tables=shared))
    np.testing.assert_array_equal(given[..., 0], imagecodecs.jpeg8_decode(whole))
    with pytest.raises(Unreadable):
        decode(own, stored("u1", 7, (16, 16, 1)))


def test_jpeg_is_converted_only_from_ycbcr():
    content = imagecodecs.jpeg8_encode(
        SMOOTH, level=100, colorspace="RGB", outcolorspace="YCBCR", subsampling="444"
    )
    rgb = decode(content, stored("u1", 7, (16, 16, 3), ycbcr=True))
    raw = decode(content, stored("u1", 7, (16, 16, 3)))
    assert np.abs(rgb.astype(int) - SMOOTH).mean() < 1
    light = SMOOTH @ np.array([0.299, 0.587, 0.114])
    assert np.abs(raw[..., 0] - light).mean() < 1


def test_jpeg_2000_of_aperio_33003_is_converted_from_ycbcr():
    r, g, b = np.moveaxis(SMOOTH.astype(float), 2, 0)
    y = 0.299 * r + 0.587 * g + 0.114 * b
    ycbcr = np.stack([y, 128 + 0.564 * (b - y), 128 + 0.713 * (r - y)], axis=2)
    content = imagecodecs.jpeg2k_encode(
        np.rint(ycbcr).astype("u1"), codecformat="j2k", reversible=True, mct=False
    )
    given = decode(content, stored("u1", 33003, (16, 16, 3)))
    assert np.abs(given.astype(int) - SMOOTH).max() <= 2


def packed(compression, content):
    """Return a tile of 16 x 16 x 3 in uint8, packed."""
    pixels = np.frombuffer(content, "u1").reshape(16, 16, 3)
    return {
        1: lambda: content,
        5: lambda: imagecodecs.lzw_encode(content),
        7: lambda: imagecodecs.jpeg8_encode(pixels),
        8: lambda: imagecodecs.zlib_encode(content),
        32773: lambda: imagecodecs.packbits_encode(content),
        32946: lambda: imagecodecs.zlib_encode(content),
        33003: lambda: imagecodecs.jpeg2k_encode(pixels, codecformat="j2k"),
        33005: lambda: imagecodecs.jpeg2k_encode(pixels, codecformat="j2k"),
        34712: lambda: imagecodecs.jpeg2k_encode(pixels, codecformat="jp2"),
        34925: lambda: imagecodecs.lzma_encode(content),
        50000: lambda: imagecodecs.zstd_encode(content),
        50001: lambda: imagecodecs.webp_encode(pixels),
    }[compression]()


@pytest.mark.parametrize("compression", sorted(COMPRESSIONS))
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: b"junk" * 20,
        lambda content: content[:1],
        lambda content: bytes(len(content) // 2),
        lambda content: b"\xff" * 10,
    ],
)
def test_damaged_tiles_are_unreadable(compression, damage):
    content = damage(packed(compression, SMOOTH.tobytes()))
    with pytest.raises(Unreadable, match=r"^a tile of the image is damaged$"):
        decode(content, stored("u1", compression, (16, 16, 3)))


@pytest.mark.parametrize("compression", sorted(COMPRESSIONS))
def test_a_tile_that_is_smaller_than_its_tags_say_is_unreadable(compression):
    content = packed(compression, SMOOTH.tobytes())
    with pytest.raises(Unreadable):
        decode(content, stored("u1", compression, (16, 32, 3)))


def jpeg_bomb():
    content = packed(7, SMOOTH.tobytes())
    at = content.find(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", 65000, 65000) + content[at + 4 :]


def jpeg2000_bomb():
    content = bytearray(packed(33005, SMOOTH.tobytes()))
    struct.pack_into(">8I", content, 8, 60000, 60000, 0, 0, 60000, 60000, 0, 0)
    return bytes(content)


BOMBS = [
    (7, jpeg_bomb),
    (8, lambda: imagecodecs.zlib_encode(bytes(10**7))),
    (50000, lambda: imagecodecs.zstd_encode(bytes(10**7))),
    (32773, lambda: b"\x81\0" * 80_000),  # runs of 128
]


@pytest.mark.parametrize(("compression", "bomb"), BOMBS)
def test_a_tile_cannot_ask_for_more_memory_than_its_tags_say(compression, bomb):
    content = bomb()
    tracemalloc.start()
    with pytest.raises(Unreadable):
        decode(content, stored("u1", compression, (16, 16, 3)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10**6


@pytest.mark.parametrize("shape", [(16, 16, 3), (60000, 60000, 1)])
def test_a_jpeg_2000_tile_of_another_size_never_reaches_its_decoder(monkeypatch, shape):
    """It would make the whole picture first, out of sight of Python."""
    called = []
    monkeypatch.setattr(imagecodecs, "jpeg2k_decode", lambda *a, **b: called.append(a))
    with pytest.raises(Unreadable):
        decode(jpeg2000_bomb(), stored("u1", 33005, shape))
    assert not called

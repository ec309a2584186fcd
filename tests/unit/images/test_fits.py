from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from iipastro.errors import NotFound, Refused, TooLarge, Unreadable, Unservable
from iipastro.geometry import Box, Size, grid_of
from iipastro.images.level_cache import LevelCache
from iipastro.images.region import read_region

ROOT = Path(__file__).parents[3]


def noise(*shape, dtype="f4", seed=5):
    return np.random.default_rng(seed).integers(0, 250, shape).astype(dtype)


def reference_levels(picture, tile):
    """Levels of a picture, (rows, columns, channels) in float64, largest first, by plain loops."""
    levels = [picture]
    while max(levels[-1].shape[:2]) > tile and min(levels[-1].shape[:2]) >= 2:
        above = levels[-1]
        rows, columns = above.shape[0] // 2, above.shape[1] // 2
        four = above[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, -1)
        valid = ~np.isnan(four)
        with np.errstate(invalid="ignore"):
            levels.append(np.where(valid, four, 0).sum((1, 3)) / valid.sum((1, 3)))
    return levels


def assert_is(source, picture, tile):
    """Compare every tile of every level with the reference."""
    levels = reference_levels(picture, tile)[::-1]
    assert [level.size for level in source.info.levels] == [
        (level.shape[1], level.shape[0]) for level in levels
    ]
    for number, level in enumerate(levels):
        columns, rows = grid_of(*source.info.levels[number])
        for index in range(columns * rows):
            top, left = index // columns * tile, index % columns * tile
            expected = level[top : top + tile, left : left + tile]
            given = source.read_tile(number, index)
            assert given.dtype == source.info.dtype
            if given.dtype.kind in "iu":
                expected = np.rint(expected)
            np.testing.assert_allclose(given, expected, rtol=3e-7, atol=1e-6)


@pytest.mark.parametrize(
    ("height", "width", "tile"),
    [(1, 1, 256), (255, 257, 256), (811, 1237, 256), (100, 33, 16), (7, 300, 16), (64, 64, 16)],
)
def test_every_tile_of_odd_sizes_is_a_crop_of_the_reference(
    write_fits, open_fits, height, width, tile
):
    pixels = noise(height, width)
    source = open_fits(write_fits(pixels), tile=tile)
    assert_is(source, pixels[::-1, :, np.newaxis].astype("f8"), tile)


@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "f4", "f8"])
def test_every_type_is_served(write_fits, open_fits, dtype):
    pixels = noise(70, 90, dtype=dtype)
    source = open_fits(write_fits(pixels), tile=16)
    shown = np.dtype("f4" if dtype == "f8" else dtype)
    assert (source.info.dtype, source.info.bits) == (shown, shown.itemsize * 8)
    assert_is(source, pixels[::-1, :, np.newaxis].astype("f8"), 16)


def test_channels_and_nan_are_kept(write_fits, open_fits):
    pixels = noise(5, 70, 90)
    pixels[np.random.default_rng(1).random(pixels.shape) < 0.3] = np.nan
    source = open_fits(write_fits(pixels), tile=16)
    assert source.info.channels == 5
    assert_is(source, np.moveaxis(pixels, 0, -1)[::-1].astype("f8"), 16)


def test_unsigned_and_blank_samples_are_scaled_before_they_are_averaged(write_fits, open_fits):
    stored = np.full((40, 40), -32768, "i2")
    stored[::2] = 32767
    source = open_fits(write_fits((stored, [("BZERO", 32768)]), name="a.fits"), tile=16)
    assert source.read_tile(0, 0).tolist() == [[[32768]] * 10] * 10  # 32767.5, to the even one
    stored[0, 0] = 7
    source = open_fits(write_fits((stored, [("BLANK", 7)]), name="b.fits"), tile=16)
    assert np.isnan(source.read_tile(2, 6)[7, 0, 0])
    assert np.isfinite(source.read_tile(1, 2)).all()


def test_the_facts_are_those_of_a_converted_file(write_fits, open_fits, fits):
    path = write_fits((noise(300, 520), [("OBJECT", "M 51"), ("CRPIX1", 3.5)]))
    os.utime(path, ns=(5, 784111777 * 10**9))
    info = open_fits(path).info
    assert [level.size for level in info.levels] == [(130, 75), (260, 150), (520, 300)]
    assert {level.tile for level in info.levels} == {Size(256, 256)}
    assert (info.full, info.channels, info.color) == ((520, 300), 1, "rgb")
    assert info.modified == 784111777
    assert info.metadata["subject"].endswith(fits.card("OBJECT", "M 51") + fits.card("CRPIX1", 3.5))
    assert len(info.metadata["subject"]) == 7 * 80


def test_rows_of_a_tile_are_rows_of_the_tile(write_fits, open_fits):
    source = open_fits(write_fits(noise(70, 90)), tile=16)
    for level, index in ((3, 7), (1, 1)):
        tile = source.read_tile(level, index)
        for rows in (slice(0, 1), slice(3, 5), slice(2, 99), slice(0, 0), slice(None)):
            np.testing.assert_array_equal(source.read_part(level, index, rows), tile[rows])


def test_a_region_crosses_tiles(write_fits, open_fits):
    pixels = noise(70, 90)
    source = open_fits(write_fits(pixels), tile=16)
    given = read_region(source, 3, Box(10, 20, 50, 40))
    np.testing.assert_array_equal(given[..., 0], pixels[::-1][20:60, 10:60])


def test_cuts_are_those_of_the_whole_image(write_fits, open_fits):
    rows = np.linspace(0, 1000, 1001, dtype="f4")
    pixels = np.repeat(rows[:, np.newaxis], 700, axis=1)
    pixels[:, :300] = np.nan
    low, high = open_fits(write_fits(pixels)).info.cuts[0]
    assert high == 1000  # rank 0.999 of the brighter half, in which each value comes 400 times
    assert low == pytest.approx((500 - 0.001 * 1000) / 0.999)


def test_cuts_are_the_same_before_and_after_the_levels_are_made(write_fits, open_fits, tmp_path):
    path = write_fits(noise(3, 70, 90))
    before = open_fits(path, tile=16)
    before.read_tile(0, 0)
    assert len(list((tmp_path / "cache").iterdir())) == 1
    assert open_fits(path, tile=16).info.cuts == before.info.cuts


def test_a_replaced_file_never_shows_the_levels_of_the_old_one(write_fits, open_fits):
    for seed in range(3):
        pixels = noise(70, 90, seed=seed)
        source = open_fits(write_fits(pixels), tile=16)
        assert_is(source, pixels[::-1, :, np.newaxis].astype("f8"), 16)


def test_an_image_without_a_folder_is_served_from_memory(write_fits, open_fits, tmp_path):
    pixels = noise(70, 90)
    source = open_fits(write_fits(pixels), cache=LevelCache(), tile=16)
    assert_is(source, pixels[::-1, :, np.newaxis].astype("f8"), 16)
    assert not (tmp_path / "cache").exists()


def test_an_image_of_one_tile_needs_no_cache(write_fits, open_fits, tmp_path):
    open_fits(write_fits(noise(70, 90))).read_tile(0, 0)
    assert not (tmp_path / "cache").exists()


def test_hdus_and_planes_have_levels_of_their_own(write_fits, open_fits, tmp_path):
    first, cube = noise(70, 90), noise(3, 60, 80, seed=6)
    path = write_fits(None, (first, [("EXTNAME", "SCI")]), (cube, [("EXTNAME", "CUBE")]))
    for selection, picture in [
        ("", first[..., np.newaxis]),
        ("[1]", first[..., np.newaxis]),
        ("[sci]", first[..., np.newaxis]),
        ("[2]", np.moveaxis(cube, 0, -1)),
        ("[2][1]", cube[0][..., np.newaxis]),
        ("[CUBE][3]", cube[2][..., np.newaxis]),
    ]:
        assert_is(open_fits(path, selection, tile=16), picture[::-1].astype("f8"), 16)
    assert len(list((tmp_path / "cache").iterdir())) == 4


@pytest.mark.parametrize("selection", ["[3]", "[NONE]", "[1][2]", "[SCI,7]"])
def test_what_is_not_in_the_file_is_not_found(write_fits, open_fits, selection):
    path = write_fits(None, (noise(7, 9), [("EXTNAME", "SCI")]))
    with pytest.raises(NotFound):
        open_fits(path, selection)


def test_there_is_no_tile_and_no_level_beyond_the_last(write_fits, open_fits):
    source = open_fits(write_fits(noise(70, 90)), tile=16)
    for level, index in ((3, 30), (3, -1), (4, 0), (-1, 0), (0, 1), (2**70, 0), (0, 2**70)):
        with pytest.raises(NotFound, match=r"no (tile|level)"):
            source.read_tile(level, index)


def test_a_closed_image_gives_no_tiles(write_fits, open_fits, descriptors):
    path, before = write_fits(noise(70, 90)), descriptors()
    source = open_fits(path, tile=16)
    source.read_tile(0, 0)
    source.close()
    source.close()
    for level in (0, 3):
        with pytest.raises(Unreadable, match="closed"):
            source.read_tile(level, 0)
    assert descriptors() == before


def test_fits_may_be_switched_off(write_fits, open_fits, descriptors):
    path, before = write_fits(noise(7, 9)), descriptors()
    with pytest.raises(Unservable, match="not served here"):
        open_fits(path, enabled=False)
    assert descriptors() == before


# ---- files that are not as they should be


@pytest.mark.parametrize(
    ("cards", "error"),
    [
        ([("BITPIX", 12)], Unservable),
        ([("NAXIS1", 10**18)], Unservable),
        ([("NAXIS1", 2**30), ("NAXIS2", 2**30)], TooLarge),
        ([("NAXIS1", 2**24), ("NAXIS2", 2**30)], Unservable),
        ([("NAXIS2", 71)], None),  # the filling is taken for a row: no reader can know
        ([("NAXIS2", 90)], Unservable),
        ([("BSCALE", 0)], Unservable),
        ([("BSCALE", b"= NaN")], Unservable),
        ([("PCOUNT", 10**18)], Unservable),
        ([("NAXIS", 0)], Unservable),
        ([("NAXIS", 1)], Unservable),
        ([("COMMENT", b"  x")] * 140000, TooLarge),
    ],
)
def test_a_header_that_promises_too_much_is_refused(
    write_fits, open_fits, descriptors, tmp_path, cards, error
):
    path, before = write_fits((noise(70, 90, dtype="i2"), cards)), descriptors()
    start = time.perf_counter()
    if error is None:
        open_fits(path).read_tile(0, 0)
        return
    with pytest.raises(error) as refused:
        open_fits(path)
    assert time.perf_counter() - start < 2
    assert str(tmp_path) not in str(refused.value)
    assert descriptors() == before


@pytest.mark.parametrize("length", [2880, 5000, 2880 + 4 * 70 * 90 - 1])
def test_a_file_cut_short_is_refused(write_fits, open_fits, length):
    path = write_fits(noise(70, 90))
    os.truncate(path, length)
    with pytest.raises(Unservable, match="cut short"):
        open_fits(path)


def test_a_file_without_its_last_filling_is_served(write_fits, open_fits):
    path = write_fits(noise(70, 90))
    os.truncate(path, 2880 + 4 * 70 * 90)
    assert open_fits(path).read_tile(0, 0).shape == (70, 90, 1)


def test_a_file_cut_short_while_it_is_open_gives_no_levels(write_fits, open_fits, tmp_path):
    path = write_fits(noise(70, 90))
    source = open_fits(path, tile=16)
    os.truncate(path, 5000)
    with pytest.raises(Unreadable):
        source.read_tile(0, 0)
    assert list((tmp_path / "cache").iterdir()) == []


def test_whatever_the_header_the_answer_is_pixels_or_a_refusal(write_fits, open_fits):
    rng, good = np.random.default_rng(11), write_fits((noise(20, 30, dtype="i2"), [("BLANK", 3)]))
    content = good.read_bytes()
    for _ in range(200):
        damaged = bytearray(content)
        for at in rng.integers(0, 600, rng.integers(1, 6)):
            damaged[at] = rng.choice(list(b"0123456789-T 'E=./\0\xff"))
        good.write_bytes(damaged)
        try:
            source = open_fits(good, cache=LevelCache(), tile=16)
            source.read_tile(0, 0)
            source.read_tile(len(source.info.levels) - 1, 0)
        except Refused as error:
            assert str(error).isprintable()


def test_a_plain_fits_file_is_served_without_astropy(write_fits, tmp_path):
    path = write_fits(noise(70, 90))
    program = (
        "import os, sys\n"
        "from iipastro.images import open_source\n"
        f"source = open_source(os.open({str(path)!r}, os.O_RDONLY))\n"
        "source.read_tile(0, 0)\n"
        "print([name for name in sys.modules if name.startswith('astropy')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"

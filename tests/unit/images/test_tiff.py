from __future__ import annotations

import contextlib
import os
import random
import struct

import numpy as np
import pytest

from iipastro.errors import NotFound, Refused, Unreadable, Unservable
from iipastro.images import open_source
from iipastro.images.tiff import TiffSource


def test_the_facts_of_a_real_image(data, open_tiff):
    info = open_tiff(data / "multi5_1k.ptif").info
    status = (data / "multi5_1k.ptif").stat()
    assert info.identity == (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    assert [level.size for level in info.levels] == [(256, 256), (512, 512), (1024, 1024)]
    assert {level.tile for level in info.levels} == {(256, 256)}
    assert (info.channels, info.dtype, info.bits, info.color) == (5, np.float32, 32, "rgb")
    assert info.cuts[0] == (85.63545989990234, 188.18101501464844)
    assert info.dots_per_metre == pytest.approx((2834.6457, 2834.6457))


def test_edge_tiles_are_cropped(data, open_tiff):
    source = open_tiff(data / "odd_r.ptif")
    assert source.read_tile(2, 0).shape == (256, 256, 1)
    assert source.read_tile(2, 4).shape == (256, 213, 1)
    assert source.read_tile(2, 19).shape == (43, 213, 1)
    assert source.read_tile(0, 0).shape == (202, 256, 1)


def test_what_is_read_is_the_callers_own(data, open_tiff):
    source = open_tiff(data / "odd_r.ptif")
    source.read_tile(2, 0)[:] = 0
    assert source.read_tile(2, 0).any()


@pytest.mark.parametrize("table", [324, 325])
def test_tiles_that_were_never_written_are_zeros(write_tiff, open_tiff, ramp, table):
    level = ramp(20, 20, 2, "uint16") + 1
    source = open_tiff(write_tiff([level], {table: ("I", [0] * 4)}))
    for index, shape in enumerate([(16, 16, 2), (16, 4, 2), (4, 16, 2), (4, 4, 2)]):
        np.testing.assert_array_equal(source.read_tile(0, index), np.zeros(shape, np.uint16))


def test_colours_stand_for_indices(write_tiff, open_tiff, ramp):
    colors = np.arange(768).reshape(3, 256) * 80
    tags = {262: ("H", [3]), 320: ("H", colors.ravel().tolist())}
    level = ramp(20, 20)
    source = open_tiff(write_tiff([level], tags))
    assert (source.info.channels, source.info.color, source.info.dtype) == (3, "rgb", np.uint8)
    assert source.info.cuts == ((0, 255),) * 3
    expected = np.moveaxis(colors[:, level[..., 0]] // 256, 0, 2)
    np.testing.assert_array_equal(source.read_tile(0, 0), expected[:16, :16])


def test_white_is_255_where_zero_is_white(make, open_tiff, tmp_path):
    levels = {}
    for fixture in make.fixtures():
        if fixture.name in ("hand_bits1_minisblack", "hand_bits1_miniswhite"):
            make.write(fixture, tmp_path / fixture.name)
            levels[fixture.name] = open_tiff(tmp_path / fixture.name).read_tile(2, 0)
    black, white = levels.values()
    np.testing.assert_array_equal(black, white)
    assert set(np.unique(white)) == {0, 255}


def test_floats_without_tags_are_sampled_once(write_tiff, open_tiff, ramp):
    source = open_tiff(write_tiff([ramp(50, 50, 1, "float32")]))
    assert source.info.cuts[0] == pytest.approx((6.25, 2492.75), abs=1)


def test_a_file_cut_short_while_it_is_open_is_unreadable(write_tiff, open_tiff, ramp):
    path = write_tiff([ramp(64, 64, 1, "float32"), ramp(16, 16, 1, "float32")])
    source = open_tiff(path)
    os.truncate(path, 100)
    for level, index in ((0, 0), (1, 0), (1, 15)):
        with pytest.raises(Unreadable, match=r"^the image file is cut short$"):
            source.read_tile(level, index)


def test_pixels_cut_off_while_the_file_is_open_are_unreadable(make, ramp, tmp_path, open_tiff):
    writer, level = make.Writer(), ramp(16, 16)
    tags = make.plain_tags(level, (16, 16))
    at = len(writer.content)
    writer.directory(tags | {324: ("I", [0]), 325: ("I", [256])})
    at, writer.content = len(writer.content) + 400, writer.content[:at]
    writer.chain(tags | {324: ("I", [at]), 325: ("I", [256])})
    path = tmp_path / "late.tif"
    path.write_bytes(bytes(writer.content).ljust(at, b"\0") + level.tobytes())
    source = open_tiff(path)
    np.testing.assert_array_equal(source.read_tile(0, 0), level)
    os.truncate(path, at + 250)
    np.testing.assert_array_equal(source.read_part(0, 0, slice(0, 15)), level[:15])
    with pytest.raises(Unreadable, match=r"^the image file is cut short$"):
        source.read_tile(0, 0)


def test_a_file_that_was_never_whole_gives_the_tiles_it_has(write_tiff, open_tiff, ramp):
    level = ramp(16, 32)
    path = write_tiff([level], {324: ("I", [8, 2**31])})
    source = open_tiff(path)
    np.testing.assert_array_equal(source.read_tile(0, 0), level[:, :16])
    with pytest.raises(Unreadable):
        source.read_tile(0, 1)


@pytest.mark.parametrize("compression", [1, 5])
def test_a_byte_count_that_cannot_be_is_damage(
    write_tiff, open_tiff, ramp, compression, monkeypatch
):
    count = {1: 200, 5: 2 * 256 + 65537}[compression]
    path = write_tiff([ramp(16, 16)], {259: ("H", [compression]), 325: ("I", [count])})
    path.write_bytes(path.read_bytes() + bytes(100_000))
    source, asked, pread = open_tiff(path), [], os.pread
    monkeypatch.setattr(os, "pread", lambda *a: asked.append(a[1]) or pread(*a))
    with pytest.raises(Unreadable, match="damaged"):
        source.read_tile(0, 0)
    assert max(asked) == 4  # nothing but the table


def test_an_offset_beyond_all_files_is_unreadable(make, ramp, tmp_path, open_tiff):
    writer = make.Writer(big=True)
    tables = {324: ("Q", [2**64 - 1]), 325: ("Q", [2**63])}
    writer.chain(make.plain_tags(ramp(16, 16), (16, 16)) | tables)
    (tmp_path / "far.tif").write_bytes(writer.content)
    with pytest.raises(Unreadable):
        open_tiff(tmp_path / "far.tif").read_tile(0, 0)


def test_an_uncompressed_part_reads_only_its_rows(data, open_tiff, monkeypatch):
    source, asked, preadv = open_tiff(data / "odd_r.ptif"), [], os.preadv

    def counted(descriptor, buffers, offset):
        asked.append(sum(len(memoryview(buffer).cast("B")) for buffer in buffers))
        return preadv(descriptor, buffers, offset)

    monkeypatch.setattr(os, "preadv", counted)
    source.read_part(2, 0, slice(7, 8))
    assert asked == [256 * 4]


def test_of_a_row_only_the_pixels_that_are_wanted_are_read(data, open_tiff, monkeypatch):
    source, asked, preadv = open_tiff(data / "odd_r.ptif"), [], os.preadv

    def counted(descriptor, buffers, offset):
        asked.append(sum(len(memoryview(buffer).cast("B")) for buffer in buffers))
        return preadv(descriptor, buffers, offset)

    monkeypatch.setattr(os, "preadv", counted)
    assert source.read_row(2, 300, 200, np.empty((400, 1), np.float32))
    assert asked == [56 * 4, 256 * 4, 88 * 4]


def test_a_row_is_zeros_where_a_tile_was_never_written(write_tiff, open_tiff, ramp):
    level, room = ramp(16, 48) | 1, np.full((30, 1), 9, np.uint8)
    source = open_tiff(write_tiff([level], {325: ("I", [256, 0, 256])}))
    assert source.read_row(0, 5, 10, room)
    expected = level[5, 10:40].copy()
    expected[6:22] = 0
    np.testing.assert_array_equal(room, expected)


def test_a_row_that_its_tile_is_too_short_for_is_damaged(write_tiff, open_tiff, ramp):
    level, room = ramp(16, 16), np.empty((16, 1), np.uint8)
    source = open_tiff(write_tiff([level], {325: ("I", [200])}))
    assert source.read_row(0, 11, 0, room)
    np.testing.assert_array_equal(room, level[11])
    with pytest.raises(Unreadable, match="damaged"):
        source.read_row(0, 12, 0, room)


def test_a_closed_image_gives_no_row(write_tiff, open_tiff, ramp):
    source = open_tiff(write_tiff([ramp(16, 16)]))
    source.close()
    assert not source.read_row(0, 0, 0, np.empty((16, 1), np.uint8))


def test_a_failing_disk_is_unreadable(data, open_tiff, monkeypatch):
    source = open_tiff(data / "odd_r.ptif")

    def fail(*_):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "preadv", fail)
    with pytest.raises(Unreadable, match=r"^the image cannot be read now$"):
        source.read_tile(0, 0)


def test_opening_does_not_read_the_tables_of_tiles(write_tiff, ramp, monkeypatch):
    path = write_tiff([ramp(16, 64_000)])
    asked, pread = [], os.pread
    monkeypatch.setattr(os, "pread", lambda *a: asked.append(a[1]) or pread(*a))
    TiffSource.open(os.open(path, os.O_RDONLY)).close()
    assert sum(asked) < 1000  # of 32 000 bytes of tables


def test_a_descriptor_is_closed_whether_opening_succeeds_or_not(tmp_path, data, descriptors):
    (tmp_path / "no.tif").write_bytes(b"II*\0" + bytes(100))
    before = descriptors()
    with pytest.raises(Unservable):
        TiffSource.open(os.open(tmp_path / "no.tif", os.O_RDONLY))
    source = TiffSource.open(os.open(data / "odd_r.ptif", os.O_RDONLY))
    assert descriptors() == before + 1
    source.close()
    source.close()
    assert descriptors() == before
    with pytest.raises(Unreadable):
        source.read_tile(0, 0)


NUMBERS = (0, 1, 2, 3, 5, 7, 8, 12, 16, 32, 255, 330, 4096, 65535, 2**31 - 1, 2**32 - 1)


def mutated(content, chance):
    """Return a file with some bytes changed, most of them at its start and end."""
    damaged = bytearray(content)
    if chance.random() < 0.15:
        del damaged[chance.randrange(20, len(damaged)) :]
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        at = chance.randrange(len(damaged))
        if chance.random() < 0.6:
            at = chance.randrange(min(len(damaged), 600))
        number = struct.pack("<Q", chance.choice(NUMBERS))[: chance.choice((1, 2, 4, 8))]
        damaged[at : at + len(number)] = number
    return damaged


MUTATED = ("type_float32_be", "sub_ifds_big", "jpeg_ycbcr_420", "jpeg2000_rgb", "hand_bits1_fill2")
MUTATED += ("predictor3_float32_le_3", "webp_rgb", "packed_lzw_separate", "big_be")


@pytest.mark.parametrize("name", MUTATED)
def test_any_damaged_file_is_refused_or_read(make, tmp_path, descriptors, name):
    fixture = next(fixture for fixture in make.fixtures() if fixture.name == name)
    make.write(fixture, tmp_path / "good.tif")
    good, before = (tmp_path / "good.tif").read_bytes(), descriptors()
    chance = random.Random(name)
    memory = os.memfd_create("damaged")
    for _ in range(120):
        os.truncate(memory, 0)
        os.pwrite(memory, mutated(good, chance), 0)
        try:
            source = open_source(os.dup(memory))
        except Refused:
            continue
        for level in range(len(source.info.levels)):
            for index in (0, 1, 5):
                with contextlib.suppress(NotFound, Unreadable):
                    source.read_tile(level, index)
        source.close()
    os.close(memory)
    assert descriptors() == before

"""Pyramids, tile by tile, beside NumPy; their tags beside STIFF's."""

from __future__ import annotations

import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest
import tifffile

from iipastro.convert import bigtiff, pyramid, room
from iipastro.convert.encode import Packing
from iipastro.convert.pyramid import Pyramid, write_pyramid
from iipastro.convert.source import ConvertError
from iipastro.geometry import Size, grid_of, tile_box
from iipastro.images.tiff import TiffSource

STIFF_TAGS = (  # of a STIFF 2.7.1 file, without DateTime, Artist, HostComputer and Copyright
    *(256, 257, 258, 259, 262, 270, 274, 277, 282, 283, 284, 296, 305, 322, 323, 324, 325),
    *(339, 340, 341),
)
SIZES = [(1, 1), (255, 257), (1237, 811), (300, 1), (1, 300), (512, 512), (513, 1025)]


def described(lvl: Size, halvings: int) -> bytes:
    return f"{lvl.width} {lvl.height} {halvings}".encode()


def noise(width, height, channels, nan=False) -> np.ndarray:
    random = np.random.default_rng(width)
    pixels = random.normal(100, 20, (height, width, channels)).astype(np.float32)
    if nan:
        pixels[random.random(pixels.shape) < 0.1] = np.nan
        pixels[: height // 2, width // 3 :] = np.nan
    return pixels


def write(path, pixels, **more) -> None:
    """Write `pixels` as a pyramid, in strips."""
    rows, columns, channels = pixels.shape
    tile = more.get("tile", 256)
    whole = Pyramid(Size(columns, rows), ((0.0, 1.0),) * channels, described)._replace(**more)
    with open(path, "wb") as file, ThreadPoolExecutor(2) as pool:
        write_pyramid(file, whole, (pixels[top : top + tile] for top in range(0, rows, tile)), pool)


def means(pixels) -> np.ndarray:
    """Return the level below: a loop-free text of the definition, with masks."""
    rows, columns = pixels.shape[0] // 2, pixels.shape[1] // 2
    four = pixels[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2, -1)
    upper, lower = four[:, 0, :, 0] + four[:, 0, :, 1], four[:, 1, :, 0] + four[:, 1, :, 1]
    valid = np.isfinite(four)
    sums = np.where(valid, four, 0).astype(np.float64).sum(axis=(1, 3))
    with np.errstate(invalid="ignore"):
        partly = (sums / valid.sum(axis=(1, 3))).astype(np.float32)
    return np.where(valid.all(axis=(1, 3)), (upper + lower) / np.float32(4), partly)


def levels_of(pixels) -> list[np.ndarray]:
    levels = [pixels]
    while max(levels[-1].shape[:2]) > 256 and min(levels[-1].shape[:2]) > 1:
        levels.append(means(levels[-1]))
    return levels


@pytest.mark.parametrize("nan", [False, True])
@pytest.mark.parametrize("channels", [1, 5])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_tile_of_every_level_is_exact(tmp_path, size, channels, nan):
    pixels = noise(*size, channels, nan)
    write(tmp_path / "a.ptif", pixels)
    expected = levels_of(pixels)
    with tifffile.TiffFile(tmp_path / "a.ptif") as file:
        assert len(file.pages) == len(expected)
        for page, level in zip(file.pages, expected, strict=True):
            np.testing.assert_array_equal(page.asarray().reshape(level.shape), level)
    with (tmp_path / "a.ptif").open("rb") as file:
        source = TiffSource.open(os.dup(file.fileno()))
    for number, level in enumerate(reversed(expected)):
        lvl = Size(level.shape[1], level.shape[0])
        assert source.info.levels[number].size == lvl
        columns, rows = grid_of(lvl, Size(256, 256))
        for index in range(columns * rows):
            box = tile_box(lvl, Size(256, 256), index)
            part = level[box.top : box.top + box.height, box.left : box.left + box.width]
            np.testing.assert_array_equal(source.read_tile(number, index), part)
    source.close()


@pytest.mark.parametrize(
    "packing",
    [
        Packing("lzw"),
        Packing("lzw", "horizontal"),
        Packing("deflate", "float", 1),
        Packing("zstd", "horizontal"),
        Packing("zstd", "float", 9),
    ],
    ids=str,
)
@pytest.mark.parametrize("channels", [1, 3])
def test_packed_tiles_hold_the_same(tmp_path, packing, channels):
    pixels = noise(700, 513, channels, nan=True)
    write(tmp_path / "a.ptif", pixels, packing=packing)
    with tifffile.TiffFile(tmp_path / "a.ptif") as file:
        for page, level in zip(file.pages, levels_of(pixels), strict=True):
            np.testing.assert_array_equal(page.asarray().reshape(level.shape), level)


@pytest.mark.parametrize("tile", [16, 64, 512])
def test_tiles_of_other_sizes(tmp_path, tile):
    pixels = noise(333, 201, 2)
    write(tmp_path / "a.ptif", pixels, tile=tile)
    with tifffile.TiffFile(tmp_path / "a.ptif") as file:
        last = file.pages[-1]
        assert max(last.imagewidth, last.imagelength) <= tile
        assert last.tile == (tile, tile)
        np.testing.assert_array_equal(file.pages[0].asarray(), pixels)
        if tile < 512:
            np.testing.assert_array_equal(file.pages[1].asarray(), means(pixels))


def test_strips_too_large_for_memory_give_the_same_file(tmp_path, monkeypatch):
    pixels = noise(1237, 811, 2, nan=True)
    write(tmp_path / "a.ptif", pixels)
    monkeypatch.setattr(room, "IN_MEMORY", 1000)
    write(tmp_path / "b.ptif", pixels, scratch=str(tmp_path))
    assert (tmp_path / "a.ptif").read_bytes() == (tmp_path / "b.ptif").read_bytes()


def test_a_file_depends_on_its_pixels_alone(tmp_path):
    pixels = noise(2000, 900, 1)
    for name in ("a.ptif", "b.ptif"):
        write(tmp_path / name, pixels, packing=Packing("zstd", "float"))
    assert (tmp_path / "a.ptif").read_bytes() == (tmp_path / "b.ptif").read_bytes()


@pytest.mark.parametrize("name", ["odd_r.ptif", "multi5_1k.ptif"])
def test_the_pixels_are_those_of_stiff(tmp_path, data, name):
    with tifffile.TiffFile(data / name) as file:
        theirs = [page.asarray() for page in file.pages]
    full = theirs[0].reshape(*theirs[0].shape[:2], -1)
    write(tmp_path / "a.ptif", full, levels="stiff")
    with tifffile.TiffFile(tmp_path / "a.ptif") as file:
        ours = [page.asarray() for page in file.pages]
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one, other)


# ---- tags


@pytest.fixture
def written(tmp_path):
    cuts = ((1.0, 2.5), (-3.0, 4.0), (5.0, 6.0))
    write(tmp_path / "a.ptif", noise(700, 513, 3), cuts=cuts, levels="stiff")
    return tmp_path / "a.ptif"


def test_the_tags_are_those_of_stiff(written):
    with tifffile.TiffFile(written) as file:
        page, smaller = file.pages
        assert tuple(tag.code for tag in page.tags) == STIFF_TAGS
        assert tuple(tag.code for tag in smaller.tags) == (254, *STIFF_TAGS)
        assert smaller.tags[254].value == 1
        assert (page.tags[262].value, page.tags[259].value, page.tags[284].value) == (34892, 1, 1)
        assert page.tags[339].value == (3, 3, 3)
        assert page.tags[258].value == (32, 32, 32)
        assert page.tags[282].value == (72, 1)
        assert (page.tags[322].value, page.tags[323].value) == (256, 256)
        assert page.tags[340].value == (1.0, -3.0, 5.0)
        assert page.tags[341].value == (2.5, 4.0, 6.0)
        assert (page.description, smaller.description) == ("700 513 0", "350 256 1")


@pytest.mark.parametrize(
    ("dtype", "channels", "photometric", "white"),
    [("uint8", 1, 1, 255), ("uint8", 3, 2, 255), ("uint16", 1, 1, 65535), ("uint16", 5, 2, 65535)],
)
def test_burnt_in_pixels_are_shown_as_they_are(tmp_path, dtype, channels, photometric, white):
    def shown(pixels):
        return pixels.astype(dtype)

    write(tmp_path / "a.ptif", noise(300, 20, channels), dtype=dtype, shown=shown)
    with tifffile.TiffFile(tmp_path / "a.ptif") as file:
        tags = file.pages[0].tags
        assert np.atleast_1d(tags[339].value).tolist() == [1] * channels
        assert tags[262].value == photometric
        assert np.atleast_1d(tags[340].value).tolist() == [0] * channels
        assert np.atleast_1d(tags[341].value).tolist() == [white] * channels
        assert np.array_equal(
            file.pages[1].asarray().reshape(10, 150, -1), shown(means(noise(300, 20, channels)))
        )


@pytest.mark.parametrize(
    ("packing", "codes"), [(Packing("lzw"), (5, None)), (Packing("zstd", "float"), (50000, 3))]
)
def test_packing_is_told(tmp_path, packing, codes):
    write(tmp_path / "a.ptif", noise(20, 20, 1), packing=packing)
    with tifffile.TiffFile(tmp_path / "a.ptif") as file:
        tags = file.pages[0].tags
        assert (tags[259].value, tags[317].value if 317 in tags else None) == codes


# ---- BigTIFF


def test_a_large_image_is_a_bigtiff(tmp_path, monkeypatch):
    pixels = noise(700, 513, 3)
    for limit, big in ((pixels.nbytes, True), (pixels.nbytes + 1, False)):
        monkeypatch.setattr(bigtiff, "BIG", limit)
        write(tmp_path / "a.ptif", pixels)
        with tifffile.TiffFile(tmp_path / "a.ptif") as file:
            assert file.is_bigtiff == big
            np.testing.assert_array_equal(file.pages[0].asarray(), pixels)


@pytest.mark.parametrize(
    ("size", "channels", "more", "big"),  # MiB of tiles of float32: 1/4 for 256 pixels in a row
    [
        (Size(256 * 14336, 1), 1, {}, True),  # 14336 tiles: 3.5 GiB
        (Size(256 * 14335, 1), 1, {}, False),
        (Size(1, 256 * 14336), 1, {}, True),
        (Size(256 * 14336, 1), 1, {"dtype": "uint8"}, False),
        (Size(256 * 4779, 1), 3, {}, True),
        (Size(256 * 4778, 1), 3, {}, False),
        (Size(256 * 28672, 1), 1, {"tile": 128}, True),  # 57344 tiles of 64 KiB
        (Size(256 * 28671, 1), 1, {"tile": 128}, False),
        (Size(256 * 7170, 2), 1, {}, False),  # 7170 + 3585 tiles
        (Size(256 * 9558, 2), 1, {}, True),  # 9558 + 4779 tiles
    ],
)
def test_an_image_whose_tiles_take_much_room_is_a_bigtiff(size, channels, more, big):
    whole = Pyramid(size, ((0.0, 1.0),) * channels, described)._replace(**more)
    assert size.width * size.height * channels * 4 < bigtiff.BIG
    assert (pyramid._form(whole) is bigtiff.BIGTIFF) == big


@pytest.mark.parametrize("wanted", [True, False])
def test_a_bigtiff_can_be_asked_for_or_forbidden(tmp_path, monkeypatch, wanted):
    monkeypatch.setattr(bigtiff, "BIG", 0 if not wanted else 2**40)
    write(tmp_path / "a.ptif", noise(20, 20, 1), bigtiff=wanted)
    with tifffile.TiffFile(tmp_path / "a.ptif") as file:
        assert file.is_bigtiff == wanted


def test_a_forbidden_bigtiff_that_is_needed_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(bigtiff, "CLASSIC_END", 300_000)
    with pytest.raises(ConvertError, match="allow a BigTIFF"):
        write(tmp_path / "a.ptif", noise(300, 300, 1), bigtiff=False)


# ---- the line of tasks


def test_the_line_is_short_and_strips_are_let_go(monkeypatch):
    """Strips are asked for only as fast as their tiles are written."""
    asked, written = [], []

    class File(io.BytesIO):
        def write(self, content):
            written.append(len(content))
            return super().write(content)

    def strips():
        for _ in range(100):
            asked.append(len(written))
            yield np.zeros((16, 4096, 1), np.float32)

    monkeypatch.setattr(pyramid, "BATCH", 1)
    whole = Pyramid(Size(4096, 1600), ((0.0, 1.0),), described, tile=16)
    with ThreadPoolExecutor(2) as pool:
        write_pyramid(File(), whole, strips(), pool)
    ahead = [256 * number - tiles for number, tiles in enumerate(asked)]
    assert max(ahead) <= pyramid.WAITING


def test_an_error_of_a_task_ends_the_writing_and_the_line(tmp_path):
    begun = []

    def failing(pixels):
        begun.append(pixels.shape)
        time.sleep(0.05)
        raise RuntimeError("no pixels")

    with pytest.raises(RuntimeError, match="no pixels"):
        write(tmp_path / "a.ptif", noise(4096, 600, 1), shown=failing)
    assert len(begun) <= 4  # of two threads; 16 tasks were in the line


def test_an_error_of_the_strips_is_passed_on(tmp_path):
    def strips():
        yield np.zeros((256, 600, 1), np.float32)
        raise ConvertError("cut short")

    whole = Pyramid(Size(600, 600), ((0.0, 1.0),), described)
    writing = partial(write_pyramid, io.BytesIO(), whole, strips())
    with ThreadPoolExecutor(2) as pool, pytest.raises(ConvertError, match="cut short"):
        writing(pool)

"""Every tile of every level, through each door, is the crop of the reference (operations.md 4.1).

The image has 1237 x 811 pixels, and each level is rounded down from the one
before it: 618 x 405, 309 x 202.  What is expected is computed here, from the
levels as tifffile reads them, with the formulas of spec 3.2.
"""

from __future__ import annotations

import io
import json
import shutil

import numpy as np
import pytest
import tifffile
from PIL import Image

pytestmark = pytest.mark.integration

NAME, COLOURS = "odd_r.ptif", "odd_rgb8.ptif"
LOW, HIGH = 590, 712  # between them lie 98 of 100 pixels: a wrong one is seen
FULL = (1237, 811)
SIDE = 256
MEAN, WORST, BIAS = 0.5, 3, 0.1  # levels of 255 that JPEG of quality 100 may be off


# ---- the reference


@pytest.fixture(scope="module")
def levels(data):
    """Return the levels, smallest first: normalised to the cuts, float32 (spec 3.2)."""
    factor = np.float32(1 / (HIGH - LOW))
    with tifffile.TiffFile(data / NAME) as file:
        return [(page.asarray() - np.float32(LOW)) * factor for page in reversed(file.pages)]


def to_bytes(values):
    """Return the pixels: truncated, not rounded (spec 3.2)."""
    return np.clip(values * np.float32(255), 0, 255).astype(np.uint8)


def resampled(values, width, height):
    """Return values at another size: bilinear, the corners of both grids aligned (spec 3.2)."""
    rows, columns = values.shape
    first = resampling(columns, width)
    across = values[:, first[0]] * first[2] + values[:, first[1]] * first[3]
    top, bottom, share, rest = resampling(rows, height)
    return across[top] * share[:, None] + across[bottom] * rest[:, None]


def halved(values, times):
    """Return the means of 2 x 2 values, of fewer at the right and at the bottom, and so on."""
    for _ in range(times):
        rows, columns = values.shape
        even = np.pad(values, ((0, rows % 2), (0, columns % 2)), constant_values=np.nan)
        corners = [even[y::2, x::2] for y in (0, 1) for x in (0, 1)]
        values = np.nanmean(corners, axis=0, dtype=np.float64).astype(np.float32)
    return values


def resampling(length, out):
    place = np.arange(out, dtype=np.float32) * (np.float32(length) / np.float32(out))
    before = np.floor(place).astype(int)
    rest = place - before.astype(np.float32)
    return before, np.minimum(before + 1, length - 1), 1 - rest, rest


def crop(level, column, row):
    """Return a tile of a level, without what would stand over its edges."""
    return level[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE]


def grid(width, height):
    """Return the places of all tiles of a level."""
    return [(c, r) for r in range(-(-height // SIDE)) for c in range(-(-width // SIDE))]


# ---- the server


@pytest.fixture(scope="module")
def site(doors, data):
    for name in (NAME, COLOURS):
        shutil.copy(data / name, doors.images)
    return doors(
        "[encoding]\njpeg_quality = 100",
        f"[doors]\nsettings =\n    {NAME} => MINMAX=1:{LOW},{HIGH}",
    )


def pixels(site, path):
    answer = site.get(path)
    assert answer.status == 200, (path, answer.body)
    picture = Image.open(io.BytesIO(answer.body))
    assert picture.mode == "L"
    return np.asarray(picture)


def assert_same(site, path, values, steps=0):
    """Require a lossless picture to be the reference, but for steps, and a JPEG to be near it.

    Values that were resampled may be a step off: they are truncated, and
    the last bit of a float decides.
    """
    expected = to_bytes(values).astype(int)
    lossless = pixels(site, path + ".png")
    assert lossless.shape == expected.shape, path
    assert np.abs(lossless - expected).max() <= steps, path
    assert (lossless != expected).mean() <= 0.01 * steps, path
    difference = pixels(site, path + ".jpg") - expected
    assert np.abs(difference).mean() <= MEAN, path
    assert np.abs(difference).max() <= WORST, path
    assert abs(difference.mean()) <= BIAS or difference.size < 1000, path


# ---- IIIF


@pytest.mark.parametrize("version", [2, 3])
def test_every_tile_of_iiif_is_the_reference(site, levels, version):
    info = json.loads(site.get(f"/iiif/{version}/{NAME}/info.json").body)
    (tiles,) = info["tiles"]
    assert (info["width"], info["height"]) == FULL
    assert (tiles["width"], tiles.get("height", SIDE)) == (SIDE, SIDE)
    assert tiles["scaleFactors"] == [1, 2, 4]
    seen = 0
    for scale, level in zip(tiles["scaleFactors"], reversed(levels), strict=True):
        step = SIDE * scale
        for top in range(0, FULL[1], step):
            for left in range(0, FULL[0], step):
                width, height = min(step, FULL[0] - left), min(step, FULL[1] - top)
                out = -(-width // scale), -(-height // scale)  # as viewers round
                size = f"{out[0]},{out[1]}"
                if version == 2:  # OpenSeadragon gives the width alone
                    out = out[0], round(height * out[0] / width)
                    size = f"{out[0]},"
                values = crop(level, left // step, top // step)
                same = values.shape == out[::-1]
                assert_same(
                    site,
                    f"/iiif/{version}/{NAME}/{left},{top},{width},{height}/{size}/0/default",
                    values if same else resampled(values, *out),
                    0 if same else 1,
                )
                seen += 1
    assert seen == 20 + 6 + 2


@pytest.mark.parametrize("version", [2, 3])
def test_every_size_that_iiif_tells_is_a_level(site, levels, version):
    info = json.loads(site.get(f"/iiif/{version}/{NAME}/info.json").body)
    sizes = [(size["width"], size["height"]) for size in info["sizes"]]
    assert sizes[:2] == [(309, 202), (618, 405)]
    for width, height in sizes:
        (level,) = [level for level in levels if level.shape == (height, width)]
        assert_same(site, f"/iiif/{version}/{NAME}/full/{width},{height}/0/default", level)


def test_what_no_level_has_is_made_from_the_next_larger_one(site, levels):
    for width, height, level in [(500, 300, levels[1]), (100, 100, levels[0])]:
        path = f"/iiif/3/{NAME}/full/{width},{height}/0/default"
        assert_same(site, path, resampled(level, width, height), 1)


def test_any_region_at_its_own_size_is_the_crop(site, levels):
    for left, top, width, height in [(1, 1, 1, 1), (255, 255, 3, 2), (1236, 810, 1, 1),
                                     (700, 300, 537, 511), (1000, 800, 999, 999)]:  # fmt: skip
        path = f"/iiif/3/{NAME}/{left},{top},{width},{height}/max/0/default"
        assert_same(site, path, levels[-1][top : top + height, left : left + width])


def test_a_turned_and_mirrored_tile_is_the_crop_turned_after_it_was_mirrored(site, levels):
    values = levels[-1][256:512, 1024:]
    for turns in range(4):
        for mark, tile in (("", values), ("!", values[:, ::-1])):
            path = f"/iiif/3/{NAME}/1024,256,213,256/max/{mark}{90 * turns}/default"
            assert_same(site, path, np.rot90(tile, -turns))


def test_every_tile_of_a_picture_in_colours_is_the_reference(site, data):
    with tifffile.TiffFile(data / COLOURS) as file:
        stored = [page.asarray() for page in file.pages]  # the largest first, 8 bits
    for scale, level in zip((1, 2, 4), stored, strict=True):
        for column, row in grid(*level.shape[1::-1]):
            left, top = column * SIDE * scale, row * SIDE * scale
            expected = crop(level, column, row)
            width, height = min(SIDE * scale, FULL[0] - left), min(SIDE * scale, FULL[1] - top)
            size = f"{expected.shape[1]},{expected.shape[0]}"
            path = f"/iiif/3/{COLOURS}/{left},{top},{width},{height}/{size}/0/color.png"
            answer = site.get(path)
            assert (np.asarray(Image.open(io.BytesIO(answer.body))) == expected).all(), path


# ---- DeepZoom and Zoomify: what the image is halved to, down to one pixel or one tile


def pyramid(levels, smallest):
    """Yield the size of each level, the smallest first, and how far it is below those stored."""
    for times in range(smallest, -1, -1):
        yield tuple(-(-side >> times) for side in FULL), times - len(levels) + 1


def assert_pyramid(site, levels, smallest, address):
    """Require every tile of every level; `address(level, column, row)` is where it is."""
    seen = 0
    for number, (size, below) in enumerate(pyramid(levels, smallest)):
        for column, row in grid(*size):
            if below <= 0:
                assert_same(site, address(number, column, row), crop(levels[-below], column, row))
            else:  # it fits into one tile
                values = resampled(halved(levels[0], below), *size)
                assert_same(site, address(number, 0, 0), values, 1)
            seen += 1
    return seen


def test_every_tile_of_deepzoom_is_the_reference(site, levels):
    seen = assert_pyramid(site, levels, 11, "/dz/odd_r.ptif_files/{}/{}_{}".format)
    assert seen == 20 + 6 + 2 + 9


def test_every_tile_of_zoomify_is_the_reference(site, levels):
    seen = assert_pyramid(site, levels, 3, "/zoomify/odd_r.ptif/TileGroup0/{}-{}-{}".format)
    assert seen == 20 + 6 + 2 + 1


@pytest.mark.parametrize(
    "path",
    [
        *("/dz/{}_files/12/0_0.jpg", "/dz/{}_files/11/5_0.jpg", "/dz/{}_files/11/0_4.jpg"),
        *("/dz/{}_files/8/1_0.jpg", "/zoomify/{}/TileGroup0/4-0-0.jpg"),
        *("/zoomify/{}/TileGroup0/3-5-0.jpg", "/zoomify/{}/TileGroup0/0-0-1.jpg"),
    ],
)
def test_what_lies_beyond_the_last_tile_or_level_is_not_there(site, path):
    assert site.get(path.format(NAME)).status == 404

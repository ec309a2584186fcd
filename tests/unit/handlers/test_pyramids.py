import io
from itertools import product

import numpy as np
import pytest
from PIL import Image

from iipastro.errors import NotFound, TooLarge
from iipastro.geometry import Size
from iipastro.handlers.pyramids import (
    deepzoom_depth,
    serve_grid_tile,
    serve_sheet,
    zoomify_depth,
)
from iipastro.handlers.tile import serve_tile
from iipastro.images.source import Level, Range
from iipastro.jobs import GridTile, Job, Sheet, Tile
from iipastro.view import View

TILE = Size(256, 256)
ODD = Size(1237, 811)
PLAIN = View()


def levels(*sizes, tile=TILE):
    return tuple(Level(Size(*size), tile) for size in sizes)


def halving(size, count, tile=TILE):
    sizes = ((size.width >> n, size.height >> n) for n in range(count - 1, -1, -1))
    return levels(*sizes, tile=tile)


@pytest.fixture
def real(ramp):
    """The facts of an image of 1237 x 811 with small levels down to 38 x 25."""
    return ramp(levels=halving(ODD, 6), dtype=np.uint8)


@pytest.fixture
def place(ramp):
    """An image whose two channels say where on the full image a pixel lies, on every level."""

    class Place(ramp):
        read = frozenset()  # the levels that were

        def read_part(self, level, index, rows):
            self.read |= {level}
            return super().read_part(level, index, rows)

        def pixels(self, level):
            size, full = self.info.levels[level].size, self.info.full
            down, across = np.mgrid[: size.height, : size.width] + 0.5
            ends = [across * full.width / size.width, down * full.height / size.height]
            return np.stack([*ends, ends[0]], 2).astype(np.float32)

    def build(levels):
        full = levels[-1].size
        cuts = (Range(0, full.width), Range(0, full.height), Range(0, full.width))
        return Place(levels=levels, channels=3, cuts=cuts)

    return build


@pytest.fixture
def tile_of(shelve):
    """A function that returns the pixels of a tile of an image."""

    def ask(source, scheme, level, column, row, settings=None, view=PLAIN):
        service = shelve(settings, a=source)
        tile = GridTile(scheme, level, column, row, "png")
        answer = serve_grid_tile(Job("a", view, None), tile, service.catalog.open("a"), service)
        return np.asarray(Image.open(io.BytesIO(answer.body))).astype(float)

    return ask


@pytest.mark.parametrize(
    ("size", "depth"),
    [((1, 1), 0), ((2, 1), 1), ((1237, 811), 11), ((3, 1024), 10), ((1025, 1), 11)],
)
def test_deepzoom_ends_at_a_single_pixel(ramp, size, depth):  # spec 9.2: ceil(log2(max))
    assert deepzoom_depth(ramp(levels=levels(size)).info) == depth


@pytest.mark.parametrize(
    ("size", "depth"),
    [((1, 1), 0), ((256, 256), 0), ((257, 9), 1), ((513, 9), 1), ((514, 9), 2), ((1237, 811), 3)],
)
def test_zoomify_ends_where_the_image_fits_into_a_tile(ramp, size, depth):
    assert zoomify_depth(ramp(levels=levels(size)).info) == depth


def test_sheets_describe_the_image(real, shelve):  # spec 9.2, 9.3
    service = shelve(a=real)
    image = service.catalog.open("a")
    sheet = {
        s: serve_sheet(Job("a", View(), None), Sheet(s), image, service).body
        for s in ("deepzoom", "zoomify")
    }
    assert sheet["deepzoom"] == (
        b'<?xml version="1.0" encoding="UTF-8"?>\r\n'
        b'<Image xmlns="http://schemas.microsoft.com/deepzoom/2008"\r\n'
        b'TileSize="256" Overlap="0" Format="jpg"><Size Width="1237" Height="811"/></Image>'
    )
    assert sheet["zoomify"] == (
        b'<IMAGE_PROPERTIES WIDTH="1237" HEIGHT="811" NUMTILES="20" NUMIMAGES="1" '
        b'VERSION="1.8" TILESIZE="256" />'
    )


def test_sheets_speak_of_square_tiles_only(ramp, shelve):
    service = shelve(a=ramp(levels=levels((600, 400), tile=Size(128, 64))))
    image = service.catalog.open("a")
    deepzoom, zoomify = (
        serve_sheet(Job("a", View(), None), Sheet(s), image, service).body
        for s in ("deepzoom", "zoomify")
    )
    assert b'TileSize="128"' in deepzoom
    assert b'NUMTILES="20"' in zoomify
    assert b'TILESIZE="128"' in zoomify


def test_a_tile_by_column_and_row_is_that_of_its_number(ramp, shelve):
    service = shelve(a=ramp(dtype=np.uint8))
    image = service.catalog.open("a")
    job = Job("a", View(), None)
    for encoding in ("jpeg", "png"):
        by_place = serve_grid_tile(job, GridTile("zoomify", 2, 2, 1, encoding), image, service)
        assert by_place == serve_tile(job, Tile(1, 5, encoding), image, service)


@pytest.mark.parametrize(
    "place", [(2, 3, 0), (2, 0, 2), (3, 0, 0), (0, 1, 0), (0, 0, 1), (2**31 - 1, 0, 0)]
)
@pytest.mark.parametrize("scheme", ["zoomify", "deepzoom"])
def test_a_place_outside_the_grid_is_not_found(ramp, shelve, scheme, place):
    level, column, row = place
    service = shelve(a=ramp())
    tile = GridTile(scheme, level + 2 * (scheme == "deepzoom"), column, row)
    with pytest.raises(NotFound):
        serve_grid_tile(Job("a", View(), None), tile, service.catalog.open("a"), service)


@pytest.mark.parametrize(
    ("scheme", "first", "sizes"),
    [  # stored levels are rounded down; those that no level of the pyramid has, up
        (
            "deepzoom",
            0,
            [
                *((1, 1), (2, 1), (3, 2), (5, 4), (10, 7), (20, 13)),
                *((38, 25), (77, 50), (154, 101), (256, 202)),
            ],
        ),
        ("zoomify", 0, [(154, 101), (256, 202), (256, 256), (256, 256)]),
    ],
)
def test_every_level_has_its_own_size(real, tile_of, scheme, first, sizes):
    shapes = [tile_of(real, scheme, first + n, 0, 0).shape for n in range(len(sizes))]
    assert [(width, height) for height, width in shapes] == sizes


def test_a_column_that_a_level_rounded_down_has_not_is_made(place, tile_of):
    image = place(halving(Size(1025, 515), 3))  # the second level is 512 x 257, or 513 x 258
    assert tile_of(image, "deepzoom", 10, 1, 1).shape == (1, 256, 3)
    column = tile_of(image, "deepzoom", 10, 2, 0)
    assert column.shape == (256, 1, 3)
    assert (column[:, 0, 0] >= 254).all()  # the last one of the image
    assert column[0, 0, 1] <= 2
    assert tile_of(image, "deepzoom", 10, 2, 1).shape == (2, 1, 3)


def test_a_row_that_a_level_rounded_down_has_not_is_made(place, tile_of):
    image = place(halving(Size(515, 1025), 3))  # the second level is 257 x 512, or 258 x 513
    row = tile_of(image, "deepzoom", 10, 0, 2)
    assert row.shape == (1, 256, 3)
    assert (row[0, :, 1] >= 254).all()  # the last one of the image


@pytest.mark.parametrize("size", [(520, 406), (518, 408)])
def test_a_level_that_differs_by_two_pixels_is_another_one(place, tile_of, size):
    image = place(levels(size, (1036, 812)))  # 518 x 406 is asked for
    assert tile_of(image, "deepzoom", 10, 2, 1).shape == (150, 6, 3)


SMALL = Size(64, 64)
PYRAMIDS = {
    "halved, rounded down": halving(Size(309, 203), 5, SMALL),
    "halved, rounded up": levels((78, 51), (155, 102), (309, 203), tile=SMALL),
    "one level": levels((309, 203), tile=SMALL),
    "in thirds": levels((34, 22), (103, 67), (309, 203), tile=SMALL),
    "tiles that are no squares": levels((154, 101), (309, 203), tile=Size(64, 16)),
    "smaller than a tile": levels((17, 8), tile=SMALL),
}


@pytest.mark.parametrize("name", PYRAMIDS)
@pytest.mark.parametrize("scheme", ["deepzoom", "zoomify"])
def test_every_tile_shows_its_place_on_the_image(place, tile_of, scheme, name):
    image = place(PYRAMIDS[name])
    full = image.info.full
    depth = {"deepzoom": deepzoom_depth, "zoomify": zoomify_depth}[scheme](image.info)
    for level in range(depth + 1):
        scale = 2 ** (depth - level)
        columns, rows = (-(-side // (64 * scale)) for side in full)
        for column, row in product(range(columns), range(rows)):
            pixels = tile_of(image, scheme, level, column, row)
            down, across = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
            near = 255 * (scale + 0.5) / min(full) + 1.5  # a pixel of the level, and rounding
            for channel, start, at, side in (
                (0, column, across, full.width),
                (1, row, down, full.height),
            ):
                expected = 255 * np.minimum((64 * start + at + 0.5) * scale / side, 1)
                assert np.abs(pixels[..., channel] - expected).max() <= near


def test_tiles_of_one_level_leave_no_pixel_out(place, tile_of):
    image = place(levels((137, 90), (412, 270), (1237, 811)))  # 619 x 406 has to be made
    tiles = [[tile_of(image, "deepzoom", 10, x, y) for x in range(3)] for y in range(2)]
    whole = np.vstack([np.hstack(row) for row in tiles])
    assert whole.shape == (406, 619, 3)
    assert np.ptp(np.diff(whole[:, :, 0], axis=1)) <= 2  # no step at a seam
    assert np.ptp(np.diff(whole[:, :, 1], axis=0)) <= 2


def test_a_sliver_of_a_level_is_a_pixel_wide_at_least(place, tile_of):
    image = place(levels((100, 20), (1025, 205), tile=SMALL))  # 65 x 13 ends in 1/16 of a pixel
    assert tile_of(image, "deepzoom", 7, 1, 0).shape == (13, 1, 3)


def test_a_tile_is_made_of_the_smallest_level_that_is_not_enlarged(place, tile_of):
    image = place(levels((160, 20), (40, 102), (160, 110), (200, 150), (309, 203), tile=SMALL))
    tile_of(image, "deepzoom", 8, 0, 0)  # 155 x 102
    assert image.read == {2}


@pytest.mark.parametrize(("view", "place_of_it"), [(PLAIN, (2, 0)), (View(rotation=90), (0, 0))])
def test_a_pixel_lost_by_rounding_is_no_reason_for_a_larger_level(
    place, tile_of, view, place_of_it
):
    image = place(levels((256, 128), (512, 257), (1025, 515)))  # 513 x 258 is asked for
    tile_of(image, "deepzoom", 10, *place_of_it, view=view)
    assert image.read == {1}


TURNS = {  # what NumPy does to a picture, mirrored and then turned clockwise
    View(rotation=90): lambda whole: np.rot90(whole, -1),
    View(rotation=180): lambda whole: np.rot90(whole, 2),
    View(rotation=270): lambda whole: np.rot90(whole, 1),
    View(flip=1): np.fliplr,
    View(flip=2): np.flipud,
    View(flip=1, rotation=90): lambda whole: np.rot90(np.fliplr(whole), -1),
    View(flip=1, rotation=270): lambda whole: np.rot90(np.fliplr(whole), 1),
}


@pytest.mark.parametrize("view", TURNS)
@pytest.mark.parametrize(
    ("scheme", "level", "size", "most"),
    [
        ("deepzoom", 9, (309, 203), 0),
        ("deepzoom", 7, (78, 51), 2),  # made: where tiles end, the last pixel is a part of one
        ("zoomify", 2, (155, 102), 2),
    ],
)
def test_an_image_is_turned_as_a_whole(place, tile_of, scheme, level, size, most, view):
    def whole(view, size):
        columns, rows = (-(-side // 64) for side in size)
        tiles = [
            [tile_of(image, scheme, level, x, y, view=view) for x in range(columns)]
            for y in range(rows)
        ]
        return np.vstack([np.hstack(row) for row in tiles])

    image = place(levels((103, 67), (309, 203), tile=SMALL))
    seen = whole(view, size[::-1] if view.rotation in (90, 270) else size)
    expected = TURNS[view](whole(PLAIN, size))
    assert seen.shape == expected.shape
    assert np.abs(seen - expected).max() <= most


def test_the_description_of_a_turned_image_is_that_of_what_is_seen(real, shelve):
    service = shelve(a=real)
    job = Job("a", View(rotation=270), None)
    sheets = (
        serve_sheet(job, Sheet(s), service.catalog.open("a"), service).body
        for s in ("deepzoom", "zoomify")
    )
    assert b'Width="811" Height="1237"' in next(sheets)
    assert b'WIDTH="811" HEIGHT="1237" NUMTILES="20"' in next(sheets)


def test_a_tile_of_more_pixels_than_the_limit_is_refused(place, tile_of):
    image = place(levels((1237, 811)))
    limit = {"limits.max_source_samples": "1M"}
    with pytest.raises(TooLarge):
        tile_of(image, "deepzoom", 8, 0, 0, limit)
    assert tile_of(image, "deepzoom", 10, 0, 0, limit).shape == (256, 256, 3)


@pytest.mark.parametrize("size", [(256, 256), (251, 203)])
def test_a_pixel_of_a_made_level_is_the_mean_of_those_it_covers(ramp, tile_of, size):
    width, height = size
    noise = np.random.default_rng(8).integers(0, 256, (height, width, 1))

    class Noise(ramp):
        def pixels(self, level):
            return noise.astype(np.uint8)

    image = Noise(levels=levels(size), dtype=np.uint8, cuts=(Range(0, 255),))
    for level in (7, 5, 2):
        side = 256 >> level
        seen = tile_of(image, "deepzoom", level, 0, 0)
        assert seen.shape == (-(-height // side), -(-width // side))
        rows, columns = height // side, width // side  # of whole pixels of the level
        whole = noise[: rows * side, : columns * side].reshape(rows, side, columns, side)
        assert np.abs(seen[:rows, :columns] - whole.mean((1, 3))).max() <= 1


def test_a_made_tile_has_none_of_the_notes_that_an_export_takes_along(ramp, shelve):
    service = shelve(a=ramp(xmp=b"<x:xmpmeta/>"))
    image, tile = service.catalog.open("a"), GridTile("deepzoom", 0, 0, 0)
    assert b"xmpmeta" not in serve_grid_tile(Job("a", PLAIN, tile), tile, image, service).body

import numpy as np
import pytest

from iipastro.errors import NotFound
from iipastro.geometry import Size
from iipastro.handlers.pyramids import (
    deepzoom_level,
    serve_grid_tile,
    serve_sheet,
    zoomify_level,
)
from iipastro.handlers.tile import serve_tile
from iipastro.images.source import Level
from iipastro.jobs import GridTile, Job, Sheet, Tile
from iipastro.view import View

TILE = Size(256, 256)


@pytest.fixture
def real(ramp):
    """The facts of an image of 1237 x 811 with small levels down to 38 x 25."""
    sizes = [Size(1237 >> n, 811 >> n) for n in range(5, -1, -1)]
    return ramp(levels=tuple(Level(size, TILE) for size in sizes), dtype=np.uint8)


@pytest.mark.parametrize(("asked", "level"), [(0, 0), (6, 0), (7, 1), (11, 5), (12, 5)])
def test_deepzoom_counts_from_a_single_pixel(real, asked, level):  # spec 9.2: D = 11, N = 6
    assert deepzoom_level(asked, real.info) == level


def test_zoomify_starts_at_the_largest_level_below_a_tile(real):  # 38, 77 and 154 wide are
    assert zoomify_level(0, real.info) == 2
    assert zoomify_level(3, real.info) == 5


def test_sheets_describe_the_image(real, shelve):  # spec 9.2, 9.3
    service = shelve(a=real)
    image = service.catalog.open("a")
    sheet = {s: serve_sheet(None, Sheet(s), image, service).body for s in ("deepzoom", "zoomify")}
    assert sheet["deepzoom"] == (
        b'<?xml version="1.0" encoding="UTF-8"?>\r\n'
        b'<Image xmlns="http://schemas.microsoft.com/deepzoom/2008"\r\n'
        b'TileSize="256" Overlap="0" Format="jpg"><Size Width="1237" Height="811"/></Image>'
    )
    assert sheet["zoomify"] == (
        b'<IMAGE_PROPERTIES WIDTH="1237" HEIGHT="811" NUMTILES="20" NUMIMAGES="1" '
        b'VERSION="1.8" TILESIZE="256" />'
    )


def test_a_tile_by_column_and_row_is_that_of_its_number(ramp, shelve):
    service = shelve(a=ramp(dtype=np.uint8))
    image = service.catalog.open("a")
    job = Job("a", View(), None)
    by_place = serve_grid_tile(job, GridTile("zoomify", 1, 2, 1), image, service)
    assert by_place == serve_tile(job, Tile(1, 5), image, service)


@pytest.mark.parametrize("place", [(1, 3, 0), (1, 0, 2), (7, 0, 0)])
def test_a_place_outside_the_grid_is_not_found(ramp, shelve, place):
    service = shelve(a=ramp())
    with pytest.raises(NotFound):
        serve_grid_tile(
            Job("a", View(), None), GridTile("zoomify", *place), service.catalog.open("a"), service
        )

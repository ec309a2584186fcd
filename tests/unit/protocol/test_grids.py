import pytest

from iipastro.errors import BadArgument
from iipastro.jobs import GridTile
from iipastro.protocol.grids import grid_tile


@pytest.mark.parametrize(
    ("last", "encoding"),
    [
        ("7.jpg", "jpeg"),
        ("7.JPEG", "jpeg"),
        ("7.png", "png"),
        ("7.PNG", "png"),
        ("7.webp", "webp"),
        ("7.avif", "avif"),
        ("7.tif", "tiff"),
        ("7.bmp", "jpeg"),  # the reference knows no other (spec 9.2)
        ("7", "jpeg"),
    ],
)
def test_the_suffix_says_how_a_tile_is_encoded(last, encoding):
    assert grid_tile("deepzoom", "3", "5", last) == GridTile("deepzoom", 3, 5, 7, encoding)


@pytest.mark.parametrize(
    "place",
    [
        ("-1", "0", "0"),
        ("0", "-1", "0"),
        ("0", "0", "-1.jpg"),
        ("", "0", "0"),
        ("0", "x", "0"),
        ("0", "0", "1_7.jpg"),
        ("0", "0", ".jpg"),
        ("0", "\u0661", "0"),
    ],
)
def test_what_is_no_number_from_0_is_refused(place):
    with pytest.raises(BadArgument, match="count from 0"):
        grid_tile("zoomify", *place)

import pytest

from iipastro.errors import BadArgument
from iipastro.jobs import Info, Profile, RawTiles, Region, Spectra, Tile, Values
from iipastro.protocol import outputs
from iipastro.protocol.outputs import Wanted


@pytest.mark.parametrize(
    ("reader", "text", "expected"),
    [
        ("jtl", "2,6", Wanted(Tile(2, 6, "jpeg"))),
        ("jtl", "3", Wanted(Tile(3, 3, "jpeg"))),
        ("ptl", "0,0", Wanted(Tile(0, 0, "png"))),
        ("wtl", "0,0", Wanted(Tile(0, 0, "webp"))),
        ("atl", "0,0", Wanted(Tile(0, 0, "avif"))),
        ("ttl", "0,0", Wanted(Tile(0, 0, "tiff"))),
        ("jtls", "10,2,6,90", Wanted(Tile(2, 6, "jpeg"), changes={"angles": (10, 90)})),
        ("jtls", "10,2,6", None),
        ("cvt", "jpeg", Wanted(Region("jpeg"))),
        ("cvt", "PNG", Wanted(Region("png"))),
        ("cvt", "tif", Wanted(Region("tiff"))),
        ("cvt", "mauve", Wanted(Region("jpeg"))),
        ("pfl", "2:100,200-140,210", Wanted(Profile(2, (100, 200), (140, 210)))),
        ("pfl", "2:100,200", Wanted(Profile(2, (100, 200)))),
        ("pfl", "2:-1,-2--3,-4", Wanted(Profile(2, (-1, -2), (-3, -4)))),
        ("spectra", "2,6,10,20", Wanted(Spectra(2, 6, 10, 20))),
        ("til", "2,3-9", Wanted(RawTiles(2, 3, 9))),
        ("til", "2,9-3", Wanted(RawTiles(2, 9, 9))),
        ("til", "2,4", Wanted(RawTiles(2, 4, 4))),
    ],
)
def test_an_output_command_says_what_is_wanted(reader, text, expected):
    assert getattr(outputs, reader)(text) == expected


@pytest.mark.parametrize(
    ("reader", "text"),
    [
        ("jtl", "-1,0"),
        ("jtl", "0,-1"),
        ("jtls", "0,-1,0,90"),
        ("spectra", "1,2,3"),
        ("spectra", "1,2,-3,4"),
        ("til", "-1,0"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(reader, text):
    with pytest.raises(BadArgument):
        getattr(outputs, reader)(text)


@pytest.mark.parametrize(
    ("argument", "places"),
    [
        ("3,4", ((3, 4),)),
        ("3,4;0,0;12,5;", ((3, 4), (0, 0), (12, 5))),
    ],
)
def test_val_names_pixels(argument, places):
    assert outputs.val(argument) == Wanted(Values(places))


@pytest.mark.parametrize(
    "argument", ["3", "-1,0", "0,-1", "1,1;2", ";", "VAL", "a,b", "1,", "1,2,3", "1.5,2", "1, 2"]
)
def test_val_of_no_pixel_is_refused(argument):
    with pytest.raises(BadArgument):
        outputs.val(argument)


def test_info_says_nothing_more():
    assert outputs.info("INFO") == Wanted(Info())

"""Names that two packages know, which may not know each other."""

from iipastro.encoders import ENCODERS
from iipastro.encoders.tiff import COMPRESSIONS as WRITTEN
from iipastro.pixels.color import COLORMAPS as DRAWN
from iipastro.protocol.modifiers import COLORMAPS, COMPRESSIONS
from iipastro.protocol.outputs import atl, cvt, jtl, ptl, ttl, wtl


def test_the_colour_maps_of_the_protocol_are_those_that_are_drawn():
    assert set(COLORMAPS) == set(DRAWN)


def test_the_compressions_of_the_protocol_are_those_that_are_written():
    assert set(COMPRESSIONS) == set(WRITTEN)


def test_every_format_of_the_protocol_has_an_encoder():
    names = ["jpg", "jpeg", "png", "webp", "avif", "tif", "tiff", "mauve"]
    wanted = [cvt(name) for name in names] + [read("0,0") for read in (jtl, ptl, wtl, atl, ttl)]
    assert {each.output.encoding for each in wanted} == set(ENCODERS)

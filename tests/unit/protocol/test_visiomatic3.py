from iipastro.jobs import Job, Tile
from iipastro.protocol.visiomatic3 import parse
from iipastro.view import View


def test_a_tile_is_asked_for_as_in_iip():
    query = "FIF=a.tif&JTL=2,6"
    assert parse(query, 64) == Job("a.tif", View(), Tile(2, 6), (), query)

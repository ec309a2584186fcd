import pytest

from iipastro.errors import BadArgument
from iipastro.jobs import GridTile, Sheet
from iipastro.protocol.outputs import Wanted
from iipastro.protocol.zoomify import zoomify


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.tif/ImageProperties.xml", Wanted(Sheet("zoomify"), "a/b.tif")),
        ("a.tif/TileGroup0/2-1-0.jpg", Wanted(GridTile("zoomify", 2, 1, 0), "a.tif")),
        ("b/a.tif/TileGroup12/2-1-0.png", Wanted(GridTile("zoomify", 2, 1, 0, "png"), "b/a.tif")),
    ],
)
def test_a_path_says_what_is_wanted_of_which_image(path, expected):
    assert zoomify(path) == expected


@pytest.mark.parametrize(
    "path",
    ["a.tif", "a/TileGroup0/1-2.jpg", "a/Group0/1-2-3.jpg", "a/TileGroup0/1-2--3.jpg"],
)
def test_other_paths_are_refused(path):
    with pytest.raises(BadArgument):
        zoomify(path)

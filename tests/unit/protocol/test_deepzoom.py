import pytest

from iipastro.errors import BadArgument
from iipastro.jobs import GridTile, Sheet
from iipastro.protocol.deepzoom import deepzoom
from iipastro.protocol.outputs import Wanted


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.tif.dzi", Wanted(Sheet("deepzoom"), "a/b.tif")),
        ("a.dzi.dzi", Wanted(Sheet("deepzoom"), "a.dzi")),
        ("a_files/11/1_2.jpg", Wanted(GridTile("deepzoom", 11, 1, 2), "a")),
        ("a_files/11/1_2.webp", Wanted(GridTile("deepzoom", 11, 1, 2, "webp"), "a")),
        ("x_files/y_files/1/0_0.jpg", Wanted(GridTile("deepzoom", 1, 0, 0), "x_files/y")),
    ],
)
def test_a_path_says_what_is_wanted_of_which_image(path, expected):
    assert deepzoom(path) == expected


@pytest.mark.parametrize(
    "path", ["a.tif", "a.DZI", "a/11/1_2.jpg", "a_files/-1/0_0.jpg", "a_files/"]
)
def test_other_paths_are_refused(path):
    with pytest.raises(BadArgument):
        deepzoom(path)

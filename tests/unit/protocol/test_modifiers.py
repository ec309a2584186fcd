import pytest

from iipastro.protocol import modifiers
from iipastro.view import Cut, Fraction


def view_of(reader, *texts):
    """The changes that several commands of one name add up to."""
    changes = {}
    for text in texts:
        changes = {**changes, **reader(text, changes)}
    return changes


@pytest.mark.parametrize(
    ("reader", "text", "expected"),
    [
        ("qlt", "90", {"quality": 90}),
        ("qlt", "0", {"quality": 0}),
        ("qlt", "200", {"quality": 100}),
        ("qlt", "-3", {"quality": 0}),
        ("qlt", "high", {"quality": 0}),
        ("qlt", "lzw:5", {"quality": 5, "compression": "lzw"}),
        ("qlt", "ZSTD:7", {"quality": 7, "compression": "zstd"}),
        ("qlt", "rar:7", {"quality": 7}),
        ("cnt", "2.5", {"contrast": 2.5}),
        ("cnt", "-1", {"contrast": -1.0}),
        ("cnt", "EQ", {"equalized": True, "contrast": 1.0}),
        ("cnt", "stretch", {"stretched": True, "contrast": 1.0}),
        ("gam", "0.5", {"gamma": 0.5, "logarithmic": False}),
        ("gam", "log", {"gamma": 1.0, "logarithmic": True}),
        ("inv", "INV", {"inverted": True}),
        ("cmp", "HOT", {"colormap": "hot"}),
        ("cmp", "grey", {"colormap": None}),
        ("cmp", "mauve", {"colormap": None}),
        ("cmp", "red", {"colormap": "red"}),
        ("shd", "45,30", {"light": (45, 30)}),
        ("shd", "45,30,9", {"light": (45, 30)}),
        ("shd", "45", {}),
        ("rot", "90", {"flip": 0, "rotation": 90}),
        ("rot", "-90", {"flip": 0, "rotation": 270}),
        ("rot", "450.7", {"flip": 0, "rotation": 90}),
        ("rot", "45", {"flip": 0, "rotation": 0}),
        ("rot", "!0", {"flip": 1, "rotation": 0}),
        ("rot", "!90", {"flip": 1, "rotation": 90}),
        ("rot", "!180", {"flip": 2, "rotation": 0}),
        ("rot", "nan", {"flip": 0, "rotation": 0}),
        ("col", "grey", {"palette": "gray"}),
        ("col", "Binary", {"palette": "binary"}),
        ("col", "rose", {"palette": "color"}),
        ("cnv", "laplace", {"kernel": (-1, -1, -1, -1, 8, -1, -1, -1, -1)}),
        ("cnv", "[0,1,0,1,2,1,0,1,0]", {"kernel": (0, 1, 0, 1, 2, 1, 0, 1, 0)}),
        ("cnv", "1,2,3,4", {}),
        ("cnv", ",".join("1" * 49), {}),
        ("cnv", "nan", {}),
        ("cnv", "foo", {}),
        ("cnv", "[2]", {"kernel": (2.0,)}),
        ("wid", "500", {"width": 500}),
        ("wid", "-5", {"width": 0}),
        ("hei", "7.9", {"height": 7}),
        ("sds", "3,90", {"angles": (3, 90)}),
        ("sds", "3", {"angles": (3, 3)}),
        ("lyr", "4", {"layers": 4}),
        ("icc", "1", {}),
    ],
)
def test_a_setter_changes_the_view(reader, text, expected):
    assert getattr(modifiers, reader)(text, {}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1:10,20", (Cut(0, 10.0, 20.0),)),
        ("5:-1.5e2,1.2e3", (Cut(4, -150.0, 1200.0),)),
        ("-:0,1", (Cut(None, 0.0, 1.0),)),
        ("2", (Cut(1, 2.0, 2.0),)),
        ("2:7", (Cut(1, 7.0, 7.0),)),
        ("3,4", (Cut(2, 3.0, 4.0),)),
    ],
)
def test_cuts_count_channels_from_one(text, expected):
    assert modifiers.minmax(text, {})["cuts"] == expected


@pytest.mark.parametrize("text", ["0:1,2", "-3:1,2", "x:1,2"])
def test_cuts_of_no_channel_are_passed_over(text):
    assert modifiers.minmax(text, {}) == {}


def test_cuts_add_up():
    changes = view_of(modifiers.minmax, "1:0,1", "2:3,4", "1:5,6")
    assert changes["cuts"] == (Cut(0, 0, 1), Cut(1, 3, 4), Cut(0, 5, 6))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1,0;0,1"], ((1, 0), (0, 1))),
        (["[1,0;0,1]"], ((1, 0), (0, 1))),
        (["0,0,1;0,0,1;0,0,1"], ((0, 0, 1),) * 3),
        (["1;1;1"], ((1,),) * 3),
        (["1,,2;;3"], ((1, 2), (3,))),
        (["1,2", "3,4"], ((1, 2), (3, 4))),
        (["0.5e1,-1"], ((5, -1),)),
    ],
)
def test_a_matrix_has_a_row_per_output_channel(texts, expected):
    assert view_of(modifiers.ctw, *texts)["mix"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.25,0.25,0.5,0.5", (0.25, 0.25, 0.5, 0.5)),
        ("-0.5,0.25,0.5,0.5", (0.0, 0.25, 0.5, 0.5)),
        ("0.75,0.75,0.5,0.5", (0.75, 0.75, 0.25, 0.5)),
        ("0,0,3,3", (0.0, 0.0, 1.0, 1.0)),
        ("2,2,1,1", (1.0, 1.0, 0.0, 1.0)),
    ],
)
def test_a_region_is_cut_to_the_image(text, expected):
    assert modifiers.rgn(text, {}) == {"region": Fraction(*expected)}


@pytest.mark.parametrize("text", ["1,2,3", "0,0,0,1", "0,0,1,-1", "nan,0,1,1", "0,0,inf,1", "x"])
def test_a_region_without_extent_is_none(text):
    assert modifiers.rgn(text, {}) == {}


def test_the_named_kernels_are_those_of_the_specification():  # spec 3.5
    assert {name: list(kernel) for name, kernel in modifiers.KERNELS.items()} == {
        "sobel": [-1, 0, 1, -2, 0, 2, -1, 0, 1],
        "prewitt": [1, 0, -1] * 3,
        "scharr": [-3, 0, 3, -10, 0, 10, -3, 0, 3],
        "laplace": [-1, -1, -1, -1, 8, -1, -1, -1, -1],
        "gaussian": [1, 2, 1, 2, 4, 2, 1, 2, 1],
        "sharpen": [0, -1, 0, -1, 5, -1, 0, -1, 0],
        "emboss": [-2, -1, 0, -1, 1, 1, 0, 1, 2],
    }

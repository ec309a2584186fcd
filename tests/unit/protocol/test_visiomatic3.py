import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iipastro.errors import BadArgument
from iipastro.jobs import (
    ChannelColor,
    Composite,
    Cutout,
    FitsLine,
    FitsPixel,
    Objects,
    Question,
    Tile,
    VisiomaticInfo,
)
from iipastro.protocol.visiomatic3 import parse
from iipastro.view import Cut, View

DISPLAY_GAMMA = 0.4545454680919647  # 1 / 2.2 in single precision


def job(query):
    return parse(f"FIF=a.fits&{query}", 64)


def test_a_tile_is_of_one_channel_at_a_display_gamma():
    said = "FIF=sky/a%20b.fits&CHAN=3&JTL=2,6"
    asked = parse(said, 64)
    assert (asked.image, asked.text, asked.said) == ("sky/a b.fits", said, None)
    assert asked.output == Composite(Tile(2, 6), channel=2)
    assert asked.view == View(gamma=DISPLAY_GAMMA)


@pytest.mark.parametrize(
    ("query", "view"),
    [
        ("GAM=1.0000", View()),
        ("GAM=0.2", View(gamma=5.0)),
        ("GAM=2&GAM=4", View(gamma=0.25)),
        ("GAM=1&QLT=30", View(quality=30)),
        ("GAM=1&INV", View(inverted=True)),
        ("GAM=1&INV=", View(inverted=True)),
        ("GAM=1&CMP=jet", View(colormap="jet")),
        ("GAM=1&CMP=cool", View(colormap="cold")),
        ("GAM=1&CMP=grey", View()),
        (
            "GAM=1&MINMAX=1:-1.5e2,.25&MINMAX=12:3,4.",
            View(cuts=(Cut(0, -150.0, 0.25), Cut(11, 3.0, 4.0))),
        ),
    ],
)
def test_setters_say_how_pixels_are_shown(query, view):
    assert job(f"CHAN=1&JTL=0,0&{query}").view == view


@pytest.mark.parametrize(
    ("query", "composite"),
    [
        ("JTL=0,1", Composite(Tile(0, 1))),
        ("JTL=0,1&CHAN=2&CHAN=1", Composite(Tile(0, 1), 1)),
        ("BRT=-12.5&CNT=3e1&JTL=0,1", Composite(Tile(0, 1), brightness=-12.5, contrast=30.0)),
        (
            "MIX=3:0.100,-0.020,0.5&JTL=0,1&MIX=1:1,0,0",
            Composite(
                Tile(0, 1),
                colors=(
                    ChannelColor(0, 1.0, 0.0, 0.0),
                    ChannelColor(2, 0.10000000149011612, -0.019999999552965164, 0.5),
                ),
            ),
        ),
        (
            "MIX=1:1,0,0&MIX=1:0,1,0&JTL=0,1",
            Composite(Tile(0, 1), None, (ChannelColor(0, 0, 1, 0),)),
        ),
        ("MIX=1:1,0,0&CHAN=1&JTL=0,1", Composite(Tile(0, 1), 0)),
        ("RGN=1,2:30,40", Composite(Cutout(0, 1, 29, 39))),
        ("RGN=-5,2:30,40&BIN=8", Composite(Cutout(-6, 1, 29, 39, 8))),
    ],
)  # fmt: skip
def test_pictures_are_tiles_or_rectangles_of_one_channel_or_of_colours(query, composite):
    assert job(query).output == composite


def test_colours_leave_no_room_for_a_colour_map():
    assert job("CMP=hot&JTL=0,0").view.colormap is None


@pytest.mark.parametrize(
    ("query", "output"),
    [
        ("VAL=7,-3", FitsPixel(7, -3)),
        ("VAL=7,3&CHAN=2&CHAN=9", FitsPixel(7, 3, (1, 8))),
        ("PFL=1,2:30,-4", FitsLine((1, 2), (30, -4))),
        ("CHAN=1&PFL=1,2:30,-4", FitsLine((1, 2), (30, -4), (0,))),
        ("INFO", VisiomaticInfo("a.fits")),
        ("INFO=", VisiomaticInfo("a.fits")),
    ],
)
def test_values_and_facts_do_not_depend_on_how_pixels_are_shown(query, output):
    asked = job(query + "&GAM=1&MINMAX=1:2,3")
    assert (asked.output, asked.view) == (output, View())


def test_a_plus_is_a_blank_in_a_name_only():
    asked = parse("FIF=sky+map.fits&MINMAX=1:1e+2,3e%2b2&JTL=0,0", 64)
    assert asked.image == "sky map.fits"
    assert asked.view.cuts == (Cut(0, 100.0, 300.0),)


def test_the_page_is_told_the_name_without_folders():
    assert parse("FIF=sky/north/b.fits&INFO", 64).output == VisiomaticInfo("b.fits")


def test_any_object_asks_for_the_header_that_visiomatic_3_writes():
    names = [
        "max-size",
        "tile-size",
        "resolution-number",
        "bits-per-channel",
        "min-max-sample-values",
        "subject",
    ]
    questions = tuple(Question(name) for name in names)
    assert job("obj=anything").output == Objects(questions, versioned=True)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("RGN=1,1:9,9&JTL=0,0&VAL=1,1&PFL=1,1:2,2&INFO&obj=x", Objects),
        ("RGN=1,1:9,9&JTL=0,0&VAL=1,1&PFL=1,1:2,2&INFO", VisiomaticInfo),
        ("RGN=1,1:9,9&JTL=0,0&VAL=1,1&PFL=1,1:2,2", FitsLine),
        ("RGN=1,1:9,9&JTL=0,0&VAL=1,1", FitsPixel),
        ("RGN=1,1:9,9&JTL=0,0", Composite),
    ],
)
def test_of_several_questions_one_is_answered_whatever_their_order(query, kind):
    assert isinstance(job(query).output, kind)


def test_what_nobody_knows_is_passed_over():
    assert job("CHAN=1&JTL=0,0&_=123&&=&x") == job("CHAN=1&JTL=0,0&_=123&&=&x")
    assert job("CHAN=1&JTL=0,0&_=123").canonical == job("CHAN=1&JTL=0,0").canonical


@pytest.mark.parametrize(
    "query",
    [
        "JTL=0,0&CTW=1,0;0,1;0,0",  # commands of IIP that VisiOmatic 3 does not have
        "RGN=0,0,1,1&WID=100&CVT=jpeg",
        "JTL=0,0&ROT=90",
        "PTL=0,0",
        "deepzoom=a.dzi",
        "CHAN=1",  # nothing asked
        "JTL=0",
        "JTL=-1,0",
        "JTL=0,-1",
        "JTL=0,0,0",
        "RGN=0.1,0.1:0.5,0.5",
        "RGN=1,1-2,2",
        "PFL=3:1,1-9,1",  # the form of IIP
        "VAL=1",
        "VAL=1,1;2,2",
        "JTL=0,0&CHAN=0",
        "JTL=0,0&CHAN=",
        "JTL=0,0&CHAN=x",
        "JTL=0,0&MINMAX=0:1,2",
        "JTL=0,0&MINMAX=1,2",
        "JTL=0,0&MINMAX=1:nan,2",
        "JTL=0,0&MINMAX=1:-1e39,2",
        "JTL=0,0&MIX=1:1,1,1e39",
        "JTL=0,0&MIX=1:1,1",
        "JTL=0,0&MIX=0:1,1,1",
        "JTL=0,0&GAM=0",
        "JTL=0,0&GAM=5.1",
        "JTL=0,0&GAM=inf",
        "JTL=0,0&GAM=",
        "JTL=0,0&CNT=-1",
        "JTL=0,0&CNT=1001",
        "JTL=0,0&CNT=eq",
        "JTL=0,0&BRT=-101",
        "JTL=0,0&QLT=101",
        "JTL=0,0&CMP=viridis",
        "RGN=1,1:9,9&BIN=0",
        "RGN=1,1:9,9&BIN=65537",
        "JTL=0,0&" + "&".join(["CHAN=1"] * 63),
    ],
)
def test_what_makes_no_sense_is_refused(query):
    with pytest.raises(BadArgument):
        job(query)


@pytest.mark.parametrize("query", ["JTL=0,0", "FIF=&JTL=0,0", "INFO"])
def test_an_image_has_to_be_named(query):
    with pytest.raises(BadArgument):
        parse(query, 64)


NAMES = (
    *("FIF", "OBJ", "INFO", "PFL", "VAL", "JTL", "RGN", "BIN", "CHAN", "CMP", "CNT", "GAM"),
    *("INV", "BRT", "QLT", "MINMAX", "MIX", "CTW", "zz"),
)
TEXTS = st.one_of(st.text(max_size=20), st.from_regex(r"\A-?[0-9]{0,12}[,:.e][0-9,:%]{0,9}\Z"))
PIECES = st.tuples(st.sampled_from(NAMES), TEXTS).map("=".join)


@settings(deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=8).map("&".join), st.text(max_size=200)))
def test_any_text_gives_a_job_or_is_refused(query):
    try:
        asked = parse("FIF=a&" + query, 64)
    except BadArgument as refused:
        assert str(refused).isascii()
    else:
        assert asked.canonical == parse("FIF=a&" + query, 64).canonical

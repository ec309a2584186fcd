import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iipastro.errors import BadArgument, Fault, Refused
from iipastro.jobs import Job, Objects, Profile, Question, Region, Tile
from iipastro.protocol.commands import MODIFIERS, OUTPUTS
from iipastro.protocol.iip import parse, split
from iipastro.view import Cut, View


@pytest.mark.parametrize(
    ("query", "expected"),
    [  # spec 1.3
        ("FIF=a&JTL=0,0", [("FIF", "a"), ("JTL", "0,0")]),
        ("&&a=b&", [("a", "b")]),
        ("INV", [("INV", "INV")]),
        ("INV=&=x", []),
        ("a=b=c", [("a", "b=c")]),
        ("OBJ", [("OBJ", "OBJ")]),
    ],
)
def test_a_query_is_split_at_ampersands(query, expected):
    assert list(split(query)) == expected


@pytest.mark.parametrize(
    ("query", "job"),
    [
        ("FIF=a&JTL=2,6", Job("a", View(), Tile(2, 6))),
        ("fif=a&jtl=2,6", Job("a", View(), Tile(2, 6))),
        ("FIF=a%20b+c&JTL=2,6", Job("a b c", View(), Tile(2, 6))),
        ("FIF=a&INV&JTL=2,6", Job("a", View(inverted=True), Tile(2, 6))),
        ("FIF=a&JTL=2,6&INV", Job("a", View(), Tile(2, 6))),
        ("INV&FIF=a&JTL=2,6", Job("a", View(inverted=True), Tile(2, 6))),
        ("FIF=a&JTL=2,6&JTL=0,0&OBJ=max-size", Job("a", View(), Tile(2, 6))),
        ("FIF=a&OBJ=max-size&JTL=2,6", Job("a", View(), Tile(2, 6))),
        ("FIF=a&MINMAX=1%3A2%2C3&JTL=0,0", Job("a", View(cuts=(Cut(0, 2, 3),)), Tile(0, 0))),
        ("FIF=a&CTW=1e+1,0&JTL=0,0", Job("a", View(mix=((10.0, 0.0),)), Tile(0, 0))),
        ("FIF=a&FIF=b&JTL=0,0", Job("b", View(), Tile(0, 0))),
        ("FIF=a&SDS=3,90&FIF=b&JTL=0,0", Job("b", View(), Tile(0, 0))),
        ("MINMAX=1:2,3&SDS=4,5&GAM=2&FIF=a&JTL=0,0", Job("a", View(gamma=2.0), Tile(0, 0))),
        ("JTL=-1,0", Job(None, View(), None, (Fault("1 3", ""),))),
        ("FIF=a&JTLS=3,1,2,4", Job("a", View(angles=(3, 4)), Tile(1, 2))),
        ("FIF=a&CVT=jpeg", Job("a", View(), Region("jpeg"))),
        ("FIF=a&PFL=1:2,3", Job("a", View(), Profile(1, (2, 3)))),
        ("QLT=90&Zoomify=a+b/ImageProperties.xml", None),
        ("FIF=a&FOO=1&JTL=0,0", Job("a", View(), Tile(0, 0), (Fault("2 2", "FOO"),))),
        ("JTL=0,0", Job(None, View(), None, (Fault("1 3", ""),))),
        ("JTL=0,0&FIF=a", Job("a", View(), None, (Fault("1 3", ""),))),
        ("FIF=a", Job("a", View(), None)),
        ("FIF=a&FOO=1", Job("a", View(), None, (Fault("2 2", "FOO"),))),
        ("FIF=a&JTLS=1,2", Job("a", View(), None)),
    ],
)
def test_a_query_says_what_is_wanted(query, job):
    parsed = parse(query, 64)
    if job is None:
        assert (parsed.image, parsed.view.quality) == ("a b", 90)
        return
    assert parsed == Job(job.image, job.view, job.output, job.faults, query)


DOORS = ["DeepZoom=b.dzi", "DeepZoom=b_files/9/0_0.jpg", "Zoomify=b/ImageProperties.xml"]
DOORS += ["IIIF=b/info.json", "IIIF=b/full/max/0/default.jpg"]


@pytest.mark.parametrize("door", DOORS)
def test_what_is_set_before_another_door_holds(door):
    job = parse(f"GAM=0.5&MINMAX=1:2,3&SDS=4,5&CTW=1,0&CMP=jet&{door}", 64)
    cuts = (Cut(0, 2.0, 3.0),)
    assert job.view == View(gamma=0.5, cuts=cuts, angles=(4, 5), mix=((1.0, 0.0),), colormap="jet")
    assert job.image == "b"


def test_the_image_of_another_door_is_its_own():
    job = parse("FIF=a&MINMAX=1:2,3&DeepZoom=b.dzi", 64)
    assert (job.image, job.view.cuts) == ("b", (Cut(0, 2.0, 3.0),))


def test_a_job_of_another_door_knows_what_the_request_set_itself():
    assert parse("CNT=1&CMP=grey&DeepZoom=b.dzi", 64).said == {"contrast", "colormap"}
    assert parse("DeepZoom=b.dzi", 64).said == frozenset()
    assert parse("CNT=1&DeepZoom=b.dzi&GAM=2", 64).said == {"contrast"}
    assert parse("CNT=2&FIF=b&JTL=0,0", 64).said is None
    assert parse("CNT=1&IIIF=b/full/max/0/default.jpg", 64).said == {"contrast", "flip", "rotation"}


def test_iiif_says_the_turn_and_the_quality_unless_it_is_the_default():
    begin = "COL=gray&ROT=90&IIIF=b/full/max"
    assert parse(f"{begin}/180/color.jpg", 64).view == View(rotation=180)
    assert parse(f"{begin}/0/default.jpg", 64).view == View(palette="gray")


def test_parts_of_a_path_of_iiif_are_decoded_once():
    assert parse("IIIF=a%2Fb+%2525/info.json", 64).image == "a/b %25"


def test_questions_keep_what_came_before_them():
    query = "FIF=a&OBJ=Max-Size&ROT=90&MINMAX=1:2,3&obj=IIP,1.0&obj=max-size&OBJ=Colorspace,*,*"
    cuts = (Cut(0, 2.0, 3.0),)
    asked = (
        Question("max-size"),
        Question("max-size", 90, cuts),
        Question("colorspace", 90, cuts),
    )
    assert parse(query, 64).output == Objects(asked, versioned=True)


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("OBJ=max-size", [("1 3", "max-size")]),
        ("FIF=a&OBJ=No-Such-Thing", [("3 2", "no-such-thing")]),
        ("FIF=a&OBJ=IIP,2.0", [("3 2", "iip,2.0")]),
        ("FIF=a&OBJ", [("3 2", "obj")]),
        ("FIF=a&bar=1&OBJ=foo&OBJ=max-size", [("2 2", "bar"), ("3 2", "foo")]),
    ],
)
def test_errors_that_do_not_end_a_request_are_kept_in_order(query, faults):
    assert list(parse(query, 64).faults) == faults


def test_the_server_can_be_asked_without_an_image():
    job = parse("OBJ=IIP,1.0&OBJ=IIP-server", 64)
    assert job.output == Objects((Question("iip-server"),), versioned=True)


def test_commands_are_counted():
    assert parse("&".join(["INV"] * 64), 64).view.inverted
    with pytest.raises(BadArgument, match="more than 64 commands"):
        parse("&".join(["INV"] * 65), 64)


COMMANDS = [row.name for row in (*MODIFIERS, *OUTPUTS)] + ["FIF", "OBJ", "FOO"]
ARGUMENTS = st.one_of(
    st.text(max_size=30),
    st.text("0123456789.,;:-+eE[]!%xnaif ", max_size=60),
    st.sampled_from(["9" * 5000, "1e999", "nan", "%00", "%ff%fe", "a_files/1/2_3.jpg"]),
)
QUERIES = st.lists(st.tuples(st.sampled_from(COMMANDS), ARGUMENTS), max_size=12).map(
    lambda pairs: "&".join(f"{name}={argument}" for name, argument in pairs)
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(QUERIES, st.text(max_size=200)))
def test_any_text_gives_a_job_or_is_refused(query):
    try:
        job = parse(query, 64)
    except Refused as refused:
        assert 400 <= refused.status < 500
    else:
        assert hash(job.view) == hash(parse(query, 64).view)


def test_what_is_asked_again_is_the_same_job():
    query = "FIF=a&GAM=0.5&JTL=0,0"
    assert parse(query, 64) is parse("".join(query), 64)
    with pytest.raises(BadArgument):  # the limit is part of what is asked
        parse(query, 2)


def test_long_queries_are_not_kept():
    query = "FIF=a&CTW=" + "1," * 300 + "&JTL=0,0"
    assert parse(query, 64) is not parse(query, 64)
    assert parse(query, 64) == parse(query, 64)


def test_a_query_means_the_same_after_any_other():
    queries = [
        "FIF=a&GAM=2&JTL=0,1",
        "FIF=a&GAM=2&JTL=0,2",
        "FIF=a&GAM=2&MINMAX=1:0,5",
        "FIF=a&GAM=2&obj=max-size",
        "FIF=a&GAM=2&obj=nonsense",
        "FIF=a&GAM=2",
        "FIF=a&GAM=2&FIF=b&JTL=0,1",
        "FIF=a&GAM=2&JTL=0,1&GAM=3",
        "obj=nonsense&obj=iip-server",
        "obj=nonsense&FIF=a&JTL=1,1",
    ]
    before = [parse(query, 64) for query in queries]
    assert [parse(query, 64) for query in reversed(queries)] == before[::-1]
    assert before[0].output == Tile(0, 1)
    assert before[0].view == before[1].view == View(gamma=2)
    assert before[2].view == View(gamma=2, cuts=(Cut(0, 0, 5),))
    assert before[3].output == Objects((Question("max-size"),))
    assert before[4].output is None
    assert before[5].output is None
    assert before[6].image == "b"
    assert before[7].view.gamma == 2


def test_a_limit_is_that_of_the_request_at_hand():
    query = "FIF=a&GAM=2&JTL=0,1"
    assert parse(query, 3).output == Tile(0, 1)
    with pytest.raises(BadArgument):
        parse(query, 2)
    assert parse(query, 3).output == Tile(0, 1)

import json

import pytest

from iipastro.errors import Fault
from iipastro.geometry import Size
from iipastro.handlers import objects
from iipastro.handlers.objects import serve_faults, serve_objects
from iipastro.images.source import Level, Range
from iipastro.jobs import Job, Objects, Question
from iipastro.protocol.commands import OBJECTS
from iipastro.view import Cut, View

TEXTS = {
    "copyright": b"a 100%s %n b",
    "subject": b"LATPOLE =                 90.0".ljust(80) + b"NAXIS   = 2".ljust(80),
    "author": b"me\n",
}


@pytest.fixture
def ask(ramp, shelve):
    def asked(*names, settings=None, versioned=False, **facts):
        image = ramp(**facts)
        service = shelve(settings, a=image)
        questions = tuple(n if isinstance(n, Question) else Question(n) for n in names)
        job = Job("a", View(), Objects(questions, versioned), text="FIF=a&x")
        return serve_objects(job, job.output, service.catalog.open("a"), service)

    return asked


@pytest.mark.parametrize(
    ("name", "line"),
    [  # spec 2.3
        ("iip-server", b"IIP-server:3.65"),
        ("iip-opt-comm", b"IIP-opt-comm:CVT CNT QLT JTL JTLS WID HEI RGN MINMAX SHD CMP INV CTW"),
        ("max-size", b"Max-size:10 7"),
        ("tile-size", b"Tile-size:4 4"),
        ("resolution-number", b"Resolution-number:2"),
        ("resolutions", b"Resolutions:5 3,10 7"),
        ("bits-per-channel", b"Bits-per-channel:32"),
        ("horizontal-views", b"Horizontal-views:0"),
        ("vertical-views", b"Vertical-views:90"),
        ("colorspace", b"Colorspace,0-1,0:0 0 3 3 0 1 2"),
        ("min-max-sample-values", b"Min-Max-sample-values: 0  10"),
        (
            "basic-info",
            (
                b"IIP-server:3.65\r\nMax-size:10 7\r\nResolution-number:2\r\n"
                b"Colorspace,0-1,0:0 0 3 3 0 1 2"
            ),
        ),
    ],
)
def test_an_object_is_a_line(ask, name, line):
    assert ask(name).body == b"\r\n" + line + b"\r\n"


def test_the_first_line_is_the_protocol(ask):
    assert ask("max-size", versioned=True).body == b"IIP:1.0\r\nMax-size:10 7\r\n"


def test_cuts_are_interleaved_with_no_blank_at_the_end(ask):  # spec A.3, 3
    cuts = (Range(-1.5, 20.0), Range(0.0, 1e6))
    body = ask("min-max-sample-values", channels=2, cuts=cuts).body
    assert body == b"\r\nMin-Max-sample-values: -1.5  20  0  1000000\r\n"


def test_cuts_are_those_that_minmax_left(ask):
    question = Question("min-max-sample-values", cuts=(Cut(0, 1.0, 2.0), Cut(7, 3.0, 4.0)))
    assert ask(question).body == b"\r\nMin-Max-sample-values: 1  2\r\n"


def test_a_turned_image_changes_its_sides(ask):
    assert ask(Question("max-size", rotation=270)).body == b"\r\nMax-size:7 10\r\n"
    assert ask(Question("max-size", rotation=180)).body == b"\r\nMax-size:10 7\r\n"


@pytest.mark.parametrize(
    ("color", "levels", "line"),
    [
        ("grey", 2, b"Colorspace,0-1,0:0 0 1 1 0"),
        ("lab", 2, b"Colorspace,0-1,0:1 0 4 3 0 1 2"),
        ("rgb", 101, b"Colorspace,0-100,0:0 0 3 3 0 1 "),
    ],
)
def test_the_colour_space_is_cut_at_31_characters(ask, color, levels, line):
    level = Level(Size(10, 7), Size(4, 4))
    assert ask("colorspace", color=color, levels=(level,) * levels).body == b"\r\n" + line + b"\r\n"


def test_texts_are_sent_as_they_are(ask):
    body = ask("copyright", "author", metadata=TEXTS).body
    assert body == b"\r\ncopyright/12:a 100%s %n b\r\nauthor/3:me\n\r\n"


def test_a_summary_holds_what_exists(ask):
    lines = ask("summary-info", metadata=TEXTS).body.split(b"\r\n")
    assert [line.partition(b"/")[0] for line in lines[1:-1]] == [
        b"copyright",
        b"subject",
        b"author",
    ]


def test_a_missing_text_is_no_line_beside_others(ask):
    assert ask("title", "max-size").body == b"\r\nMax-size:10 7\r\n"


def test_a_missing_text_alone_is_an_error_that_quotes_the_request(ask):
    response = ask("title")
    assert (response.status, response.body) == (400, b"Error/11:2 1 FIF=a&x\r\n")


def test_latpole_can_be_left_out(ask):
    body = ask("subject", settings={"images.hide_latpole": "yes"}, metadata=TEXTS).body
    assert body == b"\r\nsubject/80:" + b"NAXIS   = 2".ljust(80) + b"\r\n"
    assert b"LATPOLE" in ask("subject", metadata=TEXTS).body


def test_density_is_told_where_known(ask):
    body = ask("dpi", "tile-size", dots_per_metre=(2834.5, 2834.5)).body
    assert body == b"\r\nDPI:2834.500000 2834.500000\r\nTile-size:4 4\r\n"
    assert ask("dpi", "tile-size").body == b"\r\nTile-size:4 4\r\n"


def test_all_texts_come_as_json(ask):
    response = ask("metadata", metadata={"author": b'a"b\n\xff'})
    assert dict(response.headers)["Content-Type"] == "application/json"
    assert json.loads(response.body) == {"author": 'a"b\n�'}
    assert json.loads(ask("stack").body) == []
    assert ask("stack", "tile-size").body == b"\r\nstack:[]\r\nTile-size:4 4\r\n"


def test_every_object_has_an_answer():
    answered = set(objects.ANSWERS) | set(objects.CONSTANTS) | set(objects.JSON_ANSWERS)
    texts = {row.name for row in OBJECTS if row.name not in answered}
    assert answered <= {row.name for row in OBJECTS}
    assert texts == {
        "summary-info",
        "copyright",
        "title",
        "subject",
        "author",
        "keywords",
        "comment",
        "last-author",
        "rev-number",
        "edit-time",
        "last-printed",
        "create-dtm",
        "last-save-dtm",
        "app-name",
    }
    assert {row.name for row in OBJECTS if not row.of_image} == set(objects.CONSTANTS)


@pytest.mark.parametrize(
    ("fault", "line"),
    [  # spec A.3, 4 to 6
        (Fault("2 2", "FOO"), b"Error/7:2 2 FOO"),
        (Fault("3 2", "foo"), b"Error/7:3 2 foo"),
        (Fault("1 3", "max-size"), b"Error/12:1 3 max-size"),
        (Fault("1 3", ""), b"Error/4:1 3 "),
        (Fault("2 1", "FIF=/a/very/long/path/to/image.tif"), b"Error/38:2 1 FIF=/a/very/long/p"),
        (Fault("2 2", "a\r\nb"), b"Error/14:2 2 a\\x0d\\x0ab"),
    ],
)
def test_an_error_line_is_cut_at_31_characters(fault, line):
    response = serve_faults([fault])
    assert (response.status, response.body) == (400, line + b"\r\n")
    headers = dict(response.headers)
    assert headers["Content-Type"] == "application/vnd.netfpx"
    assert headers["Cache-Control"] == "no-cache"


def test_errors_come_in_order():
    body = serve_faults([Fault("2 2", "a"), Fault("3 2", "b")]).body
    assert body == b"Error/5:2 2 a\r\nError/5:3 2 b\r\n"

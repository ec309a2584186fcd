import dataclasses
import typing

import pytest

from iipastro import jobs
from iipastro.cache.memory import Memory, weight_of_answer
from iipastro.cache.tiers import Tiers
from iipastro.errors import NotFound
from iipastro.handlers import HANDLERS, serve
from iipastro.handlers.fresh import NONE, Conditions
from iipastro.protocol.iip import parse

MODIFIED = 784111777


def test_every_output_has_a_handler():
    assert set(HANDLERS) == set(typing.get_args(jobs.Output))


@pytest.fixture
def ask(ramp, shelve):
    service = shelve(a=ramp())
    return lambda query, given=NONE: serve(parse(query, 64), given, service)


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("FIF=a", b"Error/9:2 1 FIF=a\r\n"),
        ("FIF=a&FOO=1", b"Error/7:2 2 FOO\r\n"),
        ("JTL=0,0", b"Error/4:1 3 \r\n"),
        ("PFL=0:0,0", b"Error/4:1 3 \r\n"),
        ("SPECTRA=0,0,0,0", b"Error/4:1 3 \r\n"),
        ("FIF=a&OBJ=foo&OBJ=max-size", b"Error/7:3 2 foo\r\n"),
        ("FIF=a&bar=1&OBJ=foo", b"Error/7:2 2 bar\r\nError/7:3 2 foo\r\n"),
        ("OBJ=max-size&FIF=a&OBJ=tile-size", b"Error/12:1 3 max-size\r\n"),
    ],
)
def test_an_iip_error_is_the_whole_answer(ask, query, body):
    response = ask(query)
    assert (response.status, response.body) == (400, body)


@pytest.mark.parametrize(
    "query", ["FIF=a&FOO=1&JTL=0,0", "FIF=a&OBJ=foo&JTL=0,0", "FIF=a&JTL=0,0&OBJ=foo"]
)
def test_a_picture_is_sent_in_spite_of_errors(ask, query):  # spec 11.3
    assert ask(query) == ask("FIF=a&JTL=0,0")


def test_an_unknown_command_does_not_stop_text_answers(ask):
    assert ask("FIF=a&FOO=1&OBJ=max-size").body == b"\r\nMax-size:10 7\r\n"


def test_a_missing_image_is_not_found_before_any_other_error(ask):
    with pytest.raises(NotFound):
        ask("FIF=b&FOO=1&OBJ=foo")


@pytest.mark.parametrize("query", ["FIF=a&JTL=0,0", "FIF=a&OBJ=max-size", "FIF=a&FOO=1&CVT=jpeg"])
def test_a_good_copy_is_not_sent_again(ask, query):  # spec 1.7
    assert ask(query, Conditions(since=MODIFIED)).status == 304
    assert ask(query, Conditions(since=MODIFIED - 1)) == ask(query)


@pytest.mark.parametrize("query", ["FIF=a", "FIF=a&FOO=1", "FIF=a&OBJ=foo&OBJ=max-size"])
def test_an_error_is_told_whatever_the_client_has(ask, query):  # RFC 9110, 13.2.1
    tag = dict(ask("FIF=a&OBJ=max-size").headers)["ETag"]
    for given in (Conditions(since=MODIFIED), Conditions(tag), Conditions("*")):
        assert ask(query, given) == ask(query)
        assert ask(query, given).status == 400


@pytest.mark.parametrize("query", ["FIF=a&JTL=99,0", "FIF=a&JTL=0,9999"])
def test_what_is_not_there_is_not_found_whatever_the_client_has(ask, query):
    with pytest.raises(NotFound):
        ask(query, Conditions(since=MODIFIED))


@pytest.mark.parametrize("query", ["FIF=a&JTL=0,0", "FIF=a&OBJ=max-size", "FIF=a&PFL=0:0,0"])
def test_an_answer_about_an_image_says_how_old_it_is(ask, query):
    headers = dict(ask(query).headers)
    assert headers["Last-Modified"] == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert headers["Cache-Control"] == "max-age=86400"


def test_an_answer_about_the_server_has_no_age(ask):
    headers = dict(ask("OBJ=IIP-server").headers)
    assert "Last-Modified" not in headers
    assert headers["Cache-Control"] == "max-age=86400"


def test_an_error_is_never_cached(ask):
    assert dict(ask("FIF=a").headers)["Cache-Control"] == "no-cache"


# ---- what a client has


EVERY_KIND = [
    "FIF=a&JTL=0,0", "FIF=a&PTL=0,0", "FIF=a&CVT=jpeg", "FIF=a&OBJ=max-size", "FIF=a&PFL=0:0,0",
    "FIF=a&SPECTRA=0,0,0,0", "FIF=a&TIL=0,0", "DeepZoom=a.dzi", "DeepZoom=a_files/0/0_0.jpg",
    "Zoomify=a/ImageProperties.xml", "Zoomify=a/TileGroup0/0-0-0.jpg", "OBJ=IIP-server",
    "FIF=s&PFL=0:0,0", "FIF=s&SPECTRA=0,0,0,0",
]  # fmt: skip


@pytest.fixture(params=["cached", "made"])
def ask_all(request, ramp, shelve):
    """Ask a service with an image and a sequence, with a cache and without one."""
    tiers = [Memory(1 << 20, weight_of_answer)] if request.param == "cached" else []
    service = dataclasses.replace(shelve(a=ramp(), s={0: ramp(), 90: ramp()}), answers=Tiers(tiers))
    return lambda query, given=NONE: serve(parse(query, 64), given, service)


@pytest.mark.parametrize("query", EVERY_KIND)
def test_everything_with_a_body_has_a_strong_tag(ask_all, query):  # operations.md 4.6
    response = ask_all(query)
    assert response.status == 200
    tag = dict(response.headers)["ETag"]
    assert tag[0] == tag[-1] == '"'
    assert ask_all(query) == response


@pytest.mark.parametrize("query", EVERY_KIND)
@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_what_a_client_has_is_not_sent_again(ask_all, query, form):  # operations.md 4.6
    headers = dict(ask_all(query).headers)
    again = ask_all(query, Conditions(form.format(headers["ETag"])))
    assert (again.status, again.body) == (304, b"")
    for name in ("ETag", "Cache-Control"):
        assert dict(again.headers)[name] == headers[name]
    assert ask_all(query, Conditions('"x"')).status == 200


def test_a_known_tag_costs_no_pixels(ramp, shelve):
    image = ramp()
    service = shelve(a=image)
    tag = dict(serve(parse("FIF=a&JTL=0,0", 64), NONE, service).headers)["ETag"]
    image.read_tile = None
    assert serve(parse("FIF=a&JTL=0,0", 64), Conditions(tag), service).status == 304


def test_no_copy_of_what_does_not_exist_is_good(ask_all):
    with pytest.raises(NotFound):
        ask_all("FIF=a&JTL=9,0", Conditions("*"))


@pytest.mark.parametrize("query", ["FIF=a", "FIF=a&OBJ=foo"])
def test_an_error_has_no_tag(ask_all, query):
    response = ask_all(query, Conditions("*"))
    assert response.status == 400
    assert "ETag" not in dict(response.headers)


def test_answers_do_not_depend_on_what_was_asked_before(ask_all):  # operations.md 4.9
    pairs = [(first, second) for first in EVERY_KIND for second in EVERY_KIND]
    pairs += [("FIF=a&GAM=2&MINMAX=1:0,5&JTL=0,0", query) for query in EVERY_KIND]
    first_time = {query: ask_all(query) for pair in pairs for query in pair}
    for first, second in pairs:
        assert ask_all(first) == first_time[first]
        assert ask_all(second) == first_time[second]


def test_two_names_of_one_image_share_an_answer_and_no_name(ramp, shelve):  # operations.md 4.10
    image = ramp()
    tiers = Tiers([Memory(1 << 20, weight_of_answer)])
    service = dataclasses.replace(shelve(a=image, b=image), answers=tiers)
    first, second = (serve(parse(f"FIF={n}&CVT=png", 64), NONE, service) for n in "ab")
    assert first.body is second.body
    names = [dict(each.headers)["Content-Disposition"] for each in (first, second)]
    assert names == ['inline;filename="a.png"', 'inline;filename="b.png"']

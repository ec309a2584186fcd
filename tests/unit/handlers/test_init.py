import typing

import pytest

from iipastro import jobs
from iipastro.errors import NotFound, NotModified
from iipastro.handlers import HANDLERS, serve
from iipastro.protocol.iip import parse

MODIFIED = 784111777


def test_every_output_has_a_handler():
    assert set(HANDLERS) == set(typing.get_args(jobs.Output))


@pytest.fixture
def ask(ramp, shelve):
    service = shelve(a=ramp())
    return lambda query, since=None: serve(parse(query, 64), since, service)


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


@pytest.mark.parametrize("query", ["FIF=a&JTL=0,0", "FIF=a&OBJ=max-size", "FIF=a", "FIF=a&FOO=1"])
def test_a_good_copy_is_not_sent_again(ask, query):  # spec 1.7
    with pytest.raises(NotModified):
        ask(query, MODIFIED)
    assert ask(query, MODIFIED - 1) == ask(query)


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

"""The lines of the logs: one each, whatever a client sends."""

from __future__ import annotations

import re

import pytest

from iipastro.log.lines import access_line, escaped, request_target

ASKED = {
    "REQUEST_METHOD": "GET",
    "REQUEST_URI": "/fcgi-bin/iipsrv.fcgi?FIF=m51.ptif&JTL=3,4",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "192.0.2.7",
    "REMOTE_USER": "ann",
    "HTTP_REFERER": "https://example.org/sky",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11)",
}


@pytest.fixture(autouse=True)
def _paris(monkeypatch):
    import time

    monkeypatch.setenv("TZ", "CET-1")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_request_is_written_as_nginx_does_and_with_its_seconds():
    assert access_line(ASKED, 200, 12345, 0.00123456, 1000000000.9) == (
        "192.0.2.7 - ann [09/Sep/2001:02:46:40 +0100]"
        ' "GET /fcgi-bin/iipsrv.fcgi?FIF=m51.ptif&JTL=3,4 HTTP/1.1" 200 12345'
        ' "https://example.org/sky" "Mozilla/5.0 (X11)" 0.001235'
    )


def test_what_the_web_server_does_not_tell_is_a_dash():
    assert access_line({}, 400, 0, 0.0, 1000000000.0) == (
        '- - - [09/Sep/2001:02:46:40 +0100] "GET - HTTP/1.0" 400 0 "-" "-" 0.000000'
    )


def test_no_client_writes_a_line_or_a_field_of_its_own():
    hostile = 'x" 200 1 "-" "\r\n192.0.2.8 - - \x00\x1b\\\xe9\u2603'
    line = access_line(dict.fromkeys(ASKED, hostile), 200, 1, 0.1, 1000000000.0)
    assert line.isascii()
    assert line.isprintable()
    assert line.count('"') == 6
    combined = r'\S+(?: \S+)* - \S+ \[[^]]+\] "[^"]*" 200 1 "[^"]*" "[^"]*" 0\.100000'
    assert re.fullmatch(combined, line)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("FIF=a.tif&JTL=0,0~!", "FIF=a.tif&JTL=0,0~!"),
        ('"', r"\x22"),
        ("\\x41", r"\x5Cx41"),
        ("a\nb\x7f\xe9", r"a\x0Ab\x7F\xE9"),
    ],
)
def test_what_is_strange_is_escaped_as_nginx_does(text, written):
    assert escaped(text) == written


@pytest.mark.parametrize(
    ("environ", "target"),
    [
        ({"REQUEST_URI": "/a%20b?c", "SCRIPT_NAME": "/a b"}, "/a%20b?c"),
        ({"SCRIPT_NAME": "/x", "PATH_INFO": "/y", "QUERY_STRING": "FIF=z"}, "/x/y?FIF=z"),
        ({"SCRIPT_NAME": "/x"}, "/x"),
        ({"QUERY_STRING": "FIF=z"}, "?FIF=z"),
        ({}, "-"),
    ],
)
def test_the_target_of_a_request_is_what_is_known_of_it(environ, target):
    assert request_target(environ) == target

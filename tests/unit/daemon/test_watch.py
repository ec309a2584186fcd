"""What is seen of a request while it is answered and after."""

from __future__ import annotations

import logging

import pytest

from iipastro.daemon.scoreboard import Scoreboard
from iipastro.daemon.watch import Sight, page_of, watched
from iipastro.log import Logs
from iipastro.response import answer

PAGES = {"/status": "status", "/ping": "ping"}
ASKED = {"SCRIPT_NAME": "/x", "QUERY_STRING": "FIF=a", "REQUEST_URI": "/x?FIF=a"}


class Lines(list):
    """A target that keeps what it gets."""

    def write(self, line, text):
        self.append(line)


class Scene:
    """A worker with a scoreboard, an access log, and a responder that tests replace."""

    def __init__(self, **settings):
        self.board = Scoreboard(2)
        self.slot = self.board.take(0)
        self.lines = Lines()
        self.seen = []
        logs = Logs(settings.get("access", self.lines), ())
        sight = Sight(
            self.board, self.slot, logs, PAGES, settings.get("slow", 0.0), lambda: (3, 2, 1)
        )
        self.respond = settings.get("respond", self.usual)
        self.watched = watched(self.respond, sight)

    def usual(self, environ, body):
        self.seen.append((self.slot.since > 0, self.slot.asked))
        return answer("text/plain", b"12345")

    @property
    def sums(self):
        return self.board.read()[1]


def test_a_request_is_seen_while_it_lasts_and_counted_when_it_is_over():
    scene = Scene()
    assert scene.watched(ASKED, b"").body == b"12345"
    assert scene.seen == [(True, "/x?FIF=a")]
    assert scene.slot.since == 0
    assert (scene.sums.requests, scene.sums.sent, scene.sums.statuses[0]) == (1, 5, 1)
    assert scene.sums.tiers == (3, 2, 1)


def test_a_request_is_written_into_the_access_log_if_there_is_one():
    scene = Scene()
    scene.watched(ASKED, b"")
    (line,) = scene.lines
    assert '"GET /x?FIF=a HTTP/1.0" 200 5 ' in line
    silent = Scene(access=None)
    silent.watched(ASKED, b"")
    assert silent.sums.requests == 1


class Gone(BaseException):
    """As the worker has it for a client that is gone."""


@pytest.mark.parametrize(("error", "place"), [(Gone, 9), (RuntimeError, 10)])
def test_a_request_that_is_not_answered_is_over_too(error, place):
    def fail(environ, body):
        raise error

    scene = Scene(respond=fail)
    with pytest.raises(error):
        scene.watched(ASKED, b"")
    assert scene.slot.since == 0
    assert scene.sums.statuses[place] == 1
    assert len(scene.lines) == 1


@pytest.mark.parametrize(("slow", "count"), [(0.0, 0), (1e-9, 1), (60.0, 0)])
def test_a_slow_request_is_told_and_counted(slow, count, caplog):
    logging.getLogger("iipastro.slow").propagate = True
    scene = Scene(slow=slow)
    scene.watched({**ASKED, "REQUEST_URI": '/x?"\n'}, b"")
    told = [r.getMessage() for r in caplog.records if r.name == "iipastro.slow"]
    assert scene.sums.slow == len(told) == count
    for text in told:
        assert text.startswith("slow: 0.00")
        assert text.endswith(r's, status 200, 5 bytes: "/x?\x22\x0A"')


def test_ping_is_answered_without_the_service_and_leaves_no_trace():
    scene = Scene(respond=None)
    response = scene.watched({"SCRIPT_NAME": "/ping"}, b"")
    assert (response.status, response.body) == (200, b"pong\n")
    assert dict(response.headers)["Cache-Control"] == "no-store"
    assert (scene.sums.requests, scene.lines) == (0, [])


def test_the_status_is_answered_without_the_service_and_leaves_no_trace():
    scene = Scene(respond=None)
    assert b"\nrequests " in scene.watched({"SCRIPT_NAME": "/status"}, b"").body
    assert (scene.sums.requests, scene.lines) == (0, [])


def test_head_gets_no_body():
    scene = Scene(respond=None)
    assert scene.watched({"SCRIPT_NAME": "/ping", "REQUEST_METHOD": "HEAD"}, b"").body == b""


@pytest.mark.parametrize(
    ("environ", "page"),
    [
        ({"SCRIPT_NAME": "/status"}, "status"),
        ({"SCRIPT_NAME": "", "PATH_INFO": "/ping"}, "ping"),
        ({"SCRIPT_NAME": "/sta", "PATH_INFO": "tus"}, "status"),
        ({"SCRIPT_NAME": "/status", "PATH_INFO": "/x"}, ""),
        ({"SCRIPT_NAME": "/x", "REQUEST_URI": "/status"}, ""),
        ({"HTTP_IIPASTRO_PAGE": "status"}, ""),
        ({"IIPASTRO_PAGE": "status", "SCRIPT_NAME": "/x"}, "status"),
        ({"IIPASTRO_PAGE": "other"}, ""),
        ({}, ""),
    ],
)
def test_a_page_is_where_the_web_server_says(environ, page):
    assert page_of(environ, PAGES) == page
    if "IIPASTRO_PAGE" not in environ:
        assert page_of(environ, {}) == ""

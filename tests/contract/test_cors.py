"""CORS and nosniff are on every answer, whatever its status (operations 4.5, R27)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from iipastro.config import load_config
from iipastro.handlers.exports import Exports
from iipastro.handlers.service import build_service
from iipastro.wsgi import respond

ORIGIN = "https://pages.example.org"
ALLOWED = "https://a.example, https://*.example.org:443"


class Full(Exports):
    """No slot is ever free."""

    def __init__(self):
        super().__init__(0)


@pytest.fixture
def ask(data):
    """A function that answers a request from a page of ORIGIN."""

    def asked(query="", method="GET", body=b"", origins=ALLOWED, origin=ORIGIN, **environ):
        settings = {"images.root": str(data), "cors.origins": origins}
        service = replace(build_service(load_config([], {}, settings).config), exports=Full())
        environ |= {"REQUEST_METHOD": method, "QUERY_STRING": query, "HTTP_ORIGIN": origin}
        response = respond(environ, body, service)
        service.catalog.close()
        return response

    return asked


IMAGE = "FIF=multi5_1k.ptif"
REQUESTS = [
    ({}, 200),
    ({"query": f"{IMAGE}&JTL=0,0"}, 200),
    ({"query": f"{IMAGE}&JTL=0,0", "method": "HEAD"}, 200),
    ({"query": f"{IMAGE}&OBJ=max-size"}, 200),
    ({"query": f"{IMAGE}&PFL=0:0,0-9,0"}, 200),
    ({"query": f"{IMAGE}&WID=64&CVT=png"}, 200),
    ({"query": f"{IMAGE}&TIL=0,0"}, 200),
    ({"body": f"{IMAGE}&OBJ=max-size".encode(), "method": "POST"}, 200),
    ({"method": "OPTIONS"}, 204),
    ({"query": f"{IMAGE}&JTL=0,0", "HTTP_IF_MODIFIED_SINCE": "Fri, 01 Jan 2100 00:00:00 GMT"}, 304),
    ({"query": f"{IMAGE}&OBJ=none"}, 400),
    ({"query": f"{IMAGE}&JTL=-1,0"}, 400),
    ({"query": "FIF=none.ptif&JTL=0,0"}, 404),
    ({"query": "FIF=none.ptif&JTL=0,0", "method": "HEAD"}, 404),
    ({"query": "FIF=../multi5_1k.ptif&JTL=0,0"}, 404),
    ({"method": "DELETE"}, 405),
    ({"method": "POST", "body": b"x" * 65537}, 413),
    ({"query": "x" * 8193}, 414),
    ({"query": f"{IMAGE}&WID=1024&CVT=jpeg"}, 503),
    ({"query": f"{IMAGE}&TIL=2,0-15"}, 503),
]


@pytest.mark.parametrize(("request_", "status"), REQUESTS)
def test_a_page_that_may_read_answers_may_read_every_one(ask, request_, status):
    response = ask(**request_)
    assert response.status == status
    headers = dict(response.headers)
    assert len(headers) == len(response.headers)  # none stands there twice
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["Vary"] == "Origin"
    assert status in (204, 304) or headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("request_", "status"), REQUESTS)
@pytest.mark.parametrize("origin", ["", "null", "https://example.org", "https://evil-example.org"])
def test_another_page_may_read_none(ask, request_, status, origin):
    response = ask(**request_, origin=origin)
    assert response.status == status
    headers = dict(response.headers)
    assert "Access-Control-Allow-Origin" not in headers
    assert headers["Vary"] == "Origin"


@pytest.mark.parametrize(("request_", "_"), REQUESTS)
def test_what_all_may_read_is_the_same_for_all(ask, request_, _):
    headers = dict(ask(**request_, origins="*").headers)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in headers


def test_who_finds_no_slot_for_an_export_may_ask_again_in_a_second(ask):  # operations R23
    response = ask(f"{IMAGE}&WID=1024&CVT=jpeg")
    assert response.status == 503
    assert dict(response.headers)["Retry-After"] == "1"


@pytest.mark.parametrize("query", ["JTL=0,0", "WID=256&CVT=jpeg", "PFL=0:0,0-9,0", "OBJ=max-size"])
def test_what_is_short_goes_on_beside_exports(ask, query):
    assert ask(f"{IMAGE}&{query}").status == 200

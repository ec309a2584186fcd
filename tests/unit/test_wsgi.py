import dataclasses
import io
import json
import time

import pytest

from iipastro.config import load_config
from iipastro.errors import Busy, NotFound
from iipastro.handlers.service import Service
from iipastro.pixels import pipeline
from iipastro.protocol import Door
from iipastro.response import SERVER
from iipastro.wsgi import make_app, respond


class Broken:
    """A catalogue in which every image is a bug, a secret, or missing."""

    def open(self, name, angles):
        if name == "missing":
            raise NotFound(f"no image {name}")
        if name == "busy":
            raise Busy("being made")
        raise RuntimeError("/srv/secret/path")


@pytest.fixture
def ask():
    def asked(query="", method="GET", body=b"", settings=None, **environ):
        overrides = {"cors.origins": "*"} | (settings or {})
        config = load_config([], {}, overrides).config
        service = Service(config, Broken(), pipeline.render, config.http.uri_map)
        environ = {"REQUEST_METHOD": method, "QUERY_STRING": query, **environ}
        return respond(environ, body, service)

    return asked


def test_an_empty_query_is_answered_with_a_page(ask):
    response = ask()
    assert response.status == 200
    assert dict(response.headers)["Content-Type"].startswith("text/html")
    assert b"iipastro" in response.body


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ({"query": "OBJ=IIP-server"}, 200),
        ({"query": "OBJ=IIP-server", "method": "HEAD"}, 200),
        ({"body": b"OBJ=IIP-server", "method": "POST"}, 200),
        ({"method": "OPTIONS"}, 204),
        ({"query": "FIF=a&JTL=-1,0"}, 400),
        ({"query": "FIF=missing&JTL=0,0"}, 404),
        ({"method": "DELETE"}, 405),
        ({"method": "POST", "body": b"x" * 70000}, 413),
        ({"query": "x" * 8193}, 414),
        ({"query": "x" * 8193, "body": b"x"}, 414),
        ({"query": "x" * 8193, "method": "POST", "body": b"x"}, 414),
        ({"body": b"x" * 9000, "method": "POST"}, 400),
        ({"query": "&".join(["INV"] * 65)}, 400),
        ({"query": "FIF=a&JTL=0,0"}, 500),
        ({"query": "FIF=busy&JTL=0,0"}, 503),
    ],
)
def test_every_answer_has_its_status_and_cors(ask, request_, status):
    response = ask(**request_)
    assert response.status == status
    headers = dict(response.headers)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert status == 204 or headers["X-Content-Type-Options"] == "nosniff"


def test_a_failure_tells_nothing_and_is_logged(ask, caplog):
    response = ask("FIF=a&JTL=0,0")
    assert b"secret" not in response.body
    assert dict(response.headers)["Content-Type"].startswith("text/plain")
    assert "secret" in caplog.text


def test_a_failure_is_logged_with_the_request_it_was(ask, caplog):
    settings = {"http.uri_map": "/dz=>DeepZoom"}
    ask(settings=settings, REQUEST_URI='/dz/a"\xe9.dzi')
    ask("FIF=a&JTL=0,0", SCRIPT_NAME="/f")
    assert [record.getMessage() for record in caplog.records] == [
        r"a request failed: /dz/a\x22\xE9.dzi",
        "a request failed: /f?FIF=a&JTL=0,0",
    ]


def test_who_comes_too_early_is_told_when_to_come_back(ask, caplog):
    response = ask("FIF=busy&JTL=0,0")
    assert dict(response.headers)["Retry-After"] == "10"
    assert dict(response.headers)["Cache-Control"] == "no-cache"
    assert caplog.text == ""  # nothing is wrong


def test_errors_are_plain_text_and_echo_only_the_clients_own_words(ask):  # operations.md R27
    response = ask("FIF=missing&JTL=0,0")
    assert response.body == b"no image missing\n"
    assert dict(response.headers)["Content-Type"].startswith("text/plain")


def test_head_has_the_headers_of_get_and_no_body(ask):
    got, head = ask("OBJ=IIP-server"), ask("OBJ=IIP-server", method="HEAD")
    assert (head.headers, head.body) == (got.headers, b"")
    assert dict(head.headers)["Content-Length"] == str(len(got.body))


def test_a_preflight_names_methods_and_headers(ask):
    headers = dict(ask(method="OPTIONS").headers)
    assert headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST, OPTIONS"
    for name in ("If-Modified-Since", "If-None-Match", "Cache-Control"):
        assert name in headers["Access-Control-Allow-Headers"]


def test_an_unknown_method_is_told_the_known_ones(ask):
    assert dict(ask(method="PUT").headers)["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_an_allowed_origin_is_echoed(ask):
    settings = {"cors.origins": "https://a.org, https://b.org"}
    headers = dict(ask("FIF=missing", settings=settings, HTTP_ORIGIN="https://b.org").headers)
    assert headers["Access-Control-Allow-Origin"] == "https://b.org"
    assert headers["Vary"] == "Origin"


def test_a_list_of_origins_is_one_more_of_what_an_answer_depends_on(ramp_service):
    """One line in all: nginx 1.22 heeds the last one alone."""
    config = load_config([], {}, {"cors.origins": "https://a.org, https://b.org"}).config
    service = dataclasses.replace(ramp_service, config=config)
    environ = {"QUERY_STRING": "IIIF=x/info.json", "HTTP_HOST": "h.org"}
    for origin in ("https://b.org", "https://evil.org"):
        headers = respond({**environ, "HTTP_ORIGIN": origin}, b"", service).headers
        assert [value for name, value in headers if name == "Vary"] == ["Accept, Origin"]
        assert ("Access-Control-Allow-Origin", origin) in headers or origin == "https://evil.org"


def test_a_missing_method_is_get():
    service = Service(load_config([], {}, {}).config, Broken(), pipeline.render)
    assert respond({"QUERY_STRING": "OBJ=IIP-server"}, b"", service).status == 200


MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT"


@pytest.mark.parametrize(
    ("date", "status"),
    [
        (MODIFIED, 304),
        ("Sun, 06 Nov 1994 08:49:38 GMT", 304),
        ("Sun, 06 Nov 1994 08:49:36 GMT", 200),
        ("Sun Nov  6 08:49:37 1994", 304),
        ("Sun Nov  6 08:49:36 1994", 200),
        ("Sun, 06 Nov 1994 08:49:36 -0000", 200),
        ("yesterday", 200),
        ("", 200),
        ("Sun, 99 Nov 1994 99:99:99 GMT", 200),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_a_date_that_makes_no_sense_is_passed_over(ramp_service, monkeypatch, zone, date, status):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    environ = {"QUERY_STRING": "FIF=a&OBJ=max-size", "HTTP_IF_MODIFIED_SINCE": date}
    response = respond(environ, b"", ramp_service)
    assert response.status == status
    headers = dict(response.headers)
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Cache-Control"] == "max-age=86400"


def test_what_a_client_has_is_told_with_all_that_caches_need(ramp_service):  # operations.md 4.6
    config = load_config([], {}, {"cors.origins": "https://a.org, https://b.org"}).config
    service = dataclasses.replace(ramp_service, config=config)
    environ = {"QUERY_STRING": "FIF=a&OBJ=max-size", "HTTP_ORIGIN": "https://b.org"}
    tag = dict(respond(environ, b"", service).headers)["ETag"]
    known = respond({**environ, "HTTP_IF_NONE_MATCH": tag}, b"", service)
    assert (known.status, known.body) == (304, b"")
    assert dict(known.headers) == {
        "Server": SERVER[1],
        "ETag": tag,
        "Last-Modified": MODIFIED,
        "Cache-Control": "max-age=86400",
        "Access-Control-Allow-Origin": "https://b.org",
        "Vary": "Origin",
        "Access-Control-Expose-Headers": "ETag, Content-Disposition, Retry-After",
    }


def test_a_tag_goes_before_a_date(ramp_service):  # RFC 9110, 13.2.2
    environ = {"QUERY_STRING": "FIF=a&OBJ=max-size", "HTTP_IF_MODIFIED_SINCE": MODIFIED}
    assert respond(environ, b"", ramp_service).status == 304
    environ["HTTP_IF_NONE_MATCH"] = '"another"'
    assert respond(environ, b"", ramp_service).status == 200


@pytest.mark.parametrize(("method", "status"), [("GET", 304), ("HEAD", 304), ("POST", 200)])
def test_a_form_is_answered_whatever_the_client_has(ramp_service, method, status):
    environ = {"REQUEST_METHOD": method, "HTTP_IF_NONE_MATCH": "*"}
    environ |= {} if method == "POST" else {"QUERY_STRING": "FIF=a&OBJ=max-size"}
    assert respond(environ, b"FIF=a&OBJ=max-size", ramp_service).status == status


@pytest.fixture
def ramp_service():
    from types import SimpleNamespace

    from iipastro.geometry import Size
    from iipastro.images.catalog import Opened
    from iipastro.images.source import Identity, ImageInfo, Level

    level = Level(Size(10, 7), Size(4, 4))
    info = ImageInfo(Identity(1, 2, 3, 784111777 * 10**9), (level,), 1, "u1", 8, "grey", ())
    opened = Opened(type("Source", (), {"info": info})())
    catalog = SimpleNamespace(open=lambda name, angles: opened)
    config = load_config([], {}, {"cors.origins": "*"}).config
    return Service(config, catalog, pipeline.render)


def test_the_wsgi_face_passes_everything_on(ramp_service):
    seen = []
    app = make_app(ramp_service)
    form = b"FIF=a&OBJ=max-size"
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_LENGTH": str(len(form)),
        "wsgi.input": io.BytesIO(form),
    }
    body = app(environ, lambda status, headers: seen.append((status, dict(headers))))
    assert body == [b"\r\nMax-size:10 7\r\n"]
    assert seen[0][0] == "200 OK"
    assert seen[0][1]["Content-Length"] == "17"


def test_a_path_of_iiif_is_answered_as_the_request_says_where_it_is(ramp_service):
    service = dataclasses.replace(ramp_service, uri_map=(Door("/iiif", "IIIF"),))
    environ = {"REQUEST_URI": "/iiif/x/info.json", "HTTP_HOST": "h.org", "HTTPS": "on"}
    response = respond(environ, b"", service)
    assert json.loads(response.body)["id"] == "https://h.org/iiif/x"
    assert ("Vary", "Accept") in response.headers
    tag = dict(response.headers)["ETag"]
    known = respond({**environ, "HTTP_IF_NONE_MATCH": tag}, b"", service)
    assert (known.status, ("Vary", "Accept") in known.headers) == (304, True)
    elsewhere = respond({**environ, "HTTP_HOST": "evil.org"}, b"", service)
    assert dict(elsewhere.headers)["ETag"] != tag


def test_a_bare_identifier_is_redirected(ramp_service):
    environ = {"QUERY_STRING": "IIIF=x", "REQUEST_URI": "/f?IIIF=x", "HTTP_HOST": "h.org"}
    response = respond(environ, b"", ramp_service)
    assert response.status == 303
    assert dict(response.headers)["Location"] == "http://h.org/f?IIIF=x/info.json"

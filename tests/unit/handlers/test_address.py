"""Where a client finds an image, and in which version it is told of it."""

from __future__ import annotations

import pytest

from iipastro.config import load_config
from iipastro.errors import BadArgument
from iipastro.handlers.address import addressed
from iipastro.protocol import Door, request_of

DOORS = (
    Door("/iiif/2", "IIIF2"),
    Door("/iiif/3", "IIIF3"),
    Door("/iiif", "IIIF"),
)


def job_of(uri, settings=None, **environ):
    """Return the addressed job of a request."""
    overrides = {f"iiif.{key}": value for key, value in (settings or {}).items()}
    config = load_config([], {}, overrides).config
    query = uri.partition("?")[2]
    environ = {"HTTP_HOST": "h.org", "REQUEST_URI": uri, "QUERY_STRING": query, **environ}
    reader, text = request_of(environ, b"", DOORS)
    return addressed(reader(text, 64), environ, config)


def base_of(uri, settings=None, **environ):
    return job_of(uri, settings, **environ).output.base


@pytest.mark.parametrize(
    ("uri", "base"),
    [
        ("/iiif/a.tif/info.json", "/iiif/a.tif"),
        ("/iiif/a.tif", "/iiif/a.tif"),
        ("/iiif/a.tif/", "/iiif/a.tif"),
        ("/iiif/3/x/y.tif/full/max/0/default.jpg", "/iiif/3/x/y.tif"),
        ("/iiif/2/x%2Fy%20z%25.tif/info.json?v=1", "/iiif/2/x%2Fy%20z%25.tif"),
        ("/iiif/a+b%2Bc.tif/info.json", "/iiif/a+b%2Bc.tif"),
        ("/iiif/\xc3\xa9.tif/info.json", "/iiif/%C3%A9.tif"),
        ('/iiif/a"<b>\\.tif/info.json', "/iiif/a%22%3Cb%3E%5C.tif"),
        ("/iiif/a.fits[2][1]/info.json", "/iiif/a.fits[2][1]"),
        ("/f?IIIF=a.tif/info.json", "/f?IIIF=a.tif"),
        ("/f?iiif=a.tif", "/f?iiif=a.tif"),
        ("/f?GAM=0.5&IIIF=x/a.tif/full/max/0/default.jpg", "/f?GAM=0.5&IIIF=x/a.tif"),
        ("/f?INV&&CMP=jet&IIIF=a.tif/info.json&GAM=2", "/f?INV=INV&CMP=jet&IIIF=a.tif"),
    ],
)
def test_an_image_is_where_the_client_asked_for_it(uri, base):
    assert base_of(uri) == f"http://h.org{base}"


@pytest.mark.parametrize(
    ("https", "scheme"), [("", "http"), ("off", "http"), ("on", "https"), ("1", "https")]
)
def test_the_scheme_is_that_of_the_web_server(https, scheme):
    assert base_of("/iiif/a/info.json", HTTPS=https) == f"{scheme}://h.org/iiif/a"


def test_headers_that_a_client_may_send_say_nothing():  # operations.md 4.10
    forwarded = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_HOST": "evil.org"}
    told = {"HTTP_X_IIIF_ID": "https://evil.org/a", "HTTP_FORWARDED": "host=evil.org"}
    assert base_of("/iiif/a/info.json", **forwarded, **told) == "http://h.org/iiif/a"


@pytest.mark.parametrize("host", ["h.org:8080", "127.0.0.1:1", "[::1]:8000", "localhost"])
def test_a_host_may_have_a_port(host):
    assert base_of("/iiif/a/info.json", HTTP_HOST=host) == f"http://{host}/iiif/a"


@pytest.mark.parametrize(
    "host", ["", "h.org/x", "a b", "h.org:", "h:99999999", 'h"', "a@b", "h\r\nX: y", "\xe9", "a,b"]
)
def test_a_host_that_is_none_is_refused_where_it_is_needed(host):
    for uri in ("/iiif/a/info.json", "/iiif/a"):
        with pytest.raises(BadArgument, match="host"):
            base_of(uri, HTTP_HOST=host)
    assert base_of("/iiif/a/full/max/0/default.jpg", HTTP_HOST=host) == ""


@pytest.mark.parametrize(
    ("setting", "base"),
    [
        ("https://e.org", "https://e.org/iiif/3/x%2Fa.tif"),
        ("https://e.org/", "https://e.org/iiif/3/x%2Fa.tif"),
        ("https://e.org/img/", "https://e.org/img/x%2Fa.tif"),
        ("https://e.org/img", "https://e.org/img/x%2Fa.tif"),
        ("https://e.org/f?IIIF=", "https://e.org/f?IIIF=x%2Fa.tif"),
    ],
)
def test_the_configuration_may_say_where_images_are(setting, base):
    settings = {"base_url": setting}
    assert base_of("/iiif/3/x%2Fa.tif/info.json", settings, HTTP_HOST="") == base


def test_settings_in_the_query_stand_in_the_url_of_the_image():
    settings = {"base_url": "https://e.org/f?IIIF="}
    uri = "/f?GAM=0.5&IIIF=a.tif/info.json"
    assert base_of(uri, settings) == "https://e.org/f?GAM=0.5&IIIF=a.tif"


@pytest.mark.parametrize(
    ("told", "base"),
    [
        ("https://proxy.org/i/a%20b", "https://proxy.org/i/a%20b"),
        ("", "http://h.org/iiif/a"),
        ("/i/a", "http://h.org/iiif/a"),
        ("ftp://proxy.org/a", "http://h.org/iiif/a"),
        ('https://proxy.org/"', "http://h.org/iiif/a"),
        ("https://proxy.org/>;rel=x", "http://h.org/iiif/a"),
        ("https://proxy.org/a b", "http://h.org/iiif/a"),
        ("https://proxy.org/a\r\nX: y", "http://h.org/iiif/a"),
        ("https://" + "x" * 2001, "http://h.org/iiif/a"),
    ],
)
def test_a_proxy_may_say_it_where_it_is_believed(told, base):
    settings = {"id_header": "X-IIIF-ID"}
    assert base_of("/iiif/a/info.json", settings, HTTP_X_IIIF_ID=told) == base
    settings["base_url"] = "https://e.org"
    assert base_of("/iiif/a/info.json", settings, HTTP_X_IIIF_ID=told) == "https://e.org/iiif/a"


@pytest.mark.parametrize("name", ["a%20b.tif", "%C0%A5"])  # the second is no UTF-8
@pytest.mark.parametrize("uri", ["/f", "/f?", "/f?x=1"])
def test_a_form_asks_in_the_words_of_a_query(name, uri):
    config = load_config([], {}, {}).config
    environ = {"HTTP_HOST": "h.org", "REQUEST_URI": uri, "REQUEST_METHOD": "POST"}
    reader, text = request_of(environ, f"GAM=0.5&IIIF={name}/info.json".encode(), ())
    base = addressed(reader(text, 64), environ, config).output.base
    assert base == f"http://h.org/f?GAM=0.5&IIIF={name}"


@pytest.mark.parametrize(
    ("uri", "query", "base"),
    [
        ("/img/a.tif/info.json", "IIIF=a.tif/info.json", "/img/a.tif"),
        ("/img/a.tif/info.json?v=1", "IIIF=a.tif/info.json", "/img/a.tif"),
        ("/img/a.tif", "IIIF=a.tif", "/img/a.tif"),
        ("/img/a.tif/", "IIIF=a.tif/", "/img/a.tif"),
        ("/img/x/y/a.tif", "IIIF=x/y/a.tif", "/img/x/y/a.tif"),
        ("/img/x%2Fa.tif/info.json", "IIIF=x/a.tif/info.json", "/img/x%2Fa.tif"),
        ("/a/full/max/0/default.jpg", "IIIF=a/full/max/0/default.jpg", "/a"),
        ("/dark/a/info.json", "GAM=0.5&IIIF=a/info.json", "/dark/a"),  # the rewriting says so
    ],
)
def test_a_path_that_the_web_server_rewrites_is_what_the_client_knows(uri, query, base):
    assert base_of(uri, QUERY_STRING=query) == f"http://h.org{base}"
    told = {"base_url": "https://e.org"}
    assert base_of(uri, told, QUERY_STRING=query) == f"https://e.org{base}"


def test_a_rewritten_path_has_its_identifier_behind_the_url_that_is_configured():
    query = {"QUERY_STRING": "IIIF=x/a%20b.tif/info.json"}
    told = {"base_url": "https://e.org/iiif"}
    base = base_of("/img/x%2Fa%20b.tif/info.json", told, **query)
    assert base == "https://e.org/iiif/x/a%20b.tif"


def test_without_a_uri_the_query_is_what_there_is():
    assert base_of("", QUERY_STRING="GAM=2&IIIF=a/info.json") == "http://h.org/?GAM=2&IIIF=a"


def test_what_is_too_long_for_a_header_is_in_none():
    settings = f"CTW={'1,' * 2000}&IIIF=a"
    assert len(base_of(f"/f?{settings}/info.json")) > 4000
    assert base_of(f"/f?{settings}/full/max/0/default.jpg") == ""
    with pytest.raises(BadArgument, match="too long"):
        base_of(f"/f?{settings}")


THREE = 'application/ld+json;profile="http://iiif.io/api/image/3/context.json"'
TWO = THREE.replace("/3/", "/2/")


@pytest.mark.parametrize(
    ("uri", "setting", "accept", "version", "linked"),
    [
        ("/iiif/a/info.json", "3", "", 3, True),
        ("/iiif/a/info.json", "3", "*/*", 3, True),
        ("/iiif/a/info.json", "3", "application/json", 3, False),
        ("/iiif/a/info.json", "3", "application/json;q=0.9, application/ld+json", 3, True),
        ("/iiif/a/info.json", "3", TWO, 2, True),
        ("/iiif/a/info.json", "2", "", 2, False),
        ("/iiif/a/info.json", "2", "Application/LD+JSON", 2, True),
        ("/iiif/a/info.json", "2", THREE, 3, True),
        ("/iiif/a/info.json", "2", THREE.replace("/3/", "/1/"), 2, True),
        ("/iiif/2/a/info.json", "3", THREE, 2, True),
        ("/iiif/3/a/info.json", "2", "", 3, True),
        ("/f?IIIF=a/info.json", "2", "", 2, False),
    ],
)
def test_version_and_type_are_as_path_client_and_server_agree(
    uri, setting, accept, version, linked
):
    output = job_of(uri, {"version": setting}, HTTP_ACCEPT=accept).output
    assert (output.version, output.linked) == (version, linked)
    assert output.of_both == ("/iiif/a" in uri or "/f" in uri)


@pytest.mark.parametrize(
    ("parameters", "version", "good"),
    [
        ("full/full/0/default.jpg", "2", True),
        ("full/full/0/default.jpg", "3", False),
        ("full/^max/0/default.jpg", "3", True),
        ("full/^max/0/default.jpg", "2", False),
        ("full/max/0/native", "2", True),
        ("full/max/0/native", "3", False),
        ("full/9,/0/default.jpg", "2", True),
        ("full/9,/0/default.jpg", "3", True),
    ],
)
def test_an_image_is_asked_for_in_the_words_of_its_version(parameters, version, good):

    def ask(uri):
        return job_of(uri, {"version": version}, HTTP_ACCEPT=TWO).output.version

    other = 5 - int(version)
    assert ask(f"/iiif/a/{parameters}") == (int(version) if good else other)
    if good:
        assert ask(f"/iiif/{version}/a/{parameters}") == int(version)
    else:
        with pytest.raises(BadArgument, match=f"version {version}"):
            ask(f"/iiif/{version}/a/{parameters}")


@pytest.mark.parametrize(
    ("name", "delimiter", "image", "angles"),
    [
        ("a;3", '";"', "a", (3, 90)),
        ("x/a%3B012", '";"', "x/a", (12, 90)),
        ("a;b;3", '";"', "a;b", (3, 90)),
        ("a;b", '";"', "a;b", (0, 90)),
        ("a;-3", '";"', "a;-3", (0, 90)),
        ("a;3", "", "a;3", (0, 90)),
        ("a--3", "--", "a", (3, 90)),
    ],
)
def test_a_page_is_the_angle_of_a_sequence(name, delimiter, image, angles):
    job = job_of(f"/iiif/{name}/info.json", {"delimiter": delimiter})
    assert (job.image, job.view.angles) == (image, angles)
    assert job.output.base == f"http://h.org/iiif/{name}"
    assert ("angles" in job.said) == (angles != (0, 90))

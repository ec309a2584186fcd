import pytest

from iipastro.response import (
    answer,
    attachment,
    bodiless,
    cgi_head,
    cors,
    last_modified,
    reason,
    refusal,
)

ALLOW = "Access-Control-Allow-Origin"
VARY = {"Vary": "Origin"}
SEVERAL = ("https://a.org", "https://*.b.org", "http://localhost:8000")


@pytest.mark.parametrize(
    ("origin", "allowed", "headers"),
    [
        ("https://a.org", (), {}),
        ("https://a.org", ("*",), {ALLOW: "*"}),
        ("", ("*",), {ALLOW: "*"}),
        ("https://a.org", SEVERAL, {ALLOW: "https://a.org", "Vary": "Origin"}),
        ("https://x.b.org", SEVERAL, {ALLOW: "https://x.b.org", "Vary": "Origin"}),
        ("https://b.org", SEVERAL, {"Vary": "Origin"}),
        ("https://evilb.org", SEVERAL, {"Vary": "Origin"}),
        ("http://x.b.org", SEVERAL, {"Vary": "Origin"}),
        ("https://evil.org/.b.org", SEVERAL, {"Vary": "Origin"}),
        ("https://a.org.evil.org", SEVERAL, {"Vary": "Origin"}),
        ("http://localhost:8000", SEVERAL, {ALLOW: "http://localhost:8000", "Vary": "Origin"}),
        ("", SEVERAL, {"Vary": "Origin"}),
        ("null", SEVERAL, {"Vary": "Origin"}),
        ("null", ("null", "https://a.org"), {ALLOW: "null", "Vary": "Origin"}),
        ("https://a.org", ("https://b.org", "*"), {ALLOW: "*"}),
        ("https://A.org", SEVERAL, {"Vary": "Origin"}),  # no browser writes it so
        ("https://a.org:8443", SEVERAL, {"Vary": "Origin"}),
        ("http://localhost:80000", SEVERAL, {"Vary": "Origin"}),
        ("https://x.y.b.org", SEVERAL, {ALLOW: "https://x.y.b.org", "Vary": "Origin"}),
        ("https://x.b.org:8443", SEVERAL, {"Vary": "Origin"}),
        ("https://x.b.org:81", ("https://*.b.org:81",), {ALLOW: "https://x.b.org:81"} | VARY),
        ("https://x.b.org", ("https://*.b.org:81",), VARY),
        ("https://.b.org", SEVERAL, VARY),
        ("https://x..b.org", SEVERAL, VARY),
        ("https://evil.org:1.b.org", SEVERAL, VARY),
        ("https://user@x.b.org", SEVERAL, VARY),
        ("https://x.b.org\r\nSet-Cookie: c.b.org", SEVERAL, VARY),
        ("https://\xe9.b.org", SEVERAL, VARY),
    ],
)
def test_one_origin_of_an_allow_list_is_echoed(origin, allowed, headers):
    found = dict(cors(origin, allowed))
    shown = found.pop("Access-Control-Expose-Headers", "")
    assert found == headers
    assert ("ETag" in shown) == (ALLOW in headers)


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("m51.jpg", "m51.jpg"),
        ('a"\r\nSet-Cookie: b.jpg', "a___Set-Cookie__b.jpg"),
        ("é.jpg", "_.jpg"),
        ("a b+c_d-1.2.jpg", "a_b+c_d-1.2.jpg"),
    ],
)
def test_a_file_name_cannot_end_its_header(name, safe):
    assert attachment("inline", name) == ("Content-Disposition", f'inline;filename="{safe}"')


def test_an_answer_says_its_type_and_length():
    headers = dict(answer("image/jpeg", b"12345").headers)
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Length"] == "5"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_an_error_is_never_cached():
    response = refusal(404, b"no")
    assert response.status == 404
    assert dict(response.headers)["Cache-Control"] == "no-cache"
    assert dict(response.headers)["Content-Type"] == "text/plain; charset=utf-8"


def test_dates_are_written_as_rfc_1123_says():
    assert last_modified(784111777) == ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")


def test_an_answer_knows_its_type():
    assert answer("image/png", b"x").mime == "image/png"
    assert bodiless(304).mime == ""


def test_without_its_body_an_answer_tells_the_length_it_would_have():
    response = answer("image/png", b"picture")
    assert response.without_body().headers == response.headers
    assert response.without_body().body == b""
    assert dict(response.headers)["Content-Length"] == "7"


def test_a_head_ends_with_an_empty_line():
    lines = cgi_head(200, answer("text/plain", b"x").headers).split(b"\r\n")
    assert lines[-2:] == [b"", b""]
    assert not any(line.startswith(b"Status") for line in lines)


def test_a_status_other_than_200_comes_first():
    assert cgi_head(304, (("ETag", '"x"'),)).startswith(b"Status: 304 Not Modified\r\n")
    assert reason(404) == "Not Found"


def test_an_origin_longer_than_any_is_not_echoed_whole():
    origin = "https://" + "a." * 200 + "example.org"
    headers = dict(answer("text/plain", b"").with_cors(origin, ("https://*.example.org",)).headers)
    assert headers.get("Access-Control-Allow-Origin") != origin

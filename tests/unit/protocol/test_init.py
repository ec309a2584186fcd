import pytest

from iipastro.protocol import UriMap, request_string


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("/iip/a/b.tif", "FIF=a/b.tif"),
        ("/iip/a.tif?x=1", "FIF=a.tif"),
        ("/iipx/a.tif", "Q"),
        ("/iip/", "Q"),
        ("/other", "Q"),
        ("", "Q"),
    ],
)
def test_a_mapped_path_names_the_image(uri, expected):
    environ = {"REQUEST_URI": uri, "QUERY_STRING": "Q"}
    assert request_string(environ, b"", UriMap("iip", "FIF")) == expected


def test_an_empty_prefix_maps_every_path():
    environ = {"REQUEST_URI": "/a.dzi"}
    assert request_string(environ, b"", UriMap("", "DeepZoom")) == "DeepZoom=a.dzi"


@pytest.mark.parametrize(
    ("environ", "body", "expected"),
    [
        ({"QUERY_STRING": "FIF=a"}, b"", "FIF=a"),
        ({}, b"", ""),
        ({"REQUEST_METHOD": "POST"}, b"FIF=a\r\n", "FIF=a"),
        ({"REQUEST_METHOD": "POST", "QUERY_STRING": "FIF=b"}, b"FIF=a", "FIF=b"),
        ({"REQUEST_METHOD": "GET"}, b"FIF=a", ""),
    ],
)
def test_the_request_is_the_query_or_the_form(environ, body, expected):
    assert request_string(environ, body, None) == expected

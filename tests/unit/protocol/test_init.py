import pytest

from iipastro.errors import BadArgument
from iipastro.jobs import GridTile, IiifInfo, IiifRedirect, Job, Sheet, Tile
from iipastro.protocol import PROTOCOLS, Door, iip, request_of
from iipastro.view import View

MAP = (
    Door("/zoom/deep", "DeepZoom"),
    Door("/zoom", "Zoomify"),
    Door("/api", "VisiOmatic3"),
    Door("/iip", "IIP"),
)


def asked(uri, uri_map=MAP):
    """Return the protocol and the text of a request."""
    reader, text = request_of({"REQUEST_URI": uri, "QUERY_STRING": "Q"}, b"", uri_map)
    names = {row.reader: name for name, row in PROTOCOLS.items()} | {iip.parse: "query"}
    return names[reader], text


@pytest.mark.parametrize(
    ("uri", "protocol", "text"),
    [
        ("/iip/a/b.tif", "IIP", "a/b.tif"),
        ("/iip/a.tif?x=1", "IIP", "a.tif"),
        ("/zoom/a%20b", "Zoomify", "a%20b"),
        ("/zoom/deep/a", "DeepZoom", "a"),
        ("/zoom/deeper/a", "Zoomify", "deeper/a"),
        ("/zoom/deep", "Zoomify", "deep"),  # of a prefix alone a shorter one makes a name
        ("/api", "VisiOmatic3", "Q"),
        ("/api/tiles?x", "VisiOmatic3", "Q"),
        ("/apix", "query", "Q"),
        ("/iipx/a.tif", "query", "Q"),
        ("/iip/", "query", "Q"),
        ("/other", "query", "Q"),
        ("", "query", "Q"),
    ],
)
def test_the_path_says_which_protocol_is_spoken(uri, protocol, text):
    assert asked(uri) == (protocol, text)


def test_an_empty_prefix_maps_every_path():
    assert asked("/a/b.dzi", (Door("", "DeepZoom"),)) == ("DeepZoom", "a/b.dzi")


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
    assert request_of(environ, body, ()) == (iip.parse, expected)
    mapped = {**environ, "REQUEST_URI": "/api"}
    assert request_of(mapped, body, MAP) == (PROTOCOLS["VisiOmatic3"].reader, expected)


@pytest.mark.parametrize(
    ("protocol", "path", "image", "output"),
    [
        ("IIP", "a%20b.tif&JTL=1,2", "a b.tif", Tile(1, 2)),
        ("DeepZoom", "a+b%25.tif.dzi", "a b%.tif", Sheet("deepzoom")),
        ("DeepZoom", "x&y=1_files/9/3_2.jpg", "x&y=1", GridTile("deepzoom", 9, 3, 2)),
        ("Zoomify", "a%2Fb/TileGroup0/2-1-0.jpg", "a/b", GridTile("zoomify", 2, 1, 0)),
        ("IIIF", "a%2Fb&c=d%2525/info.json", "a/b&c=d%25", IiifInfo()),
        ("IIIF2", "a", "a", IiifRedirect(2)),
        ("IIIF3", 600 * "a" + "/info.json", 600 * "a", IiifInfo(3)),
    ],
)
def test_a_path_names_the_image_and_what_is_wanted(protocol, path, image, output):
    job = PROTOCOLS[protocol].reader(path, 64)
    assert (job.image, job.view, job.output) == (image, View(), output)


def test_a_path_that_means_nothing_is_refused():
    with pytest.raises(BadArgument):
        PROTOCOLS["DeepZoom"].reader("a.tif", 64)


def test_what_a_path_of_iiif_says_of_the_view_is_said():
    job = PROTOCOLS["IIIF3"].reader("a/full/max/!90/gray.jpg", 64)
    assert job.view == View(flip=1, rotation=90, palette="gray")
    assert job.said == {"flip", "rotation", "palette"}


@pytest.mark.parametrize(
    ("protocol", "text"),
    [
        ("IIIF", "{}/info.json"),
        ("DeepZoom", "{}_files/0/0_0.jpg"),
        ("Zoomify", "{}/TileGroup0/0-0-0.jpg"),
        ("VisiOmatic3", "FIF={}&JTL=0,0"),
    ],
)
def test_what_is_asked_again_is_the_same_job_unless_it_is_long(protocol, text):
    for name, same in (("a", True), (600 * "a", False)):
        first, second = (PROTOCOLS[protocol].reader(text.format(name), 64) for _ in range(2))
        assert (first is second) is same
        assert first == second


def test_a_path_is_the_text_that_an_error_quotes():
    assert PROTOCOLS["Zoomify"].reader("a/ImageProperties.xml", 64) == Job(
        "a", View(), Sheet("zoomify"), (), "a/ImageProperties.xml", frozenset()
    )

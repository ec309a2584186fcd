"""Hostile identifiers and numbers: the statuses of operations.md, and nothing from outside.

They are sent as a web server passes them on, byte by byte; what nginx
refuses by itself would not be tried otherwise.
"""

from __future__ import annotations

import shutil

import pytest

pytestmark = pytest.mark.integration

NAME = "odd_r.ptif"
DOORS = {  # what of an image is asked for
    "IIIF 2": "/iiif/2/{}/full/100,/0/default.jpg",
    "IIIF 3": "/iiif/3/{}/full/100,/0/default.jpg",
    "info.json": "/iiif/{}/info.json",
    "DeepZoom": "/dz/{}_files/8/0_0.jpg",
    "sheet of DeepZoom": "/dz/{}.dzi",
    "Zoomify": "/zoomify/{}/TileGroup0/0-0-0.jpg",
    "sheet of Zoomify": "/zoomify/{}/ImageProperties.xml",
}


@pytest.fixture(scope="module")
def site(doors, data):
    images = doors.images
    beside = images.with_name("images-secret")
    beside.mkdir()
    for folder in (images, images.parent, beside):
        shutil.copy(data / NAME, folder / ("secret.ptif" if folder != images else NAME))
    (images / "link.ptif").symlink_to(images.parent / "secret.ptif")
    (images / "folder.ptif").mkdir()
    (images / "notes.txt").write_text("no image\n" * 20)
    return doors("[limits]\nmax_output = 2000")


@pytest.fixture
def ask(site, fcgi, door_folder):
    """Ask for a path as nginx would; no answer tells where the images are."""

    def asked(path, **variables):
        variables = {"HTTP_HOST": "example.org", **variables}
        answer = fcgi.ask(site.path, REQUEST_URI=path, **variables)
        assert answer.status == 200 or str(door_folder).encode() not in answer.body
        return answer

    return asked


def test_an_honest_path_is_answered_by_every_door(ask):
    for path in DOORS.values():
        assert ask(path.format(NAME)).status == 200, path


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    "identifier",
    [
        *("../secret.ptif", "..%2Fsecret.ptif", "%2e%2e/secret.ptif", "%2E%2E%2Fsecret.ptif"),
        *("..%252Fsecret.ptif", "folder.ptif/../../secret.ptif", "....//secret.ptif"),
        *("..%5csecret.ptif", "%c0%ae%c0%ae/secret.ptif", "%u002e%u002e/secret.ptif"),
        *("../images-secret/secret.ptif", "-secret/secret.ptif", "%2Fetc%2Fpasswd", "%2e%2e"),
        *(
            "link.ptif",
            "folder.ptif",
            "notes.txt",
            "odd_r.ptif.",
            "odd_r.ptif%20",
        ),
        *(
            "*",
            "odd_%3F.ptif",
            "odd_[r].ptif",
            "%7Eroot",
            "nothing.ptif",
            "x" * 300,
            "a/" * 600 + "x",
        ),
        *("odd_r.ptif%0d%0aX-Mine:%20yes", "%ff%fe", "odd_r.ptif%1b[31m", "\xf0\x9f\x94\xad"),
    ],
)
def test_what_is_no_image_below_the_root_is_not_there(ask, door, identifier):
    answer = ask(DOORS[door].format(identifier))
    assert answer.status == 404
    assert "x-mine" not in answer.headers
    assert answer.body.strip().isascii()
    assert answer.body.strip().decode().isprintable()


@pytest.mark.parametrize("door", DOORS)
def test_a_path_beyond_the_limit_is_too_long(ask, door):
    assert ask(DOORS[door].format("x" * 9000)).status == 414


HUGE = "9" * 400
REGIONS = (
    *(
        "0,0,0,0",
        "0,0,5,0",
        "0,0,-1,5",
        "-1,0,5,5",
        "1237,0,5,5",
        "0,811,5,5",
        f"{HUGE},0,5,5",
        f"0,0,{HUGE},5",
    ),
    *(
        "1.5,0,5,5",
        "0,0,5",
        "0,0,5,5,5",
        "0,0,5,",
        "0,0,1e2,5",
        "0x0,0,5,5",
        "%D9%A3,0,5,5",
        "a,b,c,d",
    ),
    *(
        "pct:0,0,0,10",
        "pct:100,0,10,10",
        "pct:-1,0,10,10",
        "pct:nan,0,1,1",
        "pct:0,0,inf,1",
        "pct:",
    ),
    *("pct:0,0,10", "pct:1e400,0,1,1", "", "Square!", "full,", " 0,0,5,5"),
)
SIZES = (
    *(
        "0,",
        ",0",
        "0,0",
        "-1,",
        ",-1",
        "1.5,",
        "1e2,",
        "0x10,",
        ",",
        "",
        "^",
        "!",
        "!5",
        "!0,5",
        "5",
    ),
    *(
        "!5,0",
        "1,2,3",
        "a,b",
        "%D9%A3,",
        "pct:",
        "pct:0",
        "pct:-5",
        "pct:nan",
        "pct:inf",
        "pct:1e400",
    ),
    *(
        "%20",
        "!!5,5",
        "^^5,",
        "maximum",
        "pct:0.000001e",
        "5 ,",
        "pct:٣".encode().decode("latin-1"),
    ),
)
ROTATIONS = ("45", "-90", "!!0", "361", "720", "1e2", "nan", "", "!", "90,", "0x0", "%D9%A0", HUGE)
ENDS = (
    *("default.gif", "default.jp2", "default.pdf", ".jpg", "x.jpg", "default.jpg.png"),
    *("default.JPGX", "bitonal.exe", "."),
)


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("place", "text"),
    [*((0, text) for text in REGIONS), *((1, text) for text in SIZES),
     *((2, text) for text in ROTATIONS), *((3, text) for text in ENDS)],
)  # fmt: skip
def test_what_means_nothing_is_a_bad_request(ask, version, place, text):
    words = ["full", "100,", "0", "default.jpg"]
    words[place] = text
    assert ask(f"/iiif/{version}/{NAME}/{'/'.join(words)}").status == 400


@pytest.mark.parametrize(
    "size",
    [
        "2001,",
        ",2001",
        "2001,5",
        "pct:1000",
        f"{HUGE},",
        f",{HUGE}",
        f"pct:{HUGE}",
        "99999999999,1",
    ],
)
def test_an_explicit_size_beyond_the_limits_is_a_bad_request(ask, size):
    assert ask(f"/iiif/2/{NAME}/full/{size}/0/default.jpg").status == 400
    assert ask(f"/iiif/3/{NAME}/full/^{size}/0/default.jpg").status == 400


@pytest.mark.parametrize("size", ["1238,", ",812", "1238,811", "pct:101", "!1300,900", "full"])
def test_version_3_enlarges_only_with_a_caret(ask, size):
    assert ask(f"/iiif/3/{NAME}/full/{size}/0/default.jpg").status == 400


@pytest.mark.parametrize(
    "region", ["0,0,999999999,999999999", "1200,800,99,99", "pct:50,50,1000,999999999"]
)
def test_a_region_that_stands_over_the_edge_is_cropped(ask, region):
    for version in (2, 3):
        assert ask(f"/iiif/{version}/{NAME}/{region}/5,/0/default.jpg").status == 200


@pytest.mark.parametrize(
    "path",
    [
        *("/dz/{}_files/99/0_0.jpg", "/dz/{}_files/8/9_9.jpg", "/dz/{}_files/11/99999999999_0.jpg"),
        *("/zoomify/{}/TileGroup0/99-0-0.jpg", "/zoomify/{}/TileGroup0/0-9-9.jpg"),
    ],
)
def test_a_tile_that_no_level_has_is_not_there(ask, path):
    assert ask(path.format(NAME)).status == 404


@pytest.mark.parametrize(
    "path",
    [
        *("/dz/{}_files/8/-1_0.jpg", "/dz/{}_files/8/0_-1.jpg", "/dz/{}"),
        *("/zoomify/{}/TileGroup0/0--1-0.jpg", "/zoomify/{}/0-0-0.jpg", "/zoomify/{}"),
    ],
)
def test_a_tile_that_none_can_have_is_a_bad_request(ask, path):
    assert ask(path.format(NAME)).status == 400


@pytest.mark.parametrize(
    "host", ["a/b", "a b", "a\r\nX-Mine: yes", "a@b", "", "a:b", "<x>", "\xff"]
)
def test_a_host_that_is_none_gets_into_no_answer(ask, host):
    answer = ask(f"/iiif/3/{NAME}/info.json", HTTP_HOST=host)
    assert "x-mine" not in answer.headers
    assert host == "" or host.encode("latin-1") not in answer.body


@pytest.mark.parametrize(
    "name", ["HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_X_IIIF_ID"]
)
def test_no_other_header_decides_about_the_address(ask, name):
    answer = ask(f"/iiif/3/{NAME}/info.json", **{name: "https://evil.org/x"})
    assert answer.status == 200
    assert b"evil" not in answer.body
    assert b'"http://example.org/iiif/3/odd_r.ptif"' in answer.body

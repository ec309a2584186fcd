"""The demonstration: its site, its image, and what it says when it cannot start."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import tifffile

from iipastro.demo import CLIENT, ENDPOINT, FILES, make_image, read_pages, run_demo, site

CONTENT = {name: f"content of {name}".encode() for _, name, _ in FILES}


@pytest.fixture
def client(tmp_path):
    """Return a folder with the files of the page in it, and a secret beside them."""
    folder = tmp_path / "client"
    for name, content in CONTENT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "secret.txt").write_text("secret")
    return folder


@pytest.fixture
def ask(client):
    """Return a function that asks the site: (method, address) → status, headers, body."""

    def server(environ, start_response):
        start_response("200 OK", [("Content-Type", "image/jpeg")])
        return [b"tile of " + environ["QUERY_STRING"].encode()]

    app = site(read_pages(str(client)), server)

    def asked(method, address, query=""):
        begun = []
        environ = {"REQUEST_METHOD": method, "PATH_INFO": address, "QUERY_STRING": query}
        environ["wsgi.input"] = io.BytesIO()
        body = b"".join(app(environ, lambda status, headers: begun.append((status, headers))))
        ((status, headers),) = begun
        return status, dict(headers), body

    return asked


@pytest.mark.parametrize(
    ("address", "mime", "name"),
    [
        ("/", "text/html; charset=utf-8", "index.html"),
        ("/viewer.js", "text/javascript; charset=utf-8", "viewer.js"),
        ("/viewer.css", "text/css; charset=utf-8", "viewer.css"),
        ("/icon.svg", "image/svg+xml", "icon.svg"),
        (
            "/node_modules/leaflet/dist/leaflet-src.esm.js",
            "text/javascript; charset=utf-8",
            "node_modules/leaflet/dist/leaflet-src.esm.js",
        ),
    ],
)
def test_a_file_of_the_page_has_its_type_and_the_policy(ask, address, mime, name):
    status, headers, body = ask("GET", address)
    assert (status, headers["Content-Type"], body) == ("200 OK", mime, CONTENT[name])
    policy = "default-src 'self'; img-src 'self' data: blob:"
    assert headers["Content-Security-Policy"] == policy
    assert headers["Content-Length"] == str(len(body))
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "address",
    [
        "/secret.txt",
        "/../client/index.html",
        "/etc/passwd",
        "",
        "//",
        "/viewer.js/",
        "/x/iipsrv.fcgi",
    ],
)
def test_nothing_else_is_looked_for(ask, address):
    status, _, body = ask("GET", address)
    assert status == "404 Not Found"
    assert b"secret" not in body


def test_a_head_has_no_body(ask):
    status, headers, body = ask("HEAD", "/viewer.js")
    assert (status, body) == ("200 OK", b"")
    assert headers["Content-Length"] == str(len(CONTENT["viewer.js"]))


def test_a_page_takes_no_form(ask):
    status, headers, _ = ask("POST", "/")
    assert (status, headers["Allow"]) == ("405 Method Not Allowed", "GET, HEAD")


def test_the_endpoint_is_the_image_server(ask):
    assert ask("POST", ENDPOINT, "FIF=a")[2] == b"tile of FIF=a"


def test_the_page_asks_at_the_endpoint_for_the_image_that_is_made():
    text = Path(CLIENT, "index.html").read_text(encoding="utf-8")
    assert f'data-server="{ENDPOINT[1:]}"' in text
    assert 'data-image="sky.ptif"' in text


def test_the_page_holds_no_inline_script_or_style():
    text = Path(CLIENT, "index.html").read_text(encoding="utf-8")
    assert "<style" not in text
    assert " style=" not in text
    assert text.count("<script") == text.count('<script type="module" src="viewer.js">') == 1


def test_the_image_is_made_once(tmp_path, capsys):
    folder = tmp_path / "new" / "demo"
    make_image(str(folder), 256)
    assert capsys.readouterr().out.endswith(": 100 %\n")
    with tifffile.TiffFile(folder / "sky.ptif") as file:
        assert file.pages[0].shape == (256, 256, 5)
    (folder / "sky.ptif").write_bytes(b"kept")
    make_image(str(folder), 256)
    assert (folder / "sky.ptif").read_bytes() == b"kept"
    assert capsys.readouterr().out == ""


def test_a_page_that_is_not_installed_is_said_in_one_line(tmp_path, capsys):
    assert run_demo(str(tmp_path / "demo"), 0, 256, str(tmp_path / "nowhere")) == 1
    assert capsys.readouterr().err == (
        "iipastro: the page is not here: `demo` is for a checkout, after `make client`\n"
    )
    assert not (tmp_path / "demo").exists()

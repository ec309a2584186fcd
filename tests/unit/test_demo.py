"""The demonstration: its site, and what it says when it cannot start."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from iipastro.demo import ENDPOINT, POLICY, read_pages, read_showcase, run_demo, site

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "client_static" / "src"
CONTENT = {
    name: f"content of {name}".encode()
    for name in ("index.html", "assets/viewer-ABC.js", "assets/style-ABC.css", "icon.svg")
}


@pytest.fixture
def client(tmp_path):
    """Return a folder with the files of the page in it, and a secret beside them."""
    folder = tmp_path / "client"
    for name, content in CONTENT.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "LICENSE").write_text("of no type that is served")
    (tmp_path / "secret.txt").write_text("secret")
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
        ("/assets/viewer-ABC.js", "text/javascript; charset=utf-8", "assets/viewer-ABC.js"),
        ("/assets/style-ABC.css", "text/css; charset=utf-8", "assets/style-ABC.css"),
        ("/icon.svg", "image/svg+xml", "icon.svg"),
    ],
)
def test_a_file_of_the_page_has_its_type_and_the_policy(ask, address, mime, name):
    status, headers, body = ask("GET", address)
    assert (status, headers["Content-Type"], body) == ("200 OK", mime, CONTENT[name])
    policy = (
        "default-src 'self'; img-src 'self' blob: data:; "
        "connect-src 'self' https://vizier.unistra.fr https://cdsweb.u-strasbg.fr"
    )
    assert headers["Content-Security-Policy"] == policy
    assert headers["Content-Length"] == str(len(body))
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_policy_lets_pages_ask_the_services_of_the_client_and_the_guide_tells_the_same():
    asked = " ".join((CLIENT / name).read_text() for name in ("ui/catalogs.js", "core/resolver.js"))
    hosts = set(re.findall(r"""(?<=")https://[^/"]+""", asked))
    assert hosts == {"https://vizier.unistra.fr", "https://cdsweb.u-strasbg.fr"}
    assert hosts < set(POLICY[1].split())
    guide = (ROOT / "docs/guide/client.md").read_text()
    assert guide.count(f'add_header Content-Security-Policy "{POLICY[1]}";') == 2


def test_names_with_a_hash_are_kept_for_a_year_and_others_are_asked_for_again(ask):
    kept = ask("GET", "/assets/viewer-ABC.js")[1]["Cache-Control"]
    assert kept == "public, max-age=31536000, immutable"
    assert ask("GET", "/index.html")[1]["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "address",
    ["/secret.txt", "/../secret.txt", "/etc/passwd", "", "//", "/icon.svg/", "/LICENSE", "/x"],
)
def test_nothing_else_is_looked_for(ask, address):
    status, _, body = ask("GET", address)
    assert status == "404 Not Found"
    assert b"secret" not in body


def test_a_head_has_no_body(ask):
    status, headers, body = ask("HEAD", "/icon.svg")
    assert (status, body) == ("200 OK", b"")
    assert headers["Content-Length"] == str(len(CONTENT["icon.svg"]))


def test_a_page_takes_no_form(ask):
    status, headers, _ = ask("POST", "/")
    assert (status, headers["Allow"]) == ("405 Method Not Allowed", "GET, HEAD")


def test_the_endpoint_is_the_image_server(ask):
    assert ask("POST", ENDPOINT, "FIF=a")[2] == b"tile of FIF=a"


def test_the_page_is_told_what_there_is_to_see(tmp_path):
    for name in ("stars.geojson", "galaxies.geojson"):
        (tmp_path / name).write_text(f"{{}} {name}")
    pages = read_showcase(str(tmp_path))
    config = json.loads(pages["/config.json"].body)
    assert config["endpoint"] == ENDPOINT
    for region in config["regions"]:
        assert dict(pages["/" + region["url"]].headers)["Content-Type"] == "application/geo+json"


def test_a_client_that_is_not_built_is_said_in_one_line(tmp_path, capsys):
    nowhere = str(tmp_path / "nowhere")
    assert run_demo(str(tmp_path / "demo"), 0, 256, nowhere) == 1
    assert capsys.readouterr().err == f"iipastro: there is no page in {nowhere}\n"
    assert not (tmp_path / "demo").exists()

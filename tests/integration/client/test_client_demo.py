"""The demonstration, in a browser."""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import sys

import pytest
from PIL import Image

from iipastro.demo import run_demo

pytestmark = pytest.mark.integration

DEMO = """
import sys
from iipastro.demo import run_demo
raise SystemExit(run_demo(sys.argv[1], int(sys.argv[2]), 1500, sys.argv[3]))
"""


@pytest.fixture(scope="module")
def port(dist, start_for_all, tools, tmp_path_factory):
    """Return the port of a running demonstration: a sky of 1500 pixels, 750 and 375."""
    number = tools.free_port()
    folder = tmp_path_factory.mktemp("demo") / "new"
    command = [sys.executable, "-c", DEMO, str(folder), str(number), str(dist)]
    start_for_all(command, ("127.0.0.1", number), PYTHONWARNINGS="default")
    return number


def ask(port: int, target: str) -> tuple[int, str, bytes]:
    """Return status, type and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", target)
        response = connection.getresponse()
        return response.status, response.headers["Content-Type"], response.read()


def test_a_tile_is_a_jpeg_of_the_sky(port):
    query = "FIF=sky.ptif&GAM=0.4545&CTW=0,0,0,0,1;0,0,1,0,0;1,0,0,0,0&JTL=2,35"
    status, kind, body = ask(port, f"/fcgi-bin/iipsrv.fcgi?{query}")
    assert (status, kind) == (200, "image/jpeg")
    with Image.open(io.BytesIO(body)) as tile:
        assert (tile.size, tile.mode) == ((220, 220), "RGB")  # 1500 = 5 × 256 + 220


def test_the_page_shows_the_sky_its_overlays_and_m51(port, run_in_browser):
    run_in_browser("demo.test.js", BASE=f"http://127.0.0.1:{port}")


def test_a_port_that_is_taken_is_said_before_the_image_is_made(dist, tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run_demo(str(tmp_path / "demo"), port, 256, str(dist)) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"iipastro: port {port}, folder ")
    assert "in use" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "demo").exists()

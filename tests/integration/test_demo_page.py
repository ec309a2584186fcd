"""The page of the demonstration, in a browser."""

from __future__ import annotations

import contextlib
import http.client
import io
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from iipastro.demo import CLIENT, run_demo

pytestmark = pytest.mark.integration

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
LEAFLET = Path(CLIENT, "node_modules", "leaflet").is_dir()
WINDOW = 700, 600
FLAGS = (  # nothing of the machine's own browser is used, and nothing is fetched elsewhere
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--hide-scrollbars", f"--window-size={WINDOW[0]},{WINDOW[1]}"),
    "--virtual-time-budget=15000",
)
DEMO = """
import sys
from iipastro.demo import run_demo
raise SystemExit(run_demo(sys.argv[1], int(sys.argv[2]), side=1500))
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Return the port of a running demonstration: a sky of 1500 pixels, 750 and 375."""
    if not LEAFLET:
        pytest.skip("Leaflet is not installed: make client")
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-c", DEMO, str(folder), str(number)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(number, process)
            yield number
        finally:
            process.terminate()
            assert process.wait(20) == 0


def _wait_for(number: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None, "the demonstration has ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", number), 1):
            return
        time.sleep(0.1)
    raise AssertionError("the demonstration does not listen")


@pytest.fixture
def browse(port, tmp_path):
    """Return a function that shows an address in the browser: DOM as text, or a picture."""
    if BROWSER is None:
        pytest.skip("Chromium is not installed")

    def shown(address: str, *options: str) -> bytes:
        command = [BROWSER, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", *options]
        done = subprocess.run(
            [*command, f"http://127.0.0.1:{port}{address}"],
            capture_output=True,
            check=False,
            timeout=120,
            env={**os.environ, "HOME": str(tmp_path)},
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return shown


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


def test_the_page_shows_the_sky(browse, tmp_path):
    browse("/", f"--screenshot={tmp_path / 'page.png'}")
    with Image.open(tmp_path / "page.png") as picture:
        assert picture.size == WINDOW
        pixels = np.asarray(picture.convert("RGB"))
    inner = pixels[80:-60, 60:-20]
    assert len(np.unique(inner.reshape(-1, 3), axis=0)) > 2000
    assert (inner.max(axis=2) == 0).mean() < 0.02  # the page is black where tiles are missing
    for part in np.array_split(inner, 4):
        assert part.std() > 3  # stars everywhere


def test_the_tiles_of_the_page_have_their_true_sizes(browse):
    text = browse("/", "--dump-dom").decode()
    assert "JTL=1,8" in text  # 750 × 750 pixels: nine tiles
    assert text.count('width="256" height="256"') == 4
    assert 'width="238" height="238"' in text  # 750 = 2 × 256 + 238
    assert "1500 \u00d7 1500 pixels · 5 channels" in text
    assert "<title>Synthetic sky" in text
    # z is red by 2/3, i red by 1/3 and green by 1/4, and so on; then 1.3 times as colourful.
    rows = (
        "-0.0667,-0.0583,-0.0500,0.3750,0.8000",
        "-0.0667,0.2667,0.6000,0.2667,-0.0667",
        "0.8000,0.3750,-0.0500,-0.0583,-0.0667",
    )
    assert f"GAM=0.4545&amp;CTW={';'.join(rows)}&amp;JTL=1,8" in text


def test_an_image_that_is_not_there_is_said_on_the_page(browse):
    text = browse("/?FIF=other.ptif", "--dump-dom").decode()
    assert 'role="alert">The server answers 404' in text


@pytest.mark.skipif(not LEAFLET, reason="Leaflet is not installed: make client")
def test_a_port_that_is_taken_is_said_before_the_image_is_made(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run_demo(str(tmp_path / "demo"), port, 256) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"iipastro: port {port}, folder ")
    assert "in use" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "demo").exists()

"""Every door at once, behind nginx with the site file that we ship."""

from __future__ import annotations

import functools
import http.client
import http.server
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import types
from pathlib import Path

import pytest
from PIL import Image

PLACE = "unix:/run/iipastro/iipastro.sock"
URI_MAP = "/iiif=>IIIF, /iiif/2=>IIIF2, /iiif/3=>IIIF3, /dz=>DeepZoom, /zoomify=>Zoomify"


@pytest.fixture(scope="session")
def uri_map():
    """Return the line of `[http]` that the site file tells of."""
    return URI_MAP


@pytest.fixture(scope="module")
def door_folder():
    """Make a short-named folder (a socket has 107 bytes) with the folder of images in it."""
    folder = Path(tempfile.mkdtemp(prefix="iip-"))
    (folder / "images").mkdir()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def doors(start_for_all, tools, door_folder, uri_map):
    """Start iipastro and nginx; texts are sections of its ini.  `images` is what is served.

    `rules` are lines of nginx's server.
    """

    def started(*sections, rules=""):
        path, ini = door_folder / "s", door_folder / "iipastro.ini"
        ini.write_text(
            f"[server]\nlisten = unix:{path}\nworkers = 2\npid_file =\n"
            f"[images]\nroot = {door_folder / 'images'}\n[cors]\norigins = *\n"
            f"[http]\nuri_map = {uri_map}\n" + "\n".join(sections)
        )
        daemon = start_for_all([*tools.iipastro, "serve", "--config", str(ini)], path)
        site = (tools.root / "conf" / "nginx" / "iipastro.conf").read_text()
        rest = "    large_client_header_buffers"
        front = tools.changed(site, (PLACE, f"unix:{path}"), (rest, rules + rest))
        _, port = tools.nginx(start_for_all, door_folder, front)
        get = functools.partial(_get, port)
        return types.SimpleNamespace(port=port, daemon=daemon, path=path, get=get)

    started.images = door_folder / "images"
    return started


def _get(port, path, method="GET", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    return types.SimpleNamespace(status=answer.status, headers=answer.headers, body=content)


# ---- viewers: pages of another origin in a real browser


def _missing(text):
    if os.environ.get("IIPASTRO_ALL_TOOLS"):
        pytest.fail(text)
    pytest.skip(text)


@pytest.fixture(scope="session")
def missing():
    """Return a function that skips a test for what is not installed; it fails where all is."""
    return _missing


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def viewer_pages(tools):
    """Serve the pages, and what is put beside them; return the folder and its address."""
    with tempfile.TemporaryDirectory(prefix="iip") as name:
        folder = Path(name) / "pages"
        shutil.copytree(tools.root / "tests/integration/doors/pages", folder)
        handler = functools.partial(Quiet, directory=str(folder))
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            yield folder, f"http://127.0.0.1:{server.server_port}"
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def shoot(tools):
    """Return a function that shows pages, and returns what was seen of each.

    A page is a dictionary with `name`, `url` and `views`; what was seen has `shown`, `errors` and
    `requests` (client_static/tests/browser/shots.mjs), and pictures of the screen as `shots`.
    They stay in the folder that SHOTS names, if there is one.
    """
    client = tools.root / "client_static"
    path = f"{tools.root}/.venv/bin:{os.environ['PATH']}"
    node = shutil.which("node", path=path)
    browser = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if browser is None:
        _missing("Chromium is not installed")
    if node is None or not (client / "node_modules/puppeteer-core").is_dir():
        _missing("Node or the libraries of the client are not installed: make client")
    with tempfile.TemporaryDirectory(prefix="iip", ignore_cleanup_errors=True) as home:
        folder = Path(os.environ.get("SHOTS") or home).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        command = [node, "tests/browser/shots.mjs", str(folder)]
        variables = {"BROWSER_PATH": browser, "HOME": home, "TMPDIR": home, "PATH": path}
        yield functools.partial(_shoot, command, client, variables, folder)


def _shoot(command, client, variables, folder, pages, seconds=900):
    (folder / "pages.json").write_text(json.dumps(pages))
    with subprocess.Popen(
        command, cwd=client, env={**os.environ, **variables}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, process_group=0,
    ) as process:  # fmt: skip
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # the browser too
            output, _ = process.communicate()
    assert process.returncode == 0, output
    seen = json.loads((folder / "seen.json").read_text())
    for name, page in seen.items():
        files = (folder / f"{name}-{n}.png" for n in range(len(page["shown"])))
        page["shots"] = [Image.open(file).convert("RGB") for file in files]
    return seen

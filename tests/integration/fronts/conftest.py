"""Web servers with the files that we ship, and what stands behind them: real, or made to order."""

from __future__ import annotations

import contextlib
import http.client
import shutil
import socketserver
import struct
import tempfile
import threading
import types
from pathlib import Path

import pytest

# ---- nginx


@pytest.fixture
def nginx(start, tools, tmp_path):
    """Start nginx with a site file of ours: pairs of texts say what an administrator changes."""

    def started(site, *changes):
        folder = Path(tempfile.mkdtemp(prefix="nginx-", dir=tmp_path))
        text = (tools.root / "conf" / "nginx" / site).read_text()
        for old, _ in changes:
            assert text.count(old) == 1, old
        text = tools.changed(text, *changes)
        text = text.replace("/var/cache/nginx-iipastro", str(folder / "cache"))
        process, port = tools.nginx(start, folder, text)
        return types.SimpleNamespace(port=port, folder=folder, process=process)

    return started


@pytest.fixture(scope="session")
def get():
    """Ask a web server that listens on a port of this machine."""
    return _get


def _get(port, query="", method="GET", body=None, path="/fcgi-bin/iipsrv.fcgi", **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, f"{path}?{query}" if query else path, body, names)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    tier = answer.headers.get("X-Cache-Status")
    return types.SimpleNamespace(
        status=answer.status, headers=answer.headers, body=content, tier=tier
    )


# ---- a FastCGI server whose answers a test makes up


class Upstream(socketserver.ThreadingUnixStreamServer):
    """Answers with what `answer(variables)` returns: the text of a CGI answer, as bytes."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, path, answer):
        super().__init__(str(path), _Request)
        self.place = f"unix:{path}"
        self.answer = answer
        self.asked = []


class _Request(socketserver.StreamRequestHandler):
    def handle(self):
        with contextlib.suppress(ConnectionError):  # nginx may have ended with its test
            self._answer()

    def _answer(self):
        params, kind = b"", None
        while kind != 5:  # STDIN; ours are always empty
            _, kind, _, length, padding = struct.unpack("!BBHHBx", self.rfile.read(8))
            content = self.rfile.read(length + padding)[:length]
            params += content if kind == 4 else b""
        variables = dict(_pairs(params))
        self.server.asked.append(variables)
        output = self.server.answer(variables)
        for at in range(0, len(output), 65528):
            self._send(6, output[at : at + 65528])
        self._send(3, bytes(8))

    def _send(self, kind, content):
        self.wfile.write(struct.pack("!BBHHBx", 1, kind, 1, len(content), 0) + content)


def _pairs(params):
    while params:
        sizes = []
        for _ in range(2):
            wide = params[0] >> 7
            size = struct.unpack("!L", params[:4])[0] & 0x7FFFFFFF if wide else params[0]
            sizes.append(size)
            params = params[4 if wide else 1 :]
        name, value = params[: sizes[0]], params[sizes[0] : sum(sizes)]
        yield name.decode("latin-1"), value.decode("latin-1")
        params = params[sum(sizes) :]


@pytest.fixture
def upstream(tmp_path):
    """Start a FastCGI server in this process; `asked` holds the variables of each request."""
    started = []

    def start_one(answer):
        server = Upstream(tmp_path / f"upstream-{len(started)}.sock", answer)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        started.append(server)
        return server

    yield start_one
    for server in started:
        server.shutdown()
        server.server_close()


# ---- iipastro itself


@pytest.fixture
def images(tools, tmp_path):
    """Return a folder with images that a test may replace."""
    folder = tmp_path / "images"
    folder.mkdir()
    for name in ("multi5_1k.ptif", "odd_r.ptif", "odd_rgb8.ptif"):
        shutil.copy2(tools.data / name, folder)  # with its time: what is new is not kept yet
    return folder


@pytest.fixture
def serve(start, tools, tmp_path, images):
    """Start `iipastro serve` on a unix socket or a port; texts are sections of its ini file."""

    def started(*sections, workers=1, name="served", port=None):
        path = tmp_path / f"{name}.sock"
        ini = tmp_path / f"{name}.ini"
        place = f"127.0.0.1:{port}" if port else f"unix:{path}"
        server = f"[server]\nlisten = {place}\nworkers = {workers}\n"
        ini.write_text("\n".join((server, f"[images]\nroot = {images}\n", *sections)))
        address = ("127.0.0.1", port) if port else path
        process = start([*tools.iipastro, "serve", "--config", str(ini)], address)
        process.place, process.address, process.port = place, address, port
        assert tools.wait_until(lambda: len(tools.children(process.pid)) == workers, 60)
        return process

    return started

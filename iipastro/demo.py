"""The demonstration: a synthetic sky, the embedded front, and a page that shows it."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from .config import load_config
from .handlers.service import build_service, prepare
from .httpd import serve_http
from .response import Response, answer, reason, refusal
from .sky import write_sky
from .wsgi import StartResponse, WsgiApp, make_app

HOST = "127.0.0.1"
SIDE = 4096  # pixels of the sky
IMAGE = "sky.ptif"
ENDPOINT = "/fcgi-bin/iipsrv.fcgi"
CLIENT = os.path.join(os.path.dirname(os.path.dirname(__file__)), "client_static")
POLICY = ("Content-Security-Policy", "default-src 'self'; img-src 'self' data: blob:")
FRESH = ("Cache-Control", "no-cache")

_HTML, _STYLE = "text/html; charset=utf-8", "text/css; charset=utf-8"
_SCRIPT, _SVG = "text/javascript; charset=utf-8", "image/svg+xml"
_LEAFLET = "node_modules/leaflet/dist"

FILES = (  # what is served: address, file, type; nothing else is looked for
    ("/", "index.html", _HTML),
    ("/index.html", "index.html", _HTML),
    ("/viewer.js", "viewer.js", _SCRIPT),
    ("/viewer.css", "viewer.css", _STYLE),
    ("/icon.svg", "icon.svg", _SVG),
    (f"/{_LEAFLET}/leaflet.css", f"{_LEAFLET}/leaflet.css", _STYLE),
    (f"/{_LEAFLET}/leaflet-src.esm.js", f"{_LEAFLET}/leaflet-src.esm.js", _SCRIPT),
)


def run_demo(folder: str, port: int, side: int = SIDE, client: str = CLIENT) -> int:
    """Serve the demonstration until interrupted, and return the exit status.

    Parameters
    ----------
    folder : keeps the image from run to run; made if it is not there.
    port : of the page, on this machine only.
    side : of the sky, in pixels.
    client : the folder of the page, with Leaflet installed in it.
    """
    try:
        pages = read_pages(client)
    except OSError:
        return _fail("the page is not here: `demo` is for a checkout, after `make client`")
    try:
        socket.create_server((HOST, port)).close()  # a port that is taken is told at once
        make_image(folder, side)
        loaded = load_config(overrides={"images.root": folder, "http.cache_control": "no-cache"})
        prepare()
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # tiles wait: no news
        _say(f"Open http://{HOST}:{port}/ in a browser (Ctrl-C stops the server).\n")
        serve_http(site(pages, make_app(build_service(loaded.config))), HOST, port)
    except OSError as error:
        return _fail(f"port {port}, folder {folder}: {error.strerror or error}")
    return 0


def make_image(folder: str, side: int) -> None:
    """Make the image of the demonstration, unless it is there already."""
    path = os.path.join(folder, IMAGE)
    if os.path.exists(path):
        return
    os.makedirs(folder, exist_ok=True)
    write_sky(
        path, side, lambda percent: _say(f"\rMaking a sky of {side} x {side} pixels: {percent} %")
    )
    _say("\n")


def read_pages(client: str) -> dict[str, Response]:
    """Return the answer to each address of FILES.  Raises OSError if a file is missing."""
    pages = {}
    for address, name, mime in FILES:
        with open(os.path.join(client, name), "rb") as file:
            pages[address] = answer(mime, file.read(), POLICY, FRESH)
    return pages


def site(pages: Mapping[str, Response], server: WsgiApp) -> WsgiApp:
    """Return the whole site: the image server at ENDPOINT, and pages held in memory."""

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        address, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", "GET")
        if address == ENDPOINT:
            return server(environ, start_response)
        response = _page(pages, address, method)
        start_response(f"{response.status} {reason(response.status)}", list(response.headers))
        return [] if method == "HEAD" else [response.body]

    return app


def _page(pages: Mapping[str, Response], address: str, method: str) -> Response:
    if method not in {"GET", "HEAD"}:
        return refusal(405, b"only GET and HEAD are answered here\n").with_headers(
            ("Allow", "GET, HEAD")
        )
    return pages.get(address) or refusal(404, b"no such page\n")


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _fail(message: str) -> int:
    sys.stderr.write(f"iipastro: {message}\n")
    return 1

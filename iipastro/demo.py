"""The demonstration: the client, the embedded front, and images that the client shows."""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from collections.abc import Iterable, Mapping
from typing import Any

from .client import ClientError, client_folder, names_in
from .config import load_config
from .handlers.service import build_service, prepare
from .httpd import serve_http
from .response import Response, answer, reason, refusal
from .showcase import GALAXIES, STARS, make_files, page_config
from .wsgi import StartResponse, WsgiApp, make_app

HOST = "127.0.0.1"
SIDE = 4096  # pixels of the sky
ENDPOINT = "/fcgi-bin/iipsrv.fcgi"
DATA = "data/"  # of the overlays, from the page
SERVICES = "https://vizier.unistra.fr https://cdsweb.u-strasbg.fr"  # catalogues and names, if asked
POLICY = (
    "Content-Security-Policy",
    f"default-src 'self'; img-src 'self' blob: data:; connect-src 'self' {SERVICES}",
)
FRESH = ("Cache-Control", "no-cache")
LASTING = ("Cache-Control", "public, max-age=31536000, immutable")
HASHED = "assets/"  # names with a hash of the content in them

TYPES = {  # of the files that are served; nothing else is looked for
    ".css": "text/css; charset=utf-8",
    ".geojson": "application/geo+json",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
}


def run_demo(folder: str, port: int, side: int = SIDE, client: str | None = None) -> int:
    """Serve the demonstration until interrupted, and return the exit status.

    Parameters
    ----------
    folder : keeps the images from run to run; made if it is not there.
    port : of the page, on this machine only.
    side : of the sky, in pixels.
    client : the folder of the built client; None finds it.
    """
    try:
        pages = read_pages(client or client_folder())
    except ClientError as error:
        return _fail(str(error))
    try:
        socket.create_server((HOST, port)).close()  # a port that is taken is told at once
        make_files(folder, side, _say)
        pages.update(read_showcase(folder))
        loaded = load_config(overrides={"images.root": folder, "http.cache_control": "no-cache"})
        prepare()
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # tiles wait: no news
        _say(f"Open http://{HOST}:{port}/ in a browser (Ctrl-C stops the server).\n")
        serve_http(site(pages, make_app(build_service(loaded.config))), HOST, port)
    except OSError as error:
        return _fail(f"port {port}, folder {folder}: {error.strerror or error}")
    return 0


def read_pages(client: str) -> dict[str, Response]:
    """Return the answer to the address of each file of the client; / is the page.

    Raises ClientError if there is no page, OSError if a file cannot be read.
    """
    pages = {}
    for name in names_in(client):
        mime = TYPES.get(os.path.splitext(name)[1])
        if mime:
            with open(os.path.join(client, name), "rb") as file:
                pages[f"/{name}"] = page(name, mime, file.read())
    if "/index.html" not in pages:
        raise ClientError(f"there is no page in {client}")
    pages["/"] = pages["/index.html"]
    return pages


def read_showcase(folder: str) -> dict[str, Response]:
    """Return the answers to the addresses of what the demonstration shows, but the images."""
    config = json.dumps(page_config(folder, ENDPOINT, DATA)).encode()
    found = {"/config.json": page("config.json", TYPES[".json"], config)}
    for name in (STARS, GALAXIES):
        with open(os.path.join(folder, name), "rb") as file:
            found[f"/{DATA}{name}"] = page(name, TYPES[".geojson"], file.read())
    return found


def page(name: str, mime: str, body: bytes) -> Response:
    """Return the answer that gives a file away."""
    return answer(mime, body, POLICY, LASTING if name.startswith(HASHED) else FRESH)


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

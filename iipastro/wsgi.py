"""A request's CGI variables → a Response: where every error becomes a status."""

from __future__ import annotations

import html
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from . import __version__
from .errors import BadMethod, Busy, Refused, TooLarge, TooLong
from .handlers import serve
from .handlers.address import IIIF, addressed
from .handlers.fresh import NONE, conditions_of
from .handlers.service import Service
from .log.lines import escaped, request_target
from .protocol import request_of
from .response import METHODS, PREFLIGHT, Response, answer, bodiless, reason, refusal

_METHODS = frozenset(METHODS.split(", "))

_log = logging.getLogger("iipastro")

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
WsgiApp = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def respond(environ: Mapping[str, str], body: bytes, service: Service) -> Response:
    """Answer one request.  Never raises: here every error becomes a status.

    `environ` holds CGI variables, a byte per character; `body` the form of a POST.
    """
    try:
        response = _respond(environ, body, service)
    except BadMethod as error:
        response = _refused(error).with_headers(("Allow", METHODS))
    except Busy as error:
        _log.info("503: %s", error)
        response = refusal(error.status, f"{error}\n".encode()).with_headers(
            ("Retry-After", str(error.retry_seconds))
        )
    except Refused as error:
        response = _refused(error)
    except Exception:  # noqa: BLE001  whatever a request did, the next one is served
        _log.exception("a request failed: %s", escaped(request_target(environ)))
        response = refusal(500, b"The server failed to answer.\n")
    response = response.with_cors(environ.get("HTTP_ORIGIN", ""), service.config.cors.origins)
    return response.without_body() if environ.get("REQUEST_METHOD") == "HEAD" else response


def _refused(error: Refused) -> Response:
    if error.status >= 500:
        _log.error("%d: %s", error.status, error)
    return refusal(error.status, f"{error}\n".encode())


def _respond(environ: Mapping[str, str], body: bytes, service: Service) -> Response:
    method = environ.get("REQUEST_METHOD") or "GET"
    if method == "OPTIONS":
        return bodiless(204, ("Allow", METHODS), *PREFLIGHT)
    if method not in _METHODS:
        raise BadMethod("only GET, HEAD, POST and OPTIONS are answered")
    limits = service.config.limits
    if len(body) > limits.body_bytes:
        raise TooLarge("the form is too long")
    read, query = request_of(environ, body, service.uri_map)
    posted = method == "POST" and not environ.get("QUERY_STRING")
    if len(query) > (limits.body_bytes if posted else limits.query_bytes):
        raise TooLong("the query is too long")
    if not query:
        return banner()
    conditions = NONE if method == "POST" else conditions_of(environ)
    job = read(query, limits.commands)
    if isinstance(job.output, IIIF):
        job = addressed(job, environ, service.config)
    return serve(job, conditions, service)


def banner() -> Response:
    """Return the page that tells an administrator that the server is there (spec 1.6)."""
    title = html.escape(f"iipastro {__version__}")
    page = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title></head>\n"
        f"<body><h1>{title}</h1>\n<p>This IIPImage server is running. Ask it for an image with "
        "<code>?FIF=name&amp;obj=max-size</code>.</p></body></html>\n"
    )
    return answer("text/html; charset=utf-8", page.encode())


def make_app(service: Service) -> WsgiApp:
    """Return the WSGI face of `respond`."""

    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        most = service.config.limits.body_bytes
        body = environ["wsgi.input"].read(most + 1) if environ.get("CONTENT_LENGTH") else b""
        response = respond(environ, body, service)
        start_response(f"{response.status} {reason(response.status)}", list(response.headers))
        return [response.body]

    return app

"""An answer, and every header that goes with one: nothing else writes headers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from email.utils import formatdate
from http import HTTPStatus

from . import __version__

Header = tuple[str, str]

IIP = "application/vnd.netfpx"
TEXT = "text/plain; charset=utf-8"
SERVER: Header = ("Server", f"iipastro/{__version__}")
NOSNIFF: Header = ("X-Content-Type-Options", "nosniff")
METHODS = "GET, HEAD, POST, OPTIONS"
PREFLIGHT: tuple[Header, ...] = (
    ("Access-Control-Allow-Methods", METHODS),
    (
        "Access-Control-Allow-Headers",
        "Accept, Content-Type, X-Requested-With, If-Modified-Since, Cache-Control",
    ),
    ("Access-Control-Max-Age", "86400"),
)


@dataclass(frozen=True)
class Response:
    """A status, headers in order, and a body."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    def with_headers(self, *headers: Header) -> Response:
        """Return the same answer with more headers."""
        return replace(self, headers=self.headers + headers)


def answer(mime: str, body: bytes, *headers: Header) -> Response:
    """Return a success."""
    return Response(200, (SERVER, *_typed(mime, body), *headers), body)


def refusal(status: int, body: bytes, mime: str = TEXT, *headers: Header) -> Response:
    """Return an error: never cached."""
    return Response(
        status, (SERVER, *_typed(mime, body), ("Cache-Control", "no-cache"), *headers), body
    )


def _typed(mime: str, body: bytes) -> tuple[Header, ...]:
    return ("Content-Type", mime), ("Content-Length", str(len(body))), NOSNIFF


def bodiless(status: int, *headers: Header) -> Response:
    """Return an answer without a body: 204 and 304."""
    return Response(status, (SERVER, *headers), b"")


def freshness(modified: int, cache_control: str) -> tuple[Header, Header]:
    """Return the headers that tell how old an answer is and how long it may be kept (spec 1.7)."""
    return ("Last-Modified", formatdate(modified, usegmt=True)), ("Cache-Control", cache_control)


def attachment(kind: str, filename: str) -> Header:
    """Return Content-Disposition with a file name that cannot end the header (spec 7).

    `kind` is inline or attachment.  What is not a letter, a digit or one of
    `._+-` becomes an underscore.
    """
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._+-") else "_" for c in filename)
    return "Content-Disposition", f'{kind};filename="{safe}"'


def cors(origin: str, allowed: tuple[str, ...]) -> tuple[Header, ...]:
    """Return the CORS headers of any answer (operations.md 4.5).

    `allowed` holds origins, origins with a leading `*.` in the host for all
    sub-domains, or `*` alone for everybody; nothing: no headers at all.  One
    origin out of several is echoed, and caches are told so by Vary.
    """
    if not allowed:
        return ()
    if "*" in allowed:
        return (("Access-Control-Allow-Origin", "*"),)
    if any(_matches(origin, pattern) for pattern in allowed):
        return ("Access-Control-Allow-Origin", origin), ("Vary", "Origin")
    return (("Vary", "Origin"),)


def _matches(origin: str, pattern: str) -> bool:
    if origin == pattern:
        return True
    scheme, wildcard, domain = pattern.partition("://*.")
    host = origin.removeprefix(scheme + "://")
    return (
        bool(wildcard)
        and host != origin
        and host.endswith("." + domain)
        and all(c.isalnum() or c in ".-:" for c in host)
    )


def reason(status: int) -> str:
    """Return the words that go with a status."""
    return HTTPStatus(status).phrase


def cgi_head(response: Response) -> bytes:
    """Return the head of a CGI answer, with the empty line that ends it."""
    lines = [f"{name}: {value}\r\n" for name, value in response.headers]
    if response.status != HTTPStatus.OK:
        lines.insert(0, f"Status: {response.status} {reason(response.status)}\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1")

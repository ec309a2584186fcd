"""An answer, and every header that goes with one: nothing else writes headers."""

from __future__ import annotations

import re
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import NamedTuple

from . import __version__

Header = tuple[str, str]

IIP = "application/vnd.netfpx"
TEXT = "text/plain; charset=utf-8"
SERVER: Header = ("Server", f"iipastro/{__version__}")
NOSNIFF: Header = ("X-Content-Type-Options", "nosniff")
METHODS = "GET, HEAD, POST, OPTIONS"
# What scripts of other sites may read beside type, length and age of an answer.
EXPOSED: Header = ("Access-Control-Expose-Headers", "ETag, Content-Disposition, Retry-After")
PREFLIGHT: tuple[Header, ...] = (
    ("Access-Control-Allow-Methods", METHODS),
    (
        "Access-Control-Allow-Headers",
        "Accept, Content-Type, X-Requested-With, If-Modified-Since, If-None-Match, Cache-Control",
    ),
    ("Access-Control-Max-Age", "86400"),
)

_VARY: Header = ("Vary", "Origin")
_LONGEST_ORIGIN = 300  # characters: a name of a host has 253
_LABELS = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")  # of a host, as browsers write them


class Response(NamedTuple):
    """A status, headers in order, and a body."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    def with_headers(self, *headers: Header) -> Response:
        """Return the same answer with more headers."""
        return Response(self.status, self.headers + headers, self.body)

    def with_cors(self, origin: str, allowed: tuple[str, ...]) -> Response:
        """Return the same answer with the headers of `cors`.

        There is one Vary in all: nginx 1.22 heeds the last one alone.
        """
        added = cors(origin[:_LONGEST_ORIGIN], allowed)
        if _VARY not in added:
            return self.with_headers(*added)
        depends = [value for name, value in self.headers if name == "Vary"]
        rest = (header for header in (*self.headers, *added) if header[0] != "Vary")
        vary = ", ".join((*depends, _VARY[1]))
        return Response(self.status, (*rest, ("Vary", vary)), self.body)

    @property
    def mime(self) -> str:
        """Its Content-Type; none is "" (204 and 304)."""
        return next((value for name, value in self.headers if name == "Content-Type"), "")

    def without_body(self) -> Response:
        """Return what HEAD is answered with: the length stays that of the body."""
        return Response(self.status, self.headers, b"")


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


@lru_cache(maxsize=256)
def last_modified(seconds: int) -> Header:
    """Return the header that tells how old an answer is; seconds since 1970 (spec 1.7)."""
    return "Last-Modified", formatdate(seconds, usegmt=True)


def attachment(kind: str, filename: str) -> Header:
    """Return Content-Disposition with a file name that cannot end the header (spec 7).

    `kind` is inline or attachment.  What is not a letter, a digit or one of
    `._+-` becomes an underscore.
    """
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._+-") else "_" for c in filename)
    return "Content-Disposition", f'{kind};filename="{safe}"'


@lru_cache(maxsize=256)
def cors(origin: str, allowed: tuple[str, ...]) -> tuple[Header, ...]:
    """Return the CORS headers of any answer (operations.md 4.5).

    `allowed` holds origins, origins with a leading `*.` in the host for all
    sub-domains, or `*` alone for everybody; nothing: no headers at all.  One
    origin out of several is echoed, and caches are told so by Vary.
    """
    if not allowed:
        return ()
    if "*" in allowed:
        return ("Access-Control-Allow-Origin", "*"), EXPOSED
    if any(_matches(origin, pattern) for pattern in allowed):
        return ("Access-Control-Allow-Origin", origin), _VARY, EXPOSED
    return (_VARY,)


def _matches(origin: str, pattern: str) -> bool:
    if origin == pattern:
        return True
    scheme, wildcard, domain = pattern.partition("://*.")
    before, after = f"{scheme}://", f".{domain}"
    labels = origin.removeprefix(before).removesuffix(after)
    return (
        bool(wildcard)
        and origin == before + labels + after
        and _LABELS.fullmatch(labels) is not None
    )


def reason(status: int) -> str:
    """Return the words that go with a status."""
    return HTTPStatus(status).phrase


@lru_cache(maxsize=512)
def cgi_head(status: int, headers: tuple[Header, ...]) -> bytes:
    """Return the head of a CGI answer, with the empty line that ends it."""
    lines = [f"{name}: {value}\r\n" for name, value in headers]
    if status != HTTPStatus.OK:
        lines.insert(0, f"Status: {status} {reason(status)}\r\n")
    lines.append("\r\n")
    return "".join(lines).encode("latin-1")

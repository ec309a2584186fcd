"""Text → `Job`.  Opens nothing, knows no pixels.

Which protocol a request speaks is said by its path (`uri_map`); by query it is IIP.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple

from ..jobs import Job
from ..view import View
from . import deepzoom, iiif, iip, visiomatic3, zoomify
from .arguments import url_decode
from .outputs import Wanted

Reader = Callable[[str, int], Job]  # takes the text, and how many commands it may have


class Door(NamedTuple):
    """One entry of URI_MAP: requests below a prefix speak a protocol (spec 1.9)."""

    prefix: str  # of whole parts of a path: /a/b; "" is before every path
    protocol: str  # a row of PROTOCOLS


class Protocol(NamedTuple):
    """How the requests below a prefix are read."""

    reader: Reader
    by_query: bool = False  # the query string is read; else what follows the prefix


def _iiif(version: int, path: str, _: int) -> Job:
    return _job(path, iiif.iiif(path, version))


def _decoded(read: Callable[[str], Wanted], path: str, _: int) -> Job:
    """Read a path that is decoded as a whole, as the argument of a command is."""
    return _job(path, read(url_decode(path, plus=True)))


def _kept(read: Reader, text: str, most: int) -> Job:
    """Read a text, and keep what the last short ones ask for, as `iip.parse` does."""
    return _read_again(read, text, most) if len(text) <= iip.SHORT else read(text, most)


@lru_cache(maxsize=iip.JOBS)
def _read_again(read: Reader, text: str, most: int) -> Job:
    return read(text, most)


def _job(path: str, wanted: Wanted) -> Job:
    view, said = View(**wanted.changes), frozenset(wanted.changes)
    return Job(wanted.image, view, wanted.output, text=path, said=said)


def _fif(path: str, most_commands: int) -> Job:
    return iip.parse(f"FIF={path}", most_commands)


PROTOCOLS: Mapping[str, Protocol] = {
    "IIP": Protocol(_fif),
    "IIIF": Protocol(partial(_kept, partial(_iiif, 0))),
    "IIIF2": Protocol(partial(_kept, partial(_iiif, 2))),
    "IIIF3": Protocol(partial(_kept, partial(_iiif, 3))),
    "DeepZoom": Protocol(partial(_kept, partial(_decoded, deepzoom.deepzoom))),
    "Zoomify": Protocol(partial(_kept, partial(_decoded, zoomify.zoomify))),
    "VisiOmatic3": Protocol(partial(_kept, visiomatic3.parse), by_query=True),
}


def request_of(
    environ: Mapping[str, str], body: bytes, uri_map: Sequence[Door]
) -> tuple[Reader, str]:
    """Return how a request is read, and the text that says what is wanted (spec 1.2).

    The mapped path if there is one, else the query string, else the body of a
    POST form; empty if there is none of them.  A byte per character.
    """
    reader: Reader = iip.parse
    if uri_map:
        protocol, rest = _mapped(environ.get("REQUEST_URI", ""), uri_map)
        if protocol is not None:
            reader = protocol.reader
            if rest:
                return reader, rest
    query = environ.get("QUERY_STRING", "")
    if not query and environ.get("REQUEST_METHOD") == "POST":
        query = body.decode("latin-1").strip()
    return reader, query


def _mapped(uri: str, uri_map: Sequence[Door]) -> tuple[Protocol | None, str]:
    """Return the protocol of a path, and what of it stands behind the prefix.

    A path without a name for an image is answered by its query, as IIP.  Of
    prefixes that begin alike the longest counts: it comes first.
    """
    path, _, _ = uri.partition("?")
    for prefix, name in uri_map:
        rest = path[len(prefix) :]
        if path.startswith(prefix) and rest[:1] in ("", "/"):
            protocol = PROTOCOLS[name]
            if protocol.by_query:
                return protocol, ""
            if rest[1:]:
                return protocol, rest[1:]
    return None, ""

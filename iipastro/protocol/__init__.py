"""Text → `Job`.  Opens nothing, knows no pixels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class UriMap(NamedTuple):
    """URI_MAP: requests below `/prefix` name their image in the path (spec 1.9)."""

    prefix: str
    command: str  # FIF, DeepZoom or Zoomify


def request_string(environ: Mapping[str, str], body: bytes, uri_map: UriMap | None) -> str:
    """Return the text that says what is wanted (spec 1.2), a byte per character.

    The mapped path if there is one, else the query string, else the body of a
    POST form; empty if there is none of them.
    """
    if uri_map is not None:
        mapped = _mapped(environ.get("REQUEST_URI", ""), uri_map)
        if mapped:
            return mapped
    query = environ.get("QUERY_STRING", "")
    if not query and environ.get("REQUEST_METHOD") == "POST":
        return body.decode("latin-1").strip()
    return query


def _mapped(uri: str, uri_map: UriMap) -> str:
    path, _, _ = uri.partition("?")
    start = f"/{uri_map.prefix.strip('/')}/".replace("//", "/")
    rest = path[len(start) :] if path.startswith(start) else ""
    return f"{uri_map.command}={rest}" if rest else ""

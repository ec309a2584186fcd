"""One request answered without a web server: what `iipastro query` prints."""

from __future__ import annotations

import os
import sys

from .config import Config
from .handlers.service import build_service, prepare
from .response import Response, reason
from .wsgi import respond


def print_answer(config: Config, text: str, with_head: bool) -> int:
    """Write the answer to a query string to standard output, and return its status.

    `with_head`: its status and headers come first.
    """
    query = os.fsencode(text).decode("latin-1")  # a byte per character, as in CGI
    environ = {
        "REQUEST_METHOD": "GET",
        "REQUEST_URI": f"/?{query}",
        "QUERY_STRING": query,
        "HTTP_HOST": "localhost",  # IIIF tells clients where they asked
    }
    prepare()  # so that what is compiled is kept for the next time
    response = respond(environ, b"", build_service(config))
    if with_head:
        sys.stdout.buffer.write(_head(response))
    sys.stdout.buffer.write(response.body)
    return response.status


def _head(response: Response) -> bytes:
    lines = [f"{response.status} {reason(response.status)}"]
    lines += [f"{name}: {value}" for name, value in response.headers]
    return "\n".join([*lines, "", ""]).encode("latin-1")

"""Around the answering of a request: it is counted, logged, and seen while it lasts.

The status page and the ping are answered here too; neither is counted or logged.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..log import SLOW, Logs
from ..log.lines import access_line, escaped, request_target
from ..response import TEXT, Response, answer
from .connection import Responder
from .scoreboard import Scoreboard, Slot
from .status import status_page

# The FastCGI variable by which the command line asks for a page, whatever its path.  No client
# can set it through a web server: what comes from them begins with HTTP_.
PAGE = "IIPASTRO_PAGE"
GONE = 499  # the status of a request whose client did not wait; nginx's number

_slow = logging.getLogger(SLOW)


@dataclass(frozen=True)
class Sight:
    """What is needed to see a worker's requests."""

    board: Scoreboard
    slot: Slot  # the worker's own
    logs: Logs
    pages: Mapping[str, str]  # path → status or ping
    slow_request: float  # seconds; 0: none is slow
    tiers: Callable[[], tuple[int, ...]]  # the answers that each tier of the caches has given


def watched(respond: Responder, sight: Sight) -> Responder:
    """Return a responder that does what `respond` does, and lets it be seen.

    That costs a request 1 to 2 µs, and a line in the access log some 10 µs more.
    """
    slot, pages = sight.slot, sight.pages
    logged, slow = sight.logs.access is not None, sight.slow_request or math.inf
    told: tuple[int, ...] = ()  # of the tiers

    def answered(environ: Mapping[str, str], body: bytes) -> Response:
        nonlocal told
        if (pages or PAGE in environ) and (page := page_of(environ, pages)):
            return _page(page, environ, sight)
        status, size = GONE, 0
        began = time.monotonic()
        try:
            slot.begin(began, request_target(environ))
            response = respond(environ, body)
            status, size = response.status, len(response.body)
        except Exception:
            status = 500
            raise
        finally:
            seconds = time.monotonic() - began
            slot.end(status, size, seconds)
            if told != (counts := sight.tiers()):
                slot.tiers(counts)
                told = counts
            if logged or seconds >= slow:
                _write(environ, (status, size, seconds), sight)
        return response

    return answered


def page_of(environ: Mapping[str, str], pages: Mapping[str, str]) -> str:
    """Return which of our pages is asked for; nothing: none."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    page = environ.get(PAGE) or pages.get(path, "")
    return page if page in {"status", "ping"} else ""


def _page(page: str, environ: Mapping[str, str], sight: Sight) -> Response:
    if page == "status":
        response = status_page(environ, sight.board)
    else:
        response = answer(TEXT, b"pong\n", ("Cache-Control", "no-store"))
    return response.without_body() if environ.get("REQUEST_METHOD") == "HEAD" else response


def _write(environ: Mapping[str, str], result: tuple[int, int, float], sight: Sight) -> None:
    """Write the request into the logs that want it."""
    status, size, seconds = result
    if sight.logs.access is not None:
        text = access_line(environ, status, size, seconds, time.time())
        sight.logs.access.write(text, text)
    if 0 < sight.slow_request <= seconds:
        sight.slot.slow()
        target = escaped(request_target(environ))
        _slow.warning('slow: %.3f s, status %d, %d bytes: "%s"', seconds, status, size, target)

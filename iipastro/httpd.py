"""The embedded HTTP front: for a laptop, a demonstration, a test.  A web server does it better."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn

import waitress

from .wsgi import WsgiApp

THREADS = 1  # a service is for one request at a time


def serve_http(app: WsgiApp, host: str, port: int) -> None:
    """Serve `app` until TERM or INT comes; what is being answered is finished.

    `app` answers one request at a time: a tile takes a millisecond or two.
    Raises OSError if the port cannot be had.
    """
    server = waitress.create_server(app, host=host, port=port, threads=THREADS, ident=None)
    before = {number: signal.signal(number, _stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run()
    finally:
        server.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    """End the loop of waitress, which catches this."""
    raise KeyboardInterrupt

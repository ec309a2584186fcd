"""Processes and sockets: how the server runs for good.  `serve` is all that the rest knows."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import NoReturn

from ..config import Config
from ..log import NOTICE
from .arbiter import SIGNALS, supervise
from .connection import Responder
from .signals import Wakeup, held_back
from .sockets import CannotListen, Listener, listen
from .worker import Limits, work

_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP)
# Without a meaning yet: they end nothing, and suspend nothing.
_UNUSED = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU)
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

_log = logging.getLogger("iipastro")


@dataclass(frozen=True)
class Options:
    """What processes and sockets need to know of the configuration."""

    listen: str  # unix:PATH, HOST:PORT or fd:N
    listen_mode: int  # permissions of a unix socket
    backlog: int
    workers: int
    grace: float  # seconds
    limits: Limits


def serve(config: Config) -> int:
    """Serve FastCGI until told to stop; return the exit status.  Raises ConfigError."""
    _leave_on_stop([])  # to load what we need takes a while
    for name in _ONE_THREAD:  # before NumPy is loaded, which reads them: hence the late imports
        os.environ.setdefault(name, "1")
    from ..handlers.service import build_service, prepare, share  # noqa: PLC0415
    from ..wsgi import respond  # noqa: PLC0415

    shared = share(config)

    def build() -> Responder:
        service = build_service(config, shared)
        return lambda environ, body: respond(environ, body, service)

    server = config.server
    limits = Limits(server.send_timeout, config.limits.body_bytes + 1)
    return run(
        Options(
            server.listen,
            server.listen_mode,
            server.backlog,
            server.workers,
            server.graceful_timeout,
            limits,
        ),
        prepare,
        build,
    )


def run(options: Options, prepare: Callable[[], None], build: Callable[[], Responder]) -> int:
    """Listen, prepare, fork and look after the workers; return the exit status.

    Parameters
    ----------
    prepare : called before the fork, so that its memory is shared.  Leaves no thread.
    build : called in each worker.
    """
    opened: list[Listener] = []
    _leave_on_stop(opened)
    try:
        with held_back(_STOPS):
            opened.append(listen(options.listen, options.backlog, options.listen_mode))
    except CannotListen as error:
        _log.error("%s", error)
        return 1
    with contextlib.closing(opened[0]) as listener:
        prepare()
        gc.collect()
        gc.freeze()  # or the first collection in a worker would copy what all of them share
        with Wakeup(SIGNALS) as wakeup:
            _log.log(NOTICE, "listening on %s, workers: %d", options.listen, options.workers)
            supervise(
                wakeup,
                lambda lifeline: work(listener.socket, build, options.limits, lifeline),
                options.workers,
                options.grace,
            )
    _log.log(NOTICE, "stopped")
    return 0


def _leave_on_stop(opened: list[Listener]) -> None:
    """Let a signal end the process at any moment before there are workers."""

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        for listener in opened:
            listener.close()
        os._exit(0)

    for number in _STOPS:
        signal.signal(number, leave)
    for number in _UNUSED:
        signal.signal(number, signal.SIG_IGN)

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
from .arbiter import Callbacks, Plan, supervise
from .operation import Operation
from .pidfile import Pidfile
from .privileges import CannotServe, account_to_become, give_up_privileges
from .scoreboard import Scoreboard
from .signals import held_back
from .sockets import CannotListen, listen

_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
# Without a meaning before there are workers: they end nothing, and suspend nothing.
_EARLY = (signal.SIGUSR1, signal.SIGUSR2, signal.SIGTTIN, signal.SIGTTOU)
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")

_log = logging.getLogger("iipastro")


@dataclass(frozen=True)
class Place:
    """Where we serve and as whom: what only a restart changes."""

    listen: str  # unix:PATH, HOST:PORT, fd:N or systemd
    listen_mode: int  # permissions of a unix socket
    backlog: int
    user: str  # that root becomes
    pid_file: str = ""  # empty: none


def serve(config: Config, load: Callable[[], Config]) -> int:
    """Serve FastCGI until told to stop; return the exit status.  Raises ConfigError.

    Parameters
    ----------
    load : reads the configuration anew, for a reload.  Raises ConfigError.
    """
    _until_there_are_workers(contextlib.ExitStack())  # to load what we need takes a while
    for name in _ONE_THREAD:  # before NumPy is loaded, which reads them: hence the late import
        os.environ.setdefault(name, "1")
    gc.disable()  # what is loaded from here on stays: to look for waste takes 0.1 s
    try:
        from ..handlers.service import prepare  # noqa: PLC0415

        board = Scoreboard()
        operation = Operation(config, load, board)
        calls = Callbacks(operation.reload, operation.reopen, operation.report)
        at = config.server
        place = Place(at.listen, at.listen_mode, at.backlog, at.user, at.pid_file)
        return run(place, operation.plan(config), calls, board, prepare)
    finally:
        gc.enable()


def run(
    place: Place, plan: Plan, calls: Callbacks, board: Scoreboard, prepare: Callable[[], None]
) -> int:
    """Listen, become who serves, prepare, and look after workers; return the exit status.

    Parameters
    ----------
    prepare : called before the fork, so that its memory is shared.  Leaves no thread.
    """
    with contextlib.ExitStack() as opened:
        _until_there_are_workers(opened)
        try:
            account = account_to_become(place.user)
            with held_back(_STOPS):
                listener = listen(place.listen, place.backlog, place.listen_mode, account)
                opened.callback(listener.close)
            give_up_privileges(account)
        except (CannotListen, CannotServe) as error:
            _log.error("%s", error)
            return 1
        plan.enter()
        _write_pid_file(place.pid_file, opened)
        prepare()
        gc.enable()
        gc.collect()
        gc.freeze()  # or the first collection in a worker would copy what all of them share
        _log.log(NOTICE, "listening on %s, workers: %d", place.listen, plan.workers)
        supervise(plan, calls, board, listener.socket)
    _log.log(NOTICE, "stopped")
    return 0


def _write_pid_file(path: str, opened: contextlib.ExitStack) -> None:
    """Have a file say which process we are.  One that cannot be written stops no service."""
    if not path:
        return
    try:
        with held_back(_STOPS):
            opened.callback(Pidfile(path).close)
    except OSError as error:
        _log.warning("cannot write the pid file %s: %s", path, error.strerror)


def _until_there_are_workers(opened: contextlib.ExitStack) -> None:
    """Let a signal end the process at any moment; a reload waits, the rest is dropped."""

    def leave(_number: int, _frame: FrameType | None) -> NoReturn:
        opened.close()
        os._exit(0)

    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
    for number in _STOPS:
        signal.signal(number, leave)
    for number in _EARLY:
        signal.signal(number, signal.SIG_IGN)

"""The parent of the workers: starts them, replaces those that die, and stops them."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable

from .signals import Wakeup, held_back

_GRACEFUL = frozenset((signal.SIGTERM, signal.SIGHUP))
_AT_ONCE = frozenset((signal.SIGINT, signal.SIGQUIT))
SIGNALS = (*_GRACEFUL, *_AT_ONCE, signal.SIGCHLD)

_QUICK = 0.5  # seconds: a worker that lives for less did not get far
_LONGEST_PAUSE = 5.0  # seconds

Work = Callable[[int], int]

_log = logging.getLogger("iipastro")


def supervise(wakeup: Wakeup, work: Work, count: int, grace: float) -> None:
    """Keep `count` processes at work until a signal says stop.

    TERM and HUP give them `grace` seconds to finish what they do, INT and QUIT
    none.  When this returns or raises, none of them is left.

    Parameters
    ----------
    wakeup : open for SIGNALS.
    work : runs in a child, and returns its exit status.  It is given a descriptor
        that becomes readable when the arbiter is gone, however it went.
    """
    with Crew(wakeup, work, count) as crew:
        patience = None
        while patience is None:
            crew.fill_up()
            patience = _patience(wakeup.wait(crew.pause()), grace)
            crew.reap()
        if patience:
            _log.info("stopping: %g s for running requests", patience)
            crew.signal(signal.SIGTERM)
            _wait_for(crew, wakeup, time.monotonic() + patience)


def _patience(received: set[signal.Signals], grace: float) -> float | None:
    """Return how many seconds a stop may take; None: no signal says stop."""
    if received & _AT_ONCE:
        return 0
    return grace if received & _GRACEFUL else None


def _wait_for(crew: Crew, wakeup: Wakeup, deadline: float) -> None:
    """Wait for all workers to leave, but not longer than told, and not after INT or QUIT."""
    while crew.size and (left := deadline - time.monotonic()) > 0:
        if wakeup.wait(min(left, 1)) & _AT_ONCE:
            return
        crew.reap()


class Crew:
    """The worker processes."""

    def __init__(self, wakeup: Wakeup, work: Work, count: int):
        self._wakeup = wakeup
        self._work = work
        self._count = count
        self._started: dict[int, float] = {}  # process → when
        self._failures = 0  # workers in a row that did not start or get far
        self._not_before = 0.0  # when the next one may start
        self._lifeline, self._held = os.pipe2(os.O_CLOEXEC)  # the end held closes with us

    def __enter__(self) -> Crew:
        """Start with nobody."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nobody behind."""
        self.signal(signal.SIGKILL)
        for process in self._started:
            os.waitpid(process, 0)
        self._started.clear()
        os.close(self._lifeline)
        os.close(self._held)

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self._started)

    def fill_up(self) -> None:
        """Start the workers that are missing, unless they die as fast as they come.

        What the system refuses now, for want of memory or processes, it may
        grant later.
        """
        while self.size < self._count and time.monotonic() >= self._not_before:
            try:
                process = self._fork()
            except OSError as error:
                _log.error("cannot start a worker: %s", error.strerror)
                self._failed()
            else:
                self._started[process] = time.monotonic()
                _log.info("worker %d starts", process)

    def pause(self) -> float:
        """Return how long to wait for news, in seconds: one at most."""
        if self.size == self._count:
            return 1
        return min(1, max(0, self._not_before - time.monotonic()))

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all.  Those not yet waited for keep their number."""
        for process in self._started:
            os.kill(process, number)

    def reap(self) -> None:
        """Take notice of those that have ended."""
        for process in list(self._started):
            found, status = os.waitpid(process, os.WNOHANG)
            if found:
                self._ended(process, os.waitstatus_to_exitcode(status))

    def _ended(self, process: int, code: int) -> None:
        level = logging.WARNING if code else logging.INFO
        _log.log(level, "worker %d ended %s", process, _how(code))
        if time.monotonic() - self._started.pop(process) < _QUICK:
            self._failed()
        else:
            self._failures, self._not_before = 0, 0.0

    def _failed(self) -> None:
        self._failures += 1
        self._not_before = time.monotonic() + pause_after(self._failures)

    def _fork(self) -> int:
        """Start a worker.  No signal gets lost meanwhile, and none is handled twice."""
        with held_back(SIGNALS):
            process = os.fork()
            if process == 0:
                self._be_a_worker()
        return process

    def _be_a_worker(self) -> None:
        """Run the work and end the process: nothing of the parent goes on here.

        A terminal sends INT and QUIT to the workers too: what they mean, the
        arbiter decides.
        """
        code = 1
        try:
            self._wakeup.close()
            for number in (signal.SIGTERM, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            os.close(self._held)
            code = self._work(self._lifeline)
        except BaseException:  # noqa: BLE001  nothing is above that could take it
            _log.critical("a worker gives up", exc_info=True)
        finally:
            logging.shutdown()
            os._exit(code)


def pause_after(failures: int) -> float:
    """Return how long to wait after so many failures in a row, in seconds.

    The first one is replaced at once.
    """
    return 0.0 if failures < 2 else min(0.1 * 2 ** min(failures - 2, 10), _LONGEST_PAUSE)


def _how(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with status {code}"
